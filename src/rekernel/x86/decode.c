/*
 * decode.c - the engine of the length decoder: prefixes, escapes, ModRM, immediates,
 * register masks. What each opcode means stands in the tables (optable.h).
 *
 * The decoder never looks further than WINDOW bytes: 14 prefixes, 5 bytes of EVEX and
 * opcode, ModRM, SIB, 4 + 4 or 8 bytes of displacement and immediate stay below it.
 * With less than that in reach it works on a padded copy, so that the engine itself
 * needs no bound checks.
 */
#include "subs_legacy.h"

#define WINDOW 32

/* The decoder's state: what is known so far. */
struct scan {
    const uint8_t *p; /* the instruction */
    unsigned n;       /* bytes taken */
    uint8_t map, rex, has_rex, seg;
    uint8_t p66, p67, rep, lock;
    uint8_t pp;    /* mandatory prefix: 0 none, 1 66, 2 F3, 3 F2 */
    uint8_t vvvv;  /* second source register of VEX, EVEX, XOP */
    uint8_t bad;   /* known to be #UD */
    uint8_t op_at; /* offset of the opcode */
    uint32_t enc;  /* INSN_F_* of the encoding */
};

enum { PFX_NONE, PFX_REX, PFX_66, PFX_67, PFX_REP, PFX_LOCK, PFX_SEG, PFX_NULL };

static const uint8_t prefix_kind[256] = {
    [0x26] = PFX_NULL,         [0x2e] = PFX_NULL, [0x36] = PFX_NULL, [0x3e] = PFX_NULL,
    [0x40 ... 0x4f] = PFX_REX, [0x64] = PFX_SEG,  [0x65] = PFX_SEG,  [0x66] = PFX_66,
    [0x67] = PFX_67,           [0xf0] = PFX_LOCK, [0xf2] = PFX_REP,  [0xf3] = PFX_REP,
};

/* By size kind and (66 seen, REX.W). */
static const uint8_t size_of[8][4] = {
    [SIZE_V] = {4, 2, 8, 8},   [SIZE_B] = {1, 1, 1, 1}, [SIZE_D64] = {8, 2, 8, 8},
    [SIZE_F64] = {8, 8, 8, 8}, [SIZE_Y] = {4, 4, 8, 8}, [SIZE_W] = {2, 2, 2, 2},
};

/* By immediate kind and operand size; IMM_MOFFS is a displacement. */
static const uint8_t imm_size[16][16] = {
    [IMM_B] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, [IMM_W] = {2, 2, 2, 2, 2, 2, 2, 2, 2},
    [IMM_D] = {4, 4, 4, 4, 4, 4, 4, 4, 4}, [IMM_Z] = {4, 4, 2, 4, 4, 4, 4, 4, 4},
    [IMM_V] = {4, 4, 2, 4, 4, 4, 4, 4, 8}, [IMM_WB] = {3, 3, 3, 3, 3, 3, 3, 3, 3},
};

/* What of a 4-byte load is displacement: shift by disp_size. */
static const uint8_t disp_shift[5] = {0, 24, 0, 0, 0};

static inline int32_t load32(const uint8_t *p)
{
    int32_t v;
    __builtin_memcpy(&v, p, 4);
    return v;
}

static inline int64_t load64(const uint8_t *p)
{
    int64_t v;
    __builtin_memcpy(&v, p, 8);
    return v;
}

/* Takes legacy prefixes and REX. A REX that is not the last of them has no effect. */
static void take_prefixes(struct scan *s)
{
    unsigned n = 0;

    for (;; n++) {
        uint8_t b = s->p[n];
        unsigned kind = prefix_kind[b];

        if (kind == PFX_NONE || n >= X86_INSN_MAX)
            break;
        s->rex = kind == PFX_REX ? b : 0;
        if (kind == PFX_66)
            s->p66 = 1;
        else if (kind == PFX_67)
            s->p67 = 1;
        else if (kind == PFX_REP)
            s->rep = b;
        else if (kind == PFX_LOCK)
            s->lock = 1;
        else if (kind == PFX_SEG)
            s->seg = b;
    }
    s->has_rex = s->rex != 0;
    s->pp = s->rep ? (s->rep == 0xf3 ? 2 : 3) : s->p66;
    s->n = n;
}

/* VEX and its kin exclude the prefixes whose meaning they carry themselves. */
static void enter_vex(struct scan *s, uint32_t enc)
{
    s->bad |= s->p66 | s->rep | s->lock | s->has_rex;
    s->enc = enc;
    s->has_rex = 1; /* byte registers are numbered as with REX */
}

