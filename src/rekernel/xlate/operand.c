/*
 * operand.c - copying an instruction to another address. Only rip-relative operands
 * depend on where an instruction lies; all else is copied as it is.
 */
#include "unit.h"

/* Copies with the displacement re-based; the operand is within reach. */
static void copy_rebased(struct emit *e, const struct insn *in, const uint8_t *bytes, uint64_t pc)
{
    uint64_t target = pc + in->len + (uint64_t)in->disp;
    uint32_t disp = (uint32_t)(target - (em_at(e) + in->len));
    uint8_t *at = e->p;
    em_copy(e, bytes, in->len);
    __builtin_memcpy(at + in->disp_off, &disp, 4);
}

static int in_reach(const struct insn *in, uint64_t pc, const struct emit *e)
{
    uint64_t target = pc + in->len + (uint64_t)in->disp;
    return in->pfx67 || fits_i32(target - (em_at(e) + in->len));
}

/* A low register (no prefix bit needed) that the instruction does not use. rsp and rbp have
 * other meanings in ModRM. There always is one: an instruction with a ModRM memory operand
 * names at most one other register and cmpxchg16b and the like four fixed ones. */
static unsigned free_register(const struct insn *in)
{
    static const uint8_t candidates[] = {RAX, RCX, RDX, RBX, RSI, RDI};
    unsigned used = in->gpr_read | in->gpr_write;
    for (unsigned i = 0; i < sizeof(candidates); i++)
        if (!(used & 1u << candidates[i]))
            return candidates[i];
    return RDI;
}

/* Clears the bit that extends ModRM.rm (it has no meaning in a rip-relative operand). */
static void clear_b(uint8_t *copy, const struct insn *in)
{
    uint8_t *prefix = copy + in->prefix_len;
    if (in->flags & INSN_F_EVEX)
        prefix[1] |= 0x20;
    else if ((in->flags & (INSN_F_REX2_VEX | INSN_F_XOP)) && prefix[0] != 0xc5)
        prefix[1] |= 0x20;
    else if (!(in->flags & (INSN_F_REX2_VEX | INSN_F_XOP)) && in->rex)
        copy[in->prefix_len - 1] &= 0xfe;
}

/* The same instruction with [scratch] for the rip-relative operand: the displacement goes. */
static void copy_with_base(struct emit *e, const struct insn *in, const uint8_t *bytes,
                           unsigned scratch)
{
    uint8_t copy[X86_INSN_MAX];
    memcpy(copy, bytes, in->len);
    clear_b(copy, in);
    copy[in->modrm_off] = (uint8_t)((in->modrm & 0x38) | scratch);
    uint32_t tail = in->disp_off + 4u;
    memcpy(e->p, copy, in->disp_off);
    memcpy(e->p + in->disp_off, copy + tail, in->len - tail);
    e->p += in->len - 4;
}

/* Operand out of reach: its address goes into a register that is put back afterwards. */
static void copy_far(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc,
                     unsigned state)
{
    unsigned scratch = free_register(in);
    em_store(&u->e, scratch, V_GPR(scratch));
    unit_map(u, 0, state);
    em_mov_imm(&u->e, scratch, pc + in->len + (uint64_t)in->disp);
    copy_with_base(&u->e, in, bytes, scratch);
    unit_map(u, in->len, state | ST_SPILLED(scratch));
    em_load(&u->e, scratch, V_GPR(scratch));
    unit_map(u, 0, state | ST_SPILLED(scratch));
}

void unit_copy(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc)
{
    if ((in->gpr_read | in->gpr_write) & 1u << R11) {
        if (!u->window && unit_copy_r11(u, in, bytes))
            return;
        unit_window_open(u);
        u->written |= in->gpr_write >> R11 & 1;
    }
    unsigned state = unit_state(u);
    if (!(in->flags & INSN_F_RIPREL)) {
        em_copy(&u->e, bytes, in->len);
    } else if (in_reach(in, pc, &u->e)) {
        copy_rebased(&u->e, in, bytes, pc);
    } else {
        copy_far(u, in, bytes, pc, state);
        return;
    }
    unit_map(u, in->len, state);
}
