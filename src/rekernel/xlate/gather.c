/* gather.c - reads one block of guest code and decodes it. */
#include "internal.h"

#define FETCH_SIZE 128
/* The decoder is fast when so many bytes may be read. */
#define AHEAD 32
_Static_assert(GATHER_BUFFER >= XL_MAX_INSNS * X86_INSN_MAX + AHEAD + FETCH_SIZE, "room");

/* Begins at pc, in what was fetched before if that leaves room for a whole block. */
static void begin(struct xl_gather *g, uint64_t pc)
{
    uint64_t at = pc - g->from;
    if (at >= g->avail || at + XL_MAX_INSNS * X86_INSN_MAX + AHEAD + FETCH_SIZE > GATHER_BUFFER) {
        g->from = pc;
        g->avail = 0;
        at = 0;
    }
    g->bytes = g->buffer + at;
    g->pc = pc;
    g->count = g->len = 0;
    g->check = -1;
    g->ends = 0;
}

/* Makes at least 15 bytes at buffer[at] available when there are so many, and some more where
 * that takes no further page. Returns how many there are. */
static uint32_t fetch_more(struct xl_gather *g, uint32_t at)
{
    while (g->avail - at < AHEAD) {
        uint64_t addr = g->from + g->avail;
        uint32_t to_page = (uint32_t)(RK_PAGE - addr % RK_PAGE);
        if (to_page == RK_PAGE && g->avail - at >= X86_INSN_MAX)
            break;
        uint32_t want = to_page < FETCH_SIZE ? to_page : FETCH_SIZE;
        int got = CTL->env->fetch(addr, g->buffer + g->avail, want);
        if (got > 0)
            g->avail += (uint32_t)got;
        if (got < (int)want)
            break;
    }
    return g->avail - at;
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

/* The tables will be asked about the places where the block leads to: until then they can come
 * from memory. */
static void look_ahead(const struct xl_gather *g)
{
    const struct insn *in = &g->insn[g->count - 1];
    uint64_t pc = g->pc + g->off[g->count - 1];
    if (in->cls == INSN_JCC || in->cls == INSN_JMP || in->cls == INSN_CALL)
        xl_lookup_soon(insn_target(in, pc));
    xl_lookup_soon(pc + in->len);
}

void xl_gather(struct xl_gather *g, uint64_t pc, const struct gather_limits *limits)
{
    int breaks = !limits->ignore_breaks && xl_has_breaks();
    begin(g, pc);
    uint32_t at = (uint32_t)(g->bytes - g->buffer);
    while (g->count < limits->max_insns && g->count < XL_MAX_INSNS) {
        uint64_t here = pc + g->len;
        if (g->count && (here == limits->stop_pc || (breaks && xl_is_break(here))))
            return;
        uint32_t avail = fetch_more(g, at + g->len);
        if (insn_decode(&g->insn[g->count], g->bytes + g->len, avail) != 0) {
            g->bad = g->from + g->avail;
            return;
        }
        if (add(g, limits)) {
            look_ahead(g);
            return;
        }
    }
}
