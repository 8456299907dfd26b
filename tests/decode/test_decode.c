/*
 * test_decode.c - encodings that length decoders get wrong, one by one.
 */
#include "rekernel/x86/decode.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Bits of gpr masks. */
enum { AX = 1, CX = 2, DX = 4, BX = 8, SP = 16, BP = 32, SI = 64, DI = 128, R8 = 256, R9 = 512 };
enum { R12 = 1 << 12 };

/* Bytes from hexadecimal digits and blanks; returns their number. */
static unsigned parse(const char *hex, uint8_t *out)
{
    unsigned n = 0;
    char *end;

    memset(out, 0xcc, 64);
    for (; *hex && n < 64; hex = end)
        out[n++] = (uint8_t)strtoul(hex, &end, 16);
    return n;
}

static struct insn decode(const char *hex)
{
    uint8_t code[64];
    struct insn in;

    parse(hex, code);
    cr_assert_eq(insn_decode(&in, code, sizeof code), 0, "%s", hex);
    return in;
}

/* The bytes are exactly one instruction of the class. */
static struct insn expect(const char *hex, enum insn_class cls)
{
    uint8_t code[64];
    unsigned n = parse(hex, code);
    struct insn in = decode(hex);

    cr_expect_eq(in.cls, cls, "%s: class %u, expected %u", hex, in.cls, cls);
    cr_expect_eq(in.len, n, "%s: length %u, expected %u", hex, in.len, n);
    return in;
}

static void expect_regs(const char *hex, unsigned read, unsigned written)
{
    struct insn in = expect(hex, INSN_PLAIN);

    cr_expect_eq(in.gpr_read, read, "%s: reads %x, expected %x", hex, in.gpr_read, read);
    cr_expect_eq(in.gpr_write, written, "%s: writes %x, expected %x", hex, in.gpr_write, written);
}

static void expect_flags(const char *hex, unsigned read, unsigned written)
{
    struct insn in = expect(hex, INSN_PLAIN);

    cr_expect_eq(in.flags_read, read, "%s: reads %x, expected %x", hex, in.flags_read, read);
    cr_expect_eq(in.flags_write, written, "%s: writes %x, expected %x", hex, in.flags_write,
                 written);
}

Test(length, address_forms)
{
    expect("8b 00", INSN_PLAIN);
    expect("8b 04 24", INSN_PLAIN);                /* [rsp] */
    expect("8b 45 00", INSN_PLAIN);                /* [rbp+0] */
    expect("8b 44 24 08", INSN_PLAIN);             /* [rsp+8] */
    expect("8b 84 24 08 00 00 00", INSN_PLAIN);    /* [rsp+disp32] */
    expect("8b 04 25 00 00 00 70", INSN_PLAIN);    /* [disp32] */
    expect("42 8b 04 25 00 00 00 70", INSN_PLAIN); /* [r12*1+disp32] */
    expect("8b 44 65 00", INSN_PLAIN);             /* [rbp+0], no index */
    expect("41 8b 45 00", INSN_PLAIN);             /* [r13+0] */
    expect("41 8b 04 24", INSN_PLAIN);             /* [r12] */
    expect("67 8b 04 24", INSN_PLAIN);             /* [esp] */
}

Test(length, rip_relative)
{
    struct insn in = expect("48 8b 05 fe ff ff ff", INSN_PLAIN);

    cr_assert(in.flags & INSN_F_RIPREL);
    cr_assert_eq(in.disp, -2);
    cr_assert_eq(in.disp_off, 3);
    cr_assert_eq(in.disp_size, 4);
    in = expect("c7 05 01 00 00 00 02 00 00 00", INSN_PLAIN);
    cr_assert_eq(in.disp, 1);
    cr_assert_eq(in.imm, 2);
    cr_assert_eq(in.imm_off, 6);
    in = expect("8b 04 25 00 00 00 80", INSN_PLAIN);
    cr_assert_not(in.flags & INSN_F_RIPREL);
    cr_assert_eq(in.disp, INT64_C(-0x80000000));
}

