/*
 * agent.c - see agent.h. Operations are a table: how many values each takes and leaves and
 * how many bytes of immediate follow it. So the check and the evaluation cannot differ.
 */
#include "agent.h"

enum {
    OP_ADD = 0x02,
    OP_SUB,
    OP_MUL,
    OP_DIV_SIGNED,
    OP_DIV_UNSIGNED,
    OP_REM_SIGNED,
    OP_REM_UNSIGNED,
    OP_LSH,
    OP_RSH_SIGNED,
    OP_RSH_UNSIGNED,
    OP_LOG_NOT = 0x0e,
    OP_BIT_AND,
    OP_BIT_OR,
    OP_BIT_XOR,
    OP_BIT_NOT,
    OP_EQUAL,
    OP_LESS_SIGNED,
    OP_LESS_UNSIGNED,
    OP_EXT,
    OP_REF8,
    OP_REF16,
    OP_REF32,
    OP_REF64,
    OP_IF_GOTO = 0x20,
    OP_GOTO,
    OP_CONST8,
    OP_CONST16,
    OP_CONST32,
    OP_CONST64,
    OP_REG,
    OP_END,
    OP_DUP,
    OP_POP,
    OP_ZERO_EXT,
    OP_SWAP,
    OP_PICK = 0x32,
    OP_ROT,
    OP_COUNT
};

struct op {
    uint8_t known, takes, leaves, immediate;
};
#define OP(takes, leaves, immediate) \
    { \
        1, takes, leaves, immediate \
    }
static const struct op ops[OP_COUNT] = {
    [OP_ADD] = OP(2, 1, 0),          [OP_SUB] = OP(2, 1, 0),
    [OP_MUL] = OP(2, 1, 0),          [OP_DIV_SIGNED] = OP(2, 1, 0),
    [OP_DIV_UNSIGNED] = OP(2, 1, 0), [OP_REM_SIGNED] = OP(2, 1, 0),
    [OP_REM_UNSIGNED] = OP(2, 1, 0), [OP_LSH] = OP(2, 1, 0),
    [OP_RSH_SIGNED] = OP(2, 1, 0),   [OP_RSH_UNSIGNED] = OP(2, 1, 0),
    [OP_LOG_NOT] = OP(1, 1, 0),      [OP_BIT_AND] = OP(2, 1, 0),
    [OP_BIT_OR] = OP(2, 1, 0),       [OP_BIT_XOR] = OP(2, 1, 0),
    [OP_BIT_NOT] = OP(1, 1, 0),      [OP_EQUAL] = OP(2, 1, 0),
    [OP_LESS_SIGNED] = OP(2, 1, 0),  [OP_LESS_UNSIGNED] = OP(2, 1, 0),
    [OP_EXT] = OP(1, 1, 1),          [OP_REF8] = OP(1, 1, 0),
    [OP_REF16] = OP(1, 1, 0),        [OP_REF32] = OP(1, 1, 0),
    [OP_REF64] = OP(1, 1, 0),        [OP_IF_GOTO] = OP(1, 0, 2),
    [OP_GOTO] = OP(0, 0, 2),         [OP_CONST8] = OP(0, 1, 1),
    [OP_CONST16] = OP(0, 1, 2),      [OP_CONST32] = OP(0, 1, 4),
    [OP_CONST64] = OP(0, 1, 8),      [OP_REG] = OP(0, 1, 2),
    [OP_END] = OP(1, 1, 0),          [OP_DUP] = OP(1, 2, 0),
    [OP_POP] = OP(1, 0, 0),          [OP_ZERO_EXT] = OP(1, 1, 1),
    [OP_SWAP] = OP(2, 2, 0),         [OP_PICK] = OP(1, 2, 1),
    [OP_ROT] = OP(3, 3, 0),
};

/* The operation at pc with its immediate within the code, or NULL. */
static const struct op *op_at(const uint8_t *code, uint32_t size, uint32_t pc)
{
    if (pc >= size || code[pc] >= OP_COUNT || !ops[code[pc]].known)
        return 0;
    return ops[code[pc]].immediate < size - pc ? &ops[code[pc]] : 0;
}

static uint64_t immediate(const uint8_t *at, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | at[i];
    return v;
}

/* ------------------------------------------------------------------- check */
/* Does an operation begin at target? */
static int begins_at(const uint8_t *code, uint32_t size, uint32_t target)
{
    uint32_t pc = 0;
    while (pc < target && pc < size)
        pc += 1u + ops[code[pc]].immediate;
    return pc == target && pc < size;
}

