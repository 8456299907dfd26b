/*
 * tool_memory - a guest that probes the addresses where the recorder lives: reads,
 * writes, maps over, unmaps, hands them to syscalls. It must get a signal or an error;
 * where the processor cannot protect them it says `unprotected`. It never harms the
 * recording. Natively there is nothing at those addresses. The code cache exists in
 * translated mode only, and can be seen where the processor has no keys: one mode.
 * run: --one-mode --filter 's/^(read|write|map|syscall) .+/\1/'
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>

static sigjmp_buf out;
static void on_fault(int sig)
{
    siglongjmp(out, sig);
}

static const uintptr_t places[] = {0x700000000000, 0x700000001000, 0x700100000000, 0x700200000000,
                                   0x700700000000, 0x70ffffff0000, 0x70000000,     0x70010000,
                                   0x70020000,     0x71000000,     0x7ffef000};

static void try_read(volatile char *p)
{
    if (sigsetjmp(out, 1))
        printf("read %p: protected\n", (void *)p);
    else {
        (void)*p;
        printf("read %p: unprotected\n", (void *)p);
    }
}

/* Writes what is there already, so that an unprotected place is not destroyed. */
static void try_write(volatile char *p)
{
    if (sigsetjmp(out, 1))
        printf("write %p: protected\n", (void *)p);
    else {
        __asm__ volatile("lock orb $0,(%0)" ::"r"(p) : "memory");
        printf("write %p: unprotected\n", (void *)p);
    }
}

static void try_map(uintptr_t at)
{
    void *p = mmap((void *)at, PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    printf("map %lx: %s\n", at, p == MAP_FAILED ? "refused" : "done");
    if (p != MAP_FAILED)
        CHECK((uintptr_t)p == at && munmap(p, PAGE) == 0);
    p = mmap((void *)at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED && is_zero(p, PAGE));
    memset(p, 1, PAGE);
    CHECK(munmap(p, PAGE) == 0);
}

static void try_syscalls(uintptr_t at)
{
    char *p = (char *)at;
    int fd = open("/dev/zero", O_RDWR);
    CHECK(fd >= 0);
    /* Each of these may fail or succeed, but must leave the recorder alone. */
    printf("syscall %lx: read %ld munmap %ld mprotect %ld fixed %ld\n", at,
           RAW3(SYS_read, fd, p, 8), RAW2(SYS_munmap, p, PAGE),
           RAW3(SYS_mprotect, p, PAGE, PROT_NONE),
           raw6(SYS_mmap, at, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) < 0
               ? -1l
               : 0l);
    printf("syscall %lx: madvise %ld mremap %ld getcwd %ld open %ld\n", at,
           RAW3(SYS_madvise, p, PAGE, MADV_DONTNEED),
           raw6(SYS_mremap, at, PAGE, 2 * PAGE, 1, 0, 0) < 0 ? -1l : 0l,
           RAW2(SYS_getcwd, p, 100) < 0 ? -1l : 0l, RAW2(SYS_open, p, 0) < 0 ? -1l : 0l);
    close(fd);
}

int main(void)
{
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    for (size_t i = 0; i < COUNT(places); i++) {
        try_read((char *)places[i]);
        try_write((char *)places[i]);
        try_map(places[i]);
        try_syscalls(places[i]);
    }
    CHECK(munmap((void *)0x6ffffffff000, 0x1000) == 0);
    CHECK(RAW3(SYS_munmap, 0x700000000000, 0x10000000000, 0) <= 0);
    CHECK(RAW3(SYS_munmap, 0x6fffffff0000, 0x20000000000, 0) <= 0);
    CHECK(getpid() > 0);
    printf("still alive\n");
    return 0;
}
