/*
 * det_uninitialised - bytes that nobody of the program wrote: the dead stack at main, what
 * malloc hands out, fresh and given-up pages, the start values of the vector registers.
 * They differ from run to run, and must not from recording to replay.
 * run: --random
 */
#include "check.h"

#include <stddef.h>

static uint64_t hash = MIX_START;
static void add(const char *what, const void *p, size_t n)
{
    hash = mix(hash, p, n);
    printf("%s: hash %016llx\n", what, (unsigned long long)hash);
}

/* All 16 registers, before anything of main has used them. */
static void vector_registers(void)
{
    static unsigned char raw[16][16];
    __asm__ volatile(
        "movups %%xmm0, 0(%0)\n\tmovups %%xmm1, 16(%0)\n\tmovups %%xmm2, 32(%0)\n\t"
        "movups %%xmm3, 48(%0)\n\tmovups %%xmm4, 64(%0)\n\tmovups %%xmm5, 80(%0)\n\t"
        "movups %%xmm6, 96(%0)\n\tmovups %%xmm7, 112(%0)\n\tmovups %%xmm8, 128(%0)\n\t"
        "movups %%xmm9, 144(%0)\n\tmovups %%xmm10, 160(%0)\n\tmovups %%xmm11, 176(%0)\n\t"
        "movups %%xmm12, 192(%0)\n\tmovups %%xmm13, 208(%0)\n\tmovups %%xmm14, 224(%0)\n\t"
        "movups %%xmm15, 240(%0)"
        :
        : "r"(raw)
        : "memory");
    add("vector registers", raw, sizeof(raw));
}

/* What the loader and the start of the C library left behind. */
static void dead_stack(void)
{
    static char copy[65536];
    const volatile char *sp = __builtin_frame_address(0);
    for (size_t i = 0; i < sizeof(copy); i++)
        copy[i] = sp[(ptrdiff_t)i - (ptrdiff_t)sizeof(copy)];
    add("dead stack", copy, sizeof(copy));
}

static void heap(void)
{
    volatile char *p[50];
    for (size_t i = 0; i < COUNT(p); i++) {
        p[i] = malloc(100 + i * 37);
        CHECK(p[i] != NULL);
        if (i % 3 == 0)
            free((void *)p[i]);
    }
    for (size_t i = 0; i < COUNT(p); i++)
        for (size_t k = 0; i % 3 && k < 100 + i * 37; k++)
            hash = (hash ^ (unsigned char)p[i][k]) * 0x100000001b3ull;
    add("heap", "", 0);
}

static void pages(void)
{
    char *p = map_pages(20, PROT_READ | PROT_WRITE);
    CHECK(is_zero(p, 20 * PAGE));
    fill_pattern(p, 20 * PAGE, 1);
    CHECK(madvise(p, 10 * PAGE, MADV_DONTNEED) == 0 && is_zero(p, 10 * PAGE));
    /* The kernel takes these pages when it likes, or not at all. */
    if (madvise(p + 10 * PAGE, 10 * PAGE, MADV_FREE) == 0)
        add("freed pages", p + 10 * PAGE, 10 * PAGE);
    add("pages", p, 20 * PAGE);
}

int main(void)
{
    vector_registers();
    dead_stack();
    heap();
    pages();
    return 0;
}
