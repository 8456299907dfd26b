/* generate.c - see generate.h. */
#include "generate.h"

#include "harness.h"
#include "rekernel/x86/decode.h"

#include <string.h>

unsigned pick(unsigned n)
{
    return (unsigned)(hx_random() % n);
}

static uint8_t random_byte(void)
{
    return (uint8_t)hx_random();
}

/* Prefixes and opcode map, so that every map gets its share. */
static unsigned random_head(uint8_t *p)
{
    unsigned n = 0, kind = pick(16);
    if (kind >= 12) {
        static const uint8_t maps[] = {1, 1, 2, 3};
        uint8_t map = maps[pick(4)];
        if (kind >= 14) {
            p[n++] = 0x62;
            p[n++] = (uint8_t)((random_byte() & 0xf0) | map);
            p[n++] = random_byte() | 4;
            p[n++] = random_byte();
        } else {
            p[n++] = 0xc4;
            p[n++] = (uint8_t)((random_byte() & 0xe0) | map);
            p[n++] = random_byte();
        }
        return n;
    }
    static const uint8_t prefixes[] = {0x66, 0xf2, 0xf3, 0x67, 0x2e, 0xf0};
    while (pick(4) == 0 && n < 3)
        p[n++] = prefixes[pick(6)];
    if (pick(2))
        p[n++] = (uint8_t)(0x40 | pick(16));
    if (kind >= 7)
        p[n++] = 0x0f;
    if (kind >= 10)
        p[n++] = kind == 10 ? 0x38 : 0x3a;
    return n;
}

/* Instructions that would harm this process or whose results depend on the mode. */
static int unwanted(const struct insn *in)
{
    unsigned op = in->opcode, reg = in->modrm >> 3 & 7;
    if (in->cls != INSN_PLAIN)
        return 1;
    if (in->seg == 0x64 && (in->flags & INSN_F_STORE)) /* this thread's own libc data */
        return 1;
    if (in->map == 0) {
        if (op == 0x8e || op == 0x9d)
            return 1;
        return (op == 0xd9 || op == 0xdd) && reg == 6 && (in->modrm >> 6) != 3;
    }
    if (in->map != 1 || (in->flags & (INSN_F_REX2_VEX | INSN_F_EVEX)))
        return 0;
    if (op == 0xae)
        return in->modrm >> 6 == 3 ? in->pfxrep != 0 : reg != 2 && reg != 3 && reg != 7;
    return op == 0x00 || op == 0x01 || op == 0xa1 || op == 0xa9 || op == 0xb2 || op == 0xb4 ||
           op == 0xb5 || (op == 0xc7 && reg != 1);
}

/* Displacements that stay near what the registers point to; rip-relative ones hit data. */
static void tame(uint8_t *p, struct insn *in, uint64_t pc, int high)
{
    if (in->disp_size != 4)
        return;
    int32_t disp = (int32_t)pick(512) - 256;
    if (in->flags & INSN_F_RIPREL)
        disp = (int32_t)((high ? HIGH_DATA : HX_DATA) + pick(4096) - (pc + in->len));
    else if (!in->modrm_off || ((in->modrm & 0xc7) == 4 && (in->sib & 7) == 5))
        disp = (int32_t)(HX_DATA + pick(8192));
    memcpy(p + in->disp_off, &disp, 4);
}

unsigned random_insn(uint8_t *p, uint64_t pc, int high)
{
    struct insn in;
    for (;;) {
        unsigned n = random_head(p);
        for (unsigned i = n; i < 16; i++)
            p[i] = random_byte();
        /* rip-relative operands and r11 matter most here */
        if (pick(6) == 0)
            p[n + 1] = (uint8_t)((p[n + 1] & 0x38) | 5);
        if (insn_decode(&in, p, 15) != 0 || unwanted(&in))
            continue;
        tame(p, &in, pc, high);
        return in.len;
    }
}