Test(length, immediates)
{
    expect("66 81 c1 34 12", INSN_PLAIN);                /* add cx, imm16 */
    expect("66 48 81 c1 78 56 34 12", INSN_PLAIN);       /* REX.W wins over 66 */
    expect("48 66 81 c1 34 12", INSN_PLAIN);             /* a REX before 66 is ignored */
    expect("48 b8 01 02 03 04 05 06 07 08", INSN_PLAIN); /* mov rax, imm64 */
    expect("66 b8 34 12", INSN_PLAIN);                   /* mov ax, imm16 */
    expect("48 c7 c0 ff ff ff ff", INSN_PLAIN);          /* imm32 with REX.W */
    expect("c8 10 00 01", INSN_PLAIN);                   /* enter 16, 1 */
    expect("66 68 34 12", INSN_PLAIN);                   /* push imm16 */
    expect("68 78 56 34 12", INSN_PLAIN);
    expect("6a ff", INSN_PLAIN);
    expect("66 69 c0 34 12", INSN_PLAIN); /* imul ax, ax, imm16 */
    expect("6b c0 02", INSN_PLAIN);
    expect("a1 01 02 03 04 05 06 07 08", INSN_PLAIN);    /* mov eax, moffs64 */
    expect("67 a1 01 02 03 04", INSN_PLAIN);             /* moffs32 */
    expect("66 a1 01 02 03 04 05 06 07 08", INSN_PLAIN); /* mov ax, moffs64 */
    expect("f6 c1 01", INSN_PLAIN);                      /* test cl, imm8 */
    expect("f6 d1", INSN_PLAIN);                         /* not cl */
    expect("f7 c1 01 00 00 00", INSN_PLAIN);             /* test ecx, imm32 */
    expect("66 f7 c1 01 00", INSN_PLAIN);
    expect("f7 d9", INSN_PLAIN);
    expect("66 0f 3a 0f c1 08", INSN_PLAIN); /* palignr */
}

Test(length, immediate_values)
{
    cr_assert_eq(expect("6a ff", INSN_PLAIN).imm, -1);
    cr_assert_eq(expect("48 b8 01 02 03 04 05 06 07 08", INSN_PLAIN).imm, 0x0807060504030201);
    cr_assert_eq(expect("c8 10 00 01", INSN_PLAIN).imm, 0x010010);
    cr_assert_eq(expect("cd 80", INSN_INT).imm, -128);
    cr_assert_eq(expect("cc", INSN_INT).imm, 3);
    cr_assert_eq(expect("f1", INSN_INT).imm, 1);
    cr_assert_eq(expect("67 a1 ff ff ff ff", INSN_PLAIN).disp, 0xffffffff);
}

Test(length, limit)
{
    struct insn in;

    expect("66 66 66 66 66 66 66 66 66 66 66 66 66 66 90", INSN_PLAIN);
    in = decode("66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90");
    cr_assert_eq(in.cls, INSN_INVALID);
    cr_assert_eq(in.len, 15);
    /* 10 prefixes and 6 bytes are too many */
    in = decode("2e 2e 2e 2e 2e 2e 2e 2e 2e 2e 81 c1 01 00 00 00");
    cr_assert_eq(in.cls, INSN_INVALID);
    expect("2e 2e 2e 2e 2e 2e 2e 2e 2e 81 c1 01 00 00 00", INSN_PLAIN);
}

Test(length, short_buffers)
{
    static const char *const whole[] = {
        "48 8b 84 c8 11 22 33 44", "0f 1f 84 00 00 00 00 00",       "c5 f8 10 44 24 08",
        "62 f1 7c 48 10 44 24 08", "48 b8 01 02 03 04 05 06 07 08", "90",
        "66 0f 3a 0f c1 08",
    };
    uint8_t code[64];
    struct insn in;

    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        unsigned n = parse(whole[i], code);
        uint8_t *tight = malloc(n);

        memcpy(tight, code, n);
        cr_assert_eq(insn_decode(&in, tight, n), 0, "%s", whole[i]);
        cr_assert_eq(in.len, n);
        for (unsigned k = 0; k < n; k++)
            cr_assert_eq(insn_decode(&in, tight, k), -1, "%s cut to %u", whole[i], k);
        free(tight);
    }
}

