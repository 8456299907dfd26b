/*
 * access.c - see access.h: addresses, implicit operands and masks. Sizes are opsize.c's.
 */
#include "access.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

#define IS_VEX(in) ((in)->flags & (INSN_F_REX2_VEX | INSN_F_EVEX | INSN_F_XOP))

struct list {
    struct insn_access *out;
    unsigned count;
};

static void add(struct list *l, uint64_t addr, uint64_t len, uint32_t kind)
{
    if (!len || !kind || l->count == ACCESS_MAX)
        return;
    if (addr + len < addr)
        len = -addr - 1;
    l->out[l->count++] = (struct insn_access){addr, len, kind};
}

/* -------------------------------------------------------------- addresses */
int insn_vector_index(const struct insn *in)
{
    return in->map == 2 && (in->flags & (INSN_F_REX2_VEX | INSN_F_EVEX)) &&
           ((in->opcode >= 0x90 && in->opcode <= 0x93) ||
            (in->opcode >= 0xa0 && in->opcode <= 0xa3 && (in->flags & INSN_F_EVEX)));
}

int64_t insn_displacement(const struct insn *in, const uint8_t *bytes)
{
    if (!(in->flags & INSN_F_EVEX) || in->disp_size != 1)
        return in->disp;
    return in->disp * (int64_t)insn_disp8_unit(in, bytes);
}

static uint64_t segment(const struct insn *in, const struct access_cpu *cpu)
{
    return in->seg ? cpu->base(in->seg) : 0;
}

/* Address within a segment: 32 bits of it with prefix 67. */
static uint64_t linear(const struct insn *in, const struct access_cpu *cpu, uint64_t offset)
{
    return segment(in, cpu) + (in->pfx67 ? (uint32_t)offset : offset);
}

/* ModRM's base and index, or the next instruction, with the displacement. pop computes its
 * address after it has popped. */
static uint64_t operand_offset(const struct insn *in, const uint8_t *bytes,
                               const struct access_cpu *cpu)
{
    unsigned mod = in->modrm >> 6, rm = in->modrm & 7;
    uint64_t offset = (uint64_t)insn_displacement(in, bytes);
    if (in->flags & INSN_F_RIPREL)
        return cpu->pc + in->len + offset;
    if (rm != 4)
        return offset + cpu->gpr[rm | (in->rex & 1u) << 3];
    unsigned base = (in->sib & 7) | (in->rex & 1u) << 3;
    unsigned index = (in->sib >> 3 & 7) | (in->rex & 2u) << 2;
    if (mod || (in->sib & 7) != 5)
        offset += cpu->gpr[base];
    if (base == RSP && in->map == 0 && in->opcode == 0x8f && !IS_VEX(in))
        offset += in->opsize;
    if (index != 4 && !insn_vector_index(in))
        offset += cpu->gpr[index] << (in->sib >> 6);
    return offset;
}

uint64_t insn_operand_addr(const struct insn *in, const uint8_t *bytes,
                           const struct access_cpu *cpu)
{
    return linear(in, cpu, operand_offset(in, bytes, cpu));
}

static uint32_t kind_of(const struct insn *in)
{
    return (in->flags & INSN_F_LOAD ? ACCESS_READ : 0) |
           (in->flags & INSN_F_STORE ? ACCESS_WRITE : 0);
}

/* Of vector extensions, which load, and truncations (prefix F3), which store, the decoder says
 * that they may do both. */
uint32_t insn_kinds(const struct insn *in, const uint8_t *bytes)
{
    uint32_t kinds = kind_of(in);
    if (kinds == (ACCESS_READ | ACCESS_WRITE) && IS_VEX(in) && in->map == 2 &&
        (in->flags & INSN_F_VECTOR))
        return (bytes[in->prefix_len + 2] & 3) == 2 ? ACCESS_WRITE : ACCESS_READ;
    return kinds;
}

/* ------------------------------------------------------------------ masked */
static uint64_t element(const uint8_t *at, unsigned size)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

