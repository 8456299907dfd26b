/*
 * opsize.c - how many bytes an instruction's memory operand has.
 *
 * Vector instructions: each map has a list of rows, of which the first that holds the opcode
 * counts. A row has a rule for each mandatory prefix: none, 66, F3, F2.
 */
#include "access.h"

/* 1, 2, 4, 8, 16, 32, 64: so many bytes. */
enum rule {
    NO = 0,
    V = 100, /* the whole vector */
    H,
    Q,
    E,  /* a half, a quarter, an eighth of it */
    W,  /* 8 with W, otherwise 4 */
    HW, /* the whole vector with W, otherwise a half */
    D,  /* movddup: 8 of a 16-byte vector, otherwise the whole */
    BW, /* 2 with W, otherwise 1 */
    K,  /* mask registers */
};

struct row {
    uint8_t first, last, rule[4];
};
#define SAME(first, last, r) \
    { \
        first, last, \
        { \
            r, r, r, r \
        } \
    }
/* Extensions to wider elements and, under F3, truncations to narrower ones. */
#define EXTENSIONS(base) \
    SAME((base) + 0, (base) + 0, H), SAME((base) + 1, (base) + 1, Q), \
        SAME((base) + 2, (base) + 2, E), SAME((base) + 3, (base) + 3, H), \
        SAME((base) + 4, (base) + 4, Q), SAME((base) + 5, (base) + 5, H)
#define SCALAR(opcode, r) SAME(opcode, opcode, r)
#define FMA(r) \
    SCALAR(0x99, r), SCALAR(0x9b, r), SCALAR(0x9d, r), SCALAR(0x9f, r), SCALAR(0xa9, r), \
        SCALAR(0xab, r), SCALAR(0xad, r), SCALAR(0xaf, r), SCALAR(0xb9, r), SCALAR(0xbb, r), \
        SCALAR(0xbd, r), SCALAR(0xbf, r)