/* An answer does not depend on how many bytes may be read beyond the instruction. */
Test(length, same_from_either_way)
{
    uint8_t code[64];
    uint32_t seed = 1;

    for (int i = 0; i < 200000; i++) {
        struct insn far, near;

        memset(&far, 0, sizeof far);
        memset(&near, 0, sizeof near);
        for (unsigned k = 0; k < sizeof code; k++)
            code[k] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
        cr_assert_eq(insn_decode(&far, code, 64), 0);
        cr_assert_eq(insn_decode(&near, code, far.len), 0);
        cr_assert_eq(memcmp(&far, &near, sizeof far), 0);
    }
}

Test(length, vector_encodings)
{
    expect("c5 f8 77", INSN_PLAIN);                        /* vzeroupper: no ModRM */
    expect("c5 fb 10 05 00 00 00 00", INSN_PLAIN);         /* vmovsd, rip-relative */
    expect("c4 e3 7d 19 c1 01", INSN_PLAIN);               /* vextractf128, imm8 */
    expect("c4 e2 71 90 04 08", INSN_PLAIN);               /* vpgatherdd */
    expect("62 f1 7c 48 10 44 24 01", INSN_PLAIN);         /* vmovups, disp8 * 64 */
    expect("62 f3 7d 48 3f c2 00", INSN_PLAIN);            /* vpcmpb, imm8 */
    expect("62 f5 7c 48 58 c1", INSN_PLAIN);               /* vaddph: map 5 */
    expect("62 f6 7d 48 98 c1", INSN_PLAIN);               /* vfmadd132ph: map 6 */
    expect("8f e9 78 01 c8", INSN_PLAIN);                  /* blcfill: XOP */
    expect("8f ea 78 10 c1 11 22 33 44", INSN_PLAIN);      /* bextr imm32: XOP */
    expect("8f e8 78 c0 c1 05", INSN_PLAIN);               /* vprotb imm8: XOP */
    expect("8f c0", INSN_PLAIN);                           /* pop rax, not XOP */
    expect("0f 0f c1 9e", INSN_PLAIN);                     /* pfadd */
    cr_expect_eq(decode("0f 0f c1 00").cls, INSN_INVALID); /* no 3DNow! operation */
    expect("f2 0f 78 c1 01 02", INSN_PLAIN);               /* insertq */
    expect("0f 38 f0 00", INSN_PLAIN);                     /* movbe */
    expect("66 f2 0f 38 f1 c1", INSN_PLAIN);               /* crc32 eax, cx */
}

