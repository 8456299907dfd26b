/*
 * shared_slots - indirect calls and returns among places that a table of targets, indexed by bits
 * of the address, cannot tell apart: 64 KiB and 16 MiB from each other. Each place tells its
 * number and what flags it was reached with; then some are replaced by other code.
 */
#include "check.h"

#define PLACES 6
#define NEAR 0x10000u
#define FAR 0x1000000u

typedef unsigned (*place_fn)(unsigned sum);

static const uintptr_t base[2] = {0x40000000, 0x610000000000};
static unsigned char *page[2][PLACES];

/* pushf; pop rcx; and ecx, 0x8d5; lea eax, [rdi + rcx + number]; ret */
static void write_place(unsigned char *p, unsigned number)
{
    static const unsigned char code[] = {0x9c, 0x59, 0x81, 0xe1, 0xd5, 0x08, 0x00, 0x00,
                                         0x8d, 0x84, 0x0f, 0,    0,    0,    0,    0xc3};
    CHECK(mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0);
    memcpy(p, code, sizeof(code));
    memcpy(p + 11, &number, 4);
    CHECK(mprotect(p, PAGE, PROT_READ | PROT_EXEC) == 0);
}

static void make_places(unsigned range)
{
    for (unsigned i = 0; i < PLACES; i++) {
        void *at = (void *)(base[range] + (i % 2 ? (i / 2) * FAR + NEAR : i / 2 * FAR));
        page[range][i] = mmap(at, PAGE, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        CHECK(page[range][i] == at);
        write_place(page[range][i], i * 1000);
    }
}

/* Calls f with CF, PF, AF, ZF, SF and OF as in `flags`. */
static unsigned call_with(place_fn f, unsigned sum, uint64_t flags)
{
    unsigned result;
    __asm__ volatile("sub $128, %%rsp\n\tpush %3\n\tpopf\n\tcall *%1\n\tlea 128(%%rsp), %%rsp"
                     : "=a"(result), "+r"(f), "+D"(sum)
                     : "r"(flags)
                     : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
    return result;
}

int main(void)
{
    static const uint64_t flags[] = {0x202, 0x203, 0x246, 0xa97, 0xad7};
    uint64_t h = MIX_START;
    make_places(0);
    make_places(1);
    for (unsigned n = 0; n < 20000; n++) {
        unsigned range = n / 3 % 2, i = n * 7 / 5 % PLACES, number = i * 1000;
        uint64_t f = flags[n % COUNT(flags)];
        if (n > 10000 && n % 500 == 0)
            write_place(page[range][i], number = n);
        unsigned got = call_with((place_fn)(uintptr_t)page[range][i], n, f);
        if (n <= 10000)
            CHECK(got == n + (f & 0x8d5) + number);
        h = mix(h, &got, sizeof(got));
    }
    printf("%016llx\n", (unsigned long long)h);
    return 0;
}
