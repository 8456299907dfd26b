/*
 * stack_overflow - endless recursion ends in SIGSEGV, handled on the alternate stack,
 * several times; the stack limit is respected.
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>

static sigjmp_buf out;
static char alt_stack[65536];
static uintptr_t fault;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    fault = (uintptr_t)info->si_addr;
    siglongjmp(out, 1);
}

#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static unsigned endless(unsigned depth)
{
    volatile char room[500];
    room[depth % sizeof(room)] = 1;
    return endless(depth + 1) + room[0];
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t ss = {.ss_sp = alt_stack, .ss_size = sizeof(alt_stack)};
    struct rlimit limit;
    CHECK(sigaltstack(&ss, NULL) == 0 && sigaction(SIGSEGV, &sa, NULL) == 0);
    CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    for (volatile int i = 0; i < 3; i++) {
        if (sigsetjmp(out, 1) == 0)
            endless(0);
        CHECK(fault < here && here - fault > (1ul << 20));
        CHECK(limit.rlim_cur == RLIM_INFINITY || here - fault <= limit.rlim_cur + (1ul << 20));
        printf("overflow %d handled\n", i);
    }
    fflush(stdout);
    signal(SIGSEGV, SIG_DFL);
    endless(0);
    return 0;
}
