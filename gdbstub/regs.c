/* regs.c - where each register lies in struct target_regs. */
#include "regs.h"
#include "regs_table.h"

#include <string.h>

#define AT(field) offsetof(struct target_regs, field)
#define GPR(n) (AT(gpr) + (n)*8u)
#define ONE(name, size, type, where, offset) \
    { \
        name, 0, 1, size, type, F_CORE, 0, where, offset, 0, "" \
    }

/* In the order of their numbers. */
static const struct reg_block blocks[] = {
    ONE("rax", 8, "int64", W_REGS, GPR(0)),
    ONE("rbx", 8, "int64", W_REGS, GPR(3)),
    ONE("rcx", 8, "int64", W_REGS, GPR(1)),
    ONE("rdx", 8, "int64", W_REGS, GPR(2)),
    ONE("rsi", 8, "int64", W_REGS, GPR(6)),
    ONE("rdi", 8, "int64", W_REGS, GPR(7)),
    ONE("rbp", 8, "data_ptr", W_REGS, GPR(5)),
    ONE("rsp", 8, "data_ptr", W_REGS, GPR(4)),
    {"r%u", 8, 8, 8, "int64", F_CORE, 0, W_REGS, GPR(8), 8, ""},
    ONE("rip", 8, "code_ptr", W_REGS, AT(rip)),
    ONE("eflags", 4, "i386_eflags", W_REGS, AT(rflags)),
    ONE("cs", 4, "int32", W_CONSTANT, 0x33),
    ONE("ss", 4, "int32", W_CONSTANT, 0x2b),
    ONE("ds", 4, "int32", W_CONSTANT, 0),
    ONE("es", 4, "int32", W_CONSTANT, 0),
    ONE("fs", 4, "int32", W_CONSTANT, 0),
    ONE("gs", 4, "int32", W_CONSTANT, 0),
    {"st%u", 0, 8, 10, "i387_ext", F_CORE, 0, W_XSTATE, 32, 16, ""},
    {"fctrl", 0, 1, 4, "int", F_CORE, 0, W_X87, 0, 2, "float"},
    {"fstat", 0, 1, 4, "int", F_CORE, 0, W_X87, 2, 2, "float"},
    {"ftag", 0, 1, 4, "int", F_CORE, 0, W_X87_TAG, 4, 1, "float"},
    {"fiseg", 0, 1, 4, "int", F_CORE, 0, W_X87, 12, 2, "float"},
    {"fioff", 0, 1, 4, "int", F_CORE, 0, W_X87, 8, 4, "float"},
    {"foseg", 0, 1, 4, "int", F_CORE, 0, W_X87, 20, 2, "float"},
    {"fooff", 0, 1, 4, "int", F_CORE, 0, W_X87, 16, 4, "float"},
    {"fop", 0, 1, 4, "int", F_CORE, 0, W_X87, 6, 2, "float"},
    {"xmm%u", 0, 16, 16, "vec128", F_SSE, 0, W_XSTATE, 160, 16, ""},
    {"mxcsr", 0, 1, 4, "i386_mxcsr", F_SSE, 0, W_XSTATE, 24, 0, "vector"},
    {"orig_rax", 0, 1, 8, "int", F_LINUX, 0, W_REGS, AT(orig_rax), 0, "system"},
    {"fs_base", 0, 1, 8, "int", F_SEGMENTS, 0, W_REGS, AT(fs_base), 0, ""},
    {"gs_base", 0, 1, 8, "int", F_SEGMENTS, 0, W_REGS, AT(gs_base), 0, ""},
    {"ymm%uh", 0, 16, 16, "uint128", F_AVX, TARGET_X_AVX, W_XSTATE, 0, 16, ""},
    {"k%u", 0, 8, 8, "uint64", F_AVX512, TARGET_X_OPMASK, W_XSTATE, 0, 8, ""},
    {"zmm%uh", 0, 16, 32, "v2ui128", F_AVX512, TARGET_X_ZMM_HIGH, W_XSTATE, 0, 32, ""},
    {"xmm%u", 16, 16, 16, "vec128", F_AVX512, TARGET_X_ZMM_16_31, W_XSTATE, 0, 64, ""},
    {"ymm%uh", 16, 16, 16, "uint128", F_AVX512, TARGET_X_ZMM_16_31, W_XSTATE, 16, 64, ""},
    {"zmm%uh", 16, 16, 32, "v2ui128", F_AVX512, TARGET_X_ZMM_16_31, W_XSTATE, 32, 64, ""},
    {"pkru", 0, 1, 4, "int", F_PKEYS, TARGET_X_PKRU, W_XSTATE, 0, 0, ""},
};
#define BLOCKS (sizeof(blocks) / sizeof(blocks[0]))

