/*
 * signal_trap_flag - single-stepping itself: the trap flag raises SIGTRAP after each
 * instruction, over a syscall too; the handler counts and clears it in the end.
 */
#include "check.h"

#include <signal.h>
#include <ucontext.h>

extern char steps_begin[], steps_end[];
static volatile int traps, inside;

static void on_trap(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
    traps++;
    inside += pc > (uintptr_t)steps_begin && pc <= (uintptr_t)steps_end;
    CHECK(info->si_code == TRAP_TRACE);
    if (pc >= (uintptr_t)steps_end)
        uc->uc_mcontext.gregs[REG_EFL] &= ~0x100ll;
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGTRAP, &sa, NULL) == 0);
    uint64_t n = 0;
    __asm__ volatile("pushf\n\torq $0x100,(%%rsp)\n\tpopf\n"
                     ".globl steps_begin\nsteps_begin:\n\t"
                     "mov $3,%%ecx\n1:\tadd $2,%0\n\tdec %%ecx\n\tjnz 1b\n\t"
                     "nop\n.globl steps_end\nsteps_end:\n\tnop"
                     : "+b"(n)
                     :
                     : "rcx", "memory", "cc");
    CHECK(n == 6);
    /* mov, three rounds of three, nop: eleven inside. */
    printf("%d traps inside\n", inside);
    CHECK(inside == 11);
    return 0;
}