/* The sign bits of a vector's elements as a mask. */
static uint64_t signs(const uint8_t *vector, unsigned bytes, unsigned size)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < bytes / size; i++)
        mask |= (uint64_t)(vector[(i + 1) * size - 1] >> 7) << i;
    return mask;
}

/* Runs of elements with their bit set, n of them at most. */
static void add_masked(struct list *l, uint64_t addr, uint64_t mask, unsigned n, unsigned size,
                       uint32_t kind)
{
    for (unsigned i = 0; i < n;) {
        unsigned from = i;
        while (i < n && mask >> i & 1)
            i++;
        add(l, addr + from * size, (uint64_t)(i - from) * size, kind);
        if (i == from)
            i++;
    }
}

static const uint8_t *prefix_of(const struct insn *in, const uint8_t *bytes)
{
    return bytes + in->prefix_len;
}

/* Number of the register in vvvv (and V'). */
static unsigned third_register(const struct insn *in, const uint8_t *bytes)
{
    const uint8_t *p = prefix_of(in, bytes);
    unsigned v = (p[0] == 0xc5 ? p[1] : p[2]) >> 3 & 15;
    return 15 - v;
}

/* vmaskmovps/pd, vpmaskmovd/q: a vector register says which elements. */
static void vector_masked(struct list *l, const struct insn *in, const uint8_t *bytes,
                          const struct access_cpu *cpu)
{
    uint8_t mask[64];
    unsigned size = in->opcode >= 0x8c ? (in->rex & 8 ? 8 : 4) : in->opcode & 1 ? 8 : 4;
    unsigned all = insn_operand_size(in, bytes);
    cpu->vector(third_register(in, bytes), mask);
    add_masked(l, insn_operand_addr(in, bytes, cpu), signs(mask, all, size), all / size, size,
               insn_kinds(in, bytes));
}

/* maskmovq, maskmovdqu: bytes at rdi where the other operand says so. The mmx form's registers
 * are not looked at. */
static void byte_masked(struct list *l, const struct insn *in, const struct access_cpu *cpu)
{
    uint8_t mask[64];
    uint64_t addr = linear(in, cpu, cpu->gpr[RDI]);
    if (!in->pfx66 && !IS_VEX(in)) {
        add(l, addr, 8, ACCESS_WRITE);
        return;
    }
    cpu->vector((in->modrm & 7) | (in->rex & 1u) << 3, mask);
    add_masked(l, addr, signs(mask, 16, 1), 16, 1, ACCESS_WRITE);
}

/* Element size of an EVEX instruction whose masked elements are known not to be accessed
 * one by one: plain moves; 0: of no such. */
static unsigned move_element(const struct insn *in, const uint8_t *prefix)
{
    unsigned w = in->rex & 8, pp = prefix[2] & 3, op = in->opcode;
    if (in->map == 1 && (op == 0x10 || op == 0x11 || op == 0x28 || op == 0x29))
        return w ? 8 : 4;
    if (in->map == 1 && (op == 0x6f || op == 0x7f))
        return pp == 3 ? (w ? 2 : 1) : w ? 8 : 4;
    if (in->map == 2 && pp == 2) { /* stores of narrowed elements */
        static const uint8_t to[] = {1, 1, 1, 2, 2, 4};
        unsigned row = op & 15;
        if ((op >> 4) >= 1 && (op >> 4) <= 3 && row < 6)
            return to[row];
    }
    return 0;
}

static unsigned bits_set(uint64_t v)
{
    unsigned n = 0;
    for (; v; v &= v - 1)
        n++;
    return n;
}

