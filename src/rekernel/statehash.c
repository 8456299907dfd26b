/*
 * statehash.c - a name for a moment that no tick count names: a native stretch that a
 * host signal interrupted. The moment is the first at which pc, registers, vector state
 * and all writable memory that is not dead are the recorded ones; replay looks for it.
 * Equal states go on equally, so the first equal one is as good as the recorded.
 */
#include "statehash.h"
#include "syscall.h"

#include "x86/decode.h"

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

/* --------------------------------------------------------------------- witness
 * A cheap test before the expensive hash: the words that the next instructions would
 * touch. In a loop whose registers are always the same, what changes is one of them. */
#define WITNESS_INSNS 24u

static u64 operand_address(const struct insn *in, u64 pc)
{
    const u64 *g = VCPU->gpr;
    u32 rm = in->modrm & 7, base = rm | (in->rex & 1) << 3;
    if (in->flags & INSN_F_RIPREL)
        return pc + in->len + (u64)in->disp;
    if (rm != 4)
        return g[base] + (u64)in->disp;
    u32 index = (in->sib >> 3 & 7) | (in->rex & 2) << 2;
    base = (in->sib & 7) | (in->rex & 1) << 3;
    bool no_base = (in->sib & 7) == 5 && !(in->modrm >> 6);
    return (no_base ? 0 : g[base]) + (index == 4 ? 0 : g[index] << (in->sib >> 6)) + (u64)in->disp;
}

static bool names_memory(const struct insn *in)
{
    return in->modrm_off && in->modrm < 0xc0 && !in->seg && !(in->flags & INSN_F_VECTOR);
}

u64 state_witness(void)
{
    u64 pc = VCPU->rip, h = 0, word;
    u8 code[X86_INSN_MAX];
    struct insn in;
    for (u32 i = 0; i < WITNESS_INSNS; i++) {
        u32 n = X86_INSN_MAX;
        while (n && copy_from_guest(code, pc, n))
            n--;
        vcpu_original_code(pc, code, n);
        if (!n || insn_decode(&in, code, n))
            break;
        if (names_memory(&in) && !copy_from_guest(&word, operand_address(&in, pc), 8))
            h = rk_mix(h, word);
        bool back = in.cls == INSN_JCC && in.imm < 0; /* most likely a loop's end */
        pc = back || in.cls == INSN_JMP ? insn_target(&in, pc) : pc + in.len;
        if (in.cls != INSN_PLAIN && in.cls != INSN_JCC && in.cls != INSN_JMP)
            break;
    }
    return h;
}

bool state_is(u64 pc, u64 regs, const u64 state[2])
{
    return VCPU->rip == pc && door_regs_hash() == regs && state_witness() == state[1] &&
           state_hash() == state[0];
}
