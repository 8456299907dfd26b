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

#define INLINE static inline __attribute__((always_inline))
#define OUTLINE static __attribute__((noinline))
#define unlikely(c) __builtin_expect(!!(c), 0)

/*
 * The decoder's state: what is known so far. It is passed by value, never by address,
 * between functions that are not inlined: so it lives in registers on the short way.
 */
struct scan {
    const struct op *op; /* the row, once the opcode is taken */
    unsigned n;          /* bytes taken */
    unsigned map, op_at; /* opcode map, offset of the opcode */
    unsigned rex, has_rex, seg;
    unsigned p66, p67, rep, lock;
    unsigned pp;         /* mandatory prefix: 0 none, 1 66, 2 F3, 3 F2 */
    unsigned vvvv;       /* second source register of VEX, EVEX, XOP */
    unsigned bad;        /* known to be #UD */
    unsigned prefix_len; /* legacy prefixes and REX */
    uint32_t enc;        /* INSN_F_* of the encoding: VEX, EVEX, XOP */
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

/* Bytes of displacement, by mod and rm: mod * 8 + rm. */
static const uint8_t disp_sizes[32] = {
    0, 0, 0, 0, 0, 4, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 4, 4, 4, 4, 4, 4, 4, 4,
};

INLINE uint64_t load64(const uint8_t *p)
{
    uint64_t v;
    __builtin_memcpy(&v, p, 8);
    return v;
}

/* Sign-extended integer of size bytes, 0..8. */
INLINE int64_t load_signed(const uint8_t *p, unsigned size)
{
    unsigned shift = (64 - 8 * size) & 63;

    return (int64_t)(load64(p) << shift) >> shift & -(int64_t)(size != 0);
}

/* The long way: all kinds of prefixes. A REX that is not the last of them has no
 * effect. */
OUTLINE struct scan take_prefixes(const uint8_t *p)
{
    struct scan s = {0};
    unsigned n = 0;

    for (; n < X86_INSN_MAX; n++) {
        uint8_t b = p[n];
        unsigned kind = prefix_kind[b];

        if (kind == PFX_NONE)
            break;
        s.rex = kind == PFX_REX ? b : 0;
        if (kind == PFX_66)
            s.p66 = 1;
        else if (kind == PFX_67)
            s.p67 = 1;
        else if (kind == PFX_REP)
            s.rep = b;
        else if (kind == PFX_LOCK)
            s.lock = 1;
        else if (kind == PFX_SEG)
            s.seg = b;
    }
    s.has_rex = s.rex != 0;
    s.pp = s.rep ? (s.rep == 0xf3 ? 2 : 3) : s.p66;
    s.n = s.prefix_len = n;
    return s;
}

INLINE struct scan take_opcode(struct scan s, const uint8_t *p, const struct op *table)
{
    s.op_at = s.n;
    s.op = &table[p[s.n++]];
    return s;
}

static const struct op invalid_op = {.attr = OA_MODRM};
/* 8F with a map field below 8. */
static const struct op pop_rm = VIA(VIA_REG, G1A);

/* An unknown map: no instruction; the length is a guess. */
static struct scan unknown_map(struct scan s)
{
    s.op_at = s.n++;
    s.op = &invalid_op;
    return s;
}

/* VEX and its kin exclude the prefixes whose meaning they carry themselves. */
static struct scan enter_vex(struct scan s, uint32_t enc)
{
    s.bad |= s.p66 | (s.rep != 0) | s.lock | s.has_rex;
    s.enc = enc;
    s.has_rex = 1; /* byte registers are numbered as with REX */
    return s;
}

static struct scan take_vex2(struct scan s, const uint8_t *p)
{
    uint8_t b = p[s.n++];

    s = enter_vex(s, INSN_F_REX2_VEX);
    s.rex = 0x40 | (~b >> 5 & 4);
    s.vvvv = ~b >> 3 & 15;
    s.pp = b & 3;
    s.map = 1;
    return take_opcode(s, p, op_vex[0]);
}

/* The second and third byte of VEX3 and XOP have one layout. */
static struct scan take_vex3_bytes(struct scan s, const uint8_t *p, uint32_t enc)
{
    uint8_t b1 = p[s.n], b2 = p[s.n + 1];

