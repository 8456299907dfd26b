/*
 * tables_0f.c - the two-byte map 0F and the three-byte maps 0F38 and 0F3A without VEX.
 * Source: Intel SDM volume 2, appendix A, tables; AMD APM volume 3,
 * appendix A (3DNow!, SSE4a).
 */
#include "subs_legacy.h"

#define A X86_ARITH
#define F64 OA_SIZE(SIZE_F64)
#define Y OA_SIZE(SIZE_Y)
#define PRIV(attr_) CLASS(INSN_PRIV, attr_, 0, 0, NOREG)
#define HINT PLAIN(M)

#define JCC_(fr) CLASS(INSN_JCC, F64 | ID, fr, 0, NOREG)
#define CMOV_(fr) FLAGS(M | REG_RW | OA_RM_R | G, fr, 0)
#define SET_(fr) FLAGS(M | OA_RM_W | G | BYTES, fr, 0)
/* Sixteen conditions from `base` on, with the flags each of them reads. */
#define CONDITIONS(base, row) \
    [(base) + 0 ...(base) + 1] = row(X86_OF), [(base) + 2 ...(base) + 3] = row(X86_CF), \
                            [(base) + 4 ...(base) + 5] = row(X86_ZF), \
                            [(base) + 6 ...(base) + 7] = row(X86_CF | X86_ZF), \
                            [(base) + 8 ...(base) + 9] = row(X86_SF), \
                            [(base) + 10 ...(base) + 11] = row(X86_PF), \
                            [(base) + 12 ...(base) + 13] = row(X86_SF | X86_OF), \
                            [(base) + 14 ...(base) + 15] = row(X86_ZF | X86_SF | X86_OF)

#define P1 PP_NP
#define P3 (PP_NP | PP_66)
#define P5 (PP_NP | PP_F3)
#define P7 (PP_NP | PP_66 | PP_F3)
#define P2 PP_66
#define P6 (PP_66 | PP_F3)
#define PA (PP_66 | PP_F2)
#define PE (PP_66 | PP_F3 | PP_F2)
#define LD(pp) SSE(pp, OA_RM_R)
#define ST(pp) SSE(pp, OA_RM_W)
#define PUSH_SEG IMPLICIT(OA_SIZE(SIZE_D64) | OA_STACK | OA_ISTORE, 0, 0, RSP_, RSP_)
#define POP_SEG IMPLICIT(OA_SIZE(SIZE_D64) | OA_STACK | OA_ILOAD, 0, 0, RSP_, RSP_)
#define BT_(rm, lock) FLAGS(M | OA_REG_R | (rm) | G | (lock), 0, X86_CF)
#define FAR_PTR PLAIN(M | OA_REG_W | OA_RM_R | OA_MEM_ONLY)

