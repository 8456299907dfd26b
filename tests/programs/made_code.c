/*
 * made_code - a program that makes code which asks the processor about itself (cpuid, rdrand,
 * rdpid, xgetbv, rdtsc), in every way to get executable memory: writable and executable at
 * once, written and then made executable, two views of one memfd, moved, mapped from a file,
 * partly replaced. What it is told must be the same in each replay, whatever its mode.
 * run: --random --makes-code
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>

#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)
#define RX (PROT_READ | PROT_EXEC)
#define RW (PROT_READ | PROT_WRITE)

typedef void (*code_fn)(uint32_t leaf, uint32_t out[4]);

/* push rbx; mov eax, edi; mov r8, rsi; xor ecx, ecx; <instruction>; mov [r8], eax; mov [r8+4], ebx;
 * mov [r8+8], ecx; mov [r8+12], edx; pop rbx; ret */
static const unsigned char head[] = {0x53, 0x89, 0xf8, 0x49, 0x89, 0xf0, 0x31, 0xc9};
static const unsigned char tail[] = {0x41, 0x89, 0x00, 0x41, 0x89, 0x58, 0x04, 0x41, 0x89,
                                     0x48, 0x08, 0x41, 0x89, 0x50, 0x0c, 0x5b, 0xc3};
static const struct {
    const char *name;
    unsigned char len, bytes[4];
} insns[] = {
    {"cpuid", 2, {0x0f, 0xa2}},
    {"xgetbv", 3, {0x0f, 0x01, 0xd0}},
    {"rdtsc", 2, {0x0f, 0x31}},
    {"rdrand", 3, {0x0f, 0xc7, 0xf0}},
    {"rdseed", 3, {0x0f, 0xc7, 0xf8}},
    {"rdpid", 4, {0xf3, 0x0f, 0xc7, 0xf8}},
};

static sigjmp_buf out;
static void on_fault(int sig)
{
    siglongjmp(out, sig);
}

static void write_code(unsigned char *p, size_t n)
{
    memcpy(p, head, sizeof(head));
    p += sizeof(head);
    memcpy(p, insns[n].bytes, insns[n].len);
    memcpy(p + insns[n].len, tail, sizeof(tail));
}

static void run(const char *how, size_t n, void *code)
{
    uint32_t r[4] = {0};
    int sig = sigsetjmp(out, 1);
    if (!sig)
        ((code_fn)code)(1, r);
    printf("%s, %s: signal %d, %08x %08x %08x %08x\n", how, insns[n].name, sig, r[0], r[1], r[2],
           r[3]);
}

static void at_once(size_t n)
{
    unsigned char *p = map_pages(2, RWX);
    for (size_t at = 0; at < 2 * PAGE; at += PAGE - 20) { /* the last lies across the pages */
        write_code(p + at, n);
        run("writable and executable", n, p + at);
        if (at)
            break;
    }
    CHECK(munmap(p, 2 * PAGE) == 0);
}

static void one_after_the_other(size_t n)
{
    unsigned char *p = map_pages(4, RW);
    for (int i = 0; i < 3; i++) {
        size_t at = (size_t)i * (PAGE - 9);
        CHECK(mprotect(p, 4 * PAGE, RW) == 0);
        write_code(p + at, n);
        CHECK(mprotect(p, 4 * PAGE, PROT_READ) == 0);
        CHECK(mprotect(p, 4 * PAGE, RX) == 0);
        run("written, then executable", n, p + at);
    }
    unsigned char *q = mremap(p, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED);
    run("moved", n, q + 2 * (PAGE - 9));
    CHECK(mprotect(q, PAGE, PROT_NONE) == 0); /* what is left stays what it is */
    run("partly gone", n, q + 2 * (PAGE - 9));
    CHECK(munmap(q, 6 * PAGE) == 0);
}

static void two_views(size_t n)
{
    int fd = memfd_create("code", 0);
    CHECK(fd >= 0 && ftruncate(fd, PAGE) == 0);
    unsigned char *w = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
    void *x = mmap(NULL, PAGE, RX, MAP_SHARED, fd, 0);
    CHECK(w != MAP_FAILED && x != MAP_FAILED);
    write_code(w, n);
    run("two views", n, x);
    CHECK(munmap(w, PAGE) == 0 && munmap(x, PAGE) == 0 && close(fd) == 0);
}

static void from_file(size_t n)
{
    unsigned char page[PAGE] = {0};
    int fd = open("code", O_RDWR | O_CREAT | O_TRUNC, 0600);
    write_code(page, n);
    CHECK(fd >= 0 && write(fd, page, PAGE) == PAGE);
    void *x = mmap(NULL, PAGE, RX, MAP_PRIVATE, fd, 0);
    CHECK(x != MAP_FAILED);
    run("from a file", n, x);
    CHECK(munmap(x, PAGE) == 0 && close(fd) == 0 && unlink("code") == 0);
}

int main(void)
{
    signal(SIGSEGV, on_fault);
    signal(SIGILL, on_fault);
    for (size_t n = 0; n < COUNT(insns); n++) {
        at_once(n);
        one_after_the_other(n);
        two_views(n);
        from_file(n);
        (void)RAW0(SYS_getppid); /* back to native mode, if it was left */
    }
    return 0;
}
