/*
 * signal_repair - SIGSEGV handlers that repair what was wrong and return: mprotect,
 * mmap of the missing page, registers changed in the ucontext, instruction skipped.
 */
#include "check.h"

#include <signal.h>
#include <ucontext.h>

static char *area;
#define PAGES 64
static volatile int faults;
static int mode;

static void unprotect(siginfo_t *info, ucontext_t *uc)
{
    char *page = (char *)((uintptr_t)info->si_addr & ~(PAGE - 1));
    CHECK(page >= area && page < area + PAGES * PAGE);
    if (info->si_code == SEGV_ACCERR)
        CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
    else
        CHECK(mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                   0) == page);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    faults++;
    CHECK(sig == SIGSEGV);
    if (mode == 0)
        unprotect(info, uc);
    else if (mode == 1)
        uc->uc_mcontext.gregs[REG_RBX] = (greg_t)area; /* repair the pointer */
    else {
        uc->uc_mcontext.gregs[REG_RIP] += 3; /* skip the instruction */
        uc->uc_mcontext.gregs[REG_RAX] = 4711;
    }
}

static void write_everywhere(void)
{
    for (int round = 0; round < 20; round++) {
        if (round % 2)
            CHECK(mprotect(area, PAGES * PAGE, round % 4 == 1 ? PROT_NONE : PROT_READ) == 0);
        else
            CHECK(munmap(area, PAGES * PAGE) == 0);
        faults = 0;
        for (int i = 0; i < PAGES; i++)
            area[i * PAGE + round] = (char)(i + round);
        CHECK(faults == PAGES);
        for (int i = 0; i < PAGES; i++)
            CHECK(area[i * PAGE + round] == (char)(i + round));
    }
    printf("pages repaired\n");
}

static void bad_pointer(void)
{
    mode = 1;
    *(uint64_t *)area = 0x1122334455667788;
    for (int i = 0; i < 100; i++) {
        uint64_t value;
        __asm__ volatile("mov $0x10,%%ebx\n\tmov (%%rbx),%0" : "=r"(value) : : "rbx", "memory");
        CHECK(value == 0x1122334455667788);
    }
    mode = 2;
    for (int i = 0; i < 100; i++) {
        uint64_t value;
        __asm__ volatile("mov $0x18,%%ebx\n\tmov (%%rbx),%%rax" : "=a"(value) : : "rbx", "memory");
        CHECK(value == 4711);
    }
    printf("registers repaired\n");
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &sa, NULL) == 0);
    area = map_pages(PAGES, PROT_READ);
    write_everywhere();
    bad_pointer();
    return 0;
}
