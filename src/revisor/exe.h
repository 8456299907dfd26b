/*
 * exe.h - finds the program to record, and says early and clearly why one cannot run.
 */
#ifndef RRL_EXE_H
#define RRL_EXE_H

#include <stddef.h>

/* What a shell exits with. */
#define EXE_NOT_EXECUTABLE 126
#define EXE_NOT_FOUND 127

/* Finds `name` as execvp does, by the given PATH when it has no slash (path NULL: the
 * system's default), and checks that it is a 64-bit x86 ELF file or a script.
 * Returns 0 with the path in found[cap], or one of the two above with one sentence for
 * the user in found[cap]. */
int exe_find(const char *name, const char *path, char *found, size_t cap);

#endif
