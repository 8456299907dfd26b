/*
 * watch.c - see watch.h.
 */
#include "watch.h"
#include "task.h"
#include "vcpu_mode.h"
#include "x86/access.h"
#include "xlate/xlate.h"

_Static_assert(ACCESS_READ == RK_WATCH_READ && ACCESS_WRITE == RK_WATCH_WRITE, "kinds");

static struct rk_debug_watch watches[RK_DEBUG_WATCHES];
static u32 count;
static struct rk_debug_hit hit; /* watches == 0: none */

/* The instruction being run alone: what it was to touch, and what was there. */
static struct insn insn;
static u8 code[X86_INSN_MAX];
static u64 gpr[16], rflags, pc;
static struct insn_access planned[ACCESS_MAX];
static u32 planned_count;
static u64 before[RK_DEBUG_WATCHES]; /* hash of what it is to write, of each watch */

/* -------------------------------------------------------------------- list */
/* Watches as few ranges for the translator: those that are next to each other become one. */
static u32 gather_ranges(struct xl_watched *r)
{
    u32 n = 0;
    for (u32 i = 0; i < count; i++) {
        struct xl_watched w = {watches[i].addr, watches[i].addr + watches[i].len, watches[i].kind,
                               0};
        u32 at = n++;
        for (; at && r[at - 1].start > w.start; at--)
            r[at] = r[at - 1];
        r[at] = w;
    }
    return n;
}

static void join(struct xl_watched *r, u32 n, u32 i)
{
    r[i].end = MAX(r[i].end, r[i + 1].end);
    r[i].kinds |= r[i + 1].kinds;
    for (u32 k = i + 1; k + 1 < n; k++)
        r[k] = r[k + 1];
}

/* The two neighbours with the least between them. */
static u32 closest(const struct xl_watched *r, u32 n)
{
    u32 best = 0;
    u64 least = UINT64_MAX;
    for (u32 i = 0; i + 1 < n; i++) {
        u64 gap = r[i + 1].start > r[i].end ? r[i + 1].start - r[i].end : 0;
        if (gap < least) {
            least = gap;
            best = i;
        }
    }
    return best;
}

static void tell_translator(void)
{
    struct xl_watched r[RK_DEBUG_WATCHES];
    u32 n = gather_ranges(r);
    for (; n > XL_WATCH_MAX; n--)
        join(r, n, closest(r, n));
    vcpu_watch(r, n);
}

static bool valid(const struct rk_debug_watch *w)
{
    return w->len && w->addr + w->len > w->addr && w->kind && !(w->kind & ~RK_WATCH_ACCESS);
}

void watch_take(const struct rk_debug *area)
{
    struct rk_debug_watch want[RK_DEBUG_WATCHES];
    u32 n = MIN(area->watch_count, (u32)RK_DEBUG_WATCHES);
    memcpy(want, area->watches, n * sizeof want[0]);
    for (u32 i = 0; i < n; i++)
        if (!valid(&want[i]))
            want[i] = (struct rk_debug_watch){RK_GUEST_END, 1, RK_WATCH_WRITE, 0}; /* never hit */
    if (n == count && !memcmp(watches, want, n * sizeof want[0]))
        return;
    memset(&hit, 0, sizeof hit);
    memcpy(watches, want, n * sizeof want[0]);
    count = n;
    tell_translator();
}

/* ------------------------------------------------------------------ accesses */
static u64 segment_base(unsigned seg)
{
    u64 fs, gs;
    vcpu_get_bases(&fs, &gs);
    return seg == 0x64 ? fs : gs;
}

/* Offset of a state component in an XSAVE area, by the processor that the guest sees. */
static u32 component_offset(u32 component)
{
    const struct rk_boot *b = plat_boot();
    const struct rk_cpuid_leaf *l = (const void *)((const u8 *)b + b->cpuid_offset);
    for (u32 i = 0; i < b->cpuid_count; i++)
        if (l[i].leaf == 0xd && l[i].subleaf == component && l[i].ebx + 64 <= VCPU_XSTATE_MAX)
            return l[i].ebx;
    return 0;
}

static const u8 *state_component(u32 component)
{
    u32 offset = component_offset(component);
    if (VCPU->xstate_live)
        vcpu_save_xstate();
    u64 used;
    memcpy(&used, (const u8 *)VCPU->xstate + 512, 8);
    return offset && (used >> component & 1) ? (const u8 *)VCPU->xstate + offset : NULL;
}

/* Component n's part of a register: zero where the processor does not keep it. */
static void copy_part(u8 *to, u32 component, u32 index, u32 size)
{
    const u8 *from = state_component(component);
    if (from && (u32)(from - (const u8 *)VCPU->xstate) + (index + 1) * size <= VCPU_XSTATE_MAX)
        memcpy(to, from + index * size, size);
}

static void vector_register(unsigned number, u8 out[64])
{
    memset(out, 0, 64);
    if (number >= 16) {
        copy_part(out, 7, number - 16, 64);
        return;
    }
    copy_part(out + 16, 2, number, 16);
    copy_part(out + 32, 6, number, 32);
    memcpy(out, (const u8 *)VCPU->xstate + 160 + number * 16, 16);
}

