/*
 * cpuid_model.c - builds the table of CPUID leaves that a program sees.
 *
 * Each leaf has one rule: copied, masked by the feature table, computed, or left out
 * (the rekernel answers zeros for what is not in the table).
 */
#include "cpuid_internal.h"

#include <string.h>

struct build {
    struct cpu_model *model;
    const struct cpuid_source *source;
    const struct cpu_policy *policy;
    uint32_t cores;
    uint32_t max_basic, max_extended; /* of the source */
};

#define SHOWN_BASIC_MAX 0x16u
#define SHOWN_EXTENDED_MAX 0x8000001eu
#define SUBLEAF_SIGNIFICANT 1u

static struct rk_cpuid_leaf raw(struct build *b, uint32_t leaf, uint32_t subleaf)
{
    uint32_t r[4] = {0, 0, 0, 0};
    uint32_t max = leaf & 0x80000000u ? b->max_extended : b->max_basic;
    if (leaf <= max)
        b->source->read(b->source->ctx, leaf, subleaf, r);
    return (struct rk_cpuid_leaf){.leaf = leaf,
                                  .subleaf = subleaf,
                                  .eax = r[CPUID_EAX],
                                  .ebx = r[CPUID_EBX],
                                  .ecx = r[CPUID_ECX],
                                  .edx = r[CPUID_EDX]};
}

static void add(struct build *b, struct rk_cpuid_leaf leaf)
{
    if (b->model->count < CPUID_LEAVES_MAX)
        b->model->leaves[b->model->count++] = leaf;
}

static uint32_t mask(struct build *b, uint32_t leaf, uint32_t subleaf, enum cpuid_reg reg)
{
    return cpu_policy_mask(b->policy, b->source->xcr0, leaf, subleaf, reg);
}

static uint32_t clamp(uint32_t v, uint32_t max)
{
    return v < max ? v : max;
}

static void add_copied(struct build *b, uint32_t leaf)
{
    if (leaf <= (leaf & 0x80000000u ? b->max_extended : b->max_basic))
        add(b, raw(b, leaf, 0));
}

/* Leaf 1: family and model as they are, processor 0 of `cores`, masked features. */
static void add_leaf_1(struct build *b)
{
    struct rk_cpuid_leaf l = raw(b, 1, 0);
    l.ebx = (l.ebx & 0xffff) | clamp(b->cores, 255) << 16;
    l.ecx &= mask(b, 1, 0, CPUID_ECX);
    l.edx &= mask(b, 1, 0, CPUID_EDX);
    if (b->cores > 1)
        l.edx |= 1u << 28; /* HT: more than one logical processor */
    b->model->hwcap = l.edx;
    add(b, l);
}

static void add_leaf_7(struct build *b)
{
    uint32_t subleaves = clamp(raw(b, 7, 0).eax, 1);
    for (uint32_t i = 0; i <= subleaves; i++) {
        struct rk_cpuid_leaf l = raw(b, 7, i);
        l.flags = SUBLEAF_SIGNIFICANT;
        l.eax = i ? l.eax & mask(b, 7, i, CPUID_EAX) : subleaves;
        l.ebx &= mask(b, 7, i, CPUID_EBX);
        l.ecx &= mask(b, 7, i, CPUID_ECX);
        l.edx &= mask(b, 7, i, CPUID_EDX);
        add(b, l);
    }
}

/* Caches (Intel's leaf 4, AMD's 0x8000001d): their sizes stay, but no cache is shared by
 * more processors than the program sees. */
static void add_caches(struct build *b, uint32_t leaf, int amd)
{
    for (uint32_t i = 0; i < 8; i++) {
        struct rk_cpuid_leaf l = raw(b, leaf, i);
        l.flags = SUBLEAF_SIGNIFICANT;
        if (l.eax & 0x1f) {
            uint32_t sharing = clamp(l.eax >> 14 & 0xfff, b->cores - 1);
            uint32_t cores = amd ? 0 : clamp(b->cores - 1, 0x3f);
            l.eax = (l.eax & 0x3fff) | sharing << 14 | cores << 26;
        }
        add(b, l);
        if (!(l.eax & 0x1f))
            return;
    }
}

/* Leaf 0xB: one thread per core, `cores` cores in one package; we run on the first. */
static void add_topology(struct build *b)
{
    uint32_t shift = 0;
    while (1u << shift < b->cores)
        shift++;
    const struct rk_cpuid_leaf levels[3] = {
        {.leaf = 0xb, .subleaf = 0, .ebx = 1, .ecx = 0x100},
        {.leaf = 0xb, .subleaf = 1, .eax = shift, .ebx = b->cores, .ecx = 0x201},
        {.leaf = 0xb, .subleaf = 2, .ecx = 2},
    };
    for (int i = 0; i < 3; i++) {
        add(b, levels[i]);
        b->model->leaves[b->model->count - 1].flags = SUBLEAF_SIGNIFICANT;
    }
}

/* Which state the shown features compute with. */
static uint64_t shown_xcr0(struct build *b)
{
    const struct cpu_model *m = b->model;
    uint64_t xcr0 = XCR0_BASE;
    if (cpu_feature_shown(m->leaves, m->count, "avx"))
        xcr0 |= XCR0_AVX;
    if (cpu_feature_shown(m->leaves, m->count, "avx512f"))
        xcr0 |= XCR0_AVX512;
    return xcr0 & (b->source->xcr0 | XCR0_BASE);
}

