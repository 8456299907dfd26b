/*
 * optable.h - the opcode tables behind insn_decode(): private to src/rekernel/x86.
 *
 * One `struct op` says everything about an opcode that does not depend on the
 * operands' values. Where the opcode alone does not decide, `via` names what does (a
 * ModRM field, the mandatory prefix) and `sub` the row of op_subs[] to continue at.
 */
#ifndef RRL_OPTABLE_H
#define RRL_OPTABLE_H

#include "decode.h"

/* Attribute bits. Those that have the value of an INSN_F_* flag are copied into it.
 * Roles of operands are pairs of bits: read at n, written at n + 16. */
enum op_attr {
    OA_MODRM = INSN_F_MODRM,
    OA_IMPL = INSN_F_MEM,      /* implicit memory operand other than the stack */
    OA_LOCK = 1 << 2,          /* LOCK is allowed with a memory destination */
    OA_ISTORE = INSN_F_STORE,  /* 1 << 3: writes memory that ModRM does not name */
    OA_ILOAD = INSN_F_LOAD,    /* 1 << 4: reads memory that ModRM does not name */
    OA_REG_R = 1 << 5,         /* ModRM.reg is a general register, read */
    OA_REG_W = 1 << 21,        /* ... written */
    OA_RM_R = 1 << 6,          /* ModRM.rm operand is read */
    OA_RM_W = 1 << 22,         /* ... written */
    OA_OP_R = 1 << 7,          /* the opcode's low bits name a register, read */
    OA_OP_W = 1 << 23,         /* ... written */
    OA_V_R = 1 << 8,           /* VEX.vvvv is a general register, read */
    OA_V_W = 1 << 24,          /* ... written */
    OA_RM_G = 1 << 9,          /* ModRM.rm with mod 3 is a general register */
    OA_B_REG = 1 << 10,        /* ModRM.reg is a byte register */
    OA_B_RM = 1 << 14,         /* ModRM.rm, or the opcode's register, is a byte */
    OA_STRING = INSN_F_STRING, /* 1 << 11 */
    OA_VEC = INSN_F_VECTOR,    /* 1 << 12 */
    OA_STACK = INSN_F_STACK,   /* 1 << 13 */
    OA_MEM_ONLY = 1 << 26,     /* mod 3 is #UD */
    OA_REG_ONLY = 1 << 27,     /* mod 0..2 is #UD */
    OA_VSIB = 1 << 28,         /* the SIB index is a vector register */
    OA_MOD3 = 1 << 29,         /* mod is ignored and taken as 3 (mov to cr, dr) */
};
#define OA_COPY (OA_MODRM | OA_IMPL | OA_ISTORE | OA_ILOAD | OA_STRING | OA_VEC | OA_STACK)
/* The role of an operand as a word: read in bit 0, written in bit 16. */
#define OA_ROLE(attr, read) ((attr) / (read)&0x10001u)

/* Immediate: bytes with operand size 4 in bits 15..17, and what else changes them. */
#define OA_IMM_SHIFT 15
#define OA_IMM(bytes) ((uint32_t)(bytes) << OA_IMM_SHIFT)
#define OA_IMM_OF(attr) ((attr) >> OA_IMM_SHIFT & 7)
#define OA_IMM_66 (1u << 30)   /* 2 bytes with operand size 2 */
#define OA_IMM_WIDE (1u << 31) /* 8 bytes with REX.W */
#define OA_IMM_WIDE_BIT 31
#define OA_MOFFS (1u << 25) /* an address instead: 8 bytes, 4 with prefix 67 */

/* Operand size, bits 18..20. */
enum op_size {
    SIZE_V,   /* 2 with prefix 66, 8 with REX.W, otherwise 4 */
    SIZE_B,   /* 1 */
    SIZE_D64, /* 8; 2 with prefix 66 */
    SIZE_F64, /* 8 */
    SIZE_Y,   /* 8 with REX.W, otherwise 4: prefix 66 means something else */
    SIZE_W,   /* 2 */
};
#define OA_SIZE_SHIFT 18
#define OA_SIZE(k) ((uint32_t)(k) << OA_SIZE_SHIFT)
#define OA_SIZE_OF(attr) ((attr) >> OA_SIZE_SHIFT & 7)

/* What decides between the rows at `sub`. */
enum op_via {
    VIA_NONE,
    VIA_REG,    /* ModRM.reg: 8 rows */
    VIA_RM,     /* ModRM.rm: 8 rows */
    VIA_MOD,    /* memory, register: 2 rows */
    VIA_PREFIX, /* none, 66, F3, F2: 4 rows */
    VIA_BYTE,   /* a legacy prefix, which the short way does not take */
    VIA_0F,     /* escape to the two-byte map */
    VIA_0F38,
    VIA_0F3A,
    VIA_VEX2, /* c5 */
    VIA_VEX3, /* c4 */
    VIA_EVEX, /* 62 */
    VIA_XOP,  /* 8f: XOP when the map field is >= 8, otherwise pop */
};

