/*
 * det_below_stack - kernel entries of all kinds leave the memory below the stack pointer
 * alone: syscalls (often enough that a recorder rewrites their site), rdtsc, cpuid, a
 * fault and a signal handled on an alternate stack. A program that reads its dead
 * stack must see the same in each run.
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>

#define STACK (16 * PAGE)
static sigjmp_buf out;
static void on_signal(int sig)
{
    if (sig == SIGSEGV)
        siglongjmp(out, sig);
}

/* Runs CODE with the stack pointer at `top`; nothing of the C code around it uses the
 * stack meanwhile. */
#define ON_STACK(top, code, ...) \
    __asm__ volatile("mov %%rsp, %%r15\n\tmov %0, %%rsp\n\t" code "\n\tmov %%r15, %%rsp" \
                     : \
                     : "r"(top), ##__VA_ARGS__ \
                     : "rax", "rbx", "rcx", "rdx", "rdi", "rsi", "r11", "r15", "memory", "cc")

static void syscalls(char *top)
{
    for (int i = 0; i < 20; i++)
        ON_STACK(top, "mov $39, %%eax\n\tsyscall");
}

static void instructions(char *top)
{
    for (int i = 0; i < 20; i++) {
        ON_STACK(top, "rdtsc");
        ON_STACK(top, "xor %%eax, %%eax\n\txor %%ecx, %%ecx\n\tcpuid");
    }
}

static void signals(char *top)
{
    long pid = getpid();
    for (int i = 0; i < 5; i++) {
        if (sigsetjmp(out, 1) == 0)
            ON_STACK(top, "movb $0, (8)");
        ON_STACK(top, "mov $62, %%eax\n\tmov %1, %%rdi\n\tmov $10, %%esi\n\tsyscall", "r"(pid));
    }
}

static void untouched(const char *what, void (*entries)(char *))
{
    char *low = map_pages(STACK / PAGE, PROT_READ | PROT_WRITE), *top = low + STACK - 256;
    fill_pattern(low, STACK, 3);
    entries(top);
    CHECK(is_pattern(low, STACK, 3));
    printf("%s: nothing below the stack pointer was written\n", what);
}

int main(void)
{
    static char alternate[65536];
    stack_t ss = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    CHECK(sigaltstack(&ss, NULL) == 0);
    CHECK(sigaction(SIGSEGV, &sa, NULL) == 0 && sigaction(SIGUSR1, &sa, NULL) == 0);
    untouched("syscalls", syscalls);
    untouched("instructions", instructions);
    untouched("signals", signals);
    return 0;
}
