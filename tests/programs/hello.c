/*
 * hello - the smallest useful program: arguments, environment, auxiliary vector, exit
 * status. Built in every way of linking.
 * run: -- one "two words" ''
 */
#include "check.h"

#include <elf.h>
#include <sys/auxv.h>

extern char **environ;

int main(int argc, char **argv)
{
    CHECK(argc == 4 && argv[argc] == NULL);
    for (int i = 1; i < argc; i++)
        printf("argv[%d] = '%s'\n", i, argv[i]);
    unsigned count = 0;
    for (char **e = environ; *e; e++)
        count++;
    CHECK(count > 0);
    CHECK(getenv("TZ") && strcmp(getenv("TZ"), "UTC") == 0);
    CHECK(getauxval(AT_PAGESZ) == PAGE);
    CHECK(getauxval(AT_RANDOM) != 0);
    CHECK(getauxval(AT_UID) == getuid());
    CHECK(getauxval(AT_EGID) == getegid());
    CHECK(getauxval(AT_ENTRY) != 0);
    CHECK(getauxval(AT_PHNUM) > 2);
    const char *name = (const char *)getauxval(AT_EXECFN);
    CHECK(name && strcmp(name, argv[0]) == 0);
    printf("environment: %u strings\n", count);
    fprintf(stderr, "this goes to stderr\n");
    return 42;
}
