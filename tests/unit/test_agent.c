/* test_agent.c - agent expressions: each operation, what is refused, and random code. */
#include "rekernel/agent.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

static int get_register(void *ctx, unsigned number, uint64_t *value)
{
    *value = 1000 + number;
    return number > AGENT_GS_BASE;
}

/* Memory exists from 0x1000 to 0x2000: each byte is the lowest byte of its address. */
static int get_memory(void *ctx, uint64_t addr, void *buf, unsigned len)
{
    cr_assert(len == 1 || len == 2 || len == 4 || len == 8);
    if (addr < 0x1000 || addr > 0x2000 - len)
        return -1;
    for (unsigned i = 0; i < len; i++)
        ((uint8_t *)buf)[i] = (uint8_t)(addr + i);
    return 0;
}

static const struct agent_env env = {get_register, get_memory, NULL};

/* One expression of at most 24 bytes and what comes of it. */
struct sample {
    uint8_t code[24];
    uint8_t size;
    uint8_t error; /* enum agent_error of the evaluation */
    uint64_t value;
};

static const struct sample samples[] = {
    {{0x22, 7, 0x27}, 3, 0, 7},
    {{0x23, 1, 2, 0x27}, 4, 0, 0x102},
    {{0x24, 1, 2, 3, 4, 0x27}, 6, 0, 0x1020304},
    {{0x25, 1, 2, 3, 4, 5, 6, 7, 8, 0x27}, 10, 0, 0x102030405060708},
    {{0x22, 7, 0x22, 5, 0x02, 0x27}, 6, 0, 12},
    {{0x22, 7, 0x22, 5, 0x03, 0x27}, 6, 0, 2},
    {{0x22, 7, 0x22, 5, 0x04, 0x27}, 6, 0, 35},
    {{0x22, 0xf9, 0x16, 8, 0x22, 2, 0x05, 0x27}, 8, 0, (uint64_t)-3},
    {{0x22, 7, 0x22, 2, 0x06, 0x27}, 6, 0, 3},
    {{0x22, 0xf9, 0x16, 8, 0x22, 2, 0x07, 0x27}, 8, 0, (uint64_t)-1},
    {{0x22, 7, 0x22, 4, 0x08, 0x27}, 6, 0, 3},
    {{0x22, 7, 0x22, 0, 0x06, 0x27}, 6, AGENT_BAD_VALUE, 0},
    {{0x22, 7, 0x22, 0, 0x07, 0x27}, 6, AGENT_BAD_VALUE, 0},
    /* the smallest number by -1 */
    {{0x22, 1, 0x22, 63, 0x09, 0x22, 255, 0x16, 8, 0x05, 0x27}, 11, 0, 1ull << 63},
    {{0x22, 1, 0x22, 63, 0x09, 0x22, 255, 0x16, 8, 0x07, 0x27}, 11, 0, 0},
    {{0x22, 3, 0x22, 4, 0x09, 0x27}, 6, 0, 48},
    {{0x22, 3, 0x22, 64, 0x09, 0x27}, 6, 0, 0},
    {{0x22, 0x80, 0x16, 8, 0x22, 200, 0x0a, 0x27}, 8, 0, UINT64_MAX},
    {{0x22, 0x80, 0x22, 3, 0x0b, 0x27}, 6, 0, 16},
    {{0x22, 0x80, 0x22, 64, 0x0b, 0x27}, 6, 0, 0},
    {{0x22, 3, 0x0e, 0x27}, 4, 0, 0},
    {{0x22, 6, 0x22, 3, 0x0f, 0x27}, 6, 0, 2},
    {{0x22, 6, 0x22, 3, 0x10, 0x27}, 6, 0, 7},
    {{0x22, 6, 0x22, 3, 0x11, 0x27}, 6, 0, 5},
    {{0x22, 6, 0x12, 0x27}, 4, 0, ~6ull},
    {{0x22, 6, 0x22, 6, 0x13, 0x27}, 6, 0, 1},
    {{0x22, 0xff, 0x16, 8, 0x22, 0, 0x14, 0x27}, 8, 0, 1},
    {{0x22, 0xff, 0x16, 8, 0x22, 0, 0x15, 0x27}, 8, 0, 0},
    {{0x22, 0x1f, 0x16, 4, 0x27}, 5, 0, UINT64_MAX},
    {{0x22, 0xff, 0x2a, 4, 0x27}, 5, 0, 15},
    {{0x22, 0xff, 0x2a, 0, 0x27}, 5, AGENT_BAD_VALUE, 0},
    {{0x22, 0xff, 0x16, 64, 0x27}, 5, 0, 255},
    {{0x23, 0x10, 1, 0x17, 0x27}, 5, 0, 1},
    {{0x23, 0x10, 1, 0x18, 0x27}, 5, 0, 0x201},
    {{0x23, 0x10, 1, 0x19, 0x27}, 5, 0, 0x4030201},
    {{0x23, 0x10, 1, 0x1a, 0x27}, 5, 0, 0x807060504030201},
    {{0x23, 0x1f, 0xfd, 0x19, 0x27}, 5, AGENT_NO_MEMORY, 0},
    {{0x26, 0, 5, 0x27}, 4, 0, 1005},
    {{0x26, 1, 0, 0x27}, 4, AGENT_NO_REG, 0},
    {{0x22, 9, 0x28, 0x04, 0x27}, 5, 0, 81},
    {{0x22, 9, 0x22, 8, 0x29, 0x27}, 6, 0, 9},
    {{0x22, 9, 0x22, 8, 0x2b, 0x03, 0x27}, 7, 0, UINT64_MAX},
    {{0x22, 9, 0x22, 8, 0x32, 1, 0x27}, 7, 0, 9},
    {{0x22, 9, 0x32, 1, 0x27}, 5, AGENT_BAD_STACK, 0},
    {{0x22, 1, 0x22, 2, 0x22, 3, 0x33, 0x27}, 8, 0, 2}, /* 3 1 2 */
    {{0x22, 1, 0x22, 2, 0x22, 3, 0x33, 0x29, 0x29, 0x27}, 10, 0, 3},
    {{0x21, 0, 5, 0x22, 1, 0x22, 2, 0x27}, 8, 0, 2},
    {{0x22, 1, 0x20, 0, 8, 0x22, 3, 0x27, 0x22, 4, 0x27}, 11, 0, 4},
    {{0x22, 0, 0x20, 0, 8, 0x22, 3, 0x27, 0x22, 4, 0x27}, 11, 0, 3},
    {{0x21, 0, 0}, 3, AGENT_TOO_LONG, 0},
    {{0x22, 0, 0x21, 0, 0}, 5, AGENT_BAD_STACK, 0}, /* grows for ever */
    {{0x27}, 1, AGENT_BAD_STACK, 0},
    {{0x22, 1, 0x02, 0x27}, 4, AGENT_BAD_STACK, 0},
};

