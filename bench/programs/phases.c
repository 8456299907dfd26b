/* phases.c - a long run of distinct phases for the debugger's figures. Usage: phases COUNT; it ends
 * with abort(), so that a debugger begins at the end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOTS 64

volatile uint64_t last_word, counter;

/* A word alone on its page, and one on a page that is written all the time. */
_Alignas(4096) struct {
    volatile uint64_t word;
    char rest[4088];
} alone;
_Alignas(4096) struct {
    volatile uint64_t word;
    uint64_t table[1 << 16];
} hot;

__attribute__((noinline)) void first(void)
{
    alone.word = 42;
    hot.word = 42;
}

__attribute__((noinline)) void last(void)
{
    last_word = 1;
}

__attribute__((noinline)) void phase_ends(uint64_t n)
{
    counter += n;
}

__attribute__((noinline)) uint64_t mixed(uint64_t x, uint64_t i)
{
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    hot.table[x & 0xffff] += i;
    return x;
}

__attribute__((noinline)) uint64_t compute(uint64_t n)
{
    uint64_t x = n + 88172645463325252u;
    for (uint64_t i = 0; i < n; i++)
        x = mixed(x, i);
    return x;
}

__attribute__((noinline)) uint64_t allocate(uint64_t n)
{
    unsigned char *slot[SLOTS] = {0};
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t k = i % SLOTS;
        free(slot[k]);
        slot[k] = malloc(100 + i * 37 % 4000);
        if (!slot[k])
            abort();
        memset(slot[k], (int)i, 100);
        sum += slot[k][50];
    }
    for (int k = 0; k < SLOTS; k++)
        free(slot[k]);
    return sum;
}

__attribute__((noinline)) uint64_t ask(uint64_t n)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i++) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        sum += (uint64_t)t.tv_nsec;
    }
    return sum;
}

int main(int argc, char **argv)
{
    uint64_t sum = 0, phases = strtoull(argc > 1 ? argv[1] : "10", NULL, 10);
    first();
    for (uint64_t i = 0; i < phases; i++) {
        sum += compute(40000000);
        sum += allocate(1500000);
        sum += ask(20000);
        phase_ends(i);
    }
    sum += compute(1000000); /* some milliseconds */
    last();
    sum += compute(100000); /* about one */
    counter = sum;
    abort();
}
