/*
 * boot.h - builds and checks the boot block: all that a program's start depends on.
 */
#ifndef RRL_BOOT_H
#define RRL_BOOT_H

#include "abi.h"
#include "cpuid.h"

#define BOOT_SIZE_MAX (16u << 20)        /* bytes of a whole block */
#define BOOT_STACK_DEFAULT (64ull << 20) /* main stack when RLIMIT_STACK is unlimited */
#define BOOT_STACK_MIN (256ull << 10)
#define BOOT_STACK_MAX (1ull << 30)
#define BOOT_SLICE_TICKS 1000000u /* some milliseconds of running code */

struct boot_config {
    const char *exe;   /* path that is executed, see exe_find() */
    char *const *argv; /* NULL ended */
    char *const *envp; /* NULL ended */
    const char *cwd;   /* NULL: the current directory */
    struct cpu_policy cpu;
    uint32_t cores; /* 0: 1 */
    uint32_t chaos; /* 1: seeded schedule */
    uint64_t chaos_seed;
    uint32_t slice_ticks; /* 0: BOOT_SLICE_TICKS */
};

/* Builds a block for this host, this process's identity, limits and inherited
 * descriptors (all that are open without close-on-exec). *out is one allocation of
 * (*out)->size bytes; free() it. 0 or -errno; -E2BIG when arguments and environment
 * exceed what the system would execute. pid, ppid, pgid and sid are the machine's to
 * fill in. */
int boot_build(struct rk_boot **out, const struct boot_config *config);

/* Checks a block that came from a file: sizes, offsets and strings. 0 or -EINVAL. */
int boot_check(const void *block, size_t len);

/* Strings and arrays of a block that boot_check() accepted. */
const char *boot_string(const struct rk_boot *boot, uint32_t offset);
/* argv[i] or envp[i]; i < argc (envc). */
const char *boot_arg(const struct rk_boot *boot, uint32_t i);
const char *boot_env(const struct rk_boot *boot, uint32_t i);
const struct rk_cpuid_leaf *boot_cpuid(const struct rk_boot *boot);
const struct rk_boot_fd *boot_fds(const struct rk_boot *boot);

#endif