static const struct op *take_opcode(struct scan *s, const struct op *table)
{
    s->op_at = (uint8_t)s->n;
    return &table[s->p[s->n++]];
}

static const struct op invalid_op = {.attr = OA_MODRM};
/* An unknown map: no instruction; the length is a guess. */
static const struct op *unknown_map(struct scan *s)
{
    s->op_at = (uint8_t)s->n++;
    return &invalid_op;
}

static const struct op *take_vex2(struct scan *s)
{
    uint8_t b = s->p[s->n++];

    enter_vex(s, INSN_F_REX2_VEX);
    s->rex = (uint8_t)(0x40 | (~b >> 5 & 4));
    s->vvvv = ~b >> 3 & 15;
    s->pp = b & 3;
    s->map = 1;
    return take_opcode(s, op_vex[0]);
}

/* The second and third byte of VEX3 and XOP have one layout. */
static void take_vex3_bytes(struct scan *s, uint32_t enc)
{
    uint8_t b1 = s->p[s->n], b2 = s->p[s->n + 1];

    enter_vex(s, enc);
    s->n += 2;
    s->rex = (uint8_t)(0x40 | (~b1 >> 5 & 7) | (b2 >> 4 & 8));
    s->vvvv = ~b2 >> 3 & 15;
    s->pp = b2 & 3;
    s->map = b1 & 31;
}

static const struct op *take_vex3(struct scan *s)
{
    take_vex3_bytes(s, INSN_F_REX2_VEX);
    if (s->map < 1 || s->map > 3)
        return unknown_map(s);
    return take_opcode(s, op_vex[s->map - 1]);
}

static const struct op *take_xop(struct scan *s)
{
    take_vex3_bytes(s, INSN_F_XOP);
    if (s->map > 10)
        return unknown_map(s);
    return take_opcode(s, op_xop[s->map - 8]);
}

static const struct op *take_evex(struct scan *s)
{
    const uint8_t *b = s->p + s->n;

    enter_vex(s, INSN_F_EVEX);
    s->n += 3;
    s->rex = (uint8_t)(0x40 | (~b[0] >> 5 & 7) | (b[1] >> 4 & 8));
    s->vvvv = ~b[1] >> 3 & 15;
    s->pp = b[1] & 3;
    s->map = b[0] & 7;
    /* Bits that are fixed (and that APX gives a meaning to). */
    s->bad |= (b[0] & 8) != 0 || (b[1] & 4) == 0;
    if (s->map >= 1 && s->map <= 3)
        return take_opcode(s, op_vex[s->map - 1]);
    if (s->map == 5 || s->map == 6)
        return take_opcode(s, s->map == 5 ? op_evex5 : op_evex6);
    return unknown_map(s);
}

/* 8F with a map field below 8. */
static const struct op pop_rm = VIA(VIA_REG, G1A);

/* Follows an escape byte. NULL: op is no escape. */
static const struct op *take_escape(struct scan *s, const struct op *op)
{
    switch (op->via) {
    case VIA_0F:
        s->map = 1;
        return take_opcode(s, op_map0f);
    case VIA_0F38:
        s->map = 2;
        return take_opcode(s, op_map0f38);
    case VIA_0F3A:
        s->map = 3;
        return take_opcode(s, op_map0f3a);
    case VIA_VEX2:
        return take_vex2(s);
    case VIA_VEX3:
        return take_vex3(s);
    case VIA_EVEX:
        return take_evex(s);
    case VIA_XOP:
        return (s->p[s->n] & 31) >= 8 ? take_xop(s) : &pop_rm;
    default:
        return 0;
    }
}

/* From a row that leaves something open to the row that says it all. */
static const struct op *resolve(struct scan *s, const struct op *op)
{
    const struct op *next;
    const struct op *subs;
    uint8_t modrm;

    while (op->via >= VIA_0F && (next = take_escape(s, op)))
        op = next;
    subs = s->enc ? op_vsubs : op_subs;
    modrm = s->p[s->n];
    for (;;) {
        switch (op->via) {
        case VIA_REG:
            op = &subs[op->sub + (modrm >> 3 & 7)];
            break;
        case VIA_RM:
            op = &subs[op->sub + (modrm & 7)];
            break;
        case VIA_MOD:
            op = &subs[op->sub + (modrm >= 0xc0)];
            break;
        case VIA_PREFIX:
            op = &subs[op->sub + s->pp];
            break;
        default:
            return op;
        }
    }
}

