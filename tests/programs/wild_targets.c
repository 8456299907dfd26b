/*
 * wild_targets - returns, jumps and calls to addresses that hold nothing, or cannot exist: a
 * smashed stack does that. What cannot exist is the fault of the instruction itself, with the
 * registers as they were before it; all else the fault of the address.
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile greg_t rip, rsp, trap;
static volatile uintptr_t address, before;
static volatile int code;
extern char at_ret[], at_ret_imm[], at_jmp[], at_call[];

static void on_fault(int signo, siginfo_t *info, void *context)
{
    const greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    rip = r[REG_RIP], rsp = r[REG_RSP], trap = r[REG_TRAPNO];
    address = (uintptr_t)info->si_addr, code = info->si_code;
    siglongjmp(back, signo);
}

static void go(int kind, uintptr_t target)
{
    switch (kind) {
    case 0:
        __asm__ volatile("push %1\n\tmov %%rsp, %0\nat_ret: ret" : "=m"(before) : "r"(target) : "memory");
        break;
    case 1:
        __asm__ volatile("sub $24, %%rsp\n\tpush %1\n\tmov %%rsp, %0\nat_ret_imm: ret $24"
                         : "=m"(before) : "r"(target) : "memory");
        break;
    case 2:
        __asm__ volatile("mov %%rsp, %0\nat_jmp: jmp *%1" : "=m"(before) : "r"(target) : "memory");
        break;
    default:
        __asm__ volatile("mov %%rsp, %0\nat_call: call *%1" : "=m"(before) : "r"(target) : "memory");
    }
}

static const char *place(uintptr_t target)
{
    char *const sites[] = {at_ret, at_ret_imm, at_jmp, at_call};
    for (unsigned i = 0; i < COUNT(sites); i++)
        if (rip == (greg_t)sites[i])
            return "the instruction";
    return rip == (greg_t)target ? "the target" : "neither";
}

int main(void)
{
    static char stack[65536];
    static const uintptr_t targets[] = {0x1234, 0x7ffffffff000, 0x800000000000, 0x4141414141414141,
                                        0xffffffff80000000, 0x700100000000, 0x700200000000};
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    CHECK(sigaltstack(&ss, NULL) == 0 && sigaction(SIGSEGV, &sa, NULL) == 0);
    for (int kind = 0; kind < 4; kind++)
        for (unsigned i = 0; i < COUNT(targets); i++) {
            int signo = sigsetjmp(back, 1);
            if (!signo)
                go(kind, targets[i]);
            printf("kind %d, %#lx: signal %d, code %d, address %#lx, trap %d, at %s, stack moved by %ld\n",
                   kind, (unsigned long)targets[i], signo, code, (unsigned long)address, (int)trap,
                   place(targets[i]), (long)(rsp - (greg_t)before));
        }
    return 0;
}