/* With a mask register. Compressed elements lie one behind the other. */
static void register_masked(struct list *l, const struct insn *in, const uint8_t *bytes,
                            const struct access_cpu *cpu)
{
    const uint8_t *prefix = prefix_of(in, bytes);
    uint32_t all = insn_operand_size(in, bytes);
    uint64_t addr = insn_operand_addr(in, bytes, cpu), mask = cpu->mask(prefix[3] & 7);
    unsigned size = move_element(in, prefix), unit = insn_disp8_unit(in, bytes);
    if (unit < all) { /* compress, expand */
        unsigned n = all / unit;
        mask &= n < 64 ? (1ull << n) - 1 : ~0ull;
        add(l, addr, (uint64_t)bits_set(mask) * unit, insn_kinds(in, bytes));
    } else if (size) {
        add_masked(l, addr, mask, all / size, size, insn_kinds(in, bytes));
    } else {
        add(l, addr, all, insn_kinds(in, bytes));
    }
}

/* ---------------------------------------------------------- gather, scatter */
/* How many elements, and of how many bytes each and its index is. */
struct vsib {
    unsigned count, size, index_size, index;
    uint64_t mask;
};

static struct vsib vsib_of(const struct insn *in, const uint8_t *bytes,
                           const struct access_cpu *cpu)
{
    const uint8_t *p = prefix_of(in, bytes);
    uint8_t vector[64];
    struct vsib v = {.size = in->rex & 8 ? 8 : 4, .index_size = in->opcode & 1 ? 8 : 4};
    unsigned all = p[2] & 4 ? 32 : 16, wide = v.size > v.index_size ? v.size : v.index_size;
    v.index = (in->sib >> 3 & 7) | (in->rex & 2u) << 2;
    if (in->flags & INSN_F_EVEX) {
        all = 16u << (p[3] >> 5 & 3);
        v.index |= p[3] & 8 ? 0 : 16;
        v.mask = cpu->mask(p[3] & 7);
    } else {
        cpu->vector(third_register(in, bytes), vector);
        v.mask = signs(vector, all, v.size);
    }
    v.count = all > 64 ? 0 : all / wide;
    return v;
}

static void gather(struct list *l, const struct insn *in, const uint8_t *bytes,
                   const struct access_cpu *cpu)
{
    uint8_t index[64];
    struct vsib v = vsib_of(in, bytes, cpu);
    uint64_t offset = operand_offset(in, bytes, cpu);
    cpu->vector(v.index, index);
    for (unsigned i = 0; i < v.count; i++) {
        if (!(v.mask >> i & 1))
            continue;
        uint64_t at = element(index + i * v.index_size, v.index_size);
        if (v.index_size == 4)
            at = (uint64_t)(int32_t)at;
        add(l, linear(in, cpu, offset + (at << (in->sib >> 6))), v.size, insn_kinds(in, bytes));
    }
}

/* ------------------------------------------------------------ stack, strings */
static void push(struct list *l, const struct access_cpu *cpu, unsigned size)
{
    add(l, cpu->gpr[RSP] - size, size, ACCESS_WRITE);
}

static void pop(struct list *l, const struct access_cpu *cpu, unsigned size)
{
    add(l, cpu->gpr[RSP], size, ACCESS_READ);
}

/* enter: pushes rbp, then copies and a new one of nested frames' pointers. */
static void enter(struct list *l, const struct insn *in, const struct access_cpu *cpu)
{
    unsigned level = (unsigned)(in->imm >> 16) & 31, size = in->opsize;
    unsigned pushes = level ? level + 1 : 1;
    add(l, cpu->gpr[RSP] - (uint64_t)pushes * size, (uint64_t)pushes * size, ACCESS_WRITE);
    if (level > 1)
        add(l, cpu->gpr[RBP] - (uint64_t)(level - 1) * size, (uint64_t)(level - 1) * size,
            ACCESS_READ);
}