/* Takes SIB and displacement of a memory operand; returns the general registers that
 * make its address. */
static unsigned take_memory(struct scan *s, struct insn *in, uint32_t attr)
{
    unsigned mod = in->modrm >> 6, base = in->modrm & 7, regs = 0;
    unsigned rex = s->rex;
    unsigned size = mod == 1 ? 1 : mod == 2 ? 4 : 0;

    in->flags |= INSN_F_MEM;
    if (base == 4) {
        uint8_t sib = s->p[s->n++];
        unsigned index = (sib >> 3 & 7) | (rex << 2 & 8);

        in->sib = sib;
        base = sib & 7;
        if (index != 4 && !(attr & OA_VSIB))
            regs = 1u << index;
        if (base == 5 && mod == 0)
            size = 4;
        else
            regs |= 1u << (base | (rex << 3 & 8));
    } else if (base == 5 && mod == 0) {
        in->flags |= INSN_F_RIPREL;
        size = 4;
    } else {
        regs = 1u << (base | (rex << 3 & 8));
    }
    if (size) {
        unsigned shift = disp_shift[size];

        in->disp_off = (uint8_t)s->n;
        in->disp_size = (uint8_t)size;
        in->disp = (int32_t)((uint32_t)load32(s->p + s->n) << shift) >> shift;
        s->n += size;
    }
    return regs;
}

/* One operand register into the masks. size: what is written of it. A write of one or
 * two bytes keeps the rest, so it is also a read. */
static inline void use_register(struct insn *in, unsigned reg, unsigned read, unsigned write,
                                unsigned size)
{
    in->gpr_read |= (uint16_t)((read | (write & (size < 4))) << reg);
    in->gpr_write |= (uint16_t)(write << reg);
}

/* spl, bpl, sil and dil need a REX; without one these numbers mean ah, ch, dh, bh. */
static inline unsigned register_number(const struct scan *s, unsigned reg, unsigned ext, int byte)
{
    return byte && !s->has_rex ? reg & 3 : reg | ext;
}

static void take_modrm(struct scan *s, struct insn *in, const struct op *op)
{
    uint32_t attr = op->attr;
    unsigned modrm = s->p[s->n];
    unsigned rm_read = attr / OA_RM_R & 1, rm_write = attr / OA_RM_W & 1;

    in->modrm_off = (uint8_t)s->n++;
    in->modrm = (uint8_t)modrm;
    if (attr & (OA_REG_R | OA_REG_W))
        use_register(in, register_number(s, modrm >> 3 & 7, s->rex << 1 & 8, attr & OA_B_REG),
                     attr / OA_REG_R & 1, attr / OA_REG_W & 1, attr & OA_B_REG ? 1 : in->opsize);
    if (modrm < 0xc0 && !(attr & OA_MOD3)) {
        in->gpr_read |= (uint16_t)take_memory(s, in, attr);
        in->flags |= rm_read * INSN_F_LOAD | rm_write * INSN_F_STORE;
        s->bad |= (attr & OA_REG_ONLY) != 0;
        return;
    }
    if (attr & OA_RM_G)
        use_register(in, register_number(s, modrm & 7, s->rex << 3 & 8, attr & OA_B_RM), rm_read,
                     rm_write, attr & OA_B_RM ? 1 : in->opsize);
    s->bad |= (attr & OA_MEM_ONLY) != 0;
}

static void take_immediate(struct scan *s, struct insn *in, uint32_t attr)
{
    unsigned kind = OA_IMM_OF(attr);
    unsigned size = imm_size[kind][in->opsize];

    if (kind == IMM_MOFFS) {
        in->disp_off = (uint8_t)s->n;
        in->disp_size = s->p67 ? 4 : 8;
        /* An address, not an offset: 4 bytes are zero-extended. */
        in->disp = s->p67 ? (int64_t)(uint32_t)load32(s->p + s->n) : load64(s->p + s->n);
        s->n += in->disp_size;
        return;
    }
    in->imm_off = (uint8_t)s->n;
    in->imm_size = (uint8_t)size;
    if (size == 8) {
        in->imm = load64(s->p + s->n);
    } else {
        unsigned shift = 32 - 8 * size;

        in->imm = (int32_t)((uint32_t)load32(s->p + s->n) << shift) >> shift;
    }
    s->n += size;
}