/* AVX-512 is described as one feature, so all of it must be there. */
#define AVX512 (1u << TARGET_X_OPMASK | 1u << TARGET_X_ZMM_HIGH | 1u << TARGET_X_ZMM_16_31)

static int present(const struct reg_block *b, const struct target_layout *layout)
{
    if (b->feature == F_AVX512)
        return (layout->mask & AVX512) == AVX512 && (layout->mask >> TARGET_X_AVX & 1);
    return !b->component || (layout->mask >> b->component & 1);
}

const struct reg_block *regs_block(unsigned i, const struct target_layout *layout)
{
    static const struct reg_block none = {"", 0, 0, 0, "", F_COUNT, 0, W_REGS, 0, 0, ""};
    if (i >= BLOCKS)
        return NULL;
    return present(&blocks[i], layout) ? &blocks[i] : &none;
}

unsigned regs_count(const struct target_layout *layout)
{
    const struct reg_block *b;
    unsigned n = 0;
    for (unsigned i = 0; (b = regs_block(i, layout)); i++)
        n += b->count;
    return n;
}

/* The block that has the register; *number becomes its place in there. */
static const struct reg_block *find(const struct target_layout *layout, unsigned *number)
{
    const struct reg_block *b;
    for (unsigned i = 0; (b = regs_block(i, layout)); i++) {
        if (*number < b->count)
            return b;
        *number -= b->count;
    }
    return NULL;
}

/* Bytes of the image, if all of them are in it. */
static uint8_t *in_image(const struct target_regs *regs, size_t offset, size_t size)
{
    if (regs->xstate_size > sizeof(regs->xstate) || offset > regs->xstate_size ||
        size > regs->xstate_size - offset)
        return NULL;
    return (uint8_t *)(uintptr_t)regs->xstate + offset;
}

static uint8_t *place(const struct target_regs *regs, const struct target_layout *layout,
                      const struct reg_block *b, unsigned index)
{
    size_t offset = b->offset + (size_t)index * b->stride;
    if (b->where == W_REGS)
        return (uint8_t *)(uintptr_t)regs + offset;
    if (b->where == W_XSTATE)
        return in_image(regs, (b->component ? layout->offset[b->component] : 0) + offset, b->size);
    return in_image(regs, b->offset, b->stride);
}

/* ------------------------------------------------------------------------ x87 tags */
enum { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

static unsigned tag_of(const uint8_t *value)
{
    unsigned exponent = (value[8] | (unsigned)value[9] << 8) & 0x7fff;
    uint64_t mantissa;
    memcpy(&mantissa, value, 8);
    if (exponent == 0x7fff)
        return TAG_SPECIAL;
    if (exponent == 0)
        return mantissa ? TAG_SPECIAL : TAG_ZERO;
    return mantissa >> 63 ? TAG_VALID : TAG_SPECIAL;
}

/* The image has one bit a register, GDB wants the two that the processor shows to FSTENV. */
static uint32_t full_tags(const uint8_t *image)
{
    unsigned top = image[3] >> 3 & 7, tags = 0;
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *value = image + 32 + ((i + 8 - top) & 7) * 16;
        tags |= (image[4] >> i & 1 ? tag_of(value) : (unsigned)TAG_EMPTY) << (2 * i);
    }
    return tags;
}

static uint8_t short_tags(uint32_t tags)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < 8; i++)
        bits |= (unsigned)((tags >> (2 * i) & 3) != TAG_EMPTY) << i;
    return (uint8_t)bits;
}

/* ------------------------------------------------------------------------- access */
unsigned regs_get(const struct target_regs *regs, const struct target_layout *layout,
                  unsigned number, void *value)
{
    const struct reg_block *b = find(layout, &number);
    if (!b)
        return 0;
    memset(value, 0, REG_MAX);
    if (b->where == W_CONSTANT) {
        uint32_t constant = (uint32_t)b->offset;
        memcpy(value, &constant, sizeof(constant));
        return b->size;
    }
    const uint8_t *from = place(regs, layout, b, number);
    if (from && b->where == W_X87_TAG) {
        uint32_t tags = full_tags(regs->xstate);
        memcpy(value, &tags, sizeof(tags));
    } else if (from) {
        memcpy(value, from, b->where == W_X87 ? b->stride : b->size);
    }
    return b->size;
}

unsigned regs_set(struct target_regs *regs, const struct target_layout *layout, unsigned number,
                  const void *value)
{
    const struct reg_block *b = find(layout, &number);
    if (!b)
        return 0;
    uint8_t *to = b->where == W_CONSTANT ? NULL : place(regs, layout, b, number);
    if (!to || b->feature == F_LINUX)
        return b->size;
    if (b->where == W_X87_TAG) {
        uint32_t tags;
        memcpy(&tags, value, sizeof(tags));
        *to = short_tags(tags);
    } else {
        memcpy(to, value, b->where == W_X87 ? b->stride : b->size);
    }
    return b->size;
}
