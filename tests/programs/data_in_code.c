/*
 * data_in_code - tables of random looking numbers in .text, as hand-written assembly has them:
 * they hold the bytes of cpuid, rdrand and others, and must read as they were written.
 */
#include "check.h"

#define CHUNKS 2000

/* Chunks of 33 bytes from a generator that main() repeats, with two bytes of choice between. */
__asm__(".text\n"
        ".balign 64\n"
        "table:\n"
        ".set seed, 1\n"
        ".set chunk, 0\n"
        ".rept 2000\n"
        ".rept 33\n"
        ".set seed, (seed * 1103515245 + 12345) & 0x7fffffff\n"
        ".byte (seed >> 16) & 0xff\n"
        ".endr\n"
        ".byte 0x0f\n"
        ".if chunk & 1\n"
        ".byte 0xa2\n"
        ".else\n"
        ".byte 0xc7, 0xf0 | (chunk >> 1 & 15)\n"
        ".endif\n"
        ".set chunk, chunk + 1\n"
        ".endr\n"
        ".balign 16\n"
        /* Real ones without unwind information, right behind data. */
        ".type asks, @function\n"
        "asks: mov %rbx, %r8; xor %eax, %eax; cpuid; mov %ebx, %eax; mov %r8, %rbx; ret\n"
        ".size asks, . - asks\n"
        ".previous\n");
extern const unsigned char table[];
extern unsigned asks(void);

int main(void)
{
    const unsigned char *p = table;
    uint32_t seed = 1;
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        for (int i = 0; i < 33; i++) {
            seed = (seed * 1103515245u + 12345u) & 0x7fffffff;
            CHECK(*p++ == (unsigned char)(seed >> 16));
        }
        CHECK(*p++ == 0x0f);
        if (chunk & 1) {
            CHECK(*p++ == 0xa2);
        } else {
            CHECK(*p++ == 0xc7);
            CHECK(*p++ == (0xf0 | (chunk >> 1 & 15)));
        }
    }
    unsigned eax = 0, ebx, ecx, edx;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    CHECK(asks() == ebx);
    puts("the table is as it was");
    return 0;
}
