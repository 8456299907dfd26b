/* test_cpuid.c - the CPU policy, on made-up processors. */
#include "revisor/cpuid.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* A processor that claims everything: all bits set, four AVX-512 capable state parts. */
static void claim_all(void *ctx, uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
    static const uint32_t parts[8][2] = {{0, 0}, {0, 0},     {256, 576},  {0, 0},
                                         {0, 0}, {64, 1088}, {512, 1152}, {1024, 1664}};
    const uint32_t *first_offset = ctx;
    memset(regs, 0xff, 4 * sizeof(regs[0]));
    if (leaf == 0)
        regs[CPUID_EAX] = 0x20;
    if (leaf == 0x80000000)
        regs[CPUID_EAX] = 0x80000021;
    if ((leaf == 4 || leaf == 0x8000001d) && subleaf >= 4)
        regs[CPUID_EAX] = 0;
    if (leaf == 0xd && subleaf < 8) {
        regs[CPUID_EAX] = parts[subleaf][0];
        regs[CPUID_EBX] = parts[subleaf][1];
        if (first_offset && subleaf == 5)
            regs[CPUID_EBX] = *first_offset;
    }
}

/* The same, but 2006: no leaf 7, no XSAVE. */
static void claim_old(void *ctx, uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
    claim_all(ctx, leaf, subleaf, regs);
    if (leaf == 0)
        regs[CPUID_EAX] = 4;
    if (leaf == 1)
        regs[CPUID_ECX] = 0x00000201; /* sse3, ssse3 */
}

static const struct cpuid_source everything = {claim_all, NULL, 0xe7};
static const struct cpuid_source old = {claim_old, NULL, 3};

static void build(struct cpu_model *m, const struct cpuid_source *source, const char *policy,
                  uint32_t cores)
{
    struct cpu_policy p;
    cr_assert_eq(cpu_policy_parse(&p, policy, NULL), 0, "%s", policy);
    cpu_model_build(m, source, &p, cores);
}

static const struct rk_cpuid_leaf *leaf(const struct cpu_model *m, uint32_t l, uint32_t sub)
{
    const struct rk_cpuid_leaf *found = cpuid_find(m->leaves, m->count, l, sub);
    cr_assert_not_null(found, "leaf %#x.%u", l, sub);
    return found;
}

static int shown(const struct cpu_model *m, const char *name)
{
    return cpu_feature_shown(m->leaves, m->count, name);
}

Test(cpuid, hides_what_cannot_be_replayed)
{
    struct cpu_model m;
    build(&m, &everything, "host", 1);
    uint32_t ecx1 = leaf(&m, 1, 0)->ecx, ebx7 = leaf(&m, 7, 0)->ebx;
    uint32_t ecx7 = leaf(&m, 7, 0)->ecx, edx7 = leaf(&m, 7, 0)->edx;
    cr_expect_eq(ecx1 & (1u << 30 | 1u << 31 | 1u << 3 | 1u << 15), 0, "rdrand hypervisor");
    cr_expect_eq(ebx7 & (1u << 4 | 1u << 11 | 1u << 18), 0, "hle rtm rdseed");
    cr_expect_eq(ecx7 & (1u << 3 | 1u << 4 | 1u << 5 | 1u << 7 | 1u << 22 | 1u << 29), 0,
                 "pku waitpkg cet rdpid enqcmd");
    cr_expect_eq(edx7 & (1u << 5 | 1u << 11 | 1u << 13 | 1u << 15 | 1u << 20 | 1u << 24), 0,
                 "uintr tsx hybrid ibt amx");
    uint32_t ext = leaf(&m, 0x80000001, 0)->ecx;
    cr_expect_eq(ext & (1u << 15 | 1u << 23 | 1u << 24 | 1u << 28 | 1u << 29), 0,
                 "lwp perf mwaitx");
    cr_expect_eq(leaf(&m, 0x80000008, 0)->ebx, 0, "rdpru invlpgb");
    cr_expect_null(cpuid_find(m.leaves, m.count, 0xa, 0), "performance counters");
    cr_expect_null(cpuid_find(m.leaves, m.count, 0x40000000, 0), "hypervisor");
    cr_expect_null(cpuid_find(m.leaves, m.count, 0xd, 1), "xsaveopt and the like");
}

Test(cpuid, shows_the_rest)
{
    struct cpu_model m;
    build(&m, &everything, "host", 1);
    cr_expect(shown(&m, "avx512f") && shown(&m, "avx2") && shown(&m, "sha") && shown(&m, "sse2"));
    cr_expect_eq(m.xcr0, 0xe7);
    cr_expect_eq(m.xsave_size, 1664 + 1024);
    cr_expect_geq(leaf(&m, 0xd, 0)->ebx, 1664 + 1024 + 8, "room for what is not shown, too");
    cr_expect_eq(leaf(&m, 0xd, 0)->eax, 0xe7);
    cr_expect_eq(m.hwcap, leaf(&m, 1, 0)->edx);
    cr_expect_leq(leaf(&m, 0, 0)->eax, 0x16);
}

Test(cpuid, topology_is_that_of_the_boot_block)
{
    struct cpu_model m;
    build(&m, &everything, "", 1);
    cr_expect_eq(leaf(&m, 1, 0)->ebx >> 16, 1, "one processor, APIC id 0");
    cr_expect_eq(leaf(&m, 1, 0)->edx >> 28 & 1, 0, "no hyper-threading");
    cr_expect_eq(leaf(&m, 4, 0)->eax >> 14, 0, "no sharing");
    build(&m, &everything, "", 6);
    cr_expect_eq(leaf(&m, 1, 0)->ebx >> 16, 6);
    cr_expect_eq(leaf(&m, 0xb, 1)->ebx, 6);
    cr_expect_eq(leaf(&m, 0xb, 1)->eax, 3);
    cr_expect_eq(leaf(&m, 0x80000008, 0)->ecx, 5);
}

