/*
 * cpu_loop - a second of pure computation between two kernel entries, with indirect
 * calls and branches that depend on data.
 */
#include "check.h"

static uint32_t step_a(uint32_t v)
{
    return v * 1664525u + 1013904223u;
}
static uint32_t step_b(uint32_t v)
{
    return (v >> 3) ^ (v << 11);
}
static uint32_t step_c(uint32_t v)
{
    return v % 1000003u * 4001u + 7;
}

int main(void)
{
    uint32_t (*volatile steps[])(uint32_t) = {step_a, step_b, step_c, step_a};
    uint32_t v = 1;
    double sum = 0;
    for (int i = 0; i < 100000000; i++) {
        v = steps[v >> 30](v);
        if (v & 0x100)
            sum += v * 1e-9;
    }
    printf("%08x %.10g\n", v, sum);
    return 0;
}