/* Repairs that depend on more than the row: see repair() in decode.c. */
enum op_fix {
    FIX_NONE,
    FIX_SHIFT, /* immediate count: a count of zero leaves the flags alone */
    FIX_NOP,   /* 90: nop, or xchg r8 with REX.B */
    FIX_XCHG,  /* locked when it names memory */
    FIX_SCAN,  /* cmps, scas: with a repeat prefix and rcx 0 flags stay */
    FIX_INT3,
    FIX_INT1,
    FIX_3DNOW, /* the immediate is the opcode */
    FIX_VEX71, /* shift groups: VEX knows the register form only */
};

/* Prefixes that a row accepts: none, 66, F3, F2; EVEX ones in the upper half. */
enum op_pp {
    PP_NP = 1,
    PP_66 = 2,
    PP_F3 = 4,
    PP_F2 = 8,
    PP_ALL = 15,
};
#define PP_EVEX(pp) ((pp) << 4)

struct op {
    uint32_t attr;                    /* enum op_attr, IMM_*, SIZE_* */
    uint16_t flags_read, flags_write; /* X86_* */
    uint8_t gpr_read, gpr_write;      /* implicit registers rax .. rdi */
    uint8_t cls;                      /* enum insn_class */
    uint8_t ok;                       /* PP_* */
    uint8_t via;                      /* enum op_via */
    uint8_t fix;                      /* enum op_fix */
    uint16_t sub;                     /* first row in the sub-table of this map */
};
_Static_assert(sizeof(struct op) == 16, "one row is 16 bytes");

extern const struct op op_map0[256];
extern const struct op op_map0f[256];
extern const struct op op_map0f38[256];
extern const struct op op_map0f3a[256];
extern const struct op op_vex[3][256]; /* maps 1, 2, 3: VEX and EVEX */
extern const struct op op_evex5[256], op_evex6[256];
extern const struct op op_xop[3][256]; /* maps 8, 9, 10 */
extern const struct op op_subs[];      /* of the legacy maps */
extern const struct op op_vsubs[];     /* of the VEX, EVEX and XOP maps */
/* Bit n: 3DNow! operation n exists. */
extern const uint32_t op_3dnow[8];

/* --------------------------------------------- how the tables write their rows */
/* Variadic on the outside, so that NOREG counts as two arguments. */
#define OP_(...) OP_ROW(__VA_ARGS__)
#define CLASS(...) CLASS_ROW(__VA_ARGS__)
#define ONLY(...) ONLY_ROW(__VA_ARGS__)
#define OP_ROW(attr_, fr, fw, gr, gw, cls_, ok_, fix_) \
    { \
        .attr = (uint32_t)(attr_), .flags_read = (fr), .flags_write = (fw), .gpr_read = (gr), \
        .gpr_write = (gw), .cls = (cls_), .ok = (ok_), .fix = (fix_) \
    }
/* Falls through, no flags, no implicit registers. */
#define PLAIN(attr_) OP_(attr_, 0, 0, 0, 0, INSN_PLAIN, PP_ALL, 0)
/* ... with flags read and written. */
#define FLAGS(attr_, fr, fw) OP_(attr_, fr, fw, 0, 0, INSN_PLAIN, PP_ALL, 0)
/* ... with implicit registers read and written, too. */
#define IMPLICIT(attr_, fr, fw, gr, gw) OP_(attr_, fr, fw, gr, gw, INSN_PLAIN, PP_ALL, 0)
/* A class other than INSN_PLAIN. */
#define CLASS_ROW(cls_, attr_, fr, fw, gr, gw) OP_(attr_, fr, fw, gr, gw, cls_, PP_ALL, 0)
/* Only with certain mandatory prefixes. */
#define SSE(pp, attr_) \
    OP_(OA_MODRM | OA_VEC | OA_SIZE(SIZE_Y) | (attr_), 0, 0, 0, 0, INSN_PLAIN, pp, 0)
#define ONLY_ROW(pp, cls_, attr_, fr, fw, gr, gw) OP_(attr_, fr, fw, gr, gw, cls_, pp, 0)
#define VIA(kind, sub_) \
    { \
        .via = (kind), .sub = (sub_) \
    }

#define M OA_MODRM
#define RM_RW (OA_RM_R | OA_RM_W)
#define REG_RW (OA_REG_R | OA_REG_W)
#define G OA_RM_G
#define BYTES (OA_SIZE(SIZE_B) | OA_B_REG | OA_B_RM)
#define IB OA_IMM(1)
#define IW OA_IMM(2)
#define IWB OA_IMM(3) /* enter */
#define ID OA_IMM(4)
#define IZ (OA_IMM(4) | OA_IMM_66)
#define IV (OA_IMM(4) | OA_IMM_66 | OA_IMM_WIDE)
#define RAX_ 1
#define RCX_ 2
#define RDX_ 4
#define RBX_ 8
#define RSP_ 16
#define RBP_ 32
#define RSI_ 64
#define RDI_ 128
/* Flags of a product; the others are undefined, and kept by some processors. */
#define PRODUCT (X86_CF | X86_OF)
/* No implicit register. */
#define NOREG 0, 0

#endif
