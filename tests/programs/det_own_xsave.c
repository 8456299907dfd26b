/*
 * det_own_xsave - the program saves the processor's state itself, by fxsave and xsave, and
 * looks at all of it but the list of parts in use, which is the processor's whim (a
 * context switch of the host changes it): after syscalls, signal handlers and vector code
 * the replay must see the same.
 * run: --random
 */
#include "check.h"

#include <cpuid.h>
#include <signal.h>

static unsigned char area[8192] __attribute__((aligned(64)));
static int have_xsave;
static uint64_t hash = MIX_START;

static void save(const char *when)
{
    memset(area, 0, sizeof(area));
    if (have_xsave)
        __asm__ volatile("xsave64 %0" : "+m"(area) : "a"(7), "d"(0) : "memory");
    else
        __asm__ volatile("fxsave64 %0" : "+m"(area)::"memory");
    memset(area + 8, 0, 16);  /* the last x87 instruction's place: not kept by all */
    memset(area + 512, 0, 8); /* the list of parts in use */
    hash = mix(hash, area, sizeof(area));
    printf("%s: hash %016llx\n", when, (unsigned long long)hash);
}

static void on_signal(int sig)
{
    save("in a handler");
}

static double third(double x)
{
    return x / 3;
}

int main(void)
{
    unsigned a, b, c, d;
    __cpuid(1, a, b, c, d);
    have_xsave = (c & bit_OSXSAVE) != 0;
    signal(SIGUSR1, on_signal);
    for (volatile int i = 0; i < 4; i++) {
        save("start");
        (void)RAW0(SYS_getppid);
        save("after a syscall");
        CHECK(raise(SIGUSR1) == 0);
        save("after a handler");
        volatile double v = third(i);
        volatile long double l = (long double)v * 1.1L;
        save("after arithmetic");
        CHECK(l == l);
        if (c & bit_AVX)
            __asm__ volatile("vzeroall" ::: "memory");
        save("after vzeroall");
        (void)__builtin_ia32_rdtsc();
        save("after rdtsc");
    }
    return 0;
}
