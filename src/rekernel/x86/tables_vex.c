/*
 * tables_vex.c - VEX, EVEX and XOP maps.
 *
 * A row tells which prefixes (pp) exist under VEX and which under EVEX; what else an
 * encoding demands (W, L, vvvv, masks, the processor's features) is left to the
 * processor, which answers a wrong one with #UD wherever it is executed.
 * Source: Intel SDM volume 2, appendix A and the instruction pages; Intel AVX512-FP16
 * specification (maps 5 and 6); AMD APM volumes 3 and 6 (XOP, FMA4, TBM, LWP).
 */
#include "optable.h"

#define A X86_ARITH
#define Y OA_SIZE(SIZE_Y)
#define MV (M | OA_VEC | Y)
/* General registers only (BMI). */
#define MG (M | Y)

/* v, e: accepted prefixes as digits, NP = 1, 66 = 2, F3 = 4, F2 = 8. */
#define PPS(v, e) ((v) | (e) << 4)
#define ROW(v, e, attr_) ONLY(PPS(v, e), INSN_PLAIN, attr_, 0, 0, NOREG)
#define LD(v, e) ROW(v, e, MV | OA_RM_R)
#define ST(v, e) ROW(v, e, MV | OA_RM_W)
#define LDI(v, e) ROW(v, e, MV | OA_RM_R | IB)
#define STI(v, e) ROW(v, e, MV | OA_RM_W | IB)
#define REGS(v, e) ROW(v, e, MV | OA_REG_ONLY)
#define TEST(v, e) ONLY(PPS(v, e), INSN_PLAIN, MV | OA_RM_R, 0, A, NOREG)
#define BMI(v, attr_, fw) ONLY(v, INSN_PLAIN, MG | (attr_), 0, fw, NOREG)
#define GATHER(v, e) ROW(v, e, MV | OA_RM_R | OA_VSIB | OA_MEM_ONLY)
#define SCATTER(v, e) ROW(v, e, MV | OA_RM_W | OA_VSIB | OA_MEM_ONLY)

/* Groups of 8, then rows by prefix (4), then by mod (2). */
enum {
    S_71 = 0,
    S_72 = 8,
    S_73 = 16,
    S_AE = 24,
    S_F3 = 32,
    S_C6 = 40,
    S_XOP_01 = 56,
    S_XOP_02 = 64,
    S_XOP_12 = 72,
    S_XOP_A12 = 80,
    S_78 = 88,
    S_7B = 92,
    S_7E = 96,
    S_F5 = 100,
    S_F7 = 108,
    S_49 = 116,
    S_5_78 = 120,
    S_5_7B = 124,
    S_2_10 = 128,
    S_4B = 132,
    S_49_MOD = 148,
    S_END = 154,
};

#define NONE \
    { \
        .attr = M \
    }
#define SHIFT_(v, e) OP_(MV | OA_RM_R | IB, 0, 0, NOREG, INSN_PLAIN, PPS(v, e), FIX_VEX71)
#define TBM(attr_) OP_(MG | (attr_), 0, A, NOREG, INSN_PLAIN, PP_NP, 0)
#define ANY 0xff