/* One side of a string instruction: all elements, forward or backward. */
static void string_side(struct list *l, const struct insn *in, const struct access_cpu *cpu,
                        unsigned reg, uint32_t kind)
{
    uint64_t count = 1, at = cpu->gpr[reg], size = in->opsize;
    if (in->flags & (INSN_F_REP | INSN_F_REPNE))
        count = in->pfx67 ? (uint32_t)cpu->gpr[RCX] : cpu->gpr[RCX];
    if (!count)
        return;
    uint64_t len = count > UINT64_MAX / size ? UINT64_MAX : count * size;
    if (cpu->rflags & X86_DF)
        at = at + size - len;
    if (in->pfx67)
        at = (uint32_t)at;
    add(l, at + (reg == RSI ? segment(in, cpu) : 0), len, kind);
}

static void string(struct list *l, const struct insn *in, const struct access_cpu *cpu)
{
    switch (in->opcode & 0xfe) {
    case 0xa4: /* movs */
        string_side(l, in, cpu, RSI, ACCESS_READ);
        string_side(l, in, cpu, RDI, ACCESS_WRITE);
        break;
    case 0xa6: /* cmps */
        string_side(l, in, cpu, RSI, ACCESS_READ);
        string_side(l, in, cpu, RDI, ACCESS_READ);
        break;
    case 0xaa: /* stos */
        string_side(l, in, cpu, RDI, ACCESS_WRITE);
        break;
    case 0xac: /* lods */
        string_side(l, in, cpu, RSI, ACCESS_READ);
        break;
    case 0xae: /* scas */
        string_side(l, in, cpu, RDI, ACCESS_READ);
        break;
    default: /* ins, outs: not for user code */
        break;
    }
}

/* -------------------------------------------------------------------- others */
static void implicit_stack(struct list *l, const struct insn *in, const struct access_cpu *cpu)
{
    if (in->map == 0 && in->opcode == 0xc8)
        enter(l, in, cpu);
    else if (in->map == 0 && in->opcode == 0xc9)
        add(l, cpu->gpr[RBP], in->opsize, ACCESS_READ);
    else if (in->map == 0 && in->opcode == 0x8f)
        pop(l, cpu, in->opsize);
    else if (in->map == 0 && in->opcode == 0xff)
        push(l, cpu, in->opsize);
    else if (in->flags & INSN_F_STORE)
        push(l, cpu, in->opsize);
    else if (in->flags & INSN_F_LOAD)
        pop(l, cpu, in->opsize);
}

/* xsave, xrstor and kin: the x87 and SSE parts, the header, and all that may follow it. */
static void state_area(struct list *l, const struct insn *in, const uint8_t *bytes,
                       const struct access_cpu *cpu)
{
    uint32_t size = (uint32_t)cpu->gpr[RAX] & ~3u ? cpu->xsave_size : 576;
    add(l, insn_operand_addr(in, bytes, cpu), size, insn_kinds(in, bytes));
}

static int is_state_area(const struct insn *in)
{
    unsigned reg = in->modrm >> 3 & 7;
    if (in->map != 1 || IS_VEX(in) || !(in->flags & INSN_F_MODRM) || in->modrm >> 6 == 3)
        return 0;
    if (in->opcode == 0xae)
        return reg >= 4 && kind_of(in);
    return in->opcode == 0xc7 && reg >= 3 && reg <= 5;
}

/* Bit strings: the bit's number in a register moves the operand. */
static void bit_string(struct list *l, const struct insn *in, const uint8_t *bytes,
                       const struct access_cpu *cpu)
{
    int64_t bit = (int64_t)cpu->gpr[(in->modrm >> 3 & 7) | (in->rex & 4u) << 1];
    unsigned size = in->opsize;
    if (size < 8)
        bit = size == 4 ? (int32_t)bit : (int16_t)bit;
    uint64_t unit = (uint64_t)(bit >> (size == 8 ? 6 : size == 4 ? 5 : 4));
    add(l, linear(in, cpu, operand_offset(in, bytes, cpu) + unit * size), size,
        insn_kinds(in, bytes));
}

static int is_bit_string(const struct insn *in)
{
    return in->map == 1 && !IS_VEX(in) &&
           (in->opcode == 0xa3 || in->opcode == 0xab || in->opcode == 0xb3 || in->opcode == 0xbb);
}