Test(validity, prefixes_before_vex)
{
    static const char *const bad[] = {"66 c5 f8 10 c1", "f3 c5 f8 10 c1", "48 c5 f8 10 c1",
                                      "f0 c5 f8 10 c1", "66 62 f1 7c 48 10 c1"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(decode(bad[i]).cls, INSN_INVALID, "%s", bad[i]);
    expect("64 c5 f8 10 00", INSN_PLAIN);
    expect("67 c5 f8 10 00", INSN_PLAIN);
}

Test(validity, lock)
{
    static const char *const bad[] = {"f0 90",    "f0 01 c8", "f0 03 00",      "f0 8b 00",
                                      "f0 39 00", "f0 f7 20", "f0 0f ba 20 01"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(decode(bad[i]).cls, INSN_INVALID, "%s", bad[i]);
    cr_expect(expect("f0 01 08", INSN_PLAIN).flags & INSN_F_LOCK);
    expect("f0 0f b1 0a", INSN_PLAIN);
    expect("f0 0f c7 08", INSN_PLAIN);
    expect("f0 0f ba 28 01", INSN_PLAIN);
    cr_expect(expect("87 08", INSN_PLAIN).flags & INSN_F_LOCK); /* xchg locks by itself */
    cr_expect_not(expect("87 c8", INSN_PLAIN).flags & INSN_F_LOCK);
}

Test(validity, not_in_long_mode)
{
    static const char *const bad[] = {"06",    "0e",    "1f",       "27",       "37",
                                      "60",    "61",    "82 c0 01", "9a",       "ce",
                                      "d4 0a", "d6",    "ea",       "0f 04",    "ff f8",
                                      "8e c8", "8d c0", "fe d0",    "0f b8 c0", "0f c7 c8"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(decode(bad[i]).cls, INSN_INVALID, "%s", bad[i]);
}

Test(class, control_transfer)
{
    struct insn in = expect("0f 84 10 00 00 00", INSN_JCC);

    cr_assert_eq(in.opcode & 15, 4);
    cr_assert_eq(insn_target(&in, 0x1000), 0x1016);
    in = expect("eb fe", INSN_JMP);
    cr_assert_eq(insn_target(&in, 0x1000), 0x1000);
    in = expect("e8 fb ff ff ff", INSN_CALL);
    cr_assert_eq(insn_target(&in, 0x1000), 0x1000);
    expect("ff d0", INSN_CALL_IND);
    expect("ff 25 00 00 00 00", INSN_JMP_IND);
    expect("f2 ff 25 00 00 00 00", INSN_JMP_IND); /* bnd */
    expect("3e ff e0", INSN_JMP_IND);             /* notrack */
    expect("c3", INSN_RET);
    expect("f3 c3", INSN_RET);
    expect("c2 08 00", INSN_RET);
    expect("e3 00", INSN_LOOP);
    expect("67 e3 00", INSN_LOOP);
    expect("48 cf", INSN_FAR);
    expect("cb", INSN_FAR);
    expect("ff 28", INSN_FAR);
    expect("48 ff 28", INSN_FAR);
}

Test(class, operand_size_of_near_branches)
{
    cr_expect(expect("66 e8 01 02 03 04", INSN_CALL).flags & INSN_F_VENDOR);
    cr_expect(expect("66 0f 84 01 02 03 04", INSN_JCC).flags & INSN_F_VENDOR);
    /* the thread-local storage sequence: REX.W makes all processors agree */
    cr_expect_not(expect("66 66 48 e8 01 02 03 04", INSN_CALL).flags & INSN_F_VENDOR);
}

Test(class, must_not_run)
{
    expect("0f 05", INSN_SYSCALL);
    expect("0f 34", INSN_SYSENTER);
    expect("0f 0b", INSN_UD);
    expect("0f b9 c1", INSN_UD);
    expect("0f 31", INSN_RDTSC);
    expect("0f 01 f9", INSN_RDTSCP);
    expect("0f a2", INSN_CPUID);
    expect("48 0f c7 f0", INSN_RDRAND);
    expect("0f c7 f8", INSN_RDSEED);
    expect("f3 0f c7 f8", INSN_RDPID);
    expect("0f 01 d0", INSN_XGETBV);
    expect("0f 01 08", INSN_SYSTAB);
    expect("0f 01 e0", INSN_SYSTAB);
    expect("0f 00 c8", INSN_SYSTAB);
    expect("0f 03 c1", INSN_SYSTAB); /* lsl: tells the processor's number */
    expect("c7 f8 00 00 00 00", INSN_XBEGIN);
    expect("c6 f8 01", INSN_XBEGIN);
    expect("0f 01 d6", INSN_XBEGIN);
    expect("f2 0f ae f1", INSN_WAITPKG);
    expect("0f 33", INSN_RDPMC);
    expect("0f 01 fd", INSN_RDPMC); /* rdpru */
    expect("f4", INSN_PRIV);
    expect("e4 60", INSN_PRIV);
    expect("f3 6c", INSN_PRIV);
    expect("0f 30", INSN_PRIV);
    expect("0f 22 04", INSN_PRIV); /* mov to cr0: mod is ignored, so no SIB byte */
    expect("0f 20 c0", INSN_PRIV);
}

Test(registers, operands)
{
    expect_regs("48 01 c8", AX | CX, AX);
    expect_regs("48 89 c8", CX, AX);
    expect_regs("48 8b 04 ca", DX | CX, AX);
    expect_regs("4a 8b 04 ca", DX | R9, AX); /* index r9 */
    expect_regs("42 8b 04 22", DX | R12, AX);
    expect_regs("8b 04 22", DX, AX); /* index 4 without REX.X is none */
    expect_regs("48 8b 05 00 00 00 00", 0, AX);
    expect_regs("48 39 c8", AX | CX, 0);
    expect_regs("48 8d 04 ca", DX | CX, AX);
    expect_regs("41 50", R8 | SP, SP);
    expect_regs("41 58", SP, R8 | SP);
    expect_regs("41 0f c8", R8, R8); /* bswap */
    cr_expect_eq(expect("0f a2", INSN_CPUID).gpr_write, AX | BX | CX | DX);
}

Test(registers, partial_writes_are_reads)
{
    expect_regs("b0 01", AX, AX);
    expect_regs("b4 01", AX, AX);    /* ah */
    expect_regs("40 b4 01", SP, SP); /* spl */
    expect_regs("66 b8 01 00", AX, AX);
    expect_regs("b8 01 00 00 00", 0, AX);
    expect_regs("88 e1", AX | CX, CX); /* mov cl, ah */
    expect_regs("0f 94 c0", AX, AX);
    expect_regs("0f b6 c4", AX, AX); /* movzx eax, ah */
    expect_regs("0f b6 cd", CX, CX); /* movzx ecx, ch */
    expect_regs("40 0f b6 cd", BP, CX);
    expect_regs("0f 44 c1", AX | CX, AX); /* cmov */
    expect_regs("0f bc c1", AX | CX, AX); /* bsf */
}

Test(registers, implicit)
{
    expect_regs("f7 e1", AX | CX, AX | DX);
    expect_regs("f6 e1", AX | CX, AX);
    expect_regs("f7 f1", AX | CX | DX, AX | DX);
    expect_regs("48 99", AX, DX);
    expect_regs("f3 48 a5", CX | SI | DI, CX | SI | DI);
    expect_regs("48 ab", AX | DI, DI);
    expect_regs("ac", AX | SI, AX | SI);
    expect_regs("d3 e0", AX | CX, AX);
    expect_regs("0f b1 0a", AX | CX | DX, AX);
    expect_regs("48 0f c7 0f", AX | BX | CX | DX | DI, AX | DX);
    expect_regs("c9", BP, SP | BP);
    expect_regs("d7", AX | BX, AX);
    expect_regs("66 0f f7 c1", DI, 0);
    expect_regs("66 0f 3a 61 c1 00", AX | DX, CX);
    expect_regs("90", 0, 0);
    expect_regs("41 90", AX | R8, AX | R8);
    expect_regs("f3 0f 1e fa", 0, 0); /* endbr64 */
    expect_regs("0f 01 ef", AX | CX | DX, 0);
}

Test(registers, vector_encodings)
{
    expect_regs("c4 e2 70 f2 c3", CX | BX, AX);      /* andn eax, ecx, ebx */
    expect_regs("c4 c2 73 f6 c0", DX | R8, AX | CX); /* mulx eax, ecx, r8d */
    expect_regs("c4 e2 70 f3 c8", AX, CX);           /* blsr ecx, eax */
    expect_regs("c4 e1 f9 6e c0", AX, 0);            /* vmovq xmm0, rax */
    expect_regs("c4 e1 f9 7e c0", 0, AX);            /* vmovq rax, xmm0 */
    expect_regs("c5 fa 7e c0", 0, 0);                /* vmovq xmm0, xmm0 */
    expect_regs("c5 f9 d7 c1", 0, AX);               /* vpmovmskb */
    expect_regs("c5 fb 2a c1", CX, 0);               /* vcvtsi2sd */
    expect_regs("c5 fb 2c c1", 0, AX);               /* vcvttsd2si */
    expect_regs("c5 fb 93 c1", 0, AX);               /* kmovd eax, k1 */
    expect_regs("c4 e2 71 90 04 08", AX, 0);         /* vpgatherdd: index is xmm1 */
    expect_regs("62 f2 7d 48 7c c1", CX, 0);         /* vpbroadcastd zmm0, ecx */
    expect_regs("c4 c1 7b 10 04 24", R12, 0);
    expect_regs("c4 e3 79 14 c0 01", 0, AX); /* vpextrb eax */
}

Test(flags, arithmetic)
{
    expect_flags("01 c8", 0, X86_ARITH);
    expect_flags("11 c8", X86_CF, X86_ARITH);
    expect_flags("ff c0", 0, X86_ARITH & ~X86_CF);
    expect_flags("f7 d0", 0, 0); /* not */
    expect_flags("48 8d 00", 0, 0);
    expect_flags("0f a3 c8", 0, X86_CF);
    expect_flags("0f af c1", 0, X86_CF | X86_OF);
    expect_flags("f7 f1", 0, 0);
    expect_flags("0f bc c1", 0, X86_ZF);
    expect_flags("0f c7 08", 0, X86_ZF);
    expect_flags("0f 2f c1", 0, X86_ARITH);
    expect_flags("c5 f8 98 c1", 0, X86_ARITH); /* kortestw */
    expect_flags("66 0f 38 f6 c1", X86_CF, X86_CF);
    expect_flags("9c", X86_ARITH | X86_DF, 0);
    expect_flags("9d", 0, X86_ARITH | X86_DF);
    expect_flags("fc", 0, X86_DF);
    expect_flags("a4", X86_DF, 0);
    expect_flags("0f 46 c1", X86_CF | X86_ZF, 0);
    expect_flags("0f 9f c0", X86_ZF | X86_SF | X86_OF, 0);
}

/* What may be left alone is not written. */
Test(flags, counts)
{
    expect_flags("c1 e0 01", 0, X86_ARITH);
    expect_flags("c1 e0 20", 0, 0);            /* 32 & 31 = 0 */
    expect_flags("48 c1 e0 20", 0, X86_ARITH); /* 32 & 63 */
    expect_flags("48 c1 e0 40", 0, 0);
    expect_flags("d3 e0", 0, 0);
    expect_flags("d1 e0", 0, X86_ARITH);
    expect_flags("d1 c0", 0, X86_CF | X86_OF);
    expect_flags("d1 d0", X86_CF, X86_CF | X86_OF);
    expect_flags("d3 d0", X86_CF, 0);
    expect_flags("0f a4 c8 00", 0, 0);
    expect_flags("0f a5 c8", 0, 0);
    expect_flags("a6", X86_DF, X86_ARITH);
    expect_flags("f3 a6", X86_DF, 0); /* rcx may be 0 */
}

Test(flags, memory)
{
    cr_expect_eq(expect("8b 00", INSN_PLAIN).flags & (INSN_F_LOAD | INSN_F_STORE), INSN_F_LOAD);
    cr_expect_eq(expect("89 00", INSN_PLAIN).flags & (INSN_F_LOAD | INSN_F_STORE), INSN_F_STORE);
    cr_expect_eq(expect("01 00", INSN_PLAIN).flags & (INSN_F_LOAD | INSN_F_STORE),
                 INSN_F_LOAD | INSN_F_STORE);
    cr_expect_eq(expect("8d 00", INSN_PLAIN).flags & (INSN_F_LOAD | INSN_F_STORE | INSN_F_MEM),
                 INSN_F_MEM);
    cr_expect_eq(expect("ff 30", INSN_PLAIN).flags & (INSN_F_LOAD | INSN_F_STORE | INSN_F_STACK),
                 INSN_F_LOAD | INSN_F_STORE | INSN_F_STACK);
    cr_expect_eq(expect("0f 11 00", INSN_PLAIN).flags &
                     (INSN_F_LOAD | INSN_F_STORE | INSN_F_VECTOR),
                 INSN_F_STORE | INSN_F_VECTOR);
    cr_expect_eq(expect("c5 f8 28 00", INSN_PLAIN).flags & (INSN_F_LOAD | INSN_F_STORE),
                 INSN_F_LOAD);
    cr_expect_eq(expect("65 8b 00", INSN_PLAIN).seg, 0x65);
    cr_expect_eq(expect("64 2e 8b 00", INSN_PLAIN).seg, 0x64);
}
