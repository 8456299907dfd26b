/* bench.c - the kernels' time, natively and translated; and what cold code costs. */
#include "harness.h"
#include "kernels.h"
#include "rekernel/xlate/internal.h"

#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double time_native(const struct kernel *k)
{
    double start = now();
    k->fn(k->arg, 0, 0);
    return now() - start;
}

static double time_translated(const struct kernel *k)
{
    double start = now();
    hx_call((void *)k->fn, k->arg, 0, 0);
    return now() - start;
}

static void time_kernel(const struct kernel *k, int rounds)
{
    double native = 1e9, translated = 1e9;
    time_translated(k);
    for (int i = 0; i < rounds; i++) {
        double n = time_native(k), t = time_translated(k);
        native = n < native ? n : native;
        translated = t < translated ? t : translated;
    }
    printf("%-28s %8.2f ms %8.2f ms %6.2f\n", k->name, native * 1e3, translated * 1e3,
           translated / native);
    fflush(stdout);
}

/* Code that runs once: this much of libc's text, block by block, as it lies there. */
static void time_cold(void)
{
    struct xl_stats before, after;
    uint64_t bad = 0, n = 0;
    uint8_t probe[16];
    xl_flush(0);
    xl_get_stats(&before);
    double start = now();
    for (uint64_t pc = (uint64_t)printf; n < 20000; n++) {
        struct xl_block *b = xl_lookup(pc);
        if (!b)
            b = xl_translate(pc, REACHED_DIRECT, &bad);
        if (!b || CTL->env->fetch(pc + b->len, probe, 16) < 16)
            break;
        pc += b->len;
    }
    double spent = now() - start;
    xl_get_stats(&after);
    uint64_t blocks = after.blocks - before.blocks;
    printf("cold: %lu blocks, %.1f instructions and %.0f cache bytes each, %.0f ns a block\n",
           blocks, (double)(after.insns - before.insns) / (double)blocks,
           (double)after.code_bytes / (double)blocks, spent * 1e9 / (double)blocks);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 5;
    hx_init();
    printf("%-28s %11s %11s %6s\n", "kernel", "native", "translated", "ratio");
    for (unsigned i = 0; i < kernel_count; i++)
        time_kernel(&kernels[i], rounds);
    time_cold();
    time_cold();
    return 0;
}