static uint32_t xsave_end(struct build *b, uint64_t xcr0)
{
    uint32_t end = 576; /* legacy area and header */
    for (uint32_t i = 2; i < 63; i++) {
        if (!(xcr0 >> i & 1))
            continue;
        struct rk_cpuid_leaf l = raw(b, 0xd, i);
        if (l.eax + l.ebx > end)
            end = l.eax + l.ebx;
    }
    return end;
}

/* Room that a program should leave for XSAVE. The instruction itself knows no policy: where
 * the program asks for more components than it is shown (glibc's symbol resolver does), it
 * writes what the processor has: MPX, or AVX-512 when that is hidden, or on a replay's newer
 * machine. So never less than the components up to PKRU take (SDM volume 1, 13.4). */
#define XSAVE_ROOM 2696u
static uint32_t xsave_room(struct build *b)
{
    uint32_t real = raw(b, 0xd, 0).ebx;
    return real > XSAVE_ROOM ? real : XSAVE_ROOM;
}

static void add_leaf_d(struct build *b)
{
    struct cpu_model *m = b->model;
    if (b->max_basic < 0xd || !cpu_feature_shown(m->leaves, m->count, "osxsave"))
        return;
    add(b, (struct rk_cpuid_leaf){.leaf = 0xd,
                                  .flags = SUBLEAF_SIGNIFICANT,
                                  .eax = (uint32_t)m->xcr0,
                                  .ebx = xsave_room(b),
                                  .ecx = xsave_room(b),
                                  .edx = (uint32_t)(m->xcr0 >> 32)});
    for (uint32_t i = 2; i < 8; i++) {
        struct rk_cpuid_leaf l = raw(b, 0xd, i);
        l.flags = SUBLEAF_SIGNIFICANT;
        l.ecx = l.edx = 0; /* compacted format is not shown */
        if (m->xcr0 >> i & 1)
            add(b, l);
    }
}

static void add_basic(struct build *b)
{
    struct rk_cpuid_leaf l = raw(b, 0, 0);
    l.eax = clamp(l.eax, SHOWN_BASIC_MAX);
    add(b, l);
    add_leaf_1(b);
    add_copied(b, 2);
    if (b->max_basic >= 4)
        add_caches(b, 4, 0);
    if (b->max_basic >= 7)
        add_leaf_7(b);
    if (b->max_basic >= 0xb)
        add_topology(b);
    /* Signal frames have this layout even where there is no XSAVE. */
    b->model->xcr0 = shown_xcr0(b);
    b->model->xsave_size = xsave_end(b, b->model->xcr0);
    add_leaf_d(b);
    add_copied(b, 0x15);
    add_copied(b, 0x16);
}

static void add_extended_features(struct build *b)
{
    struct rk_cpuid_leaf l = raw(b, 0x80000001, 0);
    /* AMD repeats these bits of leaf 1 here. */
    uint32_t repeated = l.edx & 0x0183f3ff & b->model->hwcap;
    l.ebx = 0;
    l.ecx &= mask(b, 0x80000001, 0, CPUID_ECX);
    l.edx = (l.edx & mask(b, 0x80000001, 0, CPUID_EDX)) | repeated;
    add(b, l);
}

static void add_extended_sizes(struct build *b)
{
    struct rk_cpuid_leaf l = raw(b, 0x80000007, 0);
    l.eax = l.ebx = l.ecx = 0;
    l.edx &= mask(b, 0x80000007, 0, CPUID_EDX);
    add(b, l);
    l = raw(b, 0x80000008, 0);
    l.ebx = 0;
    l.ecx = clamp(b->cores - 1, 255);
    l.edx = 0;
    add(b, l);
}

static void add_extended(struct build *b)
{
    struct rk_cpuid_leaf l = raw(b, 0x80000000, 0);
    l.eax = clamp(l.eax, SHOWN_EXTENDED_MAX);
    add(b, l);
    add_extended_features(b);
    for (uint32_t leaf = 0x80000002; leaf <= 0x80000006; leaf++)
        add_copied(b, leaf);
    add_extended_sizes(b);
    add_copied(b, 0x80000019);
    add_copied(b, 0x8000001a);
    if (b->max_extended >= 0x8000001d &&
        cpu_feature_shown(b->model->leaves, b->model->count, "topoext"))
        add_caches(b, 0x8000001d, 1);
    if (b->max_extended >= 0x8000001e)
        add(b, (struct rk_cpuid_leaf){.leaf = 0x8000001e});
}

void cpu_model_build(struct cpu_model *out, const struct cpuid_source *source,
                     const struct cpu_policy *policy, uint32_t cores)
{
    uint32_t regs[4];
    struct build b = {.model = out, .source = source, .policy = policy, .cores = cores};
    memset(out, 0, sizeof(*out));
    source->read(source->ctx, 0, 0, regs);
    b.max_basic = regs[CPUID_EAX];
    source->read(source->ctx, 0x80000000, 0, regs);
    b.max_extended = regs[CPUID_EAX];
    add_basic(&b);
    add_extended(&b);
}
