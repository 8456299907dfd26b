/*
 * stolen.c - instructions that name r11, which holds the tick counter. Where an instruction
 * can take its operand from memory as well as from a register, it is given the place in
 * VCPU where the guest's r11 lies. All others run with the guest's r11 put into r11
 * (a window, see unit.h).
 */
#include "unit.h"

enum r11_form {
    FORM_NONE,
    FORM_READS,  /* r/m is only read: any size will do */
    FORM_WRITES, /* r/m is written: not 32 bits wide, because memory is not zero-extended */
};

static enum r11_form group_form(unsigned op, unsigned reg)
{
    switch (op) {
    case 0x80:
    case 0x81:
    case 0x83:
        return reg == 7 ? FORM_READS : FORM_WRITES;
    case 0xf6:
    case 0xf7:
        return reg < 2 ? FORM_READS : reg < 4 ? FORM_WRITES : FORM_NONE;
    case 0xfe:
    case 0xff:
        return reg < 2 ? FORM_WRITES : FORM_NONE;
    case 0xc0:
    case 0xc1:
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return FORM_WRITES;
    case 0xc6:
    case 0xc7:
        return reg == 0 ? FORM_WRITES : FORM_NONE;
    default:
        return FORM_NONE;
    }
}

static enum r11_form two_byte_form(unsigned op)
{
    if ((op & 0xf0) == 0x40 || op == 0xaf) /* cmov, imul */
        return FORM_READS;
    if (op == 0xb6 || op == 0xb7 || op == 0xbe || op == 0xbf)
        return FORM_READS; /* movzx, movsx */
    return FORM_NONE;
}

/* What the instruction does with its r/m operand, when that may be memory instead. */
static enum r11_form rm_form(const struct insn *in)
{
    unsigned op = in->opcode;
    if (in->map == 1)
        return two_byte_form(op);
    if (op < 0x40) {
        if ((op & 7) >= 4)
            return FORM_NONE;
        return (op & 2) || (op >> 3) == 7 ? FORM_READS : FORM_WRITES;
    }
    if (op == 0x84 || op == 0x85 || op == 0x8a || op == 0x8b || op == 0x63 || op == 0x69 ||
        op == 0x6b)
        return FORM_READS;
    if (op == 0x88 || op == 0x89)
        return FORM_WRITES;
    return group_form(op, in->modrm >> 3 & 7);
}

/* Does ModRM.reg name a register here (and not a part of the opcode)? */
static int reg_is_register(const struct insn *in)
{
    unsigned op = in->opcode;
    return in->map == 1 || op < 0x80 || (op >= 0x84 && op <= 0x8b);
}

/* The same operation with its two registers exchanged: the other direction's opcode.
 * Returns 0 when there is none. */
static int exchange(struct insn *in)
{
    unsigned op = in->opcode;
    if (in->map != 0 ||
        !((op < 0x40 && (op & 7) < 4) || (op >= 0x88 && op <= 0x8b) || op == 0x84 || op == 0x85))
        return 0;
    if (op < 0x84 || op > 0x85)
        in->opcode ^= 2;
    unsigned reg = in->modrm >> 3 & 7, rm = in->modrm & 7;
    in->modrm = (uint8_t)(0xc0 | rm << 3 | reg);
    in->rex = (uint8_t)((in->rex & 0xfa) | (in->rex & 1) << 2 | (in->rex >> 2 & 1));
    return 1;
}

static int names_r11(unsigned rex_bit, unsigned field)
{
    return rex_bit && field == (R11 & 7);
}

/* Writes the instruction with VCPU->gpr[R11] for its r/m operand. */
static void put_with_memory(struct emit *e, const struct insn *in, const uint8_t *bytes)
{
    for (unsigned i = 0; i + 1 < in->prefix_len; i++)
        em8(e, bytes[i]);
    em8(e, in->rex & 0xfc);
    if (in->map == 1)
        em8(e, 0x0f);
    em8(e, in->opcode);
    em8(e, (in->modrm & 0x38) | 4);
    em8(e, 0x25);
    em32(e, V_GPR(R11));
    memcpy(e->p, bytes + in->len - in->imm_size, in->imm_size);
    e->p += in->imm_size;
}

int unit_copy_r11(struct unit *u, const struct insn *original, const uint8_t *bytes)
{
    struct insn in = *original;
    unsigned strange = INSN_F_MEM | INSN_F_REX2_VEX | INSN_F_EVEX | INSN_F_XOP | INSN_F_LOCK |
                       INSN_F_VECTOR | INSN_F_STACK;
    if (!(in.flags & INSN_F_MODRM) || (in.flags & strange) || in.map > 1 || in.modrm >> 6 != 3 ||
        !in.rex || !rm_form(&in))
        return 0;
    int reg = reg_is_register(&in) && names_r11(in.rex & 4, in.modrm >> 3 & 7);
    int rm = names_r11(in.rex & 1, in.modrm & 7);
    if (reg == rm || (reg && !exchange(&in)))
        return 0;
    if (rm_form(&in) == FORM_WRITES && in.opsize == 4)
        return 0;
    put_with_memory(&u->e, &in, bytes);
    unit_map(u, in.len, unit_state(u));
    return 1;
}