const struct op op_vsubs[S_END] = {
    [S_71 + 0 ... S_71 + 1] = NONE,
    [S_71 + 2] = SHIFT_(2, 2),
    [S_71 + 3] = NONE,
    [S_71 + 4] = SHIFT_(2, 2),
    [S_71 + 5] = NONE,
    [S_71 + 6] = SHIFT_(2, 2),
    [S_71 + 7] = NONE,
    [S_72 + 0 ... S_72 + 1] = SHIFT_(0, 2), /* vpror vprol */
    [S_72 + 2] = SHIFT_(2, 2),
    [S_72 + 3] = NONE,
    [S_72 + 4] = SHIFT_(2, 2),
    [S_72 + 5] = NONE,
    [S_72 + 6] = SHIFT_(2, 2),
    [S_72 + 7] = NONE,
    [S_73 + 0 ... S_73 + 1] = NONE,
    [S_73 + 2 ... S_73 + 3] = SHIFT_(2, 2),
    [S_73 + 4 ... S_73 + 5] = NONE,
    [S_73 + 6 ... S_73 + 7] = SHIFT_(2, 2),
    [S_AE + 0 ... S_AE + 1] = NONE,
    [S_AE + 2] = ROW(1, 0, MV | OA_RM_R | OA_MEM_ONLY), /* vldmxcsr */
    [S_AE + 3] = ROW(1, 0, MV | OA_RM_W | OA_MEM_ONLY), /* vstmxcsr */
    [S_AE + 4 ... S_AE + 7] = NONE,
    [S_F3 + 0] = NONE,
    [S_F3 + 1 ... S_F3 + 3] = BMI(1, OA_V_W | OA_RM_R | G, A), /* blsr blsmsk blsi */
    [S_F3 + 4 ... S_F3 + 7] = NONE,
    [S_C6 + 0] = NONE,
    [S_C6 + 1 ... S_C6 + 2] = ROW(0, 2, MV | OA_VSIB | OA_MEM_ONLY), /* vgatherpf */
    [S_C6 + 3 ... S_C6 + 4] = NONE,
    [S_C6 + 5 ... S_C6 + 6] = ROW(0, 2, MV | OA_VSIB | OA_MEM_ONLY), /* vscatterpf */
    [S_C6 + 7] = NONE,
    [S_XOP_01 + 0] = NONE,
    [S_XOP_01 + 1 ... S_XOP_01 + 7] = TBM(OA_V_W | OA_RM_R | G), /* blcfill .. tzmsk */
    [S_XOP_02 + 0] = NONE,
    [S_XOP_02 + 1] = TBM(OA_V_W | OA_RM_R | G), /* blcmsk */
    [S_XOP_02 + 2 ... S_XOP_02 + 5] = NONE,
    [S_XOP_02 + 6] = TBM(OA_V_W | OA_RM_R | G), /* blci */
    [S_XOP_02 + 7] = NONE,
    [S_XOP_12 + 0] = ROW(1, 0, MG | OA_RM_R | G | OA_REG_ONLY), /* llwpcb */
    [S_XOP_12 + 1] = ROW(1, 0, MG | OA_RM_W | G | OA_REG_ONLY), /* slwpcb */
    [S_XOP_12 + 2 ... S_XOP_12 + 7] = NONE,
    /* lwpins, lwpval */
    [S_XOP_A12 + 0] =
        ONLY(1, INSN_PLAIN, MG | OA_V_R | OA_RM_R | G | OA_ISTORE | ID, 0, X86_CF, NOREG),
    [S_XOP_A12 + 1] = ROW(1, 0, MG | OA_V_R | OA_RM_R | G | OA_ISTORE | ID),
    [S_XOP_A12 + 2 ... S_XOP_A12 + 7] = NONE,

    [S_78 + 0 ... S_78 + 1] = ROW(0, 15, MV | OA_RM_R),            /* vcvttps2udq and kin */
    [S_78 + 2 ... S_78 + 3] = ROW(0, 15, MV | OA_RM_R | OA_REG_W), /* vcvt(t)ss2usi */
    [S_7B + 0] = NONE,
    [S_7B + 1] = ROW(0, 15, MV | OA_RM_R),
    [S_7B + 2 ... S_7B + 3] = ROW(0, 15, MV | OA_RM_R | G), /* vcvtusi2ss */
    [S_7E + 0] = NONE,
    [S_7E + 1] = ROW(15, 15, MV | OA_RM_W | G), /* vmovd, vmovq to r/m */
    [S_7E + 2] = ROW(15, 15, MV | OA_RM_R),     /* vmovq xmm */
    [S_7E + 3] = NONE,
    [S_F5 + 0] = BMI(PP_ALL, OA_REG_W | OA_RM_R | G | OA_V_R, A), /* bzhi */
    [S_F5 + 1] = NONE,
    [S_F5 + 2 ... S_F5 + 3] = BMI(PP_ALL, OA_REG_W | OA_RM_R | G | OA_V_R, 0), /* pext pdep */
    [S_F7 + 0] = BMI(PP_ALL, OA_REG_W | OA_RM_R | G | OA_V_R, A),              /* bextr */
    [S_F7 + 1 ... S_F7 + 3] = BMI(PP_ALL, OA_REG_W | OA_RM_R | G | OA_V_R, 0), /* shlx sarx shrx */
    /* tile configuration and tiles (AMX) */
    [S_49 + 0] = VIA(VIA_MOD, S_49_MOD),
    [S_49 + 1] = ROW(15, 0, MV | OA_RM_W | OA_MEM_ONLY), /* sttilecfg */
    [S_49 + 2] = NONE,
    [S_49 + 3] = ROW(15, 0, MV | OA_REG_ONLY), /* tilezero */
    [S_49_MOD] = ROW(15, 0, MV | OA_RM_R),     /* ldtilecfg */
    [S_49_MOD + 1] = ROW(15, 0, MV),           /* tilerelease */
    [S_4B + 0] = NONE,
    [S_4B + 1] = ROW(15, 0, MV | OA_RM_R | OA_MEM_ONLY), /* tileloaddt1 */
    [S_4B + 2] = ROW(15, 0, MV | OA_RM_W | OA_MEM_ONLY), /* tilestored */
    [S_4B + 3] = ROW(15, 0, MV | OA_RM_R | OA_MEM_ONLY), /* tileloadd */
    /* FP16 conversions from and to general registers */
    [S_5_78 + 0 ... S_5_78 + 1] = ROW(0, 15, MV | OA_RM_R),
    [S_5_78 + 2] = ROW(0, 15, MV | OA_RM_R | OA_REG_W), /* vcvt(t)sh2usi */
    [S_5_78 + 3] = NONE,
    [S_5_7B + 0] = NONE,
    [S_5_7B + 1] = ROW(0, 15, MV | OA_RM_R),
    [S_5_7B + 2] = ROW(0, 15, MV | OA_RM_R | G), /* vcvtusi2sh */
    [S_5_7B + 3] = NONE,
    /* narrowing moves store under F3 */
    [S_2_10 + 0] = NONE,
    [S_2_10 + 1] = ROW(0, 15, MV | OA_RM_R),
    [S_2_10 + 2] = ROW(0, 15, MV | OA_RM_W),
    [S_2_10 + 3] = NONE,
};