enum agent_error agent_check(const uint8_t *code, uint32_t size)
{
    uint8_t last = 0;
    for (uint32_t pc = 0; pc < size; pc += 1u + ops[last].immediate) {
        if (!op_at(code, size, pc))
            return AGENT_BAD_CODE;
        last = code[pc];
    }
    if (last != OP_END && last != OP_GOTO)
        return AGENT_BAD_CODE;
    for (uint32_t pc = 0; pc < size; pc += 1u + ops[code[pc]].immediate)
        if ((code[pc] == OP_GOTO || code[pc] == OP_IF_GOTO) &&
            !begins_at(code, size, (uint32_t)immediate(code + pc + 1, 2)))
            return AGENT_BAD_GOTO;
    return AGENT_OK;
}

/* -------------------------------------------------------------- evaluation */
struct machine_state {
    uint64_t stack[AGENT_STACK];
    unsigned depth;
    uint32_t pc;
    const struct agent_env *env;
};

static int64_t shift_right_signed(uint64_t a, uint64_t n)
{
    return (int64_t)a >> (n < 63 ? n : 63);
}

/* The smallest number divided by -1 has no answer: it wraps around, as subtraction does. */
static uint64_t divide_signed(uint64_t a, uint64_t b, int remainder)
{
    if (b == UINT64_MAX)
        return remainder ? 0 : -a;
    return remainder ? (uint64_t)((int64_t)a % (int64_t)b) : (uint64_t)((int64_t)a / (int64_t)b);
}

static enum agent_error divide(unsigned op, uint64_t a, uint64_t b, uint64_t *v)
{
    if (!b)
        return AGENT_BAD_VALUE;
    if (op == OP_DIV_UNSIGNED)
        *v = a / b;
    else if (op == OP_REM_UNSIGNED)
        *v = a % b;
    else
        *v = divide_signed(a, b, op == OP_REM_SIGNED);
    return AGENT_OK;
}

static enum agent_error binary(unsigned op, uint64_t a, uint64_t b, uint64_t *v)
{
    switch (op) {
    case OP_ADD:
        *v = a + b;
        break;
    case OP_SUB:
        *v = a - b;
        break;
    case OP_MUL:
        *v = a * b;
        break;
    case OP_LSH:
        *v = b < 64 ? a << b : 0;
        break;
    case OP_RSH_SIGNED:
        *v = (uint64_t)shift_right_signed(a, b);
        break;
    case OP_RSH_UNSIGNED:
        *v = b < 64 ? a >> b : 0;
        break;
    case OP_BIT_AND:
        *v = a & b;
        break;
    case OP_BIT_OR:
        *v = a | b;
        break;
    case OP_BIT_XOR:
        *v = a ^ b;
        break;
    case OP_EQUAL:
        *v = a == b;
        break;
    case OP_LESS_SIGNED:
        *v = (int64_t)a < (int64_t)b;
        break;
    case OP_LESS_UNSIGNED:
        *v = a < b;
        break;
    default:
        return divide(op, a, b, v);
    }
    return AGENT_OK;
}

static enum agent_error extend(uint64_t *v, unsigned bits, int is_signed)
{
    if (!bits)
        return AGENT_BAD_VALUE;
    if (bits >= 64)
        return AGENT_OK;
    uint64_t sign = 1ull << (bits - 1), low = *v & (sign * 2 - 1);
    *v = is_signed ? (low ^ sign) - sign : low;
    return AGENT_OK;
}

static enum agent_error fetch(struct machine_state *s, unsigned bytes)
{
    uint64_t *top = &s->stack[s->depth - 1], v = 0;
    if (s->env->read(s->env->ctx, *top, &v, bytes))
        return AGENT_NO_MEMORY;
    *top = v;
    return AGENT_OK;
}

static enum agent_error pick(struct machine_state *s, unsigned n)
{
    if (n >= s->depth)
        return AGENT_BAD_STACK;
    s->stack[s->depth] = s->stack[s->depth - 1 - n];
    s->depth++;
    return AGENT_OK;
}

/* Operations that only move values about: top points behind the uppermost. */
static void shuffle(struct machine_state *s, unsigned op)
{
    uint64_t *top = s->stack + s->depth, v = top[-1];
    if (op == OP_SWAP) {
        top[-1] = top[-2];
        top[-2] = v;
    } else { /* OP_ROT: a b c becomes c a b */
        top[-1] = top[-2];
        top[-2] = top[-3];
        top[-3] = v;
    }
}