/* Operands in memory that neither ModRM nor the stack pointer names. */
static void implicit(struct list *l, const struct insn *in, const struct access_cpu *cpu)
{
    if (in->flags & INSN_F_STRING)
        string(l, in, cpu);
    else if (in->map == 1 && in->opcode == 0xf7)
        byte_masked(l, in, cpu);
    else if (in->map == 1 && in->opcode == 0x01) /* clzero */
        add(l, cpu->gpr[RAX] & ~63ull, 64, ACCESS_WRITE);
    else if (in->map == 0 && in->opcode == 0xd7) /* xlat */
        add(l, linear(in, cpu, cpu->gpr[RBX] + (uint8_t)cpu->gpr[RAX]), 1, ACCESS_READ);
    else if (in->map == 0 && in->opcode >= 0xa0 && in->opcode <= 0xa3)
        add(l, linear(in, cpu, (uint64_t)in->disp), in->opsize, kind_of(in));
}

/* movdir64b: from the operand to where the register points. */
static void move64(struct list *l, const struct insn *in, const uint8_t *bytes,
                   const struct access_cpu *cpu)
{
    uint64_t to = cpu->gpr[(in->modrm >> 3 & 7) | (in->rex & 4u) << 1];
    add(l, insn_operand_addr(in, bytes, cpu), 64, ACCESS_READ);
    add(l, in->pfx67 ? (uint32_t)to : to, 64, ACCESS_WRITE);
}

/* The kind of access to ModRM's operand, where the flags speak of the stack, too. */
static uint32_t operand_kind(const struct insn *in, const uint8_t *bytes)
{
    if (!(in->flags & INSN_F_STACK))
        return insn_kinds(in, bytes);
    return in->opcode == 0x8f ? ACCESS_WRITE : ACCESS_READ;
}

static void operand(struct list *l, const struct insn *in, const uint8_t *bytes,
                    const struct access_cpu *cpu)
{
    int vex = IS_VEX(in) != 0;
    if (insn_vector_index(in))
        gather(l, in, bytes, cpu);
    else if (vex && !(in->flags & INSN_F_EVEX) && in->map == 2 &&
             ((in->opcode >= 0x2c && in->opcode <= 0x2f) || in->opcode == 0x8c ||
              in->opcode == 0x8e))
        vector_masked(l, in, bytes, cpu);
    else if ((in->flags & INSN_F_EVEX) && (prefix_of(in, bytes)[3] & 7))
        register_masked(l, in, bytes, cpu);
    else if (is_state_area(in))
        state_area(l, in, bytes, cpu);
    else if (is_bit_string(in))
        bit_string(l, in, bytes, cpu);
    else if (!vex && in->map == 2 && in->opcode == 0xf8)
        move64(l, in, bytes, cpu);
    else
        add(l, insn_operand_addr(in, bytes, cpu), insn_operand_size(in, bytes),
            operand_kind(in, bytes));
}

int insn_may_access(const struct insn *in)
{
    switch (in->cls) {
    case INSN_PLAIN:
    case INSN_CALL:
    case INSN_JMP_IND:
    case INSN_CALL_IND:
    case INSN_RET:
        return (in->flags & (INSN_F_LOAD | INSN_F_STORE)) != 0;
    default:
        return 0;
    }
}

unsigned insn_accesses(const struct insn *in, const uint8_t *bytes, const struct access_cpu *cpu,
                       struct insn_access out[ACCESS_MAX])
{
    struct list l = {out, 0};
    if (!insn_may_access(in))
        return 0;
    int by_modrm = (in->flags & INSN_F_MODRM) && in->modrm >> 6 != 3;
    if (by_modrm)
        operand(&l, in, bytes, cpu);
    else if (in->flags & INSN_F_MEM)
        implicit(&l, in, cpu);
    if (in->flags & INSN_F_STACK)
        implicit_stack(&l, in, cpu);
    return l.count;
}