/* clang-format off */
static const struct row legacy1[] = {
    SAME(0x0f, 0x0f, 8), /* 3DNow! */
    {0x12, 0x12, {8, 8, V, 8}}, SAME(0x13, 0x13, 8), {0x16, 0x16, {8, 8, V, NO}},
    SAME(0x17, 0x17, 8), {0x2a, 0x2a, {8, 8, W, W}}, {0x2c, 0x2d, {8, V, 4, 8}},
    {0x2e, 0x2f, {4, 8, NO, NO}}, {0x5a, 0x5a, {8, V, 4, 8}}, SAME(0x5b, 0x5b, V),
    {0x10, 0x5f, {V, V, 4, 8}}, {0x60, 0x62, {4, V, NO, NO}}, SAME(0x6e, 0x6e, W),
    {0x7e, 0x7e, {W, W, 8, NO}}, {0xc2, 0xc2, {V, V, 4, 8}}, SAME(0xc4, 0xc4, 2),
    SAME(0xc6, 0xc6, V), SAME(0xd6, 0xd6, 8), {0xe6, 0xe6, {NO, V, 8, V}},
    {0x60, 0xff, {8, V, V, V}},
};
static const struct row legacy2[] = {
    EXTENSIONS(0x20), EXTENSIONS(0x30), {0x00, 0x1f, {8, V, NO, NO}}, SAME(0x26, 0xff, V),
};
static const struct row legacy3[] = {
    SAME(0x0a, 0x0a, 4), SAME(0x0b, 0x0b, 8), {0x0f, 0x0f, {8, V, NO, NO}}, SAME(0x14, 0x14, 1),
    SAME(0x15, 0x15, 2), SAME(0x16, 0x16, W), SAME(0x17, 0x17, 4), SAME(0x20, 0x20, 1),
    SAME(0x21, 0x21, 4), SAME(0x22, 0x22, W), SAME(0x00, 0xff, V),
};
static const struct row vex1[] = {
    {0x12, 0x12, {8, 8, V, D}}, SAME(0x13, 0x13, 8), {0x16, 0x16, {8, 8, V, NO}},
    SAME(0x17, 0x17, 8), {0x2a, 0x2a, {NO, NO, W, W}}, {0x2c, 0x2d, {NO, NO, 4, 8}},
    {0x2e, 0x2f, {4, 8, NO, NO}}, {0x5a, 0x5a, {H, V, 4, 8}}, SAME(0x5b, 0x5b, V),
    {0x10, 0x5f, {V, V, 4, 8}}, SAME(0x6e, 0x6e, W), {0x7e, 0x7e, {NO, W, 8, NO}},
    {0x78, 0x79, {V, HW, 4, 8}}, {0x7a, 0x7a, {NO, HW, HW, V}}, {0x7b, 0x7b, {NO, HW, W, W}},
    SAME(0x90, 0x91, K), SAME(0xae, 0xae, 4), {0xc2, 0xc2, {V, V, 4, 8}}, SAME(0xc4, 0xc4, 2),
    SAME(0xd1, 0xd3, 16), SAME(0xd6, 0xd6, 8), SAME(0xe1, 0xe2, 16), {0xe6, 0xe6, {NO, V, HW, V}},
    SAME(0xf1, 0xf3, 16), SAME(0x60, 0xff, V),
};
static const struct row vex2[] = {
    SAME(0x13, 0x13, H), SAME(0x18, 0x18, 4), SAME(0x19, 0x19, 8), SAME(0x1a, 0x1a, 16),
    EXTENSIONS(0x20), EXTENSIONS(0x30), SAME(0x49, 0x49, 64), SAME(0x58, 0x58, 4),
    SAME(0x59, 0x59, 8), SAME(0x5a, 0x5a, 16), SAME(0x78, 0x78, 1), SAME(0x79, 0x79, 2), FMA(W),
    SAME(0xb1, 0xb1, 2), SAME(0x00, 0xff, V),
};
static const struct row vex3[] = {
    SAME(0x06, 0x06, 32), SAME(0x0a, 0x0a, 4), SAME(0x0b, 0x0b, 8), SAME(0x14, 0x14, 1),
    SAME(0x15, 0x15, 2), SAME(0x16, 0x16, W), SAME(0x17, 0x17, 4), SAME(0x18, 0x19, 16),
    SAME(0x1d, 0x1d, H), SAME(0x20, 0x20, 1), SAME(0x21, 0x21, 4), SAME(0x22, 0x22, W),
    SAME(0x38, 0x39, 16), SAME(0x41, 0x41, 16), SAME(0x46, 0x46, 32), SAME(0x60, 0x63, 16),
    SAME(0x6a, 0x6a, 4), SAME(0x6b, 0x6b, 8), SAME(0x6e, 0x6e, 4), SAME(0x6f, 0x6f, 8),
    SAME(0x7a, 0x7a, 4), SAME(0x7b, 0x7b, 8), SAME(0x7e, 0x7e, 4), SAME(0x7f, 0x7f, 8),
    SAME(0xdf, 0xdf, 16), SAME(0x00, 0xff, V),
};
static const struct row evex2[] = {
    {0x10, 0x10, {NO, V, H, NO}}, {0x11, 0x11, {NO, V, Q, NO}}, {0x12, 0x12, {NO, V, E, NO}},
    {0x13, 0x13, {NO, H, H, NO}}, {0x14, 0x14, {NO, V, Q, NO}}, {0x15, 0x15, {NO, V, H, NO}},
    SAME(0x18, 0x18, 4), SAME(0x19, 0x19, 8), SAME(0x1a, 0x1a, 16), SAME(0x1b, 0x1b, 32),
    EXTENSIONS(0x20), EXTENSIONS(0x30), SAME(0x2d, 0x2d, W), SAME(0x43, 0x43, W),
    SAME(0x4d, 0x4d, W), SAME(0x4f, 0x4f, W), {0x52, 0x53, {V, V, V, 16}}, SAME(0x58, 0x58, 4),
    SAME(0x59, 0x59, 8), SAME(0x5a, 0x5a, 16), SAME(0x5b, 0x5b, 32), SAME(0x62, 0x63, BW),
    SAME(0x78, 0x78, 1), SAME(0x79, 0x79, 2), SAME(0x88, 0x8b, W), SAME(0x90, 0x93, W),
    SAME(0xa0, 0xa3, W), {0x9a, 0x9a, {NO, V, NO, 16}}, {0x9b, 0x9b, {NO, W, NO, 16}},
    {0xaa, 0xaa, {NO, V, NO, 16}}, {0xab, 0xab, {NO, W, NO, 16}}, FMA(W), SAME(0xcb, 0xcb, W),
    SAME(0xcd, 0xcd, W), SAME(0x00, 0xff, V),
};
static const struct row evex3[] = {
    {0x0a, 0x0a, {2, 4, NO, NO}}, SAME(0x0b, 0x0b, 8), SAME(0x14, 0x14, 1), SAME(0x15, 0x15, 2),
    SAME(0x16, 0x16, W), SAME(0x17, 0x17, 4), SAME(0x18, 0x19, 16), SAME(0x1a, 0x1b, 32),
    SAME(0x1d, 0x1d, H), SAME(0x20, 0x20, 1), SAME(0x21, 0x21, 4), SAME(0x22, 0x22, W),
    {0x27, 0x27, {2, W, NO, NO}}, SAME(0x38, 0x39, 16), SAME(0x3a, 0x3b, 32), SAME(0x51, 0x51, W),
    SAME(0x55, 0x55, W), {0x57, 0x57, {2, W, NO, NO}}, {0x67, 0x67, {2, W, NO, NO}},
    {0xc2, 0xc2, {V, NO, 2, NO}}, SAME(0x00, 0xff, V),
};
static const struct row evex5[] = {
    SAME(0x10, 0x11, 2), {0x1d, 0x1d, {4, V, NO, NO}}, SAME(0x2a, 0x2a, W), SAME(0x2c, 0x2f, 2),
    {0x5a, 0x5a, {Q, V, 2, 8}}, {0x5b, 0x5b, {V, H, H, NO}}, SAME(0x6e, 0x6e, 2),
    SAME(0x7e, 0x7e, 2), {0x78, 0x79, {H, Q, 2, NO}}, {0x7a, 0x7a, {NO, Q, NO, V}},
    {0x7b, 0x7b, {NO, Q, W, NO}}, {0x51, 0x5f, {V, V, 2, NO}}, SAME(0x00, 0xff, V),
};
static const struct row evex6[] = {
    {0x13, 0x13, {2, H, NO, NO}}, SAME(0x2d, 0x2d, 2), SAME(0x43, 0x43, 2), SAME(0x4d, 0x4d, 2),
    SAME(0x4f, 0x4f, 2), SAME(0x57, 0x57, 4), SAME(0xd7, 0xd7, 4), FMA(2), SAME(0x00, 0xff, V),
};
static const struct row whole[] = {SAME(0x00, 0xff, V)};
/* clang-format on */

