/*
 * elf.h - loading ELF programs (System V ABI, AMD64 supplement; Linux binfmt_elf).
 */
#ifndef RRL_RK_ELF_H
#define RRL_RK_ELF_H

#include "fd.h"

#define ELF_PHDR_MAX 64

struct elf_file {
    struct file *file; /* rekernel's own open file */
    u8 head[4096];     /* the file's first bytes */
    u64 head_len;
    char interp[512]; /* filled by elf_check */
};

struct elf_image {
    u64 entry;  /* of the program: AT_ENTRY */
    u64 start;  /* where execution begins: the interpreter's entry, if there is one */
    u64 phdr, phnum, interp_base;
    u64 start_code, end_code;
    bool exec_stack;
};

/* Opens for execution and reads the head; -errno. */
s64 elf_open(const char *path, struct elf_file *f);
void elf_close(struct elf_file *f);
/* Checks that it is a program for this machine; -ENOEXEC and the like. */
s64 elf_check(struct elf_file *f);
/* Maps the program and its interpreter (or NULL). */
s64 elf_load(struct elf_file *exe, struct elf_file *interp, struct elf_image *im);

#endif