    s = enter_vex(s, enc);
    s.n += 2;
    s.rex = 0x40 | (~b1 >> 5 & 7) | (b2 >> 4 & 8);
    s.vvvv = ~b2 >> 3 & 15;
    s.pp = b2 & 3;
    s.map = b1 & 31;
    return s;
}

static struct scan take_vex3(struct scan s, const uint8_t *p)
{
    s = take_vex3_bytes(s, p, INSN_F_REX2_VEX);
    if (s.map < 1 || s.map > 3)
        return unknown_map(s);
    return take_opcode(s, p, op_vex[s.map - 1]);
}

static struct scan take_xop(struct scan s, const uint8_t *p)
{
    s = take_vex3_bytes(s, p, INSN_F_XOP);
    if (s.map > 10)
        return unknown_map(s);
    return take_opcode(s, p, op_xop[s.map - 8]);
}

static struct scan take_evex(struct scan s, const uint8_t *p)
{
    const uint8_t *b = p + s.n;

    s = enter_vex(s, INSN_F_EVEX);
    s.n += 3;
    s.rex = 0x40 | (~b[0] >> 5 & 7) | (b[1] >> 4 & 8);
    s.vvvv = ~b[1] >> 3 & 15;
    s.pp = b[1] & 3;
    s.map = b[0] & 7;
    /* Bits that are fixed (and that APX gives a meaning to). */
    s.bad |= (b[0] & 8) != 0 || (b[1] & 4) == 0;
    if (s.map >= 1 && s.map <= 3)
        return take_opcode(s, p, op_vex[s.map - 1]);
    if (s.map == 5 || s.map == 6)
        return take_opcode(s, p, s.map == 5 ? op_evex5 : op_evex6);
    return unknown_map(s);
}

/* Follows one escape byte. */
static struct scan take_escape(struct scan s, const uint8_t *p)
{
    switch (s.op->via) {
    case VIA_0F38:
        s.map = 2;
        return take_opcode(s, p, op_map0f38);
    case VIA_0F3A:
        s.map = 3;
        return take_opcode(s, p, op_map0f3a);
    case VIA_VEX2:
        return take_vex2(s, p);
    case VIA_VEX3:
        return take_vex3(s, p);
    case VIA_EVEX:
        return take_evex(s, p);
    case VIA_0F:
        s.map = 1;
        return take_opcode(s, p, op_map0f);
    default: /* VIA_XOP */
        if ((p[s.n] & 31) >= 8)
            return take_xop(s, p);
        s.op = &pop_rm;
        return s;
    }
}

/* From a row that leaves something open to the row that says it all. */
OUTLINE struct scan resolve(struct scan s, const uint8_t *p)
{
    const struct op *subs, *op;
    uint8_t modrm;

    while (s.op->via >= VIA_0F)
        s = take_escape(s, p);
    subs = s.enc ? op_vsubs : op_subs;
    modrm = p[s.n];
    for (op = s.op; op->via; op = &subs[op->sub + modrm]) {
        modrm = p[s.n];
        if (op->via == VIA_REG)
            modrm = modrm >> 3 & 7;
        else if (op->via == VIA_RM)
            modrm &= 7;
        else if (op->via == VIA_MOD)
            modrm = modrm >= 0xc0;
        else
            modrm = s.pp;
    }
    s.op = op;
    return s;
}

/* SIB: returns the registers of the address. */
INLINE struct scan take_sib(struct scan s, const uint8_t *p, struct insn *in, uint32_t *regs)
{
    unsigned sib = p[s.n++], base = sib & 7;
    unsigned index = (sib >> 3 & 7) | (s.rex << 2 & 8);
    unsigned has_index = (index != 4) & !(s.op->attr & OA_VSIB);
    unsigned no_base = (base == 5) & (in->modrm < 0x40);

    in->sib = (uint8_t)sib;
    in->disp_size |= (uint8_t)(no_base << 2);
    *regs |= has_index << index | (no_base ^ 1) << (base | (s.rex << 3 & 8));
    return s;
}

/* SIB and displacement. */
INLINE struct scan take_memory(struct scan s, const uint8_t *p, struct insn *in, uint32_t *regs)
{
    unsigned mod = in->modrm >> 6, rm = in->modrm & 7;

    in->disp_size = disp_sizes[mod << 3 | rm];
    in->flags |= INSN_F_MEM;
    if (rm == 4)
        s = take_sib(s, p, in, regs);
    else if (unlikely(rm == 5 && !mod))
        in->flags |= INSN_F_RIPREL;
    else
        *regs |= 1u << (rm | (s.rex << 3 & 8));
    in->disp = load_signed(p + s.n, in->disp_size);
    in->disp_off = in->disp_size ? (uint8_t)s.n : 0;
    s.n += in->disp_size;
    return s;
}

/* Returns the general registers of the operands in *regs: those that are read in the
 * lower half, those that are written in the upper one. */
INLINE struct scan take_modrm(struct scan s, const uint8_t *p, struct insn *in, uint32_t *regs)
{
    uint32_t attr = s.op->attr;
    unsigned modrm = p[s.n], reg = (modrm >> 3 & 7) | (s.rex << 1 & 8);
    unsigned rm = (modrm & 7) | (s.rex << 3 & 8), role = OA_ROLE(attr, OA_RM_R);

    in->modrm_off = (uint8_t)s.n++;
    in->modrm = (uint8_t)modrm;
    if (attr & (OA_B_REG | OA_B_RM) && !s.has_rex) {
        /* without a REX, 4..7 are ah, ch, dh, bh instead of spl, bpl, sil, dil */
        reg &= attr & OA_B_REG ? 3 : 7;
        rm &= attr & OA_B_RM ? 3 : 7;
    }
    *regs |= OA_ROLE(attr, OA_REG_R) << reg;
    if (modrm < 0xc0 && !(attr & OA_MOD3)) {
        s.bad |= (attr & OA_REG_ONLY) != 0;
        in->flags |= role * INSN_F_LOAD & INSN_F_LOAD;
        in->flags |= (role >> 16) * INSN_F_STORE;
        return take_memory(s, p, in, regs);
    }
    s.bad |= (attr & OA_MEM_ONLY) != 0;
    role |= attr & OA_B_RM ? role >> 16 : 0; /* keeps the other bytes, so reads them */
    *regs |= attr & OA_RM_G ? role << rm : 0;
    return s;
}

/* The address of the accumulator moves: 4 bytes of it are zero-extended. */
OUTLINE struct scan take_moffs(struct scan s, const uint8_t *p, struct insn *in)
{
    uint64_t address = load64(p + s.n);

    in->disp_off = (uint8_t)s.n;
    in->disp_size = s.p67 ? 4 : 8;
    in->disp = (int64_t)(s.p67 ? (uint32_t)address : address);
    s.n += in->disp_size;
    return s;
}

INLINE struct scan take_immediate(struct scan s, const uint8_t *p, struct insn *in)
{
    uint32_t attr = s.op->attr;
    unsigned size = OA_IMM_OF(attr) + ((attr >> OA_IMM_WIDE_BIT & s.rex >> 3) << 2);

    if (s.p66 && attr & OA_IMM_66 && in->opsize == 2)
        size = 2;
    in->imm = load_signed(p + s.n, size);
    in->imm_size = (uint8_t)size;
    in->imm_off = size ? (uint8_t)s.n : 0;
    s.n += size;
    return s;
}

/* Repairs that depend on more than the row; returns 1 when the encoding is #UD. */
OUTLINE int repair(struct scan s, struct insn *in)
{
    switch (s.op->fix) {
    case FIX_SHIFT:
        if (!(in->imm & (in->opsize == 8 ? 63 : 31)))
            in->flags_write = 0;
        return 0;
    case FIX_NOP:
        if (s.rex & 1)
            in->gpr_read = in->gpr_write = 1 | 1 << 8;
        return 0;
    case FIX_XCHG:
        if (in->flags & INSN_F_MEM)
            in->flags |= INSN_F_LOCK;
        return 0;
    case FIX_SCAN:
        if (s.rep)
            in->flags_write = 0;
        return 0;
    case FIX_INT3:
        in->imm = 3;
        return 0;
    case FIX_INT1:
        in->imm = 1;
        return 0;
    case FIX_3DNOW:
        return !(op_3dnow[(in->imm & 255) >> 5] >> (in->imm & 31) & 1);
    case FIX_VEX71:
        return !(s.enc & INSN_F_EVEX) && in->modrm < 0xc0;
    default:
        return 0;
    }
}

/* Prefixes that do something only to some instructions; returns 1 for #UD. */
OUTLINE int apply_prefixes(struct scan s, struct insn *in)
{
    if (s.op->attr & OA_STRING && s.rep) {
        in->flags |= s.rep == 0xf3 ? INSN_F_REP : INSN_F_REPNE;
        in->gpr_read |= RCX_;
        in->gpr_write |= RCX_;
    }
    if (s.p66 && !(s.rex & 8) && in->cls >= INSN_JCC && in->cls <= INSN_RET)
        in->flags |= INSN_F_VENDOR;
    if (!s.lock)
        return 0;
    in->flags |= INSN_F_LOCK;
    return !(s.op->attr & OA_LOCK) || !(in->flags & INSN_F_MEM);
}

/* What is known before the operands: every field that the take_ functions leave out. */
INLINE void describe(struct scan s, const uint8_t *p, struct insn *in)
{
    const struct op *op = s.op;

    in->cls = op->cls;
    in->map = (uint8_t)s.map;
    in->opcode = p[s.op_at];
    in->rex = (uint8_t)s.rex;
    in->opsize = size_of[OA_SIZE_OF(op->attr)][s.p66 | (s.rex >> 2 & 2)];
    in->prefix_len = (uint8_t)s.prefix_len;
    in->op_off = (uint8_t)s.op_at;
    in->seg = (uint8_t)s.seg;
    in->pfx66 = (uint8_t)s.p66;
    in->pfx67 = (uint8_t)s.p67;
    in->pfxrep = (uint8_t)s.rep;
    in->modrm_off = in->modrm = in->sib = in->disp_off = in->disp_size = 0;
    in->flags = (op->attr & OA_COPY) | s.enc;
    in->flags_read = op->flags_read;
    in->flags_write = op->flags_write;
    in->disp = 0;
}

INLINE struct scan take_operands(struct scan s, const uint8_t *p, struct insn *in)
{
    uint32_t attr = s.op->attr;
    uint32_t regs = s.op->gpr_read | (uint32_t)s.op->gpr_write << 16;

    if (attr & OA_MODRM) {
        s = take_modrm(s, p, in, &regs);
    } else if (attr & (OA_OP_R | OA_OP_W)) {
        unsigned high_byte = attr & OA_B_RM && !s.has_rex;

        regs |= OA_ROLE(attr, OA_OP_R) << ((in->opcode & (high_byte ? 3 : 7)) | (s.rex << 3 & 8));
    } else if (unlikely(attr & OA_MOFFS)) {
        s = take_moffs(s, p, in);
    }
    regs |= OA_ROLE(attr, OA_V_R) << s.vvvv;
    in->gpr_read = (uint16_t)regs;
    in->gpr_write = (uint16_t)(regs >> 16);
    return take_immediate(s, p, in);
}

INLINE void finish(struct scan s, struct insn *in)
{
    if (unlikely(s.op->fix))
        s.bad |= (unsigned)repair(s, in);
    if (unlikely(s.n > X86_INSN_MAX)) {
        s.n = X86_INSN_MAX;
        s.bad = 1;
    }
    in->len = (uint8_t)s.n;
    if (unlikely(s.bad))
        in->cls = INSN_INVALID;
}

/* The long way: any instruction. */
OUTLINE void decode_any(struct insn *in, const uint8_t *p)
{
    struct scan s = take_opcode(take_prefixes(p), p, op_map0);

    s = resolve(s, p);
    s.bad |= !(s.op->ok >> (s.pp + (s.enc & INSN_F_EVEX ? 4 : 0)) & 1);
    describe(s, p, in);
    s = take_operands(s, p, in);
    if (in->opsize == 2) /* the upper bytes stay, so they are read */
        in->gpr_read |= in->gpr_write;
    s.bad |= (unsigned)apply_prefixes(s, in);
    finish(s, in);
}

/* The short way, for nineteen instructions out of twenty: no prefix but REX, maps 0 and 0F,
 * no more than one group. The compiler drops all else: most of the scan is constant. */
INLINE void decode(struct insn *in, const uint8_t *p)
{
    struct scan s = {.has_rex = (p[0] & 0xf0) == 0x40};

    s.n = s.prefix_len = s.has_rex;
    s.rex = p[0] & -s.has_rex;
    s = take_opcode(s, p, op_map0);
    if (s.op->via) {
        if (s.op->via == VIA_0F) {
            s.map = 1;
            s = take_opcode(s, p, op_map0f);
        }
        if (s.op->via == VIA_REG)
            s.op = &op_subs[s.op->sub + (p[s.n] >> 3 & 7)];
        if (s.op->via) {
            decode_any(in, p);
            return;
        }
    }
    s.bad = !(s.op->ok & PP_NP);
    describe(s, p, in);
    finish(take_operands(s, p, in), in);
}

/* Close to the end of what may be read: on a copy that zeros make long enough. */
OUTLINE int decode_end(struct insn *in, const uint8_t *code, uint32_t avail)
{
    uint8_t copy[WINDOW] = {0};

    for (uint32_t i = 0; i < avail; i++)
        copy[i] = code[i];
    decode(in, copy);
    return in->len > avail ? -1 : 0;
}

int insn_decode(struct insn *in, const uint8_t *code, uint32_t avail)
{
    if (unlikely(avail < WINDOW))
        return decode_end(in, code, avail);
    decode(in, code);
    return 0;
}