#define IS_VEX(in) ((in)->flags & (INSN_F_REX2_VEX | INSN_F_EVEX | INSN_F_XOP))

static const struct row *rows_of(const struct insn *in)
{
    static const struct row *const legacy[] = {whole, legacy1, legacy2, legacy3};
    static const struct row *const vex[] = {whole, vex1, vex2, vex3};
    static const struct row *const evex[] = {whole, vex1, evex2, evex3, whole, evex5, evex6};
    if (in->flags & INSN_F_EVEX)
        return in->map < 7 ? evex[in->map] : whole;
    if (in->map > 3)
        return whole;
    return IS_VEX(in) ? vex[in->map] : legacy[in->map];
}

/* Prefix as 0 to 3, W and the vector's bytes, wherever the encoding keeps them. */
struct form {
    unsigned pp, w, bytes, evex;
};

static struct form form_of(const struct insn *in, const uint8_t *prefix)
{
    struct form f = {0, in->rex >> 3 & 1, 16, in->flags & INSN_F_EVEX};
    if (in->flags & INSN_F_EVEX) {
        unsigned size = prefix[3] >> 5 & 3;
        f.pp = prefix[2] & 3;
        f.bytes = 16u << (size < 3 ? size : 2);
    } else if (IS_VEX(in)) {
        uint8_t last = prefix[0] == 0xc5 ? prefix[1] : prefix[2];
        f.pp = last & 3;
        f.bytes = last & 4 ? 32 : 16;
    } else {
        f.pp = in->pfxrep == 0xf3 ? 2 : in->pfxrep == 0xf2 ? 3 : in->pfx66 != 0;
    }
    return f;
}

static uint32_t apply(unsigned rule, const struct form *f)
{
    switch (rule) {
    case V:
        return f->bytes;
    case H:
        return f->bytes / 2;
    case Q:
        return f->bytes / 4;
    case E:
        return f->bytes / 8;
    case W:
        return f->w ? 8 : 4;
    case HW:
        return f->w && f->evex ? f->bytes : f->bytes / 2;
    case D:
        return f->bytes == 16 ? 8 : f->bytes;
    case BW:
        return f->w ? 2 : 1;
    case K:
        return f->pp ? (f->w ? 4 : 1) : f->w ? 8 : 2;
    default:
        return rule;
    }
}

static uint32_t vector_size(const struct insn *in, const struct form *f)
{
    const struct row *r = rows_of(in);
    while (in->opcode < r->first || in->opcode > r->last)
        r++;
    return apply(r->rule[f->pp], f);
}

