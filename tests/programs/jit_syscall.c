/*
 * jit_syscall - syscalls from memory that is writable and executable at once, rewritten
 * between calls; code that reads its own bytes around a syscall sees what it wrote.
 */
#include "check.h"

typedef long (*code_fn)(void);

static unsigned char *emit(unsigned char *p, int nr)
{
    *p++ = 0xb8;
    memcpy(p, &nr, 4);
    p += 4;
    *p++ = 0x0f;
    *p++ = 0x05;
    *p++ = 0xc3;
    return p;
}

int main(void)
{
    unsigned char *code = map_pages(4, PROT_READ | PROT_WRITE | PROT_EXEC);
    uint64_t h = MIX_START;
    static const int numbers[] = {SYS_getpid, SYS_getuid, SYS_getppid, 9999, SYS_getegid};
    for (int i = 0; i < 2000; i++) {
        int nr = numbers[i % COUNT(numbers)];
        unsigned char *p = code + (i * 37) % (3 * PAGE);
        emit(p, nr);
        CHECK(((code_fn)p)() == RAW0(nr));
        CHECK(((code_fn)p)() == RAW0(nr));
        CHECK(p[0] == 0xb8 && p[5] == 0x0f && p[6] == 0x05 && p[7] == 0xc3);
        h = mix(h, p, 8);
    }
    /* The same site, over and over, with another number each time. */
    for (int i = 0; i < 5000; i++) {
        int nr = numbers[i % COUNT(numbers)];
        emit(code, nr);
        CHECK(((code_fn)code)() == RAW0(nr));
    }
    /* A site whose syscall becomes something else: mov $7,%al */
    for (int i = 0; i < 200; i++) {
        emit(code, SYS_getpid);
        CHECK(((code_fn)code)() == getpid());
        code[5] = 0xb0;
        code[6] = 7;
        CHECK(((code_fn)code)() == ((SYS_getpid & ~0xff) | 7));
    }
    printf("code bytes %016llx\n", (unsigned long long)h);
    return 0;
}
