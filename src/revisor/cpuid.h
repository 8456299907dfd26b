/*
 * cpuid.h - the processor that a recorded program sees.
 *
 * CPUID is a policy, not the host's answer: it is computed once when recording, goes
 * into the boot block, and from there into the trace. Only features with a row in
 * cpu_features.def are shown; narrower policies make a trace that replays on older
 * processors.
 */
#ifndef RRL_CPUID_H
#define RRL_CPUID_H

#include "abi.h"

#include <stddef.h>
#include <stdint.h>

#define CPUID_LEAVES_MAX 96 /* leaves that a table can have */
#define CPU_HIDE_MAX 32     /* features that one policy can hide by name */

/* Index into the four result registers of CPUID. */
enum cpuid_reg { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };

/* Where raw CPUID values come from: the host's processor, or a test's. */
struct cpuid_source {
    void (*read)(void *ctx, uint32_t leaf, uint32_t subleaf, uint32_t regs[4]);
    void *ctx;
    uint64_t xcr0; /* state components that the operating system enabled */
};
struct cpuid_source cpuid_host(void);

struct cpu_policy {
    int level;                   /* 1..4: x86-64-v1..v4; 5: all that the host has */
    uint16_t hide[CPU_HIDE_MAX]; /* rows of the feature table */
    int hide_count;
    int hide_avx, hide_avx512; /* everything that needs that state */
};

/* Reads "host", "x86-64", "x86-64-v2".."x86-64-v4", "no-NAME", or several of them with
 * commas between. NAME is a feature of cpu_features.def, or "avx512" for all of that
 * family. 0, or -EINVAL: then *bad (if not NULL) points at the word of text that is not
 * understood. */
int cpu_policy_parse(struct cpu_policy *out, const char *text, const char **bad);

struct cpu_model {
    struct rk_cpuid_leaf leaves[CPUID_LEAVES_MAX];
    uint32_t count;
    uint64_t xcr0;       /* state components that the program may use; 3 at least */
    uint32_t xsave_size; /* bytes of a standard-format XSAVE area for xcr0 */
    uint32_t hwcap;      /* CPUID.1:EDX after policy, for AT_HWCAP */
};

/* Computes what the program sees; cores >= 1 processors. */
void cpu_model_build(struct cpu_model *out, const struct cpuid_source *source,
                     const struct cpu_policy *policy, uint32_t cores);

/* The row of a table, or NULL. */
const struct rk_cpuid_leaf *cpuid_find(const struct rk_cpuid_leaf *leaves, uint32_t count,
                                       uint32_t leaf, uint32_t subleaf);

/* Names of the features that a program with this table may rely on, separated by
 * blanks; NUL ended, cut at cap. Returns their number. */
int cpu_features_needed(const struct rk_cpuid_leaf *leaves, uint32_t count, char *text, size_t cap);
/* The same for those that `source` lacks: what a replay on it would miss. 0: none. A
 * differing layout of the XSAVE area counts as the feature "xsave-layout". */
int cpu_features_missing(const struct rk_cpuid_leaf *leaves, uint32_t count,
                         const struct cpuid_source *source, char *text, size_t cap);

/* True when a table shows the feature of that name. */
int cpu_feature_shown(const struct rk_cpuid_leaf *leaves, uint32_t count, const char *name);

#endif