static u64 mask_register(unsigned number)
{
    u64 mask = 0;
    copy_part((u8 *)&mask, 5, number, 8);
    return mask;
}

static u32 accesses(struct insn_access a[ACCESS_MAX])
{
    struct access_cpu cpu = {
        gpr, pc, rflags, segment_base, vector_register, mask_register, (u32)vcpu_xstate_size()};
    return insn_accesses(&insn, code, &cpu, a);
}

/* The part of the access that lies in the watch: false if none does. */
static bool overlap(const struct rk_debug_watch *w, u64 addr, u64 len, u32 kind, u64 *from, u64 *to)
{
    *from = MAX(w->addr, addr);
    *to = MIN(w->addr + w->len, addr + len);
    return (w->kind & kind) && *from < *to;
}

/* Hash of all that the accesses write into the watch. */
static u64 written(const struct rk_debug_watch *w)
{
    const struct insn_access *a = planned;
    u64 h = 0, from, to;
    for (u32 i = 0; i < planned_count; i++, a++)
        if (overlap(w, a->addr, a->len, a->kind & RK_WATCH_WRITE, &from, &to))
            h = hash_guest(h, from, to - from);
    return h;
}

static const struct insn_access *toucher(const struct rk_debug_watch *w,
                                         const struct insn_access *a, u32 n)
{
    u64 from, to;
    for (u32 i = 0; i < n; i++, a++)
        if (overlap(w, a->addr, a->len, a->kind, &from, &to))
            return a;
    return NULL;
}

/* ---------------------------------------------------------------- instructions */
static bool decode_here(void)
{
    u32 n = X86_INSN_MAX;
    while (n && copy_from_guest(code, pc, n))
        n--;
    vcpu_original_code(pc, code, n);
    return n && insn_decode(&insn, code, n) == 0;
}

static bool plan(void)
{
    pc = VCPU->rip;
    if (!decode_here() || !insn_may_access(&insn))
        return false;
    memcpy(gpr, VCPU->gpr, sizeof gpr);
    rflags = VCPU->rflags;
    planned_count = accesses(planned);
    return true;
}

u32 watch_next_accesses(const struct insn_access **a)
{
    *a = planned;
    return plan() ? planned_count : 0;
}

bool watch_before(void)
{
    bool any = false;
    if (!count || !plan())
        return false;
    for (u32 i = 0; i < count; i++) {
        if (!toucher(&watches[i], planned, planned_count))
            continue;
        any = true;
        before[i] = written(&watches[i]);
    }
    return any;
}

static void note(u32 i, const struct insn_access *a, bool changed)
{
    if (!hit.watches)
        hit = (struct rk_debug_hit){
            .addr = a->addr, .len = a->len, .kind = a->kind, .tid = current_tid()};
    hit.watches |= 1ull << i;
    if (changed)
        hit.changed |= 1ull << i;
}

/* What was really accessed: a repeated instruction may have found what it looked for, or have
 * faulted on the way. What it has not done it has not changed either. */
static u32 accesses_done(struct insn_access a[ACCESS_MAX], bool completed)
{
    if (!(insn.flags & (INSN_F_REP | INSN_F_REPNE))) {
        memcpy(a, planned, planned_count * sizeof a[0]);
        return completed ? planned_count : 0;
    }
    gpr[RCX] -= VCPU->gpr[RCX];
    return accesses(a);
}

void watch_after(const struct rk_position *at, bool completed)
{
    struct insn_access done[ACCESS_MAX];
    u32 n = accesses_done(done, completed);
    for (u32 i = 0; i < count; i++) {
        const struct insn_access *a = toucher(&watches[i], done, n);
        if (a)
            note(i, a, written(&watches[i]) != before[i]);
    }
    hit.at = *at;
}

/* ------------------------------------------------------------------- kernel */
/* The source may be guest memory that cannot be read: then the write will fail, too. */
static u64 hash_source(const void *src, u64 len)
{
    struct guard g;
    if (guard_set(&g))
        return 0;
    u64 h = hash_bytes(1, src, len);
    guard_clear();
    return h;
}

void watch_kernel_writes(u64 addr, const void *src, u64 len)
{
    const struct insn_access a = {addr, len, RK_WATCH_WRITE};
    for (u32 i = 0; i < count; i++) {
        u64 from, to;
        if (!overlap(&watches[i], addr, len, RK_WATCH_WRITE, &from, &to))
            continue;
        bool changed = hash_guest(1, from, to - from) !=
                       hash_source((const u8 *)src + (from - addr), to - from);
        note(i, &a, changed);
        hit.in_kernel = 1;
    }
}

void watch_served(const struct rk_position *at)
{
    if (hit.in_kernel)
        hit.at = *at;
}

bool watch_hit(struct rk_debug_hit *out)
{
    if (!hit.watches)
        return false;
    *out = hit;
    memset(&hit, 0, sizeof hit);
    return true;
}
