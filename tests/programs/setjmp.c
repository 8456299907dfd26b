/*
 * setjmp - setjmp/longjmp, sigsetjmp out of signal handlers (the mask comes back),
 * ucontext switches between stacks.
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#pragma GCC diagnostic ignored "-Winfinite-recursion" /* longjmp ends it */
static jmp_buf env;
static sigjmp_buf sigenv;
static ucontext_t main_context, other_context;
static char other_stack[65536];

__attribute__((noinline)) static void leave(int depth, int value)
{
    if (depth == 0)
        longjmp(env, value);
    volatile char frame[100];
    frame[depth] = (char)value;
    leave(depth - 1, value + frame[depth] - (char)value);
}

static void on_fault(int sig)
{
    siglongjmp(sigenv, sig);
}

static void other(void)
{
    for (int i = 0; i < 3; i++) {
        printf("other context %d\n", i);
        swapcontext(&other_context, &main_context);
    }
}

int main(void)
{
    volatile int rounds = 0;
    int v = setjmp(env);
    printf("setjmp gave %d\n", v);
    if (++rounds < 5)
        leave(rounds * 10, rounds);
    signal(SIGSEGV, on_fault);
    for (volatile int i = 0; i < 5; i++) {
        if (sigsetjmp(sigenv, 1) == 0)
            *(volatile int *)8 = 1;
        sigset_t set;
        sigprocmask(SIG_SETMASK, NULL, &set);
        CHECK(!sigismember(&set, SIGSEGV));
        printf("out of handler %d\n", i);
    }
    CHECK(getcontext(&other_context) == 0);
    other_context.uc_stack.ss_sp = other_stack;
    other_context.uc_stack.ss_size = sizeof(other_stack);
    other_context.uc_link = &main_context;
    makecontext(&other_context, other, 0);
    for (int i = 0; i < 4; i++) {
        CHECK(swapcontext(&main_context, &other_context) == 0);
        printf("main context %d\n", i);
    }
    return 0;
}
