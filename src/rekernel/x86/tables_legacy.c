/*
 * tables_legacy.c - the one-byte map and its groups, x87 included.
 * Source: Intel SDM volume 2, appendix A, tables.
 */
#include "subs_legacy.h"

#define A X86_ARITH
#define NOT_CF (X86_ARITH & ~X86_CF)
#define V_SIZE OA_SIZE(SIZE_V)
#define D64 OA_SIZE(SIZE_D64)
#define F64 OA_SIZE(SIZE_F64)

/* Six forms of one arithmetic operation; dst: how it uses its destination. */
#define ARITH(base, rm_dst, reg_dst, lock, acc, fr) \
    [(base) + 0] = FLAGS(M | OA_REG_R | (rm_dst) | G | BYTES | (lock), fr, A), \
              [(base) + 1] = FLAGS(M | OA_REG_R | (rm_dst) | G | (lock), fr, A), \
              [(base) + 2] = FLAGS(M | (reg_dst) | OA_RM_R | G | BYTES, fr, A), \
              [(base) + 3] = FLAGS(M | (reg_dst) | OA_RM_R | G, fr, A), \
              [(base) + 4] = IMPLICIT(OA_SIZE(SIZE_B) | IB, fr, A, RAX_, acc), \
              [(base) + 5] = IMPLICIT(IZ, fr, A, RAX_, acc)
#define ARITH_RW(base, fr) ARITH(base, RM_RW, REG_RW, OA_LOCK, RAX_, fr)
/* Sixteen conditions, in the order of the opcodes. */
#define JCC_(fr) CLASS(INSN_JCC, F64 | IB, fr, 0, NOREG)
#define PUSH_(attr_) IMPLICIT(D64 | OA_STACK | OA_ISTORE | (attr_), 0, 0, RSP_, RSP_)
#define POP_(attr_) IMPLICIT(D64 | OA_STACK | OA_ILOAD | (attr_), 0, 0, RSP_, RSP_)
#define PRIV(attr_) CLASS(INSN_PRIV, attr_, 0, 0, NOREG)
#define STR_(attr_, fw, gr, gw, fix_) \
    OP_(OA_STRING | OA_IMPL | (attr_), X86_DF, fw, gr, gw, INSN_PLAIN, PP_ALL, fix_)
#define BYTE_ OA_SIZE(SIZE_B)
#define LOOP_(fr, gw) CLASS(INSN_LOOP, F64 | IB, fr, 0, RCX_, gw)

#define PREFIX VIA(VIA_BYTE, 0)

