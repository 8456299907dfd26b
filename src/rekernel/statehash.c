/*
 * statehash.c - a number for all that decides how the guest goes on: registers, vector state and
 * all writable memory that is not dead.
 */
#include "statehash.h"
#include "syscall.h"

#include <linux/mman.h>

/* Pages of zeros are left out: whether an untouched page exists is the host's business. */
static u64 hash_page(u64 seed, u64 addr, u64 end)
{
    struct guard g;
    volatile u64 h = seed;
    if (guard_set(&g))
        return h;
    const u64 *w = (const u64 *)addr;
    u64 any = 0;
    for (u32 i = 0; i < (end - addr) / 8; i++)
        any |= w[i];
    if (any)
        h = hash_bytes(rk_mix(seed, addr), w, end - addr);
    guard_clear();
    return h;
}

#define BATCH 1024u

/* Where what counts of an area begins. Below the stack pointer's red zone nothing does, and
 * what is left there may differ: XSAVE tells which components the processor tracked as unused,
 * and glibc's symbol resolver has it write that to the stack. */
static u64 live_start(const struct vma *v)
{
    u64 low = VCPU->gpr[RSP] - 128;
    return v->flags & VMA_STACK && low > v->start && low < v->end ? low & ~7ull : v->start;
}

static u64 hash_area(u64 h, const struct vma *v)
{
    static u8 resident[BATCH];
    u64 live = live_start(v);
    for (u64 at = PAGE_DOWN(live); at < v->end; at += BATCH * RK_PAGE) {
        u64 pages = MIN((v->end - at) / RK_PAGE, (u64)BATCH);
        bool known = !v->obj && plat_resident(at, pages * RK_PAGE, resident) == 0;
        for (u64 i = 0; i < pages; i++)
            if (!known || resident[i] & 1)
                h = hash_page(h, MAX(at + i * RK_PAGE, live), at + (i + 1) * RK_PAGE);
    }
    return h;
}

/* Without the header, whose bits say what the processor tracked as unused, and without
 * the x87 pointers, which not every processor keeps. */
static u64 hash_vectors(u64 h)
{
    vcpu_save_xstate();
    const u8 *x = VCPU->xstate;
    h = hash_bytes(h, x + 24, 4);
    h = hash_bytes(h, x + 160, 256);
    return hash_bytes(h, x + 576, vcpu_xstate_size() - 576);
}

u64 state_hash(void)
{
    const struct mm *m = mm_current();
    u64 h = rk_mix(VCPU->rip, VCPU->gpr[RCX]);
    for (u32 i = 0; i < 16; i++)
        h = rk_mix(h, VCPU->gpr[i]);
    h = hash_vectors(h);
    for (u32 i = 0; i < m->count; i++)
        if (m->v[i].prot & PROT_WRITE && m->v[i].prot & PROT_READ)
            h = hash_area(h, &m->v[i]);
    return h;
}