static enum agent_error push_reg(struct machine_state *s, unsigned number)
{
    if (s->env->reg(s->env->ctx, number, &s->stack[s->depth]))
        return AGENT_NO_REG;
    s->depth++;
    return AGENT_OK;
}

/* One operation but end; its immediate is imm, and there is enough on the stack. */
static enum agent_error step(struct machine_state *s, unsigned op, uint64_t imm)
{
    uint64_t *top = s->depth ? &s->stack[s->depth - 1] : s->stack;
    switch (op) {
    case OP_LOG_NOT:
        *top = !*top;
        return AGENT_OK;
    case OP_BIT_NOT:
        *top = ~*top;
        return AGENT_OK;
    case OP_EXT:
        return extend(top, (unsigned)imm, 1);
    case OP_ZERO_EXT:
        return extend(top, (unsigned)imm, 0);
    case OP_REF8:
        return fetch(s, 1);
    case OP_REF16:
        return fetch(s, 2);
    case OP_REF32:
        return fetch(s, 4);
    case OP_REF64:
        return fetch(s, 8);
    case OP_IF_GOTO:
        s->depth--;
        if (!*top)
            return AGENT_OK;
        /* fall through */
    case OP_GOTO:
        s->pc = (uint32_t)imm;
        return AGENT_OK;
    case OP_CONST8:
    case OP_CONST16:
    case OP_CONST32:
    case OP_CONST64:
        s->stack[s->depth++] = imm;
        return AGENT_OK;
    case OP_REG:
        return push_reg(s, (unsigned)imm);
    case OP_DUP:
        return pick(s, 0);
    case OP_PICK:
        return pick(s, (unsigned)imm);
    case OP_POP:
        s->depth--;
        return AGENT_OK;
    case OP_SWAP:
    case OP_ROT:
        shuffle(s, op);
        return AGENT_OK;
    default:
        s->depth--;
        return binary(op, top[-1], *top, top - 1);
    }
}

enum agent_error agent_eval(const uint8_t *code, uint32_t size, const struct agent_env *env,
                            uint64_t *value)
{
    struct machine_state s;
    s.depth = 0;
    s.pc = 0;
    s.env = env;
    for (unsigned steps = 0; steps < AGENT_STEPS; steps++) {
        const struct op *op = op_at(code, size, s.pc);
        if (!op)
            return AGENT_BAD_CODE;
        if (s.depth < op->takes || s.depth - op->takes + op->leaves > AGENT_STACK)
            return AGENT_BAD_STACK;
        unsigned number = code[s.pc];
        if (number == OP_END) {
            *value = s.stack[s.depth - 1];
            return AGENT_OK;
        }
        uint64_t imm = immediate(code + s.pc + 1, op->immediate);
        s.pc += 1u + op->immediate;
        enum agent_error err = step(&s, number, imm);
        if (err)
            return err;
    }
    return AGENT_TOO_LONG;
}

/* -------------------------------------------------------------------- lists */
/* The expression at *at; moves *at behind it. NULL: the list is not one. */
static const uint8_t *next_in_list(const uint8_t *list, uint32_t size, uint32_t *at, uint32_t *len)
{
    if (size - *at < 2)
        return 0;
    *len = list[*at] | (uint32_t)list[*at + 1] << 8;
    *at += 2;
    if (!*len || *len > size - *at)
        return 0;
    const uint8_t *code = list + *at;
    *at += *len;
    return code;
}

enum agent_error agent_check_list(const uint8_t *list, uint32_t size)
{
    uint32_t at = 0, len;
    while (at < size) {
        const uint8_t *code = next_in_list(list, size, &at, &len);
        enum agent_error err = code ? agent_check(code, len) : AGENT_BAD_CODE;
        if (err)
            return err;
    }
    return size ? AGENT_OK : AGENT_BAD_CODE;
}

int agent_list_holds(const uint8_t *list, uint32_t size, const struct agent_env *env)
{
    uint32_t at = 0, len;
    while (at < size) {
        uint64_t value;
        const uint8_t *code = next_in_list(list, size, &at, &len);
        if (!code || agent_eval(code, len, env, &value) || value)
            return 1;
    }
    return !size;
}