Test(cpuid, levels_narrow)
{
    struct cpu_model m;
    char names[1024];
    build(&m, &everything, "x86-64", 1);
    cr_expect_eq(cpu_features_needed(m.leaves, m.count, names, sizeof(names)), 0, "%s", names);
    cr_expect_eq(m.xcr0, 3);
    cr_expect_eq(m.xsave_size, 576);
    cr_expect_null(cpuid_find(m.leaves, m.count, 0xd, 0));
    build(&m, &everything, "x86-64-v2", 1);
    cpu_features_needed(m.leaves, m.count, names, sizeof(names));
    cr_expect_str_eq(names, "sse3 ssse3 cx16 sse4.1 sse4.2 popcnt lahf_lm");
    build(&m, &everything, "x86-64-v3", 1);
    cr_expect(shown(&m, "avx2") && !shown(&m, "avx512f") && !shown(&m, "aes"));
    cr_expect_eq(m.xcr0, 7);
    build(&m, &everything, "x86-64-v4", 1);
    cr_expect(shown(&m, "avx512vl") && !shown(&m, "avx512vbmi"));
}

Test(cpuid, names_take_away)
{
    struct cpu_model m;
    build(&m, &everything, "no-avx512", 1);
    cr_expect(shown(&m, "avx2") && !shown(&m, "avx512f") && !shown(&m, "avx512fp16"));
    cr_expect_eq(m.xcr0, 7);
    build(&m, &everything, "no-avx", 1);
    cr_expect(!shown(&m, "avx") && !shown(&m, "fma") && !shown(&m, "avx512f"));
    cr_expect(!shown(&m, "vaes") && shown(&m, "gfni"));
    cr_expect_eq(m.xcr0, 3);
    build(&m, &everything, "x86-64-v3,no-bmi2", 1);
    cr_expect(shown(&m, "bmi1") && !shown(&m, "bmi2") && shown(&m, "avx"));
    build(&m, &everything, "no-xsave", 1);
    cr_expect(!shown(&m, "xsave") && !shown(&m, "osxsave") && !shown(&m, "avx"));
}

Test(cpuid, state_that_the_system_does_not_enable_is_not_shown)
{
    struct cpu_model m;
    struct cpuid_source no512 = {claim_all, NULL, 7}, none = {claim_all, NULL, 3};
    build(&m, &no512, "host", 1);
    cr_expect(shown(&m, "avx2") && !shown(&m, "avx512f"));
    build(&m, &none, "host", 1);
    cr_expect(!shown(&m, "avx") && shown(&m, "sse4.2"));
}

Test(cpuid, policies_that_make_no_sense)
{
    static const char *const bad[] = {"x86-64-v5", "no-", "no-nonsense", "avx", "host,,x86-64 "};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cpu_policy p;
        const char *where = NULL;
        cr_expect_eq(cpu_policy_parse(&p, bad[i], &where), -EINVAL, "%s", bad[i]);
        cr_expect(where >= bad[i] && where <= bad[i] + strlen(bad[i]));
    }
}

Test(cpuid, an_older_processor_is_refused_by_name)
{
    struct cpu_model m;
    char names[1024];
    build(&m, &everything, "x86-64-v2", 1);
    cr_expect_eq(cpu_features_missing(m.leaves, m.count, &old, names, sizeof(names)), 4);
    cr_expect_str_eq(names, "cx16 sse4.1 sse4.2 popcnt");
    cr_expect_eq(cpu_features_missing(m.leaves, m.count, &everything, names, sizeof(names)), 0);
    build(&m, &old, "host", 1);
    cr_expect(m.xcr0 == 3 && m.xsave_size == 576, "frames have x87 and SSE state all the same");
    cr_expect_eq(cpu_features_missing(m.leaves, m.count, &everything, names, sizeof(names)), 0);
}

Test(cpuid, a_hidden_state_component_counts_as_missing)
{
    struct cpu_model m;
    char names[2048];
    struct cpuid_source disabled = {claim_all, NULL, 3};
    build(&m, &everything, "x86-64-v3", 1);
    cr_expect_gt(cpu_features_missing(m.leaves, m.count, &disabled, names, sizeof(names)), 0);
    cr_expect_not_null(strstr(names, "avx2"));
}

Test(cpuid, vendors_that_place_registers_differently)
{
    struct cpu_model m;
    char names[64];
    uint32_t other = 832;
    struct cpuid_source moved = {claim_all, &other, 0xe7};
    build(&m, &everything, "host", 1);
    cr_expect_eq(cpu_features_missing(m.leaves, m.count, &moved, names, sizeof(names)), 1);
    cr_expect_str_eq(names, "xsave-layout");
    build(&m, &everything, "no-avx512", 1);
    cr_expect_eq(cpu_features_missing(m.leaves, m.count, &moved, names, sizeof(names)), 0);
}

Test(cpuid, names_are_cut_at_the_buffer)
{
    struct cpu_model m;
    char names[16];
    build(&m, &everything, "host", 1);
    cr_expect_gt(cpu_features_needed(m.leaves, m.count, names, sizeof(names)), 20);
    cr_expect_lt(strnlen(names, sizeof(names)), sizeof(names));
}

Test(cpuid, this_host_has_what_it_shows)
{
    struct cpu_model m;
    char names[1024];
    struct cpuid_source host = cpuid_host();
    build(&m, &host, "host", 1);
    cr_expect_eq(cpu_features_missing(m.leaves, m.count, &host, names, sizeof(names)), 0, "%s",
                 names);
}
