/* cpuid_internal.h - what cpuid_features.c and cpuid_model.c share. */
#ifndef RRL_CPUID_INTERNAL_H
#define RRL_CPUID_INTERNAL_H

#include "cpuid.h"

#define CPU_LEVEL_HOST 5
#define XCR0_BASE 3ull
#define XCR0_AVX 6ull       /* AVX code needs SSE and AVX state */
#define XCR0_AVX512 0xe6ull /* and AVX-512 all five */

enum cpu_state { CPU_STATE_BASE, CPU_STATE_AVX, CPU_STATE_AVX512 };
enum cpu_kind { CPU_KIND_HINT, CPU_KIND_NEED };

/* A row of cpu_features.def. */
struct cpu_feature {
    const char *name;
    uint32_t leaf, subleaf;
    enum cpuid_reg reg;
    int bit, level;
    enum cpu_state state;
    enum cpu_kind kind;
};
extern const struct cpu_feature cpu_features[];
extern const int cpu_feature_count;

/* Bits of one result register that the policy lets through. */
uint32_t cpu_policy_mask(const struct cpu_policy *p, uint64_t xcr0, uint32_t leaf, uint32_t subleaf,
                         enum cpuid_reg reg);

#endif
