/*
 * signal_flags - SA_SIGINFO, SA_NODEFER, SA_RESETHAND, SA_ONSTACK, sa_mask, SA_RESTART's
 * absence, nested handlers, sigaltstack rules.
 */
#include "check.h"

#include <signal.h>
#include <ucontext.h>

static volatile int depth, deepest, calls;
static char alt_stack[65536];

static void install(int sig, void (*handler)(int), int flags, int also_blocked)
{
    struct sigaction sa = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&sa.sa_mask);
    if (also_blocked)
        sigaddset(&sa.sa_mask, also_blocked);
    CHECK(sigaction(sig, &sa, NULL) == 0);
}

static void nest(int sig)
{
    depth++;
    calls++;
    if (depth > deepest)
        deepest = depth;
    if (depth < 5)
        raise(sig);
    depth--;
}

static void deferred(int sig)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (++calls < 5)
        raise(sig);
    depth--;
}

static void nesting(void)
{
    install(SIGUSR1, nest, SA_NODEFER, 0);
    raise(SIGUSR1);
    printf("NODEFER: %d calls, %d deep\n", calls, deepest);
    CHECK(calls == 5 && deepest == 5 && depth == 0);
    calls = deepest = 0;
    install(SIGUSR1, deferred, 0, 0);
    raise(SIGUSR1);
    printf("deferred: %d calls, %d deep\n", calls, deepest);
    CHECK(calls == 5 && deepest == 1);
}

static volatile char order[16];
static volatile int ordered;
static void note(int sig)
{
    order[ordered++] = sig == SIGUSR1 ? 'a' : 'b';
    if (sig == SIGUSR1) {
        raise(SIGUSR2);
        order[ordered++] = 'A';
    }
}

static void masks(void)
{
    install(SIGUSR2, note, 0, 0);
    install(SIGUSR1, note, 0, 0);
    raise(SIGUSR1);
    install(SIGUSR1, note, 0, SIGUSR2);
    raise(SIGUSR1);
    printf("order: %s\n", (char *)order);
    CHECK(strcmp((char *)order, "abAaAb") == 0);
}

static void reset(void)
{
    calls = depth = 0;
    install(SIGUSR1, deferred, SA_RESETHAND, 0);
    calls = 10;
    raise(SIGUSR1);
    struct sigaction sa;
    CHECK(calls == 11 && sigaction(SIGUSR1, NULL, &sa) == 0);
    CHECK(sa.sa_handler == SIG_DFL);
    printf("RESETHAND: default again\n");
}

static void on_stack(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    char here;
    stack_t now;
    CHECK(&here >= alt_stack && &here < alt_stack + sizeof(alt_stack));
    CHECK(sigaltstack(NULL, &now) == 0 && (now.ss_flags & SS_ONSTACK));
    CHECK_ERRNO(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL), EPERM);
    CHECK(uc->uc_stack.ss_sp == alt_stack && uc->uc_stack.ss_size == sizeof(alt_stack));
    CHECK(info->si_signo == sig && info->si_pid == getpid() && info->si_uid == getuid());
    CHECK(((uintptr_t)__builtin_frame_address(0) & 15) == 0);
    calls++;
    if (calls < 3)
        raise(sig);
}

static void alternate(void)
{
    stack_t ss = {.ss_sp = alt_stack, .ss_size = sizeof(alt_stack)}, old;
    CHECK(sigaltstack(&ss, &old) == 0 && (old.ss_flags & SS_DISABLE));
    struct sigaction sa = {.sa_sigaction = on_stack,
                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    CHECK(sigaction(SIGUSR1, &sa, NULL) == 0);
    calls = 0;
    raise(SIGUSR1);
    CHECK(calls == 3);
    CHECK(sigaltstack(NULL, &old) == 0 && old.ss_flags == 0);
    CHECK_ERRNO(sigaltstack(&(stack_t){.ss_sp = alt_stack, .ss_size = 100}, NULL), ENOMEM);
    CHECK_ERRNO(
        sigaltstack(&(stack_t){.ss_sp = alt_stack, .ss_size = sizeof(alt_stack), .ss_flags = 77},
                    NULL),
        EINVAL);
    CHECK(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL) == 0);
    printf("ONSTACK: ok\n");
}

int main(void)
{
    nesting();
    masks();
    reset();
    alternate();
    CHECK_ERRNO(sigaction(SIGKILL, &(struct sigaction){.sa_handler = SIG_IGN}, NULL), EINVAL);
    CHECK_ERRNO(sigaction(99, NULL, NULL), EINVAL);
    return 0;
}