Test(agent, operations)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct sample *s = &samples[i];
        uint64_t value = 0;
        cr_expect_eq(agent_check(s->code, s->size), AGENT_OK, "sample %zu", i);
        enum agent_error err = agent_eval(s->code, s->size, &env, &value);
        cr_expect_eq(err, s->error, "sample %zu: %u", i, err);
        cr_expect(err || value == s->value, "sample %zu: %#lx", i, (unsigned long)value);
    }
}

Test(agent, refuses_what_is_malformed)
{
    static const struct sample bad[] = {
        {{0}, 0, AGENT_BAD_CODE, 0},       /* nothing */
        {{0x22, 7}, 2, AGENT_BAD_CODE, 0}, /* runs off its end */
        {{0x22}, 1, AGENT_BAD_CODE, 0},    /* immediate cut */
        {{0x25, 1, 2, 3}, 4, AGENT_BAD_CODE, 0},
        {{0x22, 7, 0x27, 0x34}, 4, AGENT_BAD_CODE, 0}, /* printf */
        {{0x01, 0x22, 7, 0x27}, 4, AGENT_BAD_CODE, 0}, /* float */
        {{0x22, 7, 0x0c, 0x27}, 4, AGENT_BAD_CODE, 0}, /* trace */
        {{0xff, 0x27}, 2, AGENT_BAD_CODE, 0},
        {{0x21, 0, 1, 0x27}, 4, AGENT_BAD_GOTO, 0}, /* into itself */
        {{0x21, 0, 4, 0x27}, 4, AGENT_BAD_GOTO, 0}, /* behind the end */
        {{0x22, 1, 0x20, 0xff, 0xff, 0x27}, 6, AGENT_BAD_GOTO, 0},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(agent_check(bad[i].code, bad[i].size), bad[i].error, "sample %zu", i);
}

Test(agent, lists)
{
    static const uint8_t never_or_always[] = {3, 0, 0x22, 0, 0x27, 3, 0, 0x22, 1, 0x27};
    static const uint8_t fails[] = {4, 0, 0x22, 0, 0x1a, 0x27};
    static const uint8_t cut[] = {4, 0, 0x22, 0, 0x27};
    cr_expect_eq(agent_check_list(never_or_always, 10), AGENT_OK);
    cr_expect(!agent_list_holds(never_or_always, 5, &env));
    cr_expect(agent_list_holds(never_or_always, 10, &env));
    cr_expect_eq(agent_check_list(fails, 6), AGENT_OK);
    cr_expect(agent_list_holds(fails, 6, &env), "what fails stops");
    cr_expect_eq(agent_check_list(cut, 5), AGENT_BAD_CODE);
    cr_expect_eq(agent_check_list(cut, 1), AGENT_BAD_CODE);
    cr_expect_eq(agent_check_list(cut, 0), AGENT_BAD_CODE);
    cr_expect(agent_list_holds(cut, 5, &env));
    cr_expect(agent_list_holds(cut, 0, &env), "no condition");
}

static uint64_t state = 88172645463325252ull;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Bytes that mostly are operations. In memory that ends with them, so that a sanitizer sees each
 * byte read too many. */
Test(agent, random_code_ends)
{
    unsigned good = 0, ended = 0;
    for (unsigned round = 0; round < 300000; round++) {
        uint32_t size = (uint32_t)(next_random() % 40);
        uint8_t *code = malloc(size ? size : 1);
        uint64_t value;
        for (uint32_t i = 0; i < size; i++)
            code[i] = (uint8_t)(next_random() % (next_random() % 8 ? 0x35 : 256));
        if (size && next_random() % 2)
            code[size - 1] = 0x27;
        enum agent_error check = agent_check(code, size);
        enum agent_error err = agent_eval(code, size, &env, &value);
        cr_assert(check || (err != AGENT_BAD_CODE && err != AGENT_BAD_GOTO));
        good += check == AGENT_OK;
        ended += err == AGENT_OK;
        agent_check_list(code, size);
        agent_list_holds(code, size, &env);
        free(code);
    }
    cr_expect(good > 100 && ended > 500, "%u well-formed, %u with a value", good, ended);
}
