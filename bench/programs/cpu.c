/* cpu.c - one thread, no kernel: a sieve, a hash over it, and some division. About a second. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LIMIT 2000000
static uint8_t composite[LIMIT];

static uint64_t sieve(void)
{
    uint64_t primes = 0;
    memset(composite, 0, sizeof composite);
    for (uint32_t i = 2; i < LIMIT; i++) {
        if (composite[i])
            continue;
        primes++;
        for (uint64_t j = (uint64_t)i * i; j < LIMIT; j += i)
            composite[j] = 1;
    }
    return primes;
}

static uint64_t collatz(uint32_t limit)
{
    uint64_t steps = 0;
    for (uint64_t i = 1; i < limit; i++)
        for (uint64_t n = i; n != 1; steps++)
            n = n % 2 ? 3 * n + 1 : n / 2;
    return steps;
}

int main(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < 40; i++)
        sum = sum * 31 + sieve();
    printf("%llu\n", (unsigned long long)(sum + collatz(2500000)));
    return 0;
}