const struct op op_vex[3][256] = {
    {
        /* map 1 (0F) */
        [0x10] = LD(15, 15),
        [0x11] = ST(15, 15),
        [0x12] = LD(15, 15),
        [0x13] = ROW(3, 3, MV | OA_RM_W | OA_MEM_ONLY),
        [0x14 ... 0x15] = LD(3, 3),
        [0x16] = LD(7, 7),
        [0x17] = ROW(3, 3, MV | OA_RM_W | OA_MEM_ONLY),
        [0x28] = LD(3, 3),
        [0x29] = ST(3, 3),
        [0x2a] = ROW(12, 12, MV | OA_RM_R | G),
        [0x2b] = ROW(3, 3, MV | OA_RM_W | OA_MEM_ONLY),
        [0x2c ... 0x2d] = ROW(12, 12, MV | OA_RM_R | OA_REG_W),
        [0x2e ... 0x2f] = TEST(3, 3),
        [0x41 ... 0x42] = REGS(3, 0), /* mask registers */
        [0x44 ... 0x47] = REGS(3, 0),
        [0x4a ... 0x4b] = REGS(3, 0),
        [0x50] = ROW(3, 0, MV | OA_REG_W | OA_REG_ONLY),
        [0x51] = LD(15, 15),
        [0x52 ... 0x53] = LD(5, 0),
        [0x54 ... 0x57] = LD(3, 3),
        [0x58 ... 0x5a] = LD(15, 15),
        [0x5b] = LD(7, 7),
        [0x5c ... 0x5f] = LD(15, 15),
        [0x60 ... 0x6d] = LD(2, 2),
        [0x6e] = ROW(2, 2, MV | OA_RM_R | G),
        [0x6f] = LD(6, 14),
        [0x70] = LDI(14, 14),
        [0x71] = VIA(VIA_REG, S_71),
        [0x72] = VIA(VIA_REG, S_72),
        [0x73] = VIA(VIA_REG, S_73),
        [0x74 ... 0x76] = LD(2, 2),
        [0x77] = ROW(1, 0, OA_VEC), /* vzeroupper, vzeroall */
        [0x78 ... 0x79] = VIA(VIA_PREFIX, S_78),
        [0x7a] = LD(0, 14),
        [0x7b] = VIA(VIA_PREFIX, S_7B),
        [0x7c ... 0x7d] = LD(10, 0),
        [0x7e] = VIA(VIA_PREFIX, S_7E),
        [0x7f] = ST(6, 14),
        [0x90] = LD(3, 0), /* kmov */
        [0x91] = ROW(3, 0, MV | OA_RM_W | OA_MEM_ONLY),
        [0x92] = ROW(11, 0, MV | OA_RM_R | G | OA_REG_ONLY),
        [0x93] = ROW(11, 0, MV | OA_REG_W | OA_REG_ONLY),
        [0x98 ... 0x99] = ONLY(3, INSN_PLAIN, MV | OA_REG_ONLY, 0, A, NOREG), /* kortest ktest */
        [0xae] = VIA(VIA_REG, S_AE),
        [0xc2] = LDI(15, 15),
        [0xc4] = ROW(2, 2, MV | OA_RM_R | G | IB),
        [0xc5] = ROW(2, 2, MV | OA_REG_W | OA_REG_ONLY | IB),
        [0xc6] = LDI(3, 3),
        [0xd0] = LD(10, 0),
        [0xd1 ... 0xd5] = LD(2, 2),
        [0xd6] = ST(2, 2),
        [0xd7] = ROW(2, 0, MV | OA_REG_W | OA_REG_ONLY),
        [0xd8 ... 0xe5] = LD(2, 2),
        [0xe6] = LD(14, 14),
        [0xe7] = ROW(2, 2, MV | OA_RM_W | OA_MEM_ONLY),
        [0xe8 ... 0xef] = LD(2, 2),
        [0xf0] = ROW(8, 0, MV | OA_RM_R | OA_MEM_ONLY),
        [0xf1 ... 0xf6] = LD(2, 2),
        [0xf7] = ONLY(2, INSN_PLAIN, MV | OA_REG_ONLY | OA_IMPL | OA_ISTORE, 0, 0, RDI_, 0),
        [0xf8 ... 0xfe] = LD(2, 2),
    },
    {
        /* map 2 (0F38) */
        [0x00] = LD(2, 2),
        [0x01 ... 0x03] = LD(2, 0),
        [0x04] = LD(2, 2),
        [0x05 ... 0x0a] = LD(2, 0),
        [0x0b ... 0x0d] = LD(2, 2),
        [0x0e ... 0x0f] = TEST(2, 0),
        [0x10 ... 0x12] = VIA(VIA_PREFIX, S_2_10),
        [0x13] = ROW(2, 6, MV | RM_RW),
        [0x14 ... 0x15] = VIA(VIA_PREFIX, S_2_10),
        [0x16] = LD(2, 2),
        [0x17] = TEST(2, 0),
        [0x18 ... 0x19] = LD(2, 2),
        [0x1a] = ROW(2, 2, MV | OA_RM_R | OA_MEM_ONLY),
        [0x1b] = ROW(0, 2, MV | OA_RM_R | OA_MEM_ONLY),
        [0x1c ... 0x1e] = LD(2, 2),
        [0x1f] = LD(0, 2),
        [0x20 ... 0x25] = ROW(2, 6, MV | RM_RW),
        [0x26 ... 0x27] = LD(0, 6),
        [0x28 ... 0x29] = LD(2, 6),
        [0x2a] = LD(2, 6),
        [0x2b] = LD(2, 2),
        [0x2c ... 0x2d] = LD(2, 2),
        [0x2e ... 0x2f] = ROW(2, 0, MV | OA_RM_W | OA_MEM_ONLY),
        [0x30 ... 0x35] = ROW(2, 6, MV | RM_RW),
        [0x36 ... 0x37] = LD(2, 2),
        [0x38 ... 0x3a] = LD(2, 6),
        [0x3b ... 0x40] = LD(2, 2),
        [0x41] = LD(2, 0),
        [0x42 ... 0x44] = LD(0, 2),
        [0x45 ... 0x47] = LD(2, 2),
        [0x49] = VIA(VIA_PREFIX, S_49),
        [0x4b] = VIA(VIA_PREFIX, S_4B),
        [0x4c ... 0x4f] = LD(0, 2),
        [0x50 ... 0x51] = LD(15, 15),
        [0x52] = LD(2, 14),
        [0x53] = LD(2, 10),
        [0x54 ... 0x55] = LD(0, 2),
        [0x58 ... 0x59] = LD(2, 2),
        [0x5a] = ROW(2, 2, MV | OA_RM_R | OA_MEM_ONLY),
        [0x5b] = ROW(0, 2, MV | OA_RM_R | OA_MEM_ONLY),
        [0x5c] = REGS(14, 0), /* tile products */
        [0x5e] = REGS(15, 0),
        [0x62] = LD(0, 2),
        [0x63] = ST(0, 2),
        [0x64 ... 0x66] = LD(0, 2),
        [0x68] = LD(0, 8),
        [0x6c] = REGS(3, 0),
        [0x70 ... 0x71] = LD(0, 2),
        [0x72] = LD(4, 14),
        [0x73] = LD(0, 2),
        [0x75 ... 0x77] = LD(0, 2),
        [0x78 ... 0x79] = LD(2, 2),
        /* broadcast from a general register */
        [0x7a ... 0x7c] = ROW(0, 2, MV | OA_RM_R | G | OA_REG_ONLY),
        [0x7d ... 0x7f] = LD(0, 2),
        [0x83] = LD(0, 2),
        [0x88 ... 0x89] = LD(0, 2),
        [0x8a ... 0x8b] = ST(0, 2),
        [0x8c] = ROW(2, 0, MV | OA_RM_R | OA_MEM_ONLY),
        [0x8d] = LD(0, 2),
        [0x8e] = ROW(2, 0, MV | OA_RM_W | OA_MEM_ONLY),
        [0x8f] = LD(0, 2),
        [0x90 ... 0x93] = GATHER(2, 2),
        [0x96 ... 0x99] = LD(2, 2),
        [0x9a ... 0x9b] = LD(2, 10),
        [0x9c ... 0x9f] = LD(2, 2),
        [0xa0 ... 0xa3] = SCATTER(0, 2),
        [0xa6 ... 0xa9] = LD(2, 2),
        [0xaa ... 0xab] = LD(2, 10),
        [0xac ... 0xaf] = LD(2, 2),
        [0xb0] = ROW(15, 0, MV | OA_RM_R | OA_MEM_ONLY),
        [0xb1] = ROW(6, 0, MV | OA_RM_R | OA_MEM_ONLY),
        [0xb4 ... 0xb5] = LD(2, 2),
        [0xb6 ... 0xbf] = LD(2, 2),
        [0xc4] = LD(0, 2),
        [0xc6 ... 0xc7] = VIA(VIA_REG, S_C6),
        [0xc8] = LD(0, 2),
        [0xca] = LD(0, 2),
        [0xcb] = LD(8, 2),
        [0xcc] = LD(8, 2),
        [0xcd] = LD(8, 2),
        [0xcf] = LD(2, 2),
        [0xd2 ... 0xd3] = LD(7, 7),
        [0xda] = LD(15, 12),
        [0xdb] = LD(2, 0),
        [0xdc ... 0xdf] = LD(2, 2),
        /* cmpccxadd: ModRM.reg is compared and loaded, vvvv is added */
        [0xe0 ... 0xef] =
            ONLY(2, INSN_PLAIN, MG | REG_RW | OA_V_R | RM_RW | OA_MEM_ONLY, 0, A, NOREG),
        [0xf2] = BMI(1, OA_REG_W | OA_V_R | OA_RM_R | G, A), /* andn */
        [0xf3] = VIA(VIA_REG, S_F3),
        [0xf5] = VIA(VIA_PREFIX, S_F5),
        /* mulx */
        [0xf6] = ONLY(8, INSN_PLAIN, MG | OA_REG_W | OA_V_W | OA_RM_R | G, 0, 0, RDX_, 0),
        [0xf7] = VIA(VIA_PREFIX, S_F7),
    },
    {
        /* map 3 (0F3A): all have an immediate byte */
        [0x00 ... 0x01] = LDI(2, 2),
        [0x02] = LDI(2, 0),
        [0x03] = LDI(0, 2),
        [0x04 ... 0x05] = LDI(2, 2),
        [0x06] = LDI(2, 0),
        [0x08] = LDI(2, 3),
        [0x09] = LDI(2, 2),
        [0x0a] = LDI(2, 3),
        [0x0b] = LDI(2, 2),
        [0x0c ... 0x0e] = LDI(2, 0),
        [0x0f] = LDI(2, 2),
        [0x14 ... 0x17] = ROW(2, 2, MV | OA_RM_W | G | IB), /* vpextr, vextractps */
        [0x18] = LDI(2, 2),
        [0x19] = STI(2, 2),
        [0x1a] = LDI(0, 2),
        [0x1b] = STI(0, 2),
        [0x1d] = STI(2, 2),
        [0x1e ... 0x1f] = LDI(0, 2),
        [0x20] = ROW(2, 2, MV | OA_RM_R | G | IB),
        [0x21] = LDI(2, 2),
        [0x22] = ROW(2, 2, MV | OA_RM_R | G | IB),
        [0x23] = LDI(0, 2),
        [0x25] = LDI(0, 2),
        [0x26 ... 0x27] = LDI(0, 3),
        [0x30 ... 0x33] = ROW(2, 0, MV | OA_REG_ONLY | IB), /* kshift */
        [0x38] = LDI(2, 2),
        [0x39] = STI(2, 2),
        [0x3a] = LDI(0, 2),
        [0x3b] = STI(0, 2),
        [0x3e ... 0x3f] = LDI(0, 2),
        [0x40 ... 0x41] = LDI(2, 0),
        [0x42] = LDI(2, 6),
        [0x43] = LDI(0, 2),
        [0x44] = LDI(2, 2),
        [0x46] = LDI(2, 0),
        [0x48 ... 0x49] = LDI(2, 0), /* vpermil2 (XOP) */
        [0x4a ... 0x4c] = LDI(2, 0),
        [0x50 ... 0x51] = LDI(0, 2),
        [0x54 ... 0x55] = LDI(0, 2),
        [0x56 ... 0x57] = LDI(0, 3),
        [0x5c ... 0x5f] = LDI(2, 0), /* FMA4 */
        [0x60] = ONLY(2, INSN_PLAIN, MV | OA_RM_R | IB, 0, A, RAX_ | RDX_, 0),
        [0x61] = ONLY(2, INSN_PLAIN, MV | OA_RM_R | IB, 0, A, RAX_ | RDX_, RCX_),
        [0x62] = ONLY(2, INSN_PLAIN, MV | OA_RM_R | IB, 0, A, NOREG),
        [0x63] = ONLY(2, INSN_PLAIN, MV | OA_RM_R | IB, 0, A, 0, RCX_),
        [0x66 ... 0x67] = LDI(0, 3),
        [0x68 ... 0x6f] = LDI(2, 0),
        [0x70 ... 0x73] = LDI(0, 2),
        [0x78 ... 0x7f] = LDI(2, 0),
        [0xc2] = LDI(0, 5),
        [0xce ... 0xcf] = LDI(2, 2),
        [0xde] = LDI(2, 0),
        [0xdf] = LDI(2, 0),
        [0xf0] = BMI(8, OA_REG_W | OA_RM_R | G | IB, 0), /* rorx */
    },
};