const struct op op_map0f[256] = {
    [0x00] = VIA(VIA_REG, G6),
    [0x01] = VIA(VIA_MOD, M_G7),
    [0x02] = FLAGS(M | REG_RW | OA_RM_R | G, 0, X86_ZF),                     /* lar */
    [0x03] = CLASS(INSN_SYSTAB, M | REG_RW | OA_RM_R | G, 0, X86_ZF, NOREG), /* lsl */
    [0x05] = CLASS(INSN_SYSCALL, 0, A | X86_DF, 0, 0, RCX_),
    [0x06 ... 0x09] = PRIV(0), /* clts sysret invd wbinvd */
    [0x0b] = CLASS(INSN_UD, 0, 0, 0, NOREG),
    [0x0d] = VIA(VIA_REG, G_0D),
    [0x0e] = PLAIN(OA_VEC), /* femms */
    [0x0f] = OP_(M | OA_VEC | OA_RM_R | IB, 0, 0, NOREG, INSN_PLAIN, PP_ALL, FIX_3DNOW),
    [0x10] = LD(PP_ALL),
    [0x11] = ST(PP_ALL),
    [0x12] = LD(PP_ALL),
    [0x13] = SSE(P3, OA_RM_W | OA_MEM_ONLY),
    [0x14 ... 0x15] = LD(P3),
    [0x16] = LD(P7),
    [0x17] = SSE(P3, OA_RM_W | OA_MEM_ONLY),
    [0x18 ... 0x1d] = HINT, /* prefetch, reserved nops */
    [0x1e] = VIA(VIA_PREFIX, P_1E),
    [0x1f] = HINT,
    [0x20 ... 0x21] = VIA(VIA_PREFIX, P_20),
    [0x22 ... 0x23] = VIA(VIA_PREFIX, P_22),
    [0x28] = LD(P3),
    [0x29] = ST(P3),
    [0x2a] = VIA(VIA_PREFIX, P_2A),
    [0x2b] = SSE(PP_ALL, OA_RM_W | OA_MEM_ONLY), /* movntps movntpd movntss movntsd */
    [0x2c ... 0x2d] = VIA(VIA_PREFIX, P_2C),
    [0x2e ... 0x2f] = ONLY(P3, INSN_PLAIN, M | OA_VEC | OA_RM_R, 0, A, NOREG),
    [0x30] = PRIV(0),
    [0x31] = CLASS(INSN_RDTSC, 0, 0, 0, 0, RAX_ | RDX_),
    [0x32] = CLASS(INSN_PRIV, 0, 0, 0, RCX_, RAX_ | RDX_),
    [0x33] = CLASS(INSN_RDPMC, 0, 0, 0, RCX_, RAX_ | RDX_),
    [0x34] = CLASS(INSN_SYSENTER, 0, 0, 0, NOREG),
    [0x35] = PRIV(0), /* sysexit */
    [0x37] = PRIV(0), /* getsec */
    [0x38] = VIA(VIA_0F38, 0),
    [0x3a] = VIA(VIA_0F3A, 0),
    CONDITIONS(0x40, CMOV_),
    [0x50] = SSE(P3, OA_REG_W | OA_REG_ONLY), /* movmskps */
    [0x51] = LD(PP_ALL),
    [0x52 ... 0x53] = LD(P5),
    [0x54 ... 0x57] = LD(P3),
    [0x58 ... 0x5a] = LD(PP_ALL),
    [0x5b] = LD(P7),
    [0x5c ... 0x5f] = LD(PP_ALL),
    [0x60 ... 0x6b] = LD(P3),
    [0x6c ... 0x6d] = LD(P2),
    [0x6e] = SSE(P3, OA_RM_R | G),
    [0x6f] = LD(P7),
    [0x70] = SSE(PP_ALL, OA_RM_R | IB),
    [0x71] = VIA(VIA_REG, G12),
    [0x72] = VIA(VIA_REG, G13),
    [0x73] = VIA(VIA_REG, G14),
    [0x74 ... 0x76] = LD(P3),
    [0x77] = ONLY(P1, INSN_PLAIN, OA_VEC, 0, 0, NOREG), /* emms */
    [0x78] = VIA(VIA_PREFIX, P_78),
    [0x79] = VIA(VIA_PREFIX, P_79),
    [0x7c ... 0x7d] = LD(PA),
    [0x7e] = VIA(VIA_PREFIX, P_7E),
    [0x7f] = ST(P7),
    CONDITIONS(0x80, JCC_),
    CONDITIONS(0x90, SET_),
    [0xa0] = PUSH_SEG,
    [0xa1] = POP_SEG,
    [0xa2] = CLASS(INSN_CPUID, 0, 0, 0, RAX_ | RCX_, RAX_ | RBX_ | RCX_ | RDX_),
    [0xa3] = BT_(OA_RM_R, 0),
    [0xa4] = OP_(M | OA_REG_R | RM_RW | G | IB, 0, A, NOREG, INSN_PLAIN, PP_ALL, FIX_SHIFT),
    [0xa5] = IMPLICIT(M | OA_REG_R | RM_RW | G, 0, 0, RCX_, 0),
    [0xa8] = PUSH_SEG,
    [0xa9] = POP_SEG,
    [0xaa] = PRIV(0), /* rsm */
    [0xab] = BT_(RM_RW, OA_LOCK),
    [0xac] = OP_(M | OA_REG_R | RM_RW | G | IB, 0, A, NOREG, INSN_PLAIN, PP_ALL, FIX_SHIFT),
    [0xad] = IMPLICIT(M | OA_REG_R | RM_RW | G, 0, 0, RCX_, 0),
    [0xae] = VIA(VIA_MOD, M_G15),
    [0xaf] = FLAGS(M | REG_RW | OA_RM_R | G, 0, PRODUCT),
    [0xb0] = IMPLICIT(M | OA_REG_R | RM_RW | G | BYTES | OA_LOCK, 0, A, RAX_, RAX_),
    [0xb1] = IMPLICIT(M | OA_REG_R | RM_RW | G | OA_LOCK, 0, A, RAX_, RAX_),
    [0xb2] = FAR_PTR,
    [0xb3] = BT_(RM_RW, OA_LOCK),
    [0xb4 ... 0xb5] = FAR_PTR,
    [0xb6] = PLAIN(M | OA_REG_W | OA_RM_R | G | OA_B_RM),
    [0xb7] = PLAIN(M | OA_REG_W | OA_RM_R | G),
    [0xb8] = VIA(VIA_PREFIX, P_B8),
    [0xb9] = CLASS(INSN_UD, M, 0, 0, NOREG),
    [0xba] = VIA(VIA_REG, G8),
    [0xbb] = BT_(RM_RW, OA_LOCK),
    /* bsf, bsr leave the destination alone when the source is 0; tzcnt and lzcnt are
     * bsf and bsr on an older processor */
    [0xbc ... 0xbd] = FLAGS(M | REG_RW | OA_RM_R | G, 0, X86_ZF),
    [0xbe] = PLAIN(M | OA_REG_W | OA_RM_R | G | OA_B_RM),
    [0xbf] = PLAIN(M | OA_REG_W | OA_RM_R | G),
    [0xc0] = FLAGS(M | REG_RW | RM_RW | G | BYTES | OA_LOCK, 0, A), /* xadd */
    [0xc1] = FLAGS(M | REG_RW | RM_RW | G | OA_LOCK, 0, A),
    [0xc2] = SSE(PP_ALL, OA_RM_R | IB),
    [0xc3] = ONLY(P1, INSN_PLAIN, M | Y | OA_REG_R | OA_RM_W | OA_MEM_ONLY, 0, 0, NOREG),
    [0xc4] = SSE(P3, OA_RM_R | G | IB),            /* pinsrw */
    [0xc5] = SSE(P3, OA_REG_W | OA_REG_ONLY | IB), /* pextrw */
    [0xc6] = SSE(P3, OA_RM_R | IB),
    [0xc7] = VIA(VIA_MOD, M_G9),
    [0xc8 ... 0xcf] = PLAIN(OA_OP_R | OA_OP_W), /* bswap */
    [0xd0] = LD(PA),
    [0xd1 ... 0xd5] = LD(P3),
    [0xd6] = VIA(VIA_PREFIX, P_D6),
    [0xd7] = SSE(P3, OA_REG_W | OA_REG_ONLY), /* pmovmskb */
    [0xd8 ... 0xe5] = LD(P3),
    [0xe6] = LD(PE),
    [0xe7] = SSE(P3, OA_RM_W | OA_MEM_ONLY),
    [0xe8 ... 0xef] = LD(P3),
    [0xf0] = SSE(PP_F2, OA_RM_R | OA_MEM_ONLY),
    [0xf1 ... 0xf6] = LD(P3),
    [0xf7] = VIA(VIA_PREFIX, P_F7),
    [0xf8 ... 0xfe] = LD(P3),
    [0xff] = CLASS(INSN_UD, M, 0, 0, NOREG),
};

