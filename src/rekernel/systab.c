/*
 * systab.c - see systab.h.
 *
 * lsl is here because the limit of one segment is the number of the processor; lar, verr and
 * verw show access rights, which are alike under every x86-64 Linux, and are left alone.
 */
#include "systab.h"
#include "cores.h"
#include "platform.h"
#include "syscall.h"

#define GDT_BASE 0xfffffffffffe0000ull
#define IDT_BASE 0xffffffffffff0000ull
#define TASK_SELECTOR 0x40
#define MACHINE_STATUS 0x80050033ull

/* Selectors without the privilege level they ask for. */
#define SEL_CODE32 0x20u
#define SEL_DATA 0x28u
#define SEL_CODE64 0x30u
#define SEL_CPU_NODE 0x78u

static u64 segment_base(u8 seg)
{
    u64 fs = 0, gs = 0;
    if (!seg)
        return 0;
    vcpu_get_bases(&fs, &gs);
    return seg == 0x64 ? fs : gs;
}

static u64 operand_address(const struct insn *in)
{
    const u64 *g = VCPU->gpr;
    u32 base = (in->modrm & 7u) | (in->rex & 1u) << 3, no_base = (in->modrm & 0xc7) == 5;
    u64 addr = (u64)in->disp;
    if (in->flags & INSN_F_RIPREL)
        addr += VCPU->rip + in->len;
    if ((in->modrm & 7) == 4) {
        u32 index = (in->sib >> 3 & 7u) | (in->rex & 2u) << 2;
        base = (in->sib & 7u) | (in->rex & 1u) << 3;
        no_base = (in->sib & 7) == 5 && in->modrm < 0x40;
        addr += index == RSP ? 0 : g[index] << (in->sib >> 6);
    }
    if (!no_base)
        addr += g[base];
    if (in->pfx67)
        addr = (u32)addr;
    return addr + segment_base(in->seg);
}

static void set_reg(u32 reg, u64 v, u32 size)
{
    u64 *r = &VCPU->gpr[reg];
    *r = size == 8 ? v : size == 4 ? (u32)v : (*r & ~0xffffull) | (u16)v;
}

static u32 rm_reg(const struct insn *in)
{
    return (in->modrm & 7u) | (in->rex & 1u) << 3;
}

static bool store(const struct insn *in, const void *bytes, u32 len, u64 *fault_addr)
{
    *fault_addr = operand_address(in);
    return guest_range(*fault_addr, len) && copy_to_guest(*fault_addr, bytes, len) == 0;
}

/* A register gets as many bytes of v as the operand has, memory always two. */
static bool give(const struct insn *in, u64 v, u64 *fault_addr)
{
    if (in->modrm < 0xc0)
        return store(in, &v, 2, fault_addr);
    set_reg(rm_reg(in), v, in->opsize);
    return true;
}

static bool give_table(const struct insn *in, u64 base, u64 *fault_addr)
{
    u8 limit_and_base[10] = {0, 0};
    memcpy(limit_and_base + 2, &base, 8);
    return store(in, limit_and_base, sizeof limit_and_base, fault_addr);
}

static bool segment_limit(u32 selector, u64 *limit)
{
    switch (selector & 0xfffc) {
    case SEL_CODE32:
    case SEL_DATA:
    case SEL_CODE64:
        *limit = 0xffffffff;
        return true;
    case SEL_CPU_NODE:
        *limit = cores_current(current()); /* of node 0 */
        return true;
    default:
        return false;
    }
}

static bool lsl(const struct insn *in, u64 *fault_addr)
{
    u64 limit = 0;
    u16 selector = (u16)VCPU->gpr[rm_reg(in)];
    if (in->modrm < 0xc0) {
        *fault_addr = operand_address(in);
        if (!guest_range(*fault_addr, 2) || copy_from_guest(&selector, *fault_addr, 2))
            return false;
    }
    VCPU->rflags &= ~(u64)X86_ZF;
    if (segment_limit(selector, &limit)) {
        VCPU->rflags |= X86_ZF;
        set_reg((in->modrm >> 3 & 7u) | (in->rex & 4u) << 1, limit, in->opsize);
    }
    return true;
}

bool systab_emulate(const struct insn *in, u64 *fault_addr)
{
    u32 reg = in->modrm >> 3 & 7;
    if (in->opcode == 0x03)
        return lsl(in, fault_addr);
    if (in->opcode == 0x00)
        return give(in, reg == 0 ? 0 : TASK_SELECTOR, fault_addr);
    if (reg == 4)
        return give(in, MACHINE_STATUS, fault_addr);
    return give_table(in, reg == 0 ? GDT_BASE : IDT_BASE, fault_addr);
}
