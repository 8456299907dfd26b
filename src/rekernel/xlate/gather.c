/* gather.c - reads one block of guest code and decodes it. */
#include "internal.h"

/* Makes at least 15 bytes at g->bytes[off] available when there are so many. */
static void fetch_more(struct xl_gather *g, uint32_t off, uint32_t *avail)
{
    while (*avail - off < X86_INSN_MAX) {
        uint64_t addr = g->pc + *avail;
        uint32_t to_page = (uint32_t)(RK_PAGE - addr % RK_PAGE);
        uint32_t want = to_page < 64 ? to_page : 64;
        int got = CTL->env->fetch(addr, g->bytes + *avail, want);
        if (got > 0)
            *avail += (uint32_t)got;
        if (got < (int)want)
            return;
    }
}

int xl_is_popf(const struct insn *in)
{
    return in->map == 0 && in->opcode == 0x9d && !(in->flags & INSN_F_REX2_VEX);
}

/* True for register-only add, or, and, sub, xor, cmp, test and neg: they set every arithmetic
 * flag to a value that depends on their operands alone, and cannot fault. (Shifts, multiplications
 * and bit scans leave some flags as they were on some processors.) */
static int sets_all_flags(const struct insn *in)
{
    if (in->map != 0 || (in->flags & (INSN_F_MEM | INSN_F_REX2_VEX | INSN_F_EVEX | INSN_F_XOP)))
        return 0;
    unsigned op = in->opcode, reg = in->modrm >> 3 & 7;
    if (op < 0x40)
        return (op & 7) < 6 && (op >> 3) != 2 && (op >> 3) != 3;
    if (op == 0x80 || op == 0x81 || op == 0x83)
        return reg != 2 && reg != 3;
    if (op == 0xf6 || op == 0xf7)
        return reg == 0 || reg == 1 || reg == 3;
    return op == 0x84 || op == 0x85 || op == 0xa8 || op == 0xa9;
}

/* Adds the instruction at the end of g; returns 1 when the block ends with it. */
static int add(struct xl_gather *g, const struct gather_limits *limits)
{
    struct insn *in = &g->insn[g->count];
    g->off[g->count] = (uint16_t)g->len;
    g->len += in->len;
    if (sets_all_flags(in))
        g->check = (int)g->count;
    g->count++;
    if (in->cls != INSN_PLAIN || xl_is_popf(in)) {
        g->ends = 1;
        return 1;
    }
    return limits->stop_after_store && (in->flags & INSN_F_STORE);
}

void xl_gather(struct xl_gather *g, uint64_t pc, const struct gather_limits *limits)
{
    uint32_t avail = 0;
    g->pc = pc;
    g->count = g->len = 0;
    g->check = -1;
    g->ends = 0;
    while (g->count < limits->max_insns && g->count < XL_MAX_INSNS) {
        uint64_t here = pc + g->len;
        if (g->count && (here == limits->stop_pc || (!limits->ignore_breaks && xl_is_break(here))))
            return;
        fetch_more(g, g->len, &avail);
        if (insn_decode(&g->insn[g->count], g->bytes + g->len, avail - g->len) != 0) {
            g->bad = pc + avail;
            return;
        }
        if (add(g, limits))
            return;
    }
}