/* FP16, scalar and packed arithmetic. */
const struct op op_evex5[256] = {
    [0x10] = LD(0, 4),
    [0x11] = ST(0, 4),
    [0x1d] = LD(0, 3),
    [0x2a] = ROW(0, 4, MV | OA_RM_R | G),
    [0x2c ... 0x2d] = ROW(0, 4, MV | OA_RM_R | OA_REG_W),
    [0x2e ... 0x2f] = TEST(0, 1),
    [0x51] = LD(0, 5),
    [0x58 ... 0x59] = LD(0, 5),
    [0x5a] = LD(0, 15),
    [0x5b] = LD(0, 7),
    [0x5c ... 0x5f] = LD(0, 5),
    [0x6e] = ROW(0, 2, MV | OA_RM_R | G),
    [0x78 ... 0x79] = VIA(VIA_PREFIX, S_5_78),
    [0x7a] = LD(0, 10),
    [0x7b] = VIA(VIA_PREFIX, S_5_7B),
    [0x7c] = LD(0, 3),
    [0x7d] = LD(0, 15),
    [0x7e] = ROW(0, 2, MV | OA_RM_W | G),
};

/* FP16, the rest. */
const struct op op_evex6[256] = {
    [0x13] = LD(0, 3),          [0x2c ... 0x2d] = LD(0, 2),  [0x42 ... 0x43] = LD(0, 2),
    [0x4c ... 0x4f] = LD(0, 2), [0x56 ... 0x57] = LD(0, 12), [0x96 ... 0x9f] = LD(0, 2),
    [0xa6 ... 0xaf] = LD(0, 2), [0xb6 ... 0xbf] = LD(0, 2),  [0xd6 ... 0xd7] = LD(0, 12),
};