static void repair(struct scan *s, struct insn *in, const struct op *op)
{
    switch (op->fix) {
    case FIX_SHIFT:
        if (!(in->imm & (in->opsize == 8 ? 63 : 31)))
            in->flags_write = 0;
        break;
    case FIX_NOP:
        if (s->rex & 1)
            in->gpr_read = in->gpr_write = 1 | 1 << 8;
        break;
    case FIX_XCHG:
        if (in->flags & INSN_F_MEM)
            in->flags |= INSN_F_LOCK;
        break;
    case FIX_SCAN:
        if (s->rep)
            in->flags_write = 0;
        break;
    case FIX_INT3:
        in->imm = 3;
        break;
    case FIX_INT1:
        in->imm = 1;
        break;
    case FIX_3DNOW:
        s->bad |= !(op_3dnow[(in->imm & 255) >> 5] >> (in->imm & 31) & 1);
        break;
    case FIX_VEX71:
        s->bad |= !(s->enc & INSN_F_EVEX) && in->modrm < 0xc0;
        break;
    default:
        break;
    }
}

/* Prefixes that do something only to some instructions. */
static void apply_prefixes(struct scan *s, struct insn *in, const struct op *op)
{
    if (op->attr & OA_STRING && s->rep) {
        in->flags |= s->rep == 0xf3 ? INSN_F_REP : INSN_F_REPNE;
        in->gpr_read |= RCX_;
        in->gpr_write |= RCX_;
    }
    if (s->lock) {
        in->flags |= INSN_F_LOCK;
        s->bad |= !(op->attr & OA_LOCK) || !(in->flags & INSN_F_MEM);
    }
    if (s->p66 && !(s->rex & 8) && op->cls >= INSN_JCC && op->cls <= INSN_RET)
        in->flags |= INSN_F_VENDOR;
}

static void take_operands(struct scan *s, struct insn *in, const struct op *op)
{
    uint32_t attr = op->attr;

    if (attr & OA_MODRM)
        take_modrm(s, in, op);
    if (attr & (OA_OP_R | OA_OP_W))
        use_register(in, register_number(s, in->opcode & 7, s->rex << 3 & 8, attr & OA_B_RM),
                     attr / OA_OP_R & 1, attr / OA_OP_W & 1, attr & OA_B_RM ? 1 : in->opsize);
    if (attr & (OA_V_R | OA_V_W))
        use_register(in, s->vvvv, attr / OA_V_R & 1, attr / OA_V_W & 1, in->opsize);
    if (OA_IMM_OF(attr))
        take_immediate(s, in, attr);
}

static void describe(struct scan *s, struct insn *in, const struct op *op)
{
    in->cls = op->cls;
    in->map = s->map;
    in->opcode = s->p[s->op_at];
    in->op_off = s->op_at;
    in->opsize = size_of[OA_SIZE_OF(op->attr)][s->p66 | (s->rex >> 2 & 2)];
    in->flags = (op->attr & OA_COPY) | s->enc;
    in->flags_read = op->flags_read;
    in->flags_write = op->flags_write;
    in->gpr_read = op->gpr_read | (in->opsize < 4 ? op->gpr_write : 0);
    in->gpr_write = op->gpr_write;
    in->rex = s->rex;
    in->seg = s->seg;
    in->pfx66 = s->p66;
    in->pfx67 = s->p67;
    in->pfxrep = s->rep;
}

static void decode(struct insn *in, const uint8_t *code)
{
    struct scan s = {.p = code};
    const struct op *op;

    *in = (struct insn){0};
    if (prefix_kind[code[0]])
        take_prefixes(&s);
    in->prefix_len = (uint8_t)s.n;
    op = take_opcode(&s, op_map0);
    if (op->via)
        op = resolve(&s, op);
    if (!(op->ok >> (s.pp + (s.enc & INSN_F_EVEX ? 4 : 0)) & 1))
        s.bad = 1;
    describe(&s, in, op);
    take_operands(&s, in, op);
    if (s.rep | s.lock | s.p66)
        apply_prefixes(&s, in, op);
    if (op->fix)
        repair(&s, in, op);
    if (s.n > X86_INSN_MAX) {
        s.n = X86_INSN_MAX;
        s.bad = 1;
    }
    in->len = (uint8_t)s.n;
    if (s.bad)
        in->cls = INSN_INVALID;
}

int insn_decode(struct insn *in, const uint8_t *code, uint32_t avail)
{
    uint8_t copy[WINDOW] = {0};

    if (avail >= WINDOW) {
        decode(in, code);
        return 0;
    }
    for (uint32_t i = 0; i < avail; i++)
        copy[i] = code[i];
    decode(in, copy);
    return in->len > avail ? -1 : 0;
}