const struct op op_map0f38[256] = {
    [0x00 ... 0x0b] = LD(P3),
    [0x10] = LD(P2),
    [0x14 ... 0x15] = LD(P2),
    [0x17] = ONLY(P2, INSN_PLAIN, M | OA_VEC | OA_RM_R, 0, A, NOREG), /* ptest */
    [0x1c ... 0x1e] = LD(P3),
    [0x20 ... 0x25] = LD(P2),
    [0x28 ... 0x29] = LD(P2),
    [0x2a] = SSE(P2, OA_RM_R | OA_MEM_ONLY),
    [0x2b] = LD(P2),
    [0x30 ... 0x35] = LD(P2),
    [0x37 ... 0x41] = LD(P2),
    [0x80 ... 0x82] = ONLY(P2, INSN_PRIV, M | F64 | OA_REG_R | OA_RM_R | OA_MEM_ONLY, 0, 0, NOREG),
    [0xc8 ... 0xcd] = LD(P1),
    [0xcf] = LD(P2),
    [0xd8] = ONLY(PP_F3, INSN_PLAIN, M | OA_VEC | OA_RM_R | OA_MEM_ONLY, 0, A, NOREG),
    [0xdb] = LD(P2),
    [0xdc ... 0xdf] = VIA(VIA_PREFIX, P_38DC),
    [0xf0] = VIA(VIA_PREFIX, P_38F0),
    [0xf1] = VIA(VIA_PREFIX, P_38F1),
    [0xf5] = VIA(VIA_PREFIX, P_38F5),
    [0xf6] = VIA(VIA_PREFIX, P_38F6),
    [0xf8] = VIA(VIA_PREFIX, P_38F8),
    [0xf9] = ONLY(P1, INSN_PLAIN, M | Y | OA_REG_R | OA_RM_W | OA_MEM_ONLY, 0, 0, NOREG),
    /* encodekey128, encodekey256 */
    [0xfa ... 0xfb] =
        ONLY(PP_F3, INSN_PLAIN, M | OA_VEC | OA_REG_W | OA_RM_R | G | OA_REG_ONLY, 0, A, NOREG),
    [0xfc] = PLAIN(M | Y | OA_REG_R | RM_RW | OA_MEM_ONLY), /* aadd aand aor axor */
};

