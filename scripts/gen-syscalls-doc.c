/*
 * gen-syscalls-doc.c - writes docs/syscalls.md to standard output, from the syscall table.
 * Run it by scripts/gen-syscalls-doc; a test fails when the committed page is stale.
 */
#include "rekernel/sysdef.h"

#include <stdio.h>

struct row {
    unsigned nr;
    const char *name, *handler, *note;
    enum sys_level level;
};

static const struct row rows[] = {
#define SYSCALL(nr, name, handler, level, ret, nargs, args, note) \
    {nr, #name, #handler, note, level},
#include "rekernel/syscalls.def"
#undef SYSCALL
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *const level_names[] = {"full", "partial", "errno", "none"};

static const char intro[] =
    "# System calls\n"
    "\n"
    "<!-- Made by scripts/gen-syscalls-doc from src/rekernel/syscalls.def. Do not edit. -->\n"
    "\n"
    "What a recorded program meets when it makes a system call. Every number of x86-64 Linux is\n"
    "listed; one that is not listed answers ENOSYS. An unsupported call never ends a recording:\n"
    "the program gets the error that an older kernel would give, the call is recorded, and it is\n"
    "named once on stderr.\n"
    "\n"
    "| level | meaning |\n"
    "| --- | --- |\n"
    "| full | behaves as on Linux, as far as the program can tell |\n"
    "| partial | works; the note says what is missing |\n"
    "| errno | answers the error that the note names, as documented here |\n"
    "| none | answers ENOSYS and is named once |\n"
    "\n";

static unsigned count(enum sys_level level)
{
    unsigned n = 0;
    for (size_t i = 0; i < ROWS; i++)
        n += rows[i].level == level;
    return n;
}

int main(void)
{
    fputs(intro, stdout);
    printf(
        "Of %zu calls, %u are full, %u partial, %u answer a fixed error and %u are not there.\n\n",
        ROWS, count(LVL_FULL), count(LVL_PARTIAL), count(LVL_ERRNO), count(LVL_NONE));
    puts("| number | name | level | note |\n| --- | --- | --- | --- |");
    for (size_t i = 0; i < ROWS; i++)
        printf("| %u | `%s` | %s |%s%s |\n", rows[i].nr, rows[i].name, level_names[rows[i].level],
               rows[i].note[0] != 0 ? " " : "", rows[i].note);
    return ferror(stdout) || fflush(stdout) != 0;
}