/* ------------------------------------------------------------- x87 and kin */
static uint32_t x87_size(const struct insn *in)
{
    static const uint8_t size[8][8] = {{4, 4, 4, 4, 4, 4, 4, 4}, {4, 0, 4, 4, 28, 2, 28, 2},
                                       {4, 4, 4, 4, 4, 4, 4, 4}, {4, 4, 4, 4, 0, 10, 0, 10},
                                       {8, 8, 8, 8, 8, 8, 8, 8}, {8, 8, 8, 8, 108, 0, 108, 2},
                                       {2, 2, 2, 2, 2, 2, 2, 2}, {2, 2, 2, 2, 10, 8, 10, 8}};
    uint32_t n = size[in->opcode & 7][in->modrm >> 3 & 7];
    return n >= 28 && in->pfx66 && !(in->rex & 8) ? n - 14 : n;
}

/* 0F AE with memory: fxsave fxrstor ldmxcsr stmxcsr; xsave and kin are told apart elsewhere. */
static uint32_t state_size(const struct insn *in)
{
    unsigned reg = in->modrm >> 3 & 7;
    return reg < 2 ? 512 : reg < 4 ? 4 : 0;
}

/* --------------------------------------------------------- general registers */
static uint32_t size_0f(const struct insn *in)
{
    if (in->opcode >= 0x18 && in->opcode <= 0x1f) /* hints */
        return 0;
    switch (in->opcode) {
    case 0x00: /* verr, verw */
    case 0x02: /* lar */
    case 0xb7:
    case 0xbf:
        return 2;
    case 0xb6:
    case 0xbe:
        return 1;
    case 0xb2:
    case 0xb4:
    case 0xb5:
        return in->opsize + 2u;
    case 0xae:
        return state_size(in);
    case 0xc7:
        return in->rex & 8 ? 16 : 8;
    default:
        return in->opsize;
    }
}

static uint32_t size_0f38(const struct insn *in)
{
    if (in->opcode == 0xf8) /* movdir64b, enqcmd */
        return 64;
    if (in->pfxrep == 0xf2 && in->opcode == 0xf0) /* crc32 */
        return 1;
    if (in->pfxrep == 0xf2 && in->opcode == 0xf1)
        return in->rex & 8 ? 8 : in->pfx66 ? 2 : 4;
    return in->opsize;
}

static uint32_t size_general(const struct insn *in)
{
    if (IS_VEX(in))
        return in->opsize;
    if (in->map == 1)
        return size_0f(in);
    if (in->map == 2)
        return size_0f38(in);
    if (in->map)
        return in->opsize;
    if (in->opcode == 0x8c || in->opcode == 0x8e)
        return 2;
    if (in->opcode == 0x63) /* with prefix 66, too (AMD; others read 2) */
        return 4;
    return in->opsize;
}

/* ------------------------------------------------------------------ outside */
static int is_broadcast(const struct insn *in, const uint8_t *evex)
{
    return (in->flags & INSN_F_EVEX) && in->modrm >> 6 != 3 && (evex[3] & 0x10);
}

static int is_compress(const struct insn *in)
{
    return (in->flags & INSN_F_EVEX) && in->map == 2 &&
           ((in->opcode >= 0x88 && in->opcode <= 0x8b) || in->opcode == 0x62 || in->opcode == 0x63);
}

/* Bytes of the one element that is broadcast. */
static uint32_t broadcast_size(const struct insn *in, const struct form *f)
{
    uint32_t wide = f->w ? 8 : 4;
    if (in->map == 5) {
        if ((in->opcode == 0x5b && f->pp == 0) || (in->opcode == 0x7a && f->pp == 3) ||
            (in->opcode == 0x5a && f->pp == 1) || (in->opcode == 0x1d && f->pp == 1))
            return wide;
        return 2;
    }
    if (in->map == 6)
        return (in->opcode & 0x7e) == 0x56 ? 4 : 2;
    return in->map == 3 && f->pp == 0 ? 2 : wide;
}

uint32_t insn_disp8_unit(const struct insn *in, const uint8_t *bytes)
{
    const uint8_t *prefix = bytes + in->prefix_len;
    struct form f = form_of(in, prefix);
    return is_broadcast(in, prefix) ? broadcast_size(in, &f) : vector_size(in, &f);
}

uint32_t insn_operand_size(const struct insn *in, const uint8_t *bytes)
{
    if (!IS_VEX(in) && in->map == 0 && (in->opcode & 0xf8) == 0xd8)
        return x87_size(in);
    if (!IS_VEX(in) && in->map == 1 && in->opcode == 0xae)
        return state_size(in);
    if (!(in->flags & INSN_F_VECTOR))
        return size_general(in);
    struct form f = form_of(in, bytes + in->prefix_len);
    return is_compress(in) ? f.bytes : insn_disp8_unit(in, bytes);
}
