/*
 * elfwalk.h - the executable bytes of ELF files, for the decoder's sweeps.
 */
#ifndef RRL_TEST_ELFWALK_H
#define RRL_TEST_ELFWALK_H

#include <stddef.h>
#include <stdint.h>

/* One executable section: bytes and the address they are linked at. */
struct elf_code {
    const char *file;
    const uint8_t *bytes;
    size_t len;
    uint64_t addr;
};

/* Calls visit for each executable section of an x86-64 ELF file (for the executable
 * segments when there are no sections) until visit returns non-zero. The bytes are
 * valid during the call only. Returns what visit returned last, 0 when there was
 * nothing to visit (no such file, another format). */
int elf_walk(const char *file, int (*visit)(const struct elf_code *code, void *arg), void *arg);

/* Calls elf_walk for the files of the installed system that hold most code: programs
 * in /usr/bin and shared libraries, in the order of their names; a file that is seen
 * under several names is visited once. */
int elf_walk_system(int (*visit)(const struct elf_code *code, void *arg), void *arg);

#endif
