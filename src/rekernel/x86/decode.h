/*
 * decode.h - length decoder of x86-64 instructions (64-bit mode).
 *
 * Table driven, no allocation, no floating point: it is on the translator's hot
 * path. It knows of each instruction its length, the place of its parts, whether it
 * transfers control, which general registers and arithmetic flags it reads and
 * writes, and whether it must not run untrapped. It does not know what it computes.
 *
 * Registers and flags are made for liveness, and err on the safe side of it. gpr_read
 * and flags_read name all that may be read, gpr_write all registers that may be
 * written; flags_write only those flags that surely get a new value. A flag that an
 * instruction may leave alone - a shift by cl or by an immediate of 0, rep scas with
 * rcx 0, those that a product, a quotient, bt or bsf leave undefined, because some
 * processors keep them - stands in neither mask: it must be right before the
 * instruction, and may have changed after it. What a control transfer or a
 * trapped instruction leads to may read everything: only its own operands count here.
 *
 * Validity: legacy encodings are INSN_INVALID when every processor raises #UD. Of VEX,
 * EVEX and XOP the map, opcode and pp are checked; W, L, vvvv, masks and features are
 * not: such an instruction is INSN_PLAIN and raises #UD wherever it is executed.
 * APX (REX2, EVEX map 4) and AVX10.2 are not known.
 *
 * Source: Intel SDM volume 2 (appendix A opcode maps), AMD APM volume 3 (XOP, 3DNow!).
 */
#ifndef RRL_DECODE_H
#define RRL_DECODE_H

#include <stdint.h>

#define X86_INSN_MAX 15

enum insn_class {
    INSN_INVALID,   /* #UD in 64-bit mode, or no known instruction */
    INSN_PLAIN,     /* falls through; may be copied (fix up rip-relative operands) */
    INSN_JCC,       /* 0x70-0x7f, 0F 80-8f; condition = opcode & 15 */
    INSN_LOOP,      /* loopne, loope, loop, jrcxz/jecxz: rel8, depends on rcx */
    INSN_JMP,       /* jmp rel8/rel32 */
    INSN_CALL,      /* call rel32 */
    INSN_JMP_IND,   /* jmp r/m64 */
    INSN_CALL_IND,  /* call r/m64 */
    INSN_RET,       /* ret, ret imm16 */
    INSN_FAR,       /* far jmp/call/ret, iret: unusual control transfer */
    INSN_SYSCALL,   /* syscall */
    INSN_SYSENTER,  /* sysenter; also sysret/sysexit (privileged) are INSN_PRIV */
    INSN_INT,       /* int n (imm), int3, int1, into: imm holds the vector */
    INSN_UD,        /* ud0, ud1, ud2: defined to raise #UD */
    INSN_RDTSC,
    INSN_RDTSCP,
    INSN_CPUID,
    INSN_RDRAND,
    INSN_RDSEED,
    INSN_RDPID,
    INSN_XGETBV,
    INSN_SYSTAB,    /* sgdt sidt sldt str smsw; lsl, which tells the processor's number: leak
                       machine state */
    INSN_XBEGIN,    /* xbegin, xabort, xtest, xend, xsusldtrk, xresldtrk: TSX */
    INSN_WAITPKG,   /* umonitor, umwait, tpause */
    INSN_RDPMC,     /* rdpmc, rdpru */
    INSN_PRIV,      /* raises #GP (or #UD) in user mode, or leads to a hypervisor: hlt, in, out,
                       cli, wrmsr, mov cr, vmcall, enclu ... */
};