const struct op op_map0f3a[256] = {
    [0x08 ... 0x0e] = SSE(P2, OA_RM_R | IB),
    [0x0f] = SSE(P3, OA_RM_R | IB),
    [0x14 ... 0x17] = SSE(P2, OA_RM_W | G | IB), /* pextrb pextrw pextrd extractps */
    [0x20] = SSE(P2, OA_RM_R | G | IB),          /* pinsrb */
    [0x21] = SSE(P2, OA_RM_R | IB),
    [0x22] = SSE(P2, OA_RM_R | G | IB), /* pinsrd */
    [0x40 ... 0x42] = SSE(P2, OA_RM_R | IB),
    [0x44] = SSE(P2, OA_RM_R | IB),
    /* pcmpestrm, pcmpestri: explicit lengths in rax and rdx; -i: result in rcx */
    [0x60] = ONLY(P2, INSN_PLAIN, M | OA_VEC | Y | OA_RM_R | IB, 0, A, RAX_ | RDX_, 0),
    [0x61] = ONLY(P2, INSN_PLAIN, M | OA_VEC | Y | OA_RM_R | IB, 0, A, RAX_ | RDX_, RCX_),
    [0x62] = ONLY(P2, INSN_PLAIN, M | OA_VEC | Y | OA_RM_R | IB, 0, A, NOREG),
    [0x63] = ONLY(P2, INSN_PLAIN, M | OA_VEC | Y | OA_RM_R | IB, 0, A, 0, RCX_),
    [0xcc] = SSE(P1, OA_RM_R | IB),
    [0xce ... 0xcf] = SSE(P2, OA_RM_R | IB),
    [0xdf] = SSE(P2, OA_RM_R | IB),
    [0xf0] = ONLY(PP_F3, INSN_PRIV, M | OA_REG_ONLY | IB, 0, 0, RAX_, 0), /* hreset */
};

#define BIT(n) (1u << ((n)&31))
const uint32_t op_3dnow[8] = {
    [0] = BIT(0x0c) | BIT(0x0d) | BIT(0x1c) | BIT(0x1d),
    [4] = BIT(0x8a) | BIT(0x8e) | BIT(0x90) | BIT(0x94) | BIT(0x96) | BIT(0x97) | BIT(0x9a) |
          BIT(0x9e),
    [5] = BIT(0xa0) | BIT(0xa4) | BIT(0xa6) | BIT(0xa7) | BIT(0xaa) | BIT(0xae) | BIT(0xb0) |
          BIT(0xb4) | BIT(0xb6) | BIT(0xb7) | BIT(0xbb) | BIT(0xbf),
};
