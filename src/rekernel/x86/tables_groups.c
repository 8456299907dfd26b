/*
 * tables_groups.c - the rows of the legacy maps that ModRM or a prefix selects.
 * Source: Intel SDM volume 2, appendix A, tables A-6 (groups) and A-7 to A-22 (x87).
 */
#include "subs_legacy.h"

#define A X86_ARITH
#define NOT_CF (X86_ARITH & ~X86_CF)
#define D64 OA_SIZE(SIZE_D64)
#define F64 OA_SIZE(SIZE_F64)
#define Y OA_SIZE(SIZE_Y)
#define MV (M | OA_VEC)
#define NONE \
    { \
        .attr = M \
    }

/* Group 1: operand attributes e, immediate i. */
#define GROUP1(g, e, i) \
    [(g) + 0] = FLAGS(M | RM_RW | (e) | (i) | OA_LOCK, 0, A), \
           [(g) + 1] = FLAGS(M | RM_RW | (e) | (i) | OA_LOCK, 0, A), \
           [(g) + 2 ...(g) + 3] = FLAGS(M | RM_RW | (e) | (i) | OA_LOCK, X86_CF, A), \
           [(g) + 4 ...(g) + 6] = FLAGS(M | RM_RW | (e) | (i) | OA_LOCK, 0, A), \
           [(g) + 7] = FLAGS(M | OA_RM_R | (e) | (i), 0, A)

/* Group 2: rol ror rcl rcr, shl shr shl sar. ro, sh: flags written. */
#define GROUP2(g, e, ro, sh, count, fix_) \
    [(g) + 0 ...(g) + 1] = OP_(M | RM_RW | (e), 0, ro, count, 0, INSN_PLAIN, PP_ALL, fix_), \
                      [(g) + 2 ...(g) + 3] = \
                          OP_(M | RM_RW | (e), X86_CF, ro, count, 0, INSN_PLAIN, PP_ALL, fix_), \
                      [(g) + 4 ...(g) + 7] = \
                          OP_(M | RM_RW | (e), 0, sh, count, 0, INSN_PLAIN, PP_ALL, fix_)
#define ROT (X86_CF | X86_OF)

/* Group 3: test test not neg, mul imul div idiv. acc: what the long forms write. */
#define GROUP3(g, e, i, acc, acc2) \
    [(g) + 0 ...(g) + 1] = FLAGS(M | OA_RM_R | (e) | (i), 0, A), \
                      [(g) + 2] = PLAIN(M | RM_RW | (e) | OA_LOCK), \
                      [(g) + 3] = FLAGS(M | RM_RW | (e) | OA_LOCK, 0, A), \
                      [(g) + 4 ...(g) + 5] = IMPLICIT(M | OA_RM_R | (e), 0, PRODUCT, RAX_, acc), \
                      [(g) + 6 ...(g) + 7] = IMPLICIT(M | OA_RM_R | (e), 0, 0, acc2, acc)

#define PRIV(attr_) CLASS(INSN_PRIV, attr_, 0, 0, NOREG)
#define PRIV_AT(pp, attr_) ONLY(pp, INSN_PRIV, attr_, 0, 0, NOREG)
#define SYSTAB(attr_) CLASS(INSN_SYSTAB, attr_, 0, 0, NOREG)
#define XS (RAX_ | RDX_)
#define PP_NP66 (PP_NP | PP_66)

