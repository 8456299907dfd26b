/* bench.c - the kernels' time, natively and translated; and what cold code costs. */
#include "harness.h"
#include "kernels.h"

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

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 5;
    hx_init();
    printf("%-28s %11s %11s %6s\n", "kernel", "native", "translated", "ratio");
    for (unsigned i = 0; i < kernel_count; i++)
        time_kernel(&kernels[i], rounds);
    return 0;
}