enum insn_flag {
    INSN_F_MODRM = 1,      /* has a ModRM byte */
    INSN_F_MEM = 2,        /* ModRM names memory (mod != 3; lea, too), or an implicit operand that
                              is not the stack does: string, xlat, moffs, maskmovdqu, clzero */
    INSN_F_RIPREL = 4,     /* ModRM memory operand is rip-relative */
    INSN_F_STORE = 8,      /* may write memory (ModRM operand, push, string, implicit) */
    INSN_F_LOAD = 16,      /* may read memory */
    INSN_F_REX2_VEX = 32,  /* VEX encoded */
    INSN_F_EVEX = 64,      /* EVEX encoded */
    INSN_F_XOP = 128,      /* XOP encoded */
    INSN_F_LOCK = 256,     /* LOCK prefix, or xchg with memory */
    INSN_F_REP = 512,      /* F3 as repeat on a string instruction */
    INSN_F_REPNE = 1024,   /* F2 as repeat on a string instruction */
    INSN_F_STRING = 2048,  /* movs cmps stos lods scas ins outs */
    INSN_F_VECTOR = 4096,  /* touches vector, x87 or mask registers */
    INSN_F_STACK = 8192,   /* implicit rsp: push pop call ret enter leave pushf popf */
    INSN_F_VENDOR = 16384, /* near branch with 66 and without REX.W: Intel ignores the 66,
                              AMD takes a 16-bit operand. Decoded as Intel does it */
};

/* Arithmetic flags, as bits of rflags. */
#define X86_CF 0x001u
#define X86_PF 0x004u
#define X86_AF 0x010u
#define X86_ZF 0x040u
#define X86_SF 0x080u
#define X86_DF 0x400u
#define X86_OF 0x800u
#define X86_ARITH (X86_CF | X86_PF | X86_AF | X86_ZF | X86_SF | X86_OF)

/* Register numbers are the hardware's: 0 rax 1 rcx 2 rdx 3 rbx 4 rsp 5 rbp 6 rsi 7 rdi. */
struct insn {
    uint8_t len;        /* 1..15; for INSN_INVALID the bytes looked at, at least 1 */
    uint8_t cls;        /* enum insn_class */
    uint8_t map;        /* 0 one-byte, 1 0F, 2 0F38, 3 0F3A, 5.. EVEX maps, 8.. XOP maps */
    uint8_t opcode;
    uint8_t rex;        /* REX byte, or the equivalent bits of VEX/EVEX (0x40|WRXB) */
    uint8_t opsize;     /* operand size of integer instructions in bytes: 1 2 4 8; movzx, movsx and
                           kin: of the destination */
    uint8_t prefix_len; /* legacy prefixes and REX, before opcode or VEX */
    uint8_t op_off;     /* offset of the opcode byte itself */
    uint8_t seg;        /* segment override: 0, 0x64 (fs) or 0x65 (gs); others have no effect */
    uint8_t pfx66, pfx67, pfxrep; /* 0x66 seen; 0x67 seen; 0xf2 or 0xf3 or 0 (the last one) */
    uint8_t modrm_off, modrm;     /* offset from the instruction's start; 0 = none */
    uint8_t sib;
    uint8_t disp_off, disp_size;  /* 0, 1 or 4; moffs: 8 (or 4) */
    uint8_t imm_off, imm_size;    /* branch displacements count as immediates */
    uint32_t flags;               /* enum insn_flag */
    uint16_t gpr_read, gpr_write; /* bit n: general register n, implicit ones included;
                                     partial writes also count as reads */
    uint16_t flags_read;          /* X86_* that it reads (DF for string instructions) */
    uint16_t flags_write;         /* X86_* that surely get a new value */
    int64_t disp;                 /* sign-extended displacement, as encoded: EVEX's disp8 is not
                                     scaled; moffs: the address */
    int64_t imm;                  /* sign-extended immediate; enter: size | level << 16; int3 3,
                                     int1 1 */
};

/* Decodes the instruction at code, of which at most avail bytes may be read. Returns
 * 0, or -1 when avail ends before the instruction does (then *in is undefined). An
 * undefined encoding is no error: cls is INSN_INVALID. */
int insn_decode(struct insn *in, const uint8_t *code, uint32_t avail);

/* Target of a direct branch at address pc. */
static inline uint64_t insn_target(const struct insn *in, uint64_t pc)
{
    return pc + in->len + (uint64_t)in->imm;
}

#endif