const struct op op_subs[SUBS_END] = {
    GROUP1(G1_80, G | BYTES, IB),
    GROUP1(G1_81, G, IZ),
    GROUP1(G1_83, G, IB),
    [G_8C + 0 ... G_8C + 5] = PLAIN(M | OA_RM_W | G), /* mov from segment register */
    [G_8C + 6 ... G_8C + 7] = NONE,
    [G_8E + 0] = PLAIN(M | OA_RM_R | G),
    [G_8E + 1] = NONE,
    [G_8E + 2 ... G_8E + 5] = PLAIN(M | OA_RM_R | G),
    [G_8E + 6 ... G_8E + 7] = NONE,
    [G1A + 0] = IMPLICIT(M | D64 | OA_STACK | OA_ILOAD | OA_RM_W | G, 0, 0, RSP_, RSP_),
    [G1A + 1 ... G1A + 7] = NONE,
    GROUP2(G2_C0, G | BYTES | IB, ROT, A, 0, FIX_SHIFT),
    GROUP2(G2_C1, G | IB, ROT, A, 0, FIX_SHIFT),
    GROUP2(G2_D0, G | BYTES, ROT, A, 0, 0),
    GROUP2(G2_D1, G, ROT, A, 0, 0),
    /* a count of zero in cl would leave the flags alone */
    GROUP2(G2_D2, G | BYTES, 0, 0, RCX_, 0),
    GROUP2(G2_D3, G, 0, 0, RCX_, 0),
    [G11_C6 + 0] = PLAIN(M | OA_RM_W | G | BYTES | IB),
    [G11_C6 + 1 ... G11_C6 + 6] = NONE,
    [G11_C6 + 7] = VIA(VIA_MOD, M_C6_7),
    [G11_C7 + 0] = PLAIN(M | OA_RM_W | G | IZ),
    [G11_C7 + 1 ... G11_C7 + 6] = NONE,
    [G11_C7 + 7] = VIA(VIA_MOD, M_C7_7),
    GROUP3(G3_F6, G | BYTES, IB, RAX_, RAX_),
    GROUP3(G3_F7, G, IZ, RAX_ | RDX_, RAX_ | RDX_),
    [G4 + 0 ... G4 + 1] = FLAGS(M | RM_RW | G | BYTES | OA_LOCK, 0, NOT_CF),
    [G4 + 2 ... G4 + 7] = NONE,
    [G5 + 0 ... G5 + 1] = FLAGS(M | RM_RW | G | OA_LOCK, 0, NOT_CF),
    [G5 + 2] = CLASS(INSN_CALL_IND, M | F64 | OA_RM_R | G | OA_STACK | OA_ISTORE, 0, 0, RSP_, RSP_),
    [G5 + 3] = CLASS(INSN_FAR, M | OA_RM_R | OA_MEM_ONLY | OA_STACK | OA_ISTORE, 0, 0, RSP_, RSP_),
    [G5 + 4] = CLASS(INSN_JMP_IND, M | F64 | OA_RM_R | G, 0, 0, NOREG),
    [G5 + 5] = CLASS(INSN_FAR, M | OA_RM_R | OA_MEM_ONLY, 0, 0, NOREG),
    [G5 + 6] = IMPLICIT(M | D64 | OA_RM_R | G | OA_STACK | OA_ISTORE, 0, 0, RSP_, RSP_),
    [G5 + 7] = NONE,
    [M_C6_7] = NONE,
    [M_C6_7 + 1] = VIA(VIA_RM, G11_C6_7),
    [M_C7_7] = NONE,
    [M_C7_7 + 1] = VIA(VIA_RM, G11_C7_7),
    [G11_C6_7 + 0] = CLASS(INSN_XBEGIN, M | IB, 0, 0, 0, RAX_), /* xabort */
    [G11_C6_7 + 1 ... G11_C6_7 + 7] = NONE,
    [G11_C7_7 + 1 ... G11_C7_7 + 7] = NONE,
    [G11_C7_7 + 0] = CLASS(INSN_XBEGIN, M | IZ, 0, 0, 0, RAX_), /* xbegin */

    /* x87, memory forms */
    [X_D9] = VIA(VIA_REG, X_D9_MEM),
    [X_D9_MEM + 0] = PLAIN(MV | OA_RM_R),
    [X_D9_MEM + 1] = NONE,
    [X_D9_MEM + 2 ... X_D9_MEM + 3] = PLAIN(MV | OA_RM_W),
    [X_D9_MEM + 4 ... X_D9_MEM + 5] = PLAIN(MV | OA_RM_R),
    [X_D9_MEM + 6 ... X_D9_MEM + 7] = PLAIN(MV | OA_RM_W),
    [X_DA] = PLAIN(MV | OA_RM_R),
    [X_DB] = VIA(VIA_REG, X_DB_MEM),
    [X_DB_MEM + 0] = PLAIN(MV | OA_RM_R),
    [X_DB_MEM + 1 ... X_DB_MEM + 3] = PLAIN(MV | OA_RM_W),
    [X_DB_MEM + 4] = NONE,
    [X_DB_MEM + 5] = PLAIN(MV | OA_RM_R),
    [X_DB_MEM + 6] = NONE,
    [X_DB_MEM + 7] = PLAIN(MV | OA_RM_W),
    [X_DD] = VIA(VIA_REG, X_DD_MEM),
    [X_DD_MEM + 0] = PLAIN(MV | OA_RM_R),
    [X_DD_MEM + 1 ... X_DD_MEM + 3] = PLAIN(MV | OA_RM_W),
    [X_DD_MEM + 4] = PLAIN(MV | OA_RM_R),
    [X_DD_MEM + 5] = NONE,
    [X_DD_MEM + 6 ... X_DD_MEM + 7] = PLAIN(MV | OA_RM_W),
    [X_DE] = PLAIN(MV | OA_RM_R),
    [X_DF] = VIA(VIA_REG, X_DF_MEM),
    [X_DF_MEM + 0] = PLAIN(MV | OA_RM_R),
    [X_DF_MEM + 1 ... X_DF_MEM + 3] = PLAIN(MV | OA_RM_W),
    [X_DF_MEM + 4 ... X_DF_MEM + 5] = PLAIN(MV | OA_RM_R),
    [X_DF_MEM + 6 ... X_DF_MEM + 7] = PLAIN(MV | OA_RM_W),
    /* x87, register forms, undocumented aliases included */
    [X_D9 + 1] = VIA(VIA_REG, X_D9_REG),
    [X_D9_REG + 0 ... X_D9_REG + 1] = PLAIN(MV),
    [X_D9_REG + 2] = VIA(VIA_RM, X_D9_2),
    [X_D9_REG + 3] = PLAIN(MV),
    [X_D9_REG + 4] = VIA(VIA_RM, X_D9_4),
    [X_D9_REG + 5] = VIA(VIA_RM, X_D9_5),
    [X_D9_REG + 6 ... X_D9_REG + 7] = PLAIN(MV),
    [X_D9_2 + 0] = PLAIN(MV), /* fnop */
    [X_D9_2 + 1 ... X_D9_2 + 7] = NONE,
    [X_D9_4 + 0 ... X_D9_4 + 1] = PLAIN(MV),
    [X_D9_4 + 2 ... X_D9_4 + 3] = NONE,
    [X_D9_4 + 4 ... X_D9_4 + 5] = PLAIN(MV),
    [X_D9_4 + 6 ... X_D9_4 + 7] = NONE,
    [X_D9_5 + 0 ... X_D9_5 + 6] = PLAIN(MV),
    [X_D9_5 + 7] = NONE,
    [X_DA + 1] = VIA(VIA_REG, X_DA_REG),
    [X_DA_REG + 0] = FLAGS(MV, X86_CF, 0), /* fcmov */
    [X_DA_REG + 1] = FLAGS(MV, X86_ZF, 0),
    [X_DA_REG + 2] = FLAGS(MV, X86_CF | X86_ZF, 0),
    [X_DA_REG + 3] = FLAGS(MV, X86_PF, 0),
    [X_DA_REG + 4] = NONE,
    [X_DA_REG + 5] = VIA(VIA_RM, X_DA_5),
    [X_DA_REG + 6 ... X_DA_REG + 7] = NONE,
    [X_DA_5 + 0] = NONE,
    [X_DA_5 + 1] = PLAIN(MV), /* fucompp */
    [X_DA_5 + 2 ... X_DA_5 + 7] = NONE,
    [X_DB + 1] = VIA(VIA_REG, X_DB_REG),
    [X_DB_REG + 0] = FLAGS(MV, X86_CF, 0),
    [X_DB_REG + 1] = FLAGS(MV, X86_ZF, 0),
    [X_DB_REG + 2] = FLAGS(MV, X86_CF | X86_ZF, 0),
    [X_DB_REG + 3] = FLAGS(MV, X86_PF, 0),
    [X_DB_REG + 4] = VIA(VIA_RM, X_DB_4),
    [X_DB_REG + 5 ... X_DB_REG + 6] = FLAGS(MV, 0, X86_ZF | X86_PF | X86_CF), /* fucomi fcomi */
    [X_DB_REG + 7] = NONE,
    [X_DB_4 + 0 ... X_DB_4 + 4] = PLAIN(MV),
    [X_DB_4 + 5 ... X_DB_4 + 7] = NONE,
    [X_DD + 1] = VIA(VIA_REG, X_DD_REG),
    [X_DD_REG + 0 ... X_DD_REG + 5] = PLAIN(MV),
    [X_DD_REG + 6 ... X_DD_REG + 7] = NONE,
    [X_DE + 1] = VIA(VIA_REG, X_DE_REG),
    [X_DE_REG + 0 ... X_DE_REG + 2] = PLAIN(MV),
    [X_DE_REG + 3] = VIA(VIA_RM, X_DE_3),
    [X_DE_REG + 4 ... X_DE_REG + 7] = PLAIN(MV),
    [X_DE_3 + 0] = NONE,
    [X_DE_3 + 1] = PLAIN(MV), /* fcompp */
    [X_DE_3 + 2 ... X_DE_3 + 7] = NONE,
    [X_DF + 1] = VIA(VIA_REG, X_DF_REG),
    [X_DF_REG + 0 ... X_DF_REG + 3] = PLAIN(MV),
    [X_DF_REG + 4] = VIA(VIA_RM, X_DF_4),
    [X_DF_REG + 5 ... X_DF_REG + 6] = FLAGS(MV, 0, X86_ZF | X86_PF | X86_CF),
    [X_DF_REG + 7] = NONE,
    [X_DF_4 + 0] = IMPLICIT(MV, 0, 0, RAX_, RAX_), /* fnstsw ax */
    [X_DF_4 + 1 ... X_DF_4 + 7] = NONE,

    /* two-byte map */
    [G6 + 0 ... G6 + 1] = SYSTAB(M | OA_RM_W | G),           /* sldt str */
    [G6 + 2 ... G6 + 3] = PRIV(M | OA_RM_R | G),             /* lldt ltr */
    [G6 + 4 ... G6 + 5] = FLAGS(M | OA_RM_R | G, 0, X86_ZF), /* verr verw */
    [G6 + 6] = PRIV_AT(PP_F2, M | OA_RM_R | G),              /* lkgs */
    [G6 + 7] = NONE,
    [M_G7] = VIA(VIA_REG, G7_MEM),
    [M_G7 + 1] = VIA(VIA_REG, G7_REG),
    [G7_MEM + 0 ... G7_MEM + 1] = SYSTAB(M | OA_RM_W), /* sgdt sidt */
    [G7_MEM + 2 ... G7_MEM + 3] = PRIV(M | OA_RM_R),   /* lgdt lidt */
    [G7_MEM + 4] = SYSTAB(M | OA_RM_W),                /* smsw */
    [G7_MEM + 5] = VIA(VIA_PREFIX, P_G7M_5),
    [G7_MEM + 6] = PRIV(M | OA_RM_R), /* lmsw */
    [G7_MEM + 7] = PRIV(M),           /* invlpg */
    [P_G7M_5 + 0 ... P_G7M_5 + 1] = NONE,
    [P_G7M_5 + 2] = PLAIN(M | RM_RW), /* rstorssp */
    [P_G7M_5 + 3] = NONE,
    [G7_REG + 0] = VIA(VIA_RM, G7_0),
    [G7_REG + 1] = VIA(VIA_RM, G7_1),
    [G7_REG + 2] = VIA(VIA_RM, G7_2),
    [G7_REG + 3] = VIA(VIA_RM, G7_3),
    [G7_REG + 4] = SYSTAB(M | OA_RM_W | G),
    [G7_REG + 5] = VIA(VIA_RM, G7_5),
    [G7_REG + 6] = PRIV(M | OA_RM_R | G),
    [G7_REG + 7] = VIA(VIA_RM, G7_7),
    [G7_0 + 0 ... G7_0 + 6] = PRIV(M), /* enclv vmcall vmlaunch vmresume vmxoff pconfig wrmsrns */
    [G7_0 + 7] = NONE,
    [G7_1 + 0 ... G7_1 + 3] = PRIV(M), /* monitor mwait clac stac */
    [G7_1 + 4 ... G7_1 + 6] = NONE,
    [G7_1 + 7] = PRIV(M), /* encls */
    [G7_2 + 0] = CLASS(INSN_XGETBV, M, 0, 0, RCX_, RAX_ | RDX_),
    [G7_2 + 1] = PRIV(M), /* xsetbv */
    [G7_2 + 2 ... G7_2 + 3] = NONE,
    [G7_2 + 4] = PRIV(M), /* vmfunc */
    [G7_2 + 5] = CLASS(INSN_XBEGIN, M, 0, 0, NOREG),
    [G7_2 + 6] = CLASS(INSN_XBEGIN, M, 0, A, NOREG), /* xtest */
    [G7_2 + 7] = PRIV(M),                            /* enclu */
    [G7_3 + 0 ... G7_3 + 7] = PRIV(M), /* vmrun vmmcall vmload vmsave stgi clgi skinit invlpga */
    [G7_5 + 0] = VIA(VIA_PREFIX, P_G7_E8),
    [G7_5 + 1] = VIA(VIA_PREFIX, P_G7_E9),
    [G7_5 + 2] = VIA(VIA_PREFIX, P_G7_EA),
    [G7_5 + 3 ... G7_5 + 5] = NONE,
    [G7_5 + 6] = VIA(VIA_PREFIX, P_G7_EE),
    [G7_5 + 7] = VIA(VIA_PREFIX, P_G7_EF),
    [P_G7_E8 + 0] = PLAIN(M), /* serialize */
    [P_G7_E8 + 1] = NONE,
    [P_G7_E8 + 2] = PRIV(M),                            /* setssbsy */
    [P_G7_E8 + 3] = CLASS(INSN_XBEGIN, M, 0, 0, NOREG), /* xsusldtrk */
    [P_G7_E9 + 0 ... P_G7_E9 + 2] = NONE,
    [P_G7_E9 + 3] = CLASS(INSN_XBEGIN, M, 0, 0, NOREG), /* xresldtrk */
    [P_G7_EA + 0 ... P_G7_EA + 1] = NONE,
    [P_G7_EA + 2] = PLAIN(M | OA_ISTORE), /* saveprevssp */
    [P_G7_EA + 3] = NONE,
    [P_G7_EE + 0] = IMPLICIT(M, 0, 0, RCX_, RAX_ | RDX_), /* rdpkru */
    [P_G7_EE + 1 ... P_G7_EE + 3] = NONE,
    [P_G7_EF + 0] = IMPLICIT(M, 0, 0, RAX_ | RCX_ | RDX_, 0), /* wrpkru */
    [P_G7_EF + 1 ... P_G7_EF + 3] = NONE,
    [G7_7 + 0] = PRIV(M), /* swapgs */
    [G7_7 + 1] = CLASS(INSN_RDTSCP, M, 0, 0, 0, RAX_ | RCX_ | RDX_),
    [G7_7 + 2] = IMPLICIT(M | OA_IMPL, 0, 0, RAX_ | RCX_ | RDX_, 0), /* monitorx */
    [G7_7 + 3] = IMPLICIT(M, 0, 0, RAX_ | RCX_ | RBX_, 0),           /* mwaitx */
    [G7_7 + 4] = IMPLICIT(M | OA_IMPL | OA_ISTORE, 0, 0, RAX_, 0),   /* clzero */
    [G7_7 + 5] = CLASS(INSN_RDPMC, M, 0, A, RCX_, RAX_ | RDX_),      /* rdpru */
    [G7_7 + 6 ... G7_7 + 7] = PRIV(M),                               /* invlpgb and kin, tlbsync */
    [G_0D + 0 ... G_0D + 7] = PLAIN(M),                              /* prefetchw and kin */
    [G8 + 0 ... G8 + 3] = NONE,
    [G8 + 4] = FLAGS(M | OA_RM_R | G | IB, 0, X86_CF),
    [G8 + 5 ... G8 + 7] = FLAGS(M | RM_RW | G | IB | OA_LOCK, 0, X86_CF),
    [M_G9] = VIA(VIA_REG, G9_MEM),
    [M_G9 + 1] = VIA(VIA_REG, G9_REG),
    [G9_MEM + 0] = NONE,
    [G9_MEM + 1] = IMPLICIT(M | Y | RM_RW | OA_LOCK, 0, X86_ZF, RAX_ | RBX_ | RCX_ | RDX_,
                            RAX_ | RDX_), /* cmpxchg8b cmpxchg16b */
    [G9_MEM + 2] = NONE,
    [G9_MEM + 3] = PRIV(M | OA_RM_R),                     /* xrstors */
    [G9_MEM + 4] = IMPLICIT(MV | Y | RM_RW, 0, 0, XS, 0), /* xsavec */
    [G9_MEM + 5] = PRIV(M | OA_RM_W),                     /* xsaves */
    [G9_MEM + 6] = VIA(VIA_PREFIX, P_G9M_6),
    [G9_MEM + 7] = PRIV(M | OA_RM_W), /* vmptrst */
    [P_G9M_6 + 0 ... P_G9M_6 + 2] = PRIV(M | OA_RM_R),
    [P_G9M_6 + 3] = NONE,
    [G9_REG + 0 ... G9_REG + 5] = NONE,
    [G9_REG + 6] = VIA(VIA_PREFIX, P_G9_6),
    [G9_REG + 7] = VIA(VIA_PREFIX, P_G9_7),
    [P_G9_6 + 0 ... P_G9_6 + 1] = CLASS(INSN_RDRAND, M | OA_RM_W | G, 0, A, NOREG),
    [P_G9_6 + 2 ... P_G9_6 + 3] = NONE,
    [P_G9_7 + 0 ... P_G9_7 + 1] = CLASS(INSN_RDSEED, M | OA_RM_W | G, 0, A, NOREG),
    [P_G9_7 + 2] = CLASS(INSN_RDPID, M | OA_SIZE(SIZE_F64) | OA_RM_W | G, 0, 0, NOREG),
    [P_G9_7 + 3] = NONE,
    [G12 + 0 ... G12 + 1] = NONE,
    [G12 + 2] = SSE(PP_NP66, IB | OA_REG_ONLY),
    [G12 + 3] = NONE,
    [G12 + 4] = SSE(PP_NP66, IB | OA_REG_ONLY),
    [G12 + 5] = NONE,
    [G12 + 6] = SSE(PP_NP66, IB | OA_REG_ONLY),
    [G12 + 7] = NONE,
    [G13 + 0 ... G13 + 1] = NONE,
    [G13 + 2] = SSE(PP_NP66, IB | OA_REG_ONLY),
    [G13 + 3] = NONE,
    [G13 + 4] = SSE(PP_NP66, IB | OA_REG_ONLY),
    [G13 + 5] = NONE,
    [G13 + 6] = SSE(PP_NP66, IB | OA_REG_ONLY),
    [G13 + 7] = NONE,
    [G14 + 0 ... G14 + 1] = NONE,
    [G14 + 2] = SSE(PP_NP66, IB | OA_REG_ONLY),
    [G14 + 3] = SSE(PP_66, IB | OA_REG_ONLY),
    [G14 + 4 ... G14 + 5] = NONE,
    [G14 + 6] = SSE(PP_NP66, IB | OA_REG_ONLY),
    [G14 + 7] = SSE(PP_66, IB | OA_REG_ONLY),
    [M_G15] = VIA(VIA_REG, G15_MEM),
    [M_G15 + 1] = VIA(VIA_REG, G15_REG),
    [G15_MEM + 0] = SSE(PP_NP, OA_RM_W), /* fxsave */
    [G15_MEM + 1] = SSE(PP_NP, OA_RM_R), /* fxrstor */
    [G15_MEM + 2] = SSE(PP_NP, OA_RM_R), /* ldmxcsr */
    [G15_MEM + 3] = SSE(PP_NP, OA_RM_W), /* stmxcsr */
    [G15_MEM + 4] = VIA(VIA_PREFIX, P_G15M_4),
    [G15_MEM + 5] = ONLY(PP_NP, INSN_PLAIN, MV | Y | OA_RM_R, 0, 0, XS, 0), /* xrstor */
    [G15_MEM + 6] = VIA(VIA_PREFIX, P_G15M_6),
    [G15_MEM + 7] = ONLY(PP_NP66, INSN_PLAIN, M, 0, 0, NOREG), /* clflush clflushopt */
    [P_G15M_4 + 0] = IMPLICIT(MV | Y | RM_RW, 0, 0, XS, 0),    /* xsave */
    [P_G15M_4 + 1] = NONE,
    [P_G15M_4 + 2] = PLAIN(M | Y | OA_RM_R), /* ptwrite */
    [P_G15M_4 + 3] = NONE,
    [P_G15M_6 + 0] = IMPLICIT(MV | Y | RM_RW, 0, 0, XS, 0), /* xsaveopt */
    [P_G15M_6 + 1] = PLAIN(M),                              /* clwb */
    [P_G15M_6 + 2] = PRIV(M | RM_RW),                       /* clrssbsy */
    [P_G15M_6 + 3] = NONE,
    [G15_REG + 0] = ONLY(PP_F3, INSN_PLAIN, M | Y | OA_RM_W | G, 0, 0, NOREG), /* rdfsbase */
    [G15_REG + 1] = ONLY(PP_F3, INSN_PLAIN, M | Y | OA_RM_W | G, 0, 0, NOREG), /* rdgsbase */
    [G15_REG + 2] = ONLY(PP_F3, INSN_PLAIN, M | Y | OA_RM_R | G, 0, 0, NOREG), /* wrfsbase */
    [G15_REG + 3] = ONLY(PP_F3, INSN_PLAIN, M | Y | OA_RM_R | G, 0, 0, NOREG), /* wrgsbase */
    [G15_REG + 4] = ONLY(PP_F3, INSN_PLAIN, M | Y | OA_RM_R | G, 0, 0, NOREG), /* ptwrite */
    [G15_REG + 5] = VIA(VIA_PREFIX, P_G15_5),
    [G15_REG + 6] = VIA(VIA_PREFIX, P_G15_6),
    [G15_REG + 7] = ONLY(PP_NP, INSN_PLAIN, M, 0, 0, NOREG), /* sfence */
    [P_G15_5 + 0] = PLAIN(M),                                /* lfence */
    [P_G15_5 + 1] = NONE,
    [P_G15_5 + 2] = PLAIN(M | Y | OA_RM_R | G), /* incssp */
    [P_G15_5 + 3] = NONE,
    [P_G15_6 + 0] = PLAIN(M),                                                   /* mfence */
    [P_G15_6 + 1] = CLASS(INSN_WAITPKG, M | OA_RM_R | G, 0, A, RAX_ | RDX_, 0), /* tpause */
    [P_G15_6 + 2] = CLASS(INSN_WAITPKG, M | OA_RM_R | G, 0, 0, NOREG),          /* umonitor */
    [P_G15_6 + 3] = CLASS(INSN_WAITPKG, M | OA_RM_R | G, 0, A, RAX_ | RDX_, 0), /* umwait */

    /* rows by prefix */
    [P_7E + 0 ... P_7E + 1] = SSE(PP_ALL, OA_RM_W | G), /* movd, movq to r/m */
    [P_7E + 2] = SSE(PP_ALL, OA_RM_R),                  /* movq xmm */
    [P_7E + 3] = NONE,
    [P_D6 + 0] = NONE,
    [P_D6 + 1] = SSE(PP_ALL, OA_RM_W),
    [P_D6 + 2 ... P_D6 + 3] = SSE(PP_ALL, OA_REG_ONLY), /* movq2dq movdq2q */
    [P_B8 + 0 ... P_B8 + 1] = NONE,
    [P_B8 + 2] = FLAGS(M | OA_REG_W | OA_RM_R | G, 0, A), /* popcnt */
    [P_B8 + 3] = NONE,
    [P_2A + 0 ... P_2A + 1] = SSE(PP_ALL, OA_RM_R), /* cvtpi2ps */
    [P_2A + 2 ... P_2A + 3] = SSE(PP_ALL, OA_RM_R | G),
    [P_2C + 0 ... P_2C + 1] = SSE(PP_ALL, OA_RM_R),
    [P_2C + 2 ... P_2C + 3] = SSE(PP_ALL, OA_RM_R | OA_REG_W),
    [P_78 + 0] = PRIV(M | OA_SIZE(SIZE_F64) | OA_REG_R | OA_RM_W | G), /* vmread */
    [P_78 + 1] = OP_(MV | IW | OA_REG_ONLY, 0, 0, NOREG, INSN_PLAIN, PP_ALL, 0),
    [P_78 + 2] = NONE,
    [P_78 + 3] = OP_(MV | IW | OA_REG_ONLY, 0, 0, NOREG, INSN_PLAIN, PP_ALL, 0),
    [P_79 + 0] = PRIV(M | OA_SIZE(SIZE_F64) | OA_REG_R | OA_RM_R | G), /* vmwrite */
    [P_79 + 1] = SSE(PP_ALL, OA_REG_ONLY),                             /* extrq */
    [P_79 + 2] = NONE,
    [P_79 + 3] = SSE(PP_ALL, OA_REG_ONLY), /* insertq */
    [P_12 + 0 ... P_12 + 3] = SSE(PP_ALL, OA_RM_R),
    [P_1E + 0 ... P_1E + 1] = PLAIN(M),
    [P_1E + 2] = VIA(VIA_REG, G_1E),
    [P_1E + 3] = PLAIN(M),
    [G_1E + 0] = PLAIN(M),
    [G_1E + 1] = PLAIN(M | Y | RM_RW | G) /* rdssp */,
    [G_1E + 2 ... G_1E + 7] = PLAIN(M), /* endbr64 */
    [P_F7 + 0 ... P_F7 + 1] =
        IMPLICIT(MV | OA_REG_ONLY | OA_IMPL | OA_ISTORE, 0, 0, RDI_, 0), /* maskmovq, -dqu */
    [P_F7 + 2 ... P_F7 + 3] = NONE,

    /* mov from and to control and debug registers; not by prefix, but rows that need the
     * long way of decode.c are reached through a prefix */
    [P_20 + 0 ... P_20 + 3] = PRIV(M | F64 | OA_MOD3 | OA_RM_W | G),
    [P_22 + 0 ... P_22 + 3] = PRIV(M | F64 | OA_MOD3 | OA_RM_R | G),

    /* three-byte map 38 */
    [P_38F0 + 0 ... P_38F0 + 1] = PLAIN(M | OA_REG_W | OA_RM_R | OA_MEM_ONLY), /* movbe */
    [P_38F0 + 2] = NONE,
    [P_38F0 + 3] = PLAIN(M | Y | REG_RW | OA_RM_R | G | OA_B_RM), /* crc32 */
    [P_38F1 + 0 ... P_38F1 + 1] = PLAIN(M | OA_REG_R | OA_RM_W | OA_MEM_ONLY),
    [P_38F1 + 2] = NONE,
    [P_38F1 + 3] = PLAIN(M | Y | REG_RW | OA_RM_R | G),
    [P_38F5 + 0] = NONE,
    [P_38F5 + 1] = PRIV(M | Y | OA_REG_R | OA_RM_W | OA_MEM_ONLY), /* wruss */
    [P_38F5 + 2 ... P_38F5 + 3] = NONE,
    [P_38F6 + 0] = PLAIN(M | Y | OA_REG_R | OA_RM_W | OA_MEM_ONLY),     /* wrss */
    [P_38F6 + 1] = FLAGS(M | Y | REG_RW | OA_RM_R | G, X86_CF, X86_CF), /* adcx */
    [P_38F6 + 2] = FLAGS(M | Y | REG_RW | OA_RM_R | G, X86_OF, X86_OF), /* adox */
    [P_38F6 + 3] = NONE,
    [P_38F8 + 0] = NONE,
    [P_38F8 + 1] = PLAIN(M | F64 | OA_REG_R | OA_RM_R | OA_ISTORE | OA_MEM_ONLY), /* movdir64b */
    [P_38F8 + 2] = PRIV(M | F64 | OA_REG_R | OA_RM_R | OA_MEM_ONLY),              /* enqcmds */
    [P_38F8 + 3] = FLAGS(M | F64 | OA_REG_R | OA_RM_R | OA_ISTORE | OA_MEM_ONLY, 0, A), /* enqcmd */
    [P_38DC + 0] = NONE,
    [P_38DC + 1] = SSE(PP_ALL, OA_RM_R),
    [P_38DC + 2] = FLAGS(MV | OA_RM_R, 0, A), /* aesenc128kl and kin */
    [P_38DC + 3] = NONE,
};
