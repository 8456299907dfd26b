/* history.c - a few seconds of computing for the timeline's figures: usage: history SECONDS-OR-SO.
 * once() is called at the beginning, often() all the time, and `last` is written at the
 * beginning only. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

volatile uint64_t sum;
/* On a page of its own. */
_Alignas(4096) struct {
    volatile uint64_t value;
    char rest[4088];
} last;
static uint64_t table[1 << 16];

__attribute__((noinline)) void once(void)
{
    last.value = 42;
}

__attribute__((noinline)) void often(uint64_t n)
{
    sum += n;
}

__attribute__((noinline)) static uint64_t work(uint64_t x)
{
    for (int i = 0; i < 1000000; i++) {
        x = x * 6364136223846793005ull + 1442695040888963407ull;
        table[x >> 48] += x;
    }
    return x;
}

int main(int argc, char **argv)
{
    uint64_t x = 1, rounds = 300 * strtoull(argc > 1 ? argv[1] : "1", NULL, 10);
    once();
    for (uint64_t i = 0; i < rounds; i++) {
        x = work(x);
        often(x);
    }
    printf("%lu\n", (unsigned long)sum);
    return 0;
}
