/* programs.c - whole functions of C, natively and translated, must return the same. */
#include "harness.h"
#include "kernels.h"

#include <string.h>

static uint64_t text_work(uint64_t n, uint64_t b, uint64_t c)
{
    char *text = malloc(64 * n);
    size_t at = 0;
    for (uint64_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, 64, "%lu %s %.3f;", (unsigned long)(i * i), "word",
                               (double)i / 7);
    uint64_t h = 5381;
    for (size_t i = 0; i < at; i++)
        h = h * 33 + (unsigned char)text[i];
    free(text);
    return h;
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static uint64_t libc_sort(uint64_t n, uint64_t b, uint64_t c)
{
    int *v = calloc(n, sizeof(int));
    for (uint64_t i = 0; i < n; i++)
        v[i] = (int)(i * 7919 % n);
    qsort(v, n, sizeof(int), by_value);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum = sum * 3 + (uint64_t)v[i];
    free(v);
    return sum;
}

/* Indirect calls by one place in memory, which the translator guesses the target of: it changes. */
static uint64_t plus(uint64_t n)
{
    return n + 3;
}
static uint64_t times(uint64_t n)
{
    return n * 5;
}
static uint64_t turn(uint64_t n)
{
    return n << 7 | n >> 57;
}
static uint64_t (*step)(uint64_t n);

static __attribute__((noinline)) void choose(uint64_t i)
{
    step = i % 7 < 3 ? plus : i % 7 < 5 ? times : turn;
}
static __attribute__((noinline)) uint64_t call_it(uint64_t h)
{
    return step(h) + 1;
}
static __attribute__((noinline)) uint64_t jump_to_it(uint64_t h)
{
    return step(h);
}

static uint64_t changing_pointer(uint64_t n, uint64_t b, uint64_t c)
{
    uint64_t h = 1;
    for (uint64_t i = 0; i < n; i++) {
        choose(i);
        h = jump_to_it(call_it(h));
    }
    return h;
}

static void check(const char *name, uint64_t (*fn)(uint64_t, uint64_t, uint64_t), uint64_t arg)
{
    uint64_t want = fn(arg, 0, 0);
    for (int round = 0; round < 3; round++) {
        uint64_t got = hx_call((void *)fn, arg, 0, 0);
        CHECK(got == want, "%s: %#lx, translated %#lx", name, (unsigned long)want,
              (unsigned long)got);
    }
    printf("%-30s ok\n", name);
    fflush(stdout);
}

int main(void)
{
    hx_init();
    VCPU->ticks = 0;
    for (unsigned i = 0; i < kernel_count; i++)
        check(kernels[i].name, kernels[i].fn, kernels[i].quick);
    check("snprintf, malloc", text_work, 500);
    check("qsort of libc", libc_sort, 5000);
    check("changing pointer", changing_pointer, 500);
    struct xl_stats s;
    xl_get_stats(&s);
    printf("%lu blocks, %lu instructions, %lu bytes, %lu exits, %lu ticks\n", s.blocks, s.insns,
           s.code_bytes, s.exits, (unsigned long)VCPU->ticks);
    return 0;
}
