/*
 * chaos_lock.c - locks (chaos.h): who holds one and is about to touch another stands where
 * threads wait for each other in a circle. All that is looked at is atomic instructions, so it
 * works with locks of any kind that take a word from 0 to something else.
 */
#include "chaos.h"
#include "x86/decode.h"

/* The address of a ModRM memory operand; false where it is the thread's own or odd. */
static bool operand_address(const struct insn *in, u64 pc, u64 *addr)
{
    u32 mod = in->modrm >> 6, base = in->modrm & 7, index = 4, scale = 0;
    if (!(in->flags & INSN_F_MODRM) || mod == 3 || in->seg || in->pfx67)
        return false;
    *addr = (u64)in->disp;
    if (in->flags & INSN_F_RIPREL) {
        *addr += pc + in->len;
        return true;
    }
    if (base == 4) {
        index = (in->sib >> 3 & 7) | (in->rex & 2) << 2;
        scale = in->sib >> 6;
        base = in->sib & 7;
    }
    if (base != 5 || mod)
        *addr += VCPU->gpr[base | (in->rex & 1) << 3];
    if (index != 4)
        *addr += VCPU->gpr[index] << scale;
    return true;
}

static u32 word_at(u64 addr)
{
    u32 word = 0;
    return copy_from_guest(&word, addr, sizeof word) ? 0 : word;
}

/* cmpxchg that expects 0, or xchg: what takes a lock that is free. */
static bool takes(const struct insn *in)
{
    if (in->map == 1 && in->opcode == 0xb1)
        return (u32)VCPU->gpr[RAX] == 0;
    return in->map == 0 && in->opcode == 0x87;
}

bool chaos_second_lock(struct task *t, u64 pc, const struct insn *in)
{
    u64 addr;
    if (!operand_address(in, pc, &addr))
        return false;
    bool second = t->holds && t->holds != addr && word_at(t->holds);
    if (takes(in) && !word_at(addr))
        t->holds = addr;
    return second;
}