const struct op op_xop[3][256] = {
    {
        /* map 8: all have an immediate byte */
        [0x85 ... 0x87] = LDI(1, 0),
        [0x8e ... 0x8f] = LDI(1, 0),
        [0x95 ... 0x97] = LDI(1, 0),
        [0x9e ... 0x9f] = LDI(1, 0),
        [0xa2 ... 0xa3] = LDI(1, 0),
        [0xa6] = LDI(1, 0),
        [0xb6] = LDI(1, 0),
        [0xc0 ... 0xc3] = LDI(1, 0),
        [0xcc ... 0xcf] = LDI(1, 0),
        [0xec ... 0xef] = LDI(1, 0),
    },
    {
        /* map 9 */
        [0x01] = VIA(VIA_REG, S_XOP_01),
        [0x02] = VIA(VIA_REG, S_XOP_02),
        [0x12] = VIA(VIA_REG, S_XOP_12),
        [0x80 ... 0x83] = LD(1, 0),
        [0x90 ... 0x9b] = LD(1, 0),
        [0xc1 ... 0xc3] = LD(1, 0),
        [0xc6 ... 0xc7] = LD(1, 0),
        [0xcb] = LD(1, 0),
        [0xd1 ... 0xd3] = LD(1, 0),
        [0xd6 ... 0xd7] = LD(1, 0),
        [0xdb] = LD(1, 0),
        [0xe1 ... 0xe3] = LD(1, 0),
    },
    {
        /* map 10: all have an immediate of four bytes */
        [0x10] = BMI(1, OA_REG_W | OA_RM_R | G | ID, A), /* bextr */
        [0x12] = VIA(VIA_REG, S_XOP_A12),
    },
};
