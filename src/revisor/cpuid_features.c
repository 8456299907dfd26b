/*
 * cpuid_features.c - CPU features by name: the policy's language, which bits a policy
 * lets through, and what a trace needs of the processor that replays it.
 */
#include "cpuid_internal.h"

#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define EAX CPUID_EAX
#define EBX CPUID_EBX
#define ECX CPUID_ECX
#define EDX CPUID_EDX
const struct cpu_feature cpu_features[] = {
#define CPU_FEATURE(name, leaf, subleaf, reg, bit, level, state, kind) \
    {name, leaf, subleaf, reg, bit, level, CPU_STATE_##state, CPU_KIND_##kind},
#include "cpu_features.def"
#undef CPU_FEATURE
};
const int cpu_feature_count = sizeof(cpu_features) / sizeof(cpu_features[0]);

static void host_read(void *ctx, uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
    __cpuid_count(leaf, subleaf, regs[CPUID_EAX], regs[CPUID_EBX], regs[CPUID_ECX],
                  regs[CPUID_EDX]);
}

static uint64_t host_xcr0(void)
{
    uint32_t regs[4], lo, hi;
    host_read(NULL, 1, 0, regs);
    if (!(regs[CPUID_ECX] & 1u << 27)) /* OSXSAVE: without it xgetbv is #UD */
        return 3;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

struct cpuid_source cpuid_host(void)
{
    return (struct cpuid_source){host_read, NULL, host_xcr0()};
}

/* ------------------------------------------------------------------ policy */

static int feature_by_name(const char *name, size_t len)
{
    for (int i = 0; i < cpu_feature_count; i++)
        if (strlen(cpu_features[i].name) == len && !memcmp(cpu_features[i].name, name, len))
            return i;
    return -1;
}

static int same(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && !memcmp(text, word, len);
}

static int hide_row(struct cpu_policy *p, const char *name, size_t len)
{
    int row = feature_by_name(name, len);
    if (row < 0 || p->hide_count == CPU_HIDE_MAX)
        return -EINVAL;
    p->hide[p->hide_count++] = (uint16_t)row;
    return 0;
}

/* What builds on a hidden feature goes with it. */
static int policy_hide(struct cpu_policy *p, const char *name, size_t len)
{
    int xsave = same(name, len, "xsave") || same(name, len, "osxsave");
    if (xsave || same(name, len, "avx"))
        p->hide_avx = p->hide_avx512 = 1;
    if (same(name, len, "avx512") || same(name, len, "avx512f"))
        p->hide_avx512 = 1;
    if (xsave)
        return hide_row(p, "xsave", 5) ? -EINVAL : hide_row(p, "osxsave", 7);
    return same(name, len, "avx512") ? 0 : hide_row(p, name, len);
}

static int policy_word(struct cpu_policy *p, const char *word, size_t len)
{
    static const char *const levels[] = {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4", "host"};
    for (int i = 0; i < 5; i++) {
        if (same(word, len, levels[i])) {
            p->level = i + 1;
            return 0;
        }
    }
    if (same(word, len, "x86-64-v1")) {
        p->level = 1;
        return 0;
    }
    if (len > 3 && !memcmp(word, "no-", 3))
        return policy_hide(p, word + 3, len - 3);
    return -EINVAL;
}

int cpu_policy_parse(struct cpu_policy *out, const char *text, const char **bad)
{
    *out = (struct cpu_policy){.level = CPU_LEVEL_HOST};
    while (*text) {
        size_t len = strcspn(text, ",");
        int err = policy_word(out, text, len);
        if (err) {
            if (bad)
                *bad = text;
            return err;
        }
        text += len + (text[len] == ',');
    }
    return 0;
}

static int hidden_by_name(const struct cpu_policy *p, int row)
{
    for (int i = 0; i < p->hide_count; i++)
        if (p->hide[i] == row)
            return 1;
    return 0;
}

static int allowed(const struct cpu_policy *p, uint64_t xcr0, int row)
{
    const struct cpu_feature *f = &cpu_features[row];
    if (f->level > p->level || hidden_by_name(p, row))
        return 0;
    if (f->state >= CPU_STATE_AVX && (p->hide_avx || (xcr0 & XCR0_AVX) != XCR0_AVX))
        return 0;
    if (f->state == CPU_STATE_AVX512 && (p->hide_avx512 || (xcr0 & XCR0_AVX512) != XCR0_AVX512))
        return 0;
    return 1;
}

uint32_t cpu_policy_mask(const struct cpu_policy *p, uint64_t xcr0, uint32_t leaf, uint32_t subleaf,
                         enum cpuid_reg reg)
{
    uint32_t mask = 0;
    for (int i = 0; i < cpu_feature_count; i++) {
        const struct cpu_feature *f = &cpu_features[i];
        if (f->leaf == leaf && f->subleaf == subleaf && f->reg == reg && allowed(p, xcr0, i))
            mask |= 1u << f->bit;
    }
    return mask;
}

/* ------------------------------------------------------- what a trace needs */

const struct rk_cpuid_leaf *cpuid_find(const struct rk_cpuid_leaf *leaves, uint32_t count,
                                       uint32_t leaf, uint32_t subleaf)
{
    for (uint32_t i = 0; i < count; i++)
        if (leaves[i].leaf == leaf && (!(leaves[i].flags & 1) || leaves[i].subleaf == subleaf))
            return &leaves[i];
    return NULL;
}

static uint32_t leaf_reg(const struct rk_cpuid_leaf *l, enum cpuid_reg reg)
{
    const uint32_t regs[4] = {l->eax, l->ebx, l->ecx, l->edx};
    return regs[reg];
}

static int shown(const struct rk_cpuid_leaf *leaves, uint32_t count, const struct cpu_feature *f)
{
    const struct rk_cpuid_leaf *l = cpuid_find(leaves, count, f->leaf, f->subleaf);
    return l && leaf_reg(l, f->reg) >> f->bit & 1;
}

int cpu_feature_shown(const struct rk_cpuid_leaf *leaves, uint32_t count, const char *name)
{
    int row = feature_by_name(name, strlen(name));
    return row >= 0 && shown(leaves, count, &cpu_features[row]);
}

struct name_list {
    char *text;
    size_t cap, len;
    int count;
};

static void add_name(struct name_list *list, const char *name)
{
    list->count++;
    if (list->len >= list->cap)
        return;
    int n =
        snprintf(list->text + list->len, list->cap - list->len, "%s%s", list->len ? " " : "", name);
    list->len += (size_t)n;
}

static struct name_list new_list(char *text, size_t cap)
{
    if (cap)
        *text = '\0';
    return (struct name_list){text, cap, 0, 0};
}

int cpu_features_needed(const struct rk_cpuid_leaf *leaves, uint32_t count, char *text, size_t cap)
{
    struct name_list list = new_list(text, cap);
    for (int i = 0; i < cpu_feature_count; i++)
        if (cpu_features[i].kind == CPU_KIND_NEED && shown(leaves, count, &cpu_features[i]))
            add_name(&list, cpu_features[i].name);
    return list.count;
}

/* Raw bits of the source, each leaf asked once: cpuid is slow in a virtual machine. */
struct raw_cache {
    const struct cpuid_source *source;
    uint32_t leaf, subleaf, regs[4];
    int valid;
};

static int source_has(struct raw_cache *c, const struct cpu_feature *f)
{
    if (!c->valid || c->leaf != f->leaf || c->subleaf != f->subleaf) {
        c->source->read(c->source->ctx, f->leaf & 0x80000000u, 0, c->regs);
        if (c->regs[CPUID_EAX] < f->leaf)
            memset(c->regs, 0, sizeof(c->regs));
        else
            c->source->read(c->source->ctx, f->leaf, f->subleaf, c->regs);
        c->leaf = f->leaf;
        c->subleaf = f->subleaf;
        c->valid = 1;
    }
    uint64_t xcr0 = c->source->xcr0;
    if (f->state >= CPU_STATE_AVX && (xcr0 & XCR0_AVX) != XCR0_AVX)
        return 0;
    if (f->state == CPU_STATE_AVX512 && (xcr0 & XCR0_AVX512) != XCR0_AVX512)
        return 0;
    return c->regs[f->reg] >> f->bit & 1;
}

/* The places of vector registers in a signal frame come from leaf 0xD and differ between
 * vendors for AVX-512. */
static int layout_differs(const struct rk_cpuid_leaf *leaves, uint32_t count,
                          const struct cpuid_source *source)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t regs[4];
        if (leaves[i].leaf != 0xd || leaves[i].subleaf < 2 || !leaves[i].eax)
            continue;
        source->read(source->ctx, 0xd, leaves[i].subleaf, regs);
        if (regs[CPUID_EAX] != leaves[i].eax || regs[CPUID_EBX] != leaves[i].ebx)
            return 1;
    }
    return 0;
}

int cpu_features_missing(const struct rk_cpuid_leaf *leaves, uint32_t count,
                         const struct cpuid_source *source, char *text, size_t cap)
{
    struct name_list list = new_list(text, cap);
    struct raw_cache cache = {.source = source};
    for (int i = 0; i < cpu_feature_count; i++) {
        const struct cpu_feature *f = &cpu_features[i];
        if (f->kind == CPU_KIND_NEED && shown(leaves, count, f) && !source_has(&cache, f))
            add_name(&list, f->name);
    }
    if (!list.count && layout_differs(leaves, count, source))
        add_name(&list, "xsave-layout");
    return list.count;
}
