/*
 * page_edge - a syscall instruction that ends its page (the next page unmapped until
 * needed, or another mapping), that straddles two pages, and sites in pages that are
 * remapped, made unwritable, or unmapped afterwards.
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>

static sigjmp_buf out;
static volatile uintptr_t fault_addr;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    fault_addr = (uintptr_t)info->si_addr;
    siglongjmp(out, 1);
}

static unsigned char *code; /* 4 pages */

static void protect(int page, int prot)
{
    CHECK(mprotect(code + page * PAGE, PAGE, prot) == 0);
}

static long call(unsigned char *p)
{
    return ((long (*)(void))p)();
}

static const unsigned char get_pid[] = {0xb8, 39, 0, 0, 0, 0x0f, 0x05}; /* mov $39,%eax; syscall */
static const unsigned char ret[] = {0xc3};

/* The instruction ends at the page's end; the next page holds only a ret. */
static void at_end(int pid)
{
    unsigned char *p = code + PAGE - sizeof(get_pid);
    memcpy(p, get_pid, sizeof(get_pid));
    memcpy(code + PAGE, ret, 1);
    protect(0, PROT_READ | PROT_EXEC);
    protect(1, PROT_READ | PROT_EXEC);
    for (int i = 0; i < 50; i++)
        CHECK(call(p) == pid);
    protect(1, PROT_READ); /* falls off the end into a page that does not execute */
    if (sigsetjmp(out, 1) == 0)
        CHECK(call(p) == 0);
    CHECK(fault_addr == (uintptr_t)code + PAGE);
    protect(1, PROT_READ | PROT_EXEC);
    CHECK(call(p) == pid);
    protect(0, PROT_READ | PROT_WRITE);
    protect(1, PROT_READ | PROT_WRITE);
    printf("at the end of a page: ok\n");
}

/* 0f on one page, 05 on the next. */
static void straddling(int pid)
{
    unsigned char *p = code + 2 * PAGE - sizeof(get_pid) + 1;
    memcpy(p, get_pid, sizeof(get_pid));
    memcpy(p + sizeof(get_pid), ret, 1);
    protect(1, PROT_READ | PROT_EXEC);
    protect(2, PROT_READ | PROT_EXEC);
    for (int i = 0; i < 50; i++)
        CHECK(call(p) == pid);
    protect(2, PROT_READ);
    if (sigsetjmp(out, 1) == 0)
        CHECK(call(p) == 0);
    CHECK(fault_addr == (uintptr_t)code + 2 * PAGE);
    protect(1, PROT_READ | PROT_WRITE);
    protect(2, PROT_READ | PROT_WRITE);
    printf("across two pages: ok\n");
}

/* The same address holds other code after munmap and mmap. */
static void remapped(int pid)
{
    unsigned char *p = code + 100;
    for (int i = 0; i < 20; i++) {
        CHECK(mmap(code, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                   0) == code);
        CHECK(is_zero(code, PAGE));
        memcpy(p, get_pid, sizeof(get_pid));
        if (i % 2)
            p[1] = 102; /* getuid */
        p[sizeof(get_pid)] = 0xc3;
        protect(0, PROT_READ | PROT_EXEC);
        CHECK(call(p) == (i % 2 ? (long)getuid() : pid));
        CHECK(memcmp(p + 7, ret, 1) == 0);
    }
    printf("remapped: ok\n");
}

/* Code in a file mapping: the file must not change, nor another mapping of it. */
static void in_file(int pid)
{
    int fd = make_file("code", PAGE, 3);
    CHECK(pwrite(fd, get_pid, sizeof(get_pid), 64) == sizeof(get_pid));
    CHECK(pwrite(fd, ret, 1, 64 + sizeof(get_pid)) == 1);
    unsigned char *p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    unsigned char *q = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED && q != MAP_FAILED);
    for (int i = 0; i < 30; i++)
        CHECK(call(p + 64) == pid && call(q + 64) == pid);
    unsigned char back[8];
    CHECK(pread(fd, back, 7, 64) == 7 && memcmp(back, get_pid, 7) == 0);
    printf("in a mapped file: ok\n");
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &sa, NULL) == 0);
    code = map_pages(4, PROT_READ | PROT_WRITE);
    at_end(getpid());
    straddling(getpid());
    remapped(getpid());
    in_file(getpid());
    return 0;
}
