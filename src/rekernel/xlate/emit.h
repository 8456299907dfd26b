/*
 * emit.h - writing host instructions. All absolute addresses are below 2 GiB.
 * None of the helpers' instructions changes flags unless its name says so.
 */
#ifndef RRL_XLATE_EMIT_H
#define RRL_XLATE_EMIT_H

#include "internal.h"

#define AT_COUNTER (XL_CTL + CTL_COUNTER)
#define AT_TARGET (XL_CTL + CTL_TARGET)
#define AT_SOURCE (XL_CTL + CTL_SOURCE)
#define AT_SITE (XL_CTL + CTL_SITE)
#define AT_EXIT_ID (XL_CTL + CTL_EXIT_ID)

/* The emitter: where the next byte goes. Room is checked once per unit. */
struct emit {
    uint8_t *p;
};

static inline uint32_t em_at(const struct emit *e)
{
    return (uint32_t)(uintptr_t)e->p;
}

static inline void em8(struct emit *e, unsigned v)
{
    *e->p++ = (uint8_t)v;
}

static inline void em32(struct emit *e, uint32_t v)
{
    __builtin_memcpy(e->p, &v, 4);
    e->p += 4;
}

static inline void em64(struct emit *e, uint64_t v)
{
    __builtin_memcpy(e->p, &v, 8);
    e->p += 8;
}

/* n opcode bytes, the first in the lowest byte of v (n <= 8). */
static inline void em_bytes(struct emit *e, uint64_t v, unsigned n)
{
    __builtin_memcpy(e->p, &v, 8);
    e->p += n;
}

/* One instruction's bytes. Writes 16 of them and reads as many: xl_gather and the cache have
 * the room. */
static inline void em_copy(struct emit *e, const uint8_t *bytes, unsigned len)
{
    uint64_t low, high;
    __builtin_memcpy(&low, bytes, 8);
    __builtin_memcpy(&high, bytes + 8, 8);
    __builtin_memcpy(e->p, &low, 8);
    __builtin_memcpy(e->p + 8, &high, 8);
    e->p += len;
}

/* opcode with a 64-bit register and an absolute address */
static inline void em_reg_abs(struct emit *e, unsigned opcode, unsigned reg, uint32_t addr)
{
    uint32_t rex = 0x48u | (reg & 8 ? 4u : 0u);
    uint32_t modrm = (reg & 7) << 3 | 4u;
    em_bytes(e, rex | opcode << 8 | modrm << 16 | 0x25u << 24, 4);
    em32(e, addr);
}

static inline void em_store(struct emit *e, unsigned reg, uint32_t addr)
{
    em_reg_abs(e, 0x89, reg, addr);
}

static inline void em_load(struct emit *e, unsigned reg, uint32_t addr)
{
    em_reg_abs(e, 0x8b, reg, addr);
}

/* mov reg, imm64, the shortest way */
static inline void em_mov_imm(struct emit *e, unsigned reg, uint64_t v)
{
    unsigned b = reg >> 3, r = reg & 7;
    if (v <= UINT32_MAX) {
        if (b)
            em8(e, 0x41);
        em8(e, 0xb8 + r);
        em32(e, (uint32_t)v);
    } else {
        em8(e, 0x48 | b);
        em8(e, 0xb8 + r);
        em64(e, v);
    }
}

/* rel32 of the instruction that ends right behind it */
static inline void em_rel32(struct emit *e, uint32_t target)
{
    em32(e, target - (em_at(e) + 4));
}

static inline void em_jmp(struct emit *e, uint32_t target)
{
    em8(e, 0xe9);
    em_rel32(e, target);
}

/* One short forward jump whose place is filled in later by em_here. */
static inline uint8_t *em_short(struct emit *e, unsigned opcode)
{
    em8(e, opcode);
    em8(e, 0);
    return e->p;
}

static inline void em_here(const struct emit *e, uint8_t *after)
{
    if (e->p - after > 127)
        __builtin_trap();
    after[-1] = (uint8_t)(e->p - after);
}

/* lea r11, [r11 - 1]: counts one tick */
static inline void em_count(struct emit *e)
{
    em_bytes(e, 0xff5b8d4d, 4);
}

/* lea r11, [r11 + 1]: takes it back */
static inline void em_uncount(struct emit *e)
{
    em_bytes(e, 0x015b8d4d, 4);
}

static inline int fits_i32(uint64_t v)
{
    return (int64_t)v == (int32_t)v;
}

/* lea rcx, [rcx + v], through rdx where v is wide. */
static inline void em_add_rcx(struct emit *e, uint64_t v)
{
    if (fits_i32(v)) {
        em_bytes(e, 0x898d48, 3);
        em32(e, (uint32_t)v);
    } else {
        em_mov_imm(e, RDX, v);
        em_bytes(e, 0x110c8d48, 4);
    }
}

#endif
