/*
 * exec_script - #! scripts: argument passing, one optional argument, an interpreter
 * that is itself a script, fexecve, relative names, and the trace of it all in argv.
 */
#include "check.h"

static void put(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    CHECK(close(fd) == 0);
}

static void show(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        /* Absolute names of this program change with its directory. */
        const char *s = strstr(argv[i], "/w/") ? strstr(argv[i], "/w/") : argv[i];
        printf(" [%s]", s);
    }
    printf("\n");
    fflush(stdout);
}

static void step(const char *name, char *extra)
{
    char *args[] = {"zero", extra, "last", NULL};
    execv(name, args);
    check_failed(__FILE__, __LINE__, name);
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        char self[4096];
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
        CHECK(n > 0);
        self[n] = 0;
        CHECK(symlink(self, "me") == 0);
        put("one", "#!./me first\n");
        put("two", "#! \t ./me   two  words in one \t\nrest\n");
        put("three", "#!./one nested\n");
        step("./one", "->two");
    }
    show(argc, argv);
    const char *extra = argv[argc - 2];
    if (strcmp(extra, "->two") == 0)
        step("two", "->three");
    if (strcmp(extra, "->three") == 0)
        step("./three", "->fd");
    if (strcmp(extra, "->fd") == 0) {
        int fd = open("one", O_RDONLY);
        CHECK(fd >= 0);
        char *args[] = {"zero", "end", "last", NULL};
        fexecve(fd, args, (char *[]){NULL});
        check_failed(__FILE__, __LINE__, "fexecve");
    }
    return 0;
}
