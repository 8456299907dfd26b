/*
 * big_reserve - address space in the style of runtimes: a terabyte reserved and used in
 * spots, MAP_32BIT, hints far up and far down, thousands of small mappings.
 */
#include "check.h"

#define TIB (1ul << 40)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

int main(void)
{
    char *p = mmap(NULL, TIB, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
    CHECK(p != MAP_FAILED);
    for (unsigned long at = 0; at < TIB; at += TIB / 64) {
        CHECK(mprotect(p + at, 2 * PAGE, RW) == 0);
        fill_pattern(p + at, 2 * PAGE, (unsigned)(at >> 30));
    }
    for (unsigned long at = 0; at < TIB; at += TIB / 64)
        CHECK(is_pattern(p + at, 2 * PAGE, (unsigned)(at >> 30)));
    CHECK(munmap(p + PAGE, TIB - PAGE) == 0 && is_pattern(p, PAGE, 0) && munmap(p, PAGE) == 0);
    printf("a terabyte: ok\n");
    char *low = mmap(NULL, 1 << 20, RW, ANON | MAP_32BIT, -1, 0);
    CHECK(low != MAP_FAILED && (uintptr_t)low < (1ul << 31));
    static const uintptr_t hints[] = {0x10000, 0x200000000, 0xc000000000, 0x10007fff8000,
                                      0x600000000000};
    for (size_t i = 0; i < COUNT(hints); i++) {
        char *h = mmap((void *)hints[i], 4 * PAGE, RW, ANON, -1, 0);
        CHECK(h != MAP_FAILED);
        printf("hint %zx: %s\n", hints[i], h == (char *)hints[i] ? "taken" : "elsewhere");
        memset(h, 1, 4 * PAGE);
    }
    for (int i = 0; i < 5000; i++) {
        char *s = mmap(NULL, PAGE, i % 2 ? PROT_READ : RW, ANON, -1, 0);
        CHECK(s != MAP_FAILED && s[0] == 0);
        if (i % 2 == 0)
            s[0] = 1;
    }
    printf("many: ok\n");
    return 0;
}