const struct op op_map0[256] = {
    ARITH_RW(0x00, 0),
    ARITH_RW(0x08, 0),
    ARITH_RW(0x10, X86_CF),
    ARITH_RW(0x18, X86_CF),
    ARITH_RW(0x20, 0),
    ARITH_RW(0x28, 0),
    ARITH_RW(0x30, 0),
    ARITH(0x38, OA_RM_R, OA_REG_R, 0, 0, 0),
    [0x0f] = VIA(VIA_0F, 0),
    [0x26] = PREFIX,
    [0x2e] = PREFIX,
    [0x36] = PREFIX,
    [0x3e] = PREFIX,
    [0x40 ... 0x4f] = PREFIX,
    [0x50 ... 0x57] = PUSH_(OA_OP_R),
    [0x58 ... 0x5f] = POP_(OA_OP_W),
    [0x62] = VIA(VIA_EVEX, 0),
    [0x63] = PLAIN(M | OA_REG_W | OA_RM_R | G), /* movsxd */
    [0x64 ... 0x67] = PREFIX,
    [0x68] = PUSH_(IZ),
    [0x69] = FLAGS(M | OA_REG_W | OA_RM_R | G | IZ, 0, PRODUCT),
    [0x6a] = PUSH_(IB),
    [0x6b] = FLAGS(M | OA_REG_W | OA_RM_R | G | IB, 0, PRODUCT),
    [0x6c] =
        CLASS(INSN_PRIV, OA_STRING | OA_IMPL | OA_ISTORE | BYTE_, X86_DF, 0, RDX_ | RDI_, RDI_),
    [0x6d] = CLASS(INSN_PRIV, OA_STRING | OA_IMPL | OA_ISTORE, X86_DF, 0, RDX_ | RDI_, RDI_),
    [0x6e] = CLASS(INSN_PRIV, OA_STRING | OA_IMPL | OA_ILOAD | BYTE_, X86_DF, 0, RDX_ | RSI_, RSI_),
    [0x6f] = CLASS(INSN_PRIV, OA_STRING | OA_IMPL | OA_ILOAD, X86_DF, 0, RDX_ | RSI_, RSI_),
    [0x70 ... 0x71] = JCC_(X86_OF),
    [0x72 ... 0x73] = JCC_(X86_CF),
    [0x74 ... 0x75] = JCC_(X86_ZF),
    [0x76 ... 0x77] = JCC_(X86_CF | X86_ZF),
    [0x78 ... 0x79] = JCC_(X86_SF),
    [0x7a ... 0x7b] = JCC_(X86_PF),
    [0x7c ... 0x7d] = JCC_(X86_SF | X86_OF),
    [0x7e ... 0x7f] = JCC_(X86_ZF | X86_SF | X86_OF),
    [0x80] = VIA(VIA_REG, G1_80),
    [0x81] = VIA(VIA_REG, G1_81),
    [0x83] = VIA(VIA_REG, G1_83),
    [0x84] = FLAGS(M | OA_REG_R | OA_RM_R | G | BYTES, 0, A),
    [0x85] = FLAGS(M | OA_REG_R | OA_RM_R | G, 0, A),
    [0x86] =
        OP_(M | REG_RW | RM_RW | G | BYTES | OA_LOCK, 0, 0, NOREG, INSN_PLAIN, PP_ALL, FIX_XCHG),
    [0x87] = OP_(M | REG_RW | RM_RW | G | OA_LOCK, 0, 0, NOREG, INSN_PLAIN, PP_ALL, FIX_XCHG),
    [0x88] = PLAIN(M | OA_REG_R | OA_RM_W | G | BYTES),
    [0x89] = PLAIN(M | OA_REG_R | OA_RM_W | G),
    [0x8a] = PLAIN(M | REG_RW | OA_RM_R | G | BYTES),
    [0x8b] = PLAIN(M | OA_REG_W | OA_RM_R | G),
    [0x8c] = VIA(VIA_REG, G_8C),
    [0x8d] = PLAIN(M | OA_REG_W | OA_MEM_ONLY), /* lea */
    [0x8e] = VIA(VIA_REG, G_8E),
    [0x8f] = VIA(VIA_XOP, G1A),
    [0x90] = OP_(0, 0, 0, NOREG, INSN_PLAIN, PP_ALL, FIX_NOP),
    [0x91 ... 0x97] = IMPLICIT(OA_OP_R | OA_OP_W, 0, 0, RAX_, RAX_),
    [0x98] = IMPLICIT(0, 0, 0, RAX_, RAX_), /* cbw cwde cdqe */
    [0x99] = IMPLICIT(0, 0, 0, RAX_, RDX_), /* cwd cdq cqo */
    [0x9b] = PLAIN(OA_VEC),                 /* fwait */
    [0x9c] = IMPLICIT(D64 | OA_STACK | OA_ISTORE, A | X86_DF, 0, RSP_, RSP_),
    [0x9d] = IMPLICIT(D64 | OA_STACK | OA_ILOAD, 0, A | X86_DF, RSP_, RSP_),
    [0x9e] = IMPLICIT(BYTE_, 0, A & ~X86_OF, RAX_, 0),    /* sahf */
    [0x9f] = IMPLICIT(BYTE_, A & ~X86_OF, 0, RAX_, RAX_), /* lahf */
    [0xa0] = IMPLICIT(OA_IMPL | OA_ILOAD | OA_MOFFS | BYTE_, 0, 0, RAX_, RAX_),
    [0xa1] = IMPLICIT(OA_IMPL | OA_ILOAD | OA_MOFFS, 0, 0, 0, RAX_),
    [0xa2] = IMPLICIT(OA_IMPL | OA_ISTORE | OA_MOFFS | BYTE_, 0, 0, RAX_, 0),
    [0xa3] = IMPLICIT(OA_IMPL | OA_ISTORE | OA_MOFFS, 0, 0, RAX_, 0),
    [0xa4] = STR_(BYTE_ | OA_ILOAD | OA_ISTORE, 0, RSI_ | RDI_, RSI_ | RDI_, 0),
    [0xa5] = STR_(OA_ILOAD | OA_ISTORE, 0, RSI_ | RDI_, RSI_ | RDI_, 0),
    [0xa6] = STR_(BYTE_ | OA_ILOAD, A, RSI_ | RDI_, RSI_ | RDI_, FIX_SCAN),
    [0xa7] = STR_(OA_ILOAD, A, RSI_ | RDI_, RSI_ | RDI_, FIX_SCAN),
    [0xa8] = IMPLICIT(BYTE_ | IB, 0, A, RAX_, 0),
    [0xa9] = IMPLICIT(IZ, 0, A, RAX_, 0),
    [0xaa] = STR_(BYTE_ | OA_ISTORE, 0, RAX_ | RDI_, RDI_, 0),
    [0xab] = STR_(OA_ISTORE, 0, RAX_ | RDI_, RDI_, 0),
    [0xac] = STR_(BYTE_ | OA_ILOAD, 0, RAX_ | RSI_, RAX_ | RSI_, 0),
    [0xad] = STR_(OA_ILOAD, 0, RSI_, RAX_ | RSI_, 0),
    [0xae] = STR_(BYTE_ | OA_ILOAD, A, RAX_ | RDI_, RDI_, FIX_SCAN),
    [0xaf] = STR_(OA_ILOAD, A, RAX_ | RDI_, RDI_, FIX_SCAN),
    [0xb0 ... 0xb7] = PLAIN(OA_OP_R | OA_OP_W | OA_B_RM | BYTE_ | IB),
    [0xb8 ... 0xbf] = PLAIN(OA_OP_W | IV),
    [0xc0] = VIA(VIA_REG, G2_C0),
    [0xc1] = VIA(VIA_REG, G2_C1),
    [0xc2] = CLASS(INSN_RET, F64 | OA_STACK | OA_ILOAD | IW, 0, 0, RSP_, RSP_),
    [0xc3] = CLASS(INSN_RET, F64 | OA_STACK | OA_ILOAD, 0, 0, RSP_, RSP_),
    [0xc4] = VIA(VIA_VEX3, 0),
    [0xc5] = VIA(VIA_VEX2, 0),
    [0xc6] = VIA(VIA_REG, G11_C6),
    [0xc7] = VIA(VIA_REG, G11_C7),
    [0xc8] = IMPLICIT(D64 | OA_STACK | OA_ISTORE | OA_ILOAD | IWB, 0, 0, RSP_ | RBP_, RSP_ | RBP_),
    [0xc9] = IMPLICIT(D64 | OA_STACK | OA_ILOAD, 0, 0, RBP_, RSP_ | RBP_),
    [0xca] = CLASS(INSN_FAR, OA_STACK | OA_ILOAD | IW, 0, 0, RSP_, RSP_),
    [0xcb] = CLASS(INSN_FAR, OA_STACK | OA_ILOAD, 0, 0, RSP_, RSP_),
    [0xcc] = OP_(0, 0, 0, NOREG, INSN_INT, PP_ALL, FIX_INT3),
    [0xcd] = CLASS(INSN_INT, IB, 0, 0, NOREG),
    [0xcf] = CLASS(INSN_FAR, OA_STACK | OA_ILOAD, 0, A | X86_DF, RSP_, RSP_),
    [0xd0] = VIA(VIA_REG, G2_D0),
    [0xd1] = VIA(VIA_REG, G2_D1),
    [0xd2] = VIA(VIA_REG, G2_D2),
    [0xd3] = VIA(VIA_REG, G2_D3),
    [0xd7] = IMPLICIT(OA_IMPL | OA_ILOAD | BYTE_, 0, 0, RAX_ | RBX_, RAX_), /* xlat */
    [0xd8] = PLAIN(M | OA_VEC | OA_RM_R),
    [0xd9] = VIA(VIA_MOD, X_D9),
    [0xda] = VIA(VIA_MOD, X_DA),
    [0xdb] = VIA(VIA_MOD, X_DB),
    [0xdc] = PLAIN(M | OA_VEC | OA_RM_R),
    [0xdd] = VIA(VIA_MOD, X_DD),
    [0xde] = VIA(VIA_MOD, X_DE),
    [0xdf] = VIA(VIA_MOD, X_DF),
    [0xe0 ... 0xe1] = LOOP_(X86_ZF, RCX_),
    [0xe2] = LOOP_(0, RCX_),
    [0xe3] = LOOP_(0, 0),
    [0xe4 ... 0xe5] = CLASS(INSN_PRIV, IB, 0, 0, RAX_, RAX_),
    [0xe6 ... 0xe7] = CLASS(INSN_PRIV, IB, 0, 0, RAX_, 0),
    [0xe8] = CLASS(INSN_CALL, F64 | OA_STACK | OA_ISTORE | ID, 0, 0, RSP_, RSP_),
    [0xe9] = CLASS(INSN_JMP, F64 | ID, 0, 0, NOREG),
    [0xeb] = CLASS(INSN_JMP, F64 | IB, 0, 0, NOREG),
    [0xec ... 0xed] = CLASS(INSN_PRIV, 0, 0, 0, RAX_ | RDX_, RAX_),
    [0xee ... 0xef] = CLASS(INSN_PRIV, 0, 0, 0, RAX_ | RDX_, 0),
    [0xf0] = PREFIX,
    [0xf1] = OP_(0, 0, 0, NOREG, INSN_INT, PP_ALL, FIX_INT1),
    [0xf2 ... 0xf3] = PREFIX,
    [0xf4] = PRIV(0),                  /* hlt */
    [0xf5] = FLAGS(0, X86_CF, X86_CF), /* cmc */
    [0xf6] = VIA(VIA_REG, G3_F6),
    [0xf7] = VIA(VIA_REG, G3_F7),
    [0xf8 ... 0xf9] = FLAGS(0, 0, X86_CF), /* clc stc */
    [0xfa ... 0xfb] = PRIV(0),             /* cli sti */
    [0xfc ... 0xfd] = FLAGS(0, 0, X86_DF), /* cld std */
    [0xfe] = VIA(VIA_REG, G4),
    [0xff] = VIA(VIA_REG, G5),
};
