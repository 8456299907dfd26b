/*
 * flags_over_jump - arithmetic flags live across indirect calls, jumps and returns: also
 * where the targets lie exactly 64 KiB apart, as two entries of a hash table may.
 */
#include "check.h"

#define APART 0x10000ul
#define ALL_FLAGS 0x8d5ul /* CF PF AF ZF SF OF */

/* Compares a with b, then calls or jumps to code, which returns the flags it saw. */
static unsigned long flags_seen(const void *code, unsigned char a, unsigned char b, int jump)
{
    unsigned long flags;
    if (jump)
        __asm__ volatile("sub $128, %%rsp; lea 1f(%%rip), %%rax; push %%rax; cmp %2, %1; jmp *%3\n"
                         "1: lea 128(%%rsp), %%rsp"
                         : "=&a"(flags)
                         : "q"(a), "q"(b), "r"(code)
                         : "cc", "memory");
    else
        __asm__ volatile("sub $128, %%rsp; cmp %2, %1; call *%3; lea 128(%%rsp), %%rsp"
                         : "=&a"(flags)
                         : "q"(a), "q"(b), "r"(code)
                         : "cc", "memory");
    return flags & ALL_FLAGS;
}

static unsigned long flags_now(unsigned char a, unsigned char b)
{
    unsigned long flags;
    __asm__ volatile("sub $128, %%rsp; cmp %2, %1; pushf; pop %0; lea 128(%%rsp), %%rsp"
                     : "=&r"(flags)
                     : "q"(a), "q"(b)
                     : "cc", "memory");
    return flags & ALL_FLAGS;
}

/* The flags that a return brings back to its caller. */
static unsigned long flags_returned(const void *code, unsigned long a, unsigned long b)
{
    unsigned long flags;
    __asm__ volatile("sub $128, %%rsp; call *%3; pushf; pop %0; lea 128(%%rsp), %%rsp"
                     : "=&a"(flags)
                     : "D"(a), "S"(b), "r"(code)
                     : "cc", "memory");
    return flags & ALL_FLAGS;
}

static const unsigned char overwrites[] = {0x31, 0xc0, 0xc3};          /* xor eax, eax; ret */
static const unsigned char shows[] = {0x9c, 0x58, 0xc3};               /* pushf; pop rax; ret */
static const unsigned char branches[] = {0xb8, 0x00, 0x00, 0x00, 0x00, /* mov eax, 0 */
                                         0x75, 0x05,                   /* jne over */
                                         0xb8, 0x40, 0x00, 0x00, 0x00, /* mov eax, ZF */
                                         0xc3};                        /* over: ret */
static const unsigned char compares[] = {0x40, 0x38, 0xf7, 0xc3};      /* cmp dil, sil; ret */

static void one_pair(unsigned char *code, unsigned i)
{
    unsigned char *near = code + i * 64, *far = near + APART;
    unsigned char a = (unsigned char)(i * 37), b = i % 3 ? (unsigned char)(i * 11) : a;
    memcpy(near, overwrites, sizeof overwrites);
    memcpy(far, shows, sizeof shows);
    memcpy(far + 32, branches, sizeof branches);
    memcpy(near + 32, overwrites, sizeof overwrites);
    memcpy(far + 2 * APART, compares, sizeof compares);
    for (int round = 0; round < 3; round++)
        for (int jump = 0; jump < 2; jump++) {
            CHECK(flags_seen(near, a, b, jump) == 0);
            CHECK(flags_seen(far, a, b, jump) == flags_now(a, b));
            CHECK(flags_seen(near + 32, a, b, jump) == 0);
            CHECK(flags_seen(far + 32, a, b, jump) == (a == b ? 0x40 : 0));
            CHECK(flags_returned(far + 2 * APART, a, b) == flags_now(a, b));
        }
}

int main(void)
{
    unsigned char *code = mmap(NULL, 4 * APART, PROT_READ | PROT_WRITE | PROT_EXEC,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(code != MAP_FAILED);
    for (unsigned i = 0; i < 500; i++)
        one_pair(code, i);
    puts("flags kept");
    return 0;
}
