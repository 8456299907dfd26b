/*
 * signal_complete - the corners of signals: who may send what, limits and order of queues,
 * stop and continue, flags of handlers, alternate stacks, timers of every kind and
 * what they count while their signal waits.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <time.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static volatile int count, order[64], values[64];

static void note(int s, siginfo_t *info, void *uc)
{
    if (count < 64) {
        order[count] = s;
        values[count] = info->si_value.sival_int;
    }
    count++;
}

static void handle(int s, int flags)
{
    struct sigaction sa = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | flags};
    CHECK(sigaction(s, &sa, NULL) == 0);
}

static void mask(int how, int s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, s);
    CHECK(sigprocmask(how, &set, NULL) == 0);
}

static int is_pending(int s)
{
    sigset_t set;
    CHECK(sigpending(&set) == 0);
    return sigismember(&set, s);
}

/* ---------------------------------------------------------------------- sending */
static void who_may_send(void)
{
    long me = getpid(), tid = gettid(), none = 0x3ffffff;
    siginfo_t queue = {.si_code = SI_QUEUE}, user = {.si_code = SI_USER}, tkill = {.si_code = SI_TKILL};
    siginfo_t kernel = {.si_code = SI_KERNEL};
    siginfo_t *infos[] = {&queue, &user, &tkill, &kernel};
    int signals[] = {0, -1, 65, 64};
    handle(64, 0);
    for (size_t i = 0; i < COUNT(signals); i++) {
        int s = signals[i];
        printf("signal %d: kill %ld %ld, tkill %ld %ld %ld, tgkill %ld %ld %ld %ld\n", s,
               RAW2(SYS_kill, me, s), RAW2(SYS_kill, none, s), RAW2(SYS_tkill, tid, s),
               RAW2(SYS_tkill, none, s), RAW2(SYS_tkill, 0, s), RAW3(SYS_tgkill, me, tid, s),
               RAW3(SYS_tgkill, me, none, s), RAW3(SYS_tgkill, none, tid, s), RAW3(SYS_tgkill, 0, tid, s));
        for (size_t k = 0; k < COUNT(infos); k++)
            printf("  code %d: %ld %ld, thread %ld %ld %ld\n", infos[k]->si_code,
                   RAW3(SYS_rt_sigqueueinfo, me, s, infos[k]), RAW3(SYS_rt_sigqueueinfo, none, s, infos[k]),
                   raw6(SYS_rt_tgsigqueueinfo, me, tid, s, (long)infos[k], 0, 0),
                   raw6(SYS_rt_tgsigqueueinfo, me, none, s, (long)infos[k], 0, 0),
                   raw6(SYS_rt_tgsigqueueinfo, -1, tid, s, (long)infos[k], 0, 0));
    }
    CHECK(RAW3(SYS_rt_sigqueueinfo, me, 10, 8) == -EFAULT);
    CHECK(RAW2(SYS_kill, 0x80000000, 0) == -ESRCH);
    printf("sent %d\n", count);
}

static void queue_order(void)
{
    struct rlimit lim, less;
    mask(SIG_BLOCK, SIGRTMIN + 1), mask(SIG_BLOCK, SIGRTMIN + 2), mask(SIG_BLOCK, SIGUSR1);
    handle(SIGRTMIN + 1, 0), handle(SIGRTMIN + 2, 0), handle(SIGUSR1, 0);
    for (int i = 0; i < 5; i++) {
        CHECK(sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = 100 + i}) == 0);
        CHECK(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 200 + i}) == 0);
        CHECK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 300 + i}) == 0);
    }
    CHECK(pthread_kill(pthread_self(), SIGRTMIN + 2) == 0);
    sigset_t all, before;
    sigfillset(&all);
    CHECK(sigprocmask(SIG_SETMASK, NULL, &before) == 0);
    count = 0;
    while (is_pending(SIGRTMIN + 1) || is_pending(SIGRTMIN + 2) || is_pending(SIGUSR1)) {
        siginfo_t info;
        int s = sigwaitinfo(&before, &info);
        printf("%d:%d ", s < 32 ? s : s - SIGRTMIN, info.si_code == SI_QUEUE ? info.si_value.sival_int : -1);
    }
    printf("\n");
    CHECK(getrlimit(RLIMIT_SIGPENDING, &lim) == 0);
    less = (struct rlimit){0, lim.rlim_max};
    CHECK(setrlimit(RLIMIT_SIGPENDING, &less) == 0);
    CHECK_ERRNO(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 1}), EAGAIN);
    CHECK(kill(getpid(), SIGUSR1) == 0 && is_pending(SIGUSR1));
    CHECK(setrlimit(RLIMIT_SIGPENDING, &lim) == 0);
    CHECK(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 2}) == 0);
    count = 0;
    mask(SIG_UNBLOCK, SIGRTMIN + 1), mask(SIG_UNBLOCK, SIGRTMIN + 2), mask(SIG_UNBLOCK, SIGUSR1);
    printf("queue limit, then %d\n", count);
}

static void stop_and_continue(void)
{
    mask(SIG_BLOCK, SIGTSTP), mask(SIG_BLOCK, SIGCONT), mask(SIG_BLOCK, SIGTTIN);
    kill(getpid(), SIGTSTP), kill(getpid(), SIGTTIN);
    printf("%d %d", is_pending(SIGTSTP), is_pending(SIGTTIN));
    kill(getpid(), SIGCONT);
    printf(", continued: %d %d %d", is_pending(SIGTSTP), is_pending(SIGTTIN), is_pending(SIGCONT));
    kill(getpid(), SIGTTIN);
    printf(", stopped: %d %d\n", is_pending(SIGTTIN), is_pending(SIGCONT));
    kill(getpid(), SIGCONT);
    mask(SIG_UNBLOCK, SIGTSTP), mask(SIG_UNBLOCK, SIGCONT), mask(SIG_UNBLOCK, SIGTTIN);
    handle(SIGTSTP, 0), handle(SIGCONT, 0);
    count = 0;
    raise(SIGTSTP), raise(SIGCONT);
    CHECK(count == 2 && order[0] == SIGTSTP && order[1] == SIGCONT);
    signal(SIGTSTP, SIG_IGN), signal(SIGTTIN, SIG_IGN), signal(SIGCONT, SIG_IGN);
    raise(SIGTSTP), raise(SIGTTIN), raise(SIGCONT);
    printf("stops handled and ignored\n");
}

/* --------------------------------------------------------------------- handlers */
static volatile int depth, deepest, runs;

static void nest(int s)
{
    if (++depth > deepest)
        deepest = depth;
    if (runs++ < 2)
        raise(s);
    depth--;
}

static void flags(void)
{
    struct sigaction sa = {.sa_handler = nest}, old;
    static const int with[] = {0, SA_NODEFER, SA_RESETHAND, SA_NODEFER | SA_RESETHAND};
    for (size_t i = 0; i < COUNT(with); i++) {
        sa.sa_flags = with[i];
        deepest = depth = runs = 0;
        CHECK(sigaction(SIGURG, &sa, NULL) == 0);
        raise(SIGURG);
        CHECK(sigaction(SIGURG, NULL, &old) == 0);
        printf("flags %x: depth %d, default now %d, flags %x\n", with[i], deepest,
               old.sa_handler == SIG_DFL, old.sa_flags & ~0x4000000);
    }
    sa.sa_flags = SA_NOCLDSTOP | SA_NOCLDWAIT | 0x400 /* asks */ | 0x800 | 0x40;
    CHECK(sigaction(SIGURG, &sa, NULL) == 0 && sigaction(SIGURG, NULL, &old) == 0);
    printf("flags kept %x\n", old.sa_flags & ~0x4000000);
    CHECK_ERRNO(sigaction(SIGKILL, &sa, NULL), EINVAL);
    CHECK_ERRNO(sigaction(SIGSTOP, &sa, NULL), EINVAL);
    CHECK(RAW3(SYS_rt_sigprocmask, 7, &old, NULL) == -EINVAL);
    signal(SIGURG, SIG_DFL);
}

static char stack[65536];
static volatile int inside, told_flags;

static void on_stack(int s)
{
    char here;
    stack_t now;
    inside = &here >= stack && &here < stack + sizeof stack;
    CHECK(sigaltstack(NULL, &now) == 0);
    told_flags = now.ss_flags;
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    errno = 0;
    /* Whether this is undone at the return depends on the kernel where the stack is disarmed. */
    int r = told_flags == SS_DISABLE && inside ? 0 : sigaltstack(&other, NULL);
    printf("  in handler: on it %d, flags %x, change %d (%d)\n", inside, (unsigned)told_flags, r, r ? errno : 0);
}

static void alternate_stacks(void)
{
    struct sigaction sa = {.sa_handler = on_stack, .sa_flags = SA_ONSTACK};
    stack_t st = {.ss_sp = stack, .ss_size = sizeof stack}, old;
    CHECK(sigaction(SIGUSR2, &sa, NULL) == 0);
    static const unsigned kinds[] = {0, SS_ONSTACK, SS_AUTODISARM, SS_DISABLE, 3, 4};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        st.ss_flags = (int)kinds[i];
        errno = 0;
        int r = sigaltstack(&st, NULL), e = r ? errno : 0;
        CHECK(sigaltstack(NULL, &old) == 0);
        printf("stack %x: %d (%d), told %x %zx\n", kinds[i], r, e, (unsigned)old.ss_flags, old.ss_size);
        raise(SIGUSR2);
        CHECK(sigaltstack(NULL, &old) == 0);
        printf("  after: %x %zx\n", (unsigned)old.ss_flags, old.ss_size);
    }
    st.ss_flags = 0, st.ss_size = 100;
    CHECK_ERRNO(sigaltstack(&st, NULL), ENOMEM);
}

/* ----------------------------------------------------------------------- timers */
static void burn(int ms)
{
    struct timespec from, now;
    clock_gettime(CLOCK_MONOTONIC, &from);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

static void overruns(int s)
{
    timer_t id;
    siginfo_t info;
    sigset_t set;
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = s, .sigev_value = {.sival_int = 77}};
    struct itimerspec every = {{0, 5000000}, {0, 5000000}};
    sigemptyset(&set);
    sigaddset(&set, s);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &id) == 0 && timer_settime(id, 0, &every, NULL) == 0);
    burn(100);
    CHECK(sigwaitinfo(&set, &info) == s && info.si_code == SI_TIMER && info.si_value.sival_int == 77);
    printf("overrun %d, the same %d, ", info.si_overrun >= 10, timer_getoverrun(id) == info.si_overrun);
    CHECK(timer_delete(id) == 0);
    CHECK_ERRNO(timer_getoverrun(id), EINVAL);
    struct timespec zero = {0, 0};
    while (sigtimedwait(&set, NULL, &zero) > 0)
        ;
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

static void two_timers(void)
{
    timer_t a, b;
    siginfo_t info;
    sigset_t set;
    int seen[2] = {0, 0};
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 5};
    struct itimerspec once = {{0, 0}, {0, 1000000}};
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 5);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    ev.sigev_value.sival_int = 0;
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &a) == 0 && timer_settime(a, 0, &once, NULL) == 0);
    ev.sigev_value.sival_int = 1;
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &b) == 0 && timer_settime(b, 0, &once, NULL) == 0);
    burn(20);
    for (int i = 0; i < 2; i++) {
        CHECK(sigwaitinfo(&set, &info) == SIGRTMIN + 5);
        seen[info.si_value.sival_int]++;
    }
    printf("two timers, one signal: %d %d\n", seen[0], seen[1]);
    CHECK(timer_delete(a) == 0 && timer_delete(b) == 0);
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

static void itimers(void)
{
    static const struct {
        int which, signo;
    } kinds[] = {{ITIMER_REAL, SIGALRM}, {ITIMER_VIRTUAL, SIGVTALRM}, {ITIMER_PROF, SIGPROF}};
    struct itimerval v = {{0, 0}, {0, 20000}}, old;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        handle(kinds[i].signo, 0);
        count = 0;
        CHECK(setitimer(kinds[i].which, &v, NULL) == 0 && getitimer(kinds[i].which, &old) == 0);
        CHECK(old.it_value.tv_usec > 0 && old.it_value.tv_usec <= 24000);
        while (!count)
            ;
        CHECK(count == 1 && order[0] == kinds[i].signo);
    }
    CHECK_ERRNO(setitimer(9, &v, NULL), EINVAL);
    v.it_value.tv_usec = 1000000;
    CHECK_ERRNO(setitimer(ITIMER_REAL, &v, NULL), EINVAL);
    CHECK(alarm(100) == 0 && alarm(0) == 100 && alarm(0) == 0);
    printf("interval timers\n");
}

static void from_descriptor(void)
{
    struct signalfd_siginfo in[8];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 6);
    sigaddset(&set, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    int fd = signalfd(-1, &set, SFD_NONBLOCK);
    CHECK_ERRNO(read(fd, in, sizeof in), EAGAIN);
    CHECK_ERRNO(read(fd, in, 100), EINVAL);
    for (int i = 0; i < 3; i++)
        CHECK(sigqueue(getpid(), SIGRTMIN + 6, (union sigval){.sival_int = i}) == 0);
    kill(getpid(), SIGUSR1);
    CHECK(read(fd, in, sizeof in) == 4 * sizeof in[0]);
    for (int i = 0; i < 4; i++)
        printf("fd %d code %d value %d; ", (int)in[i].ssi_signo, in[i].ssi_code, in[i].ssi_int);
    printf("\n");
    close(fd);
}

int main(void)
{
    who_may_send();
    queue_order();
    stop_and_continue();
    flags();
    alternate_stacks();
    overruns(SIGALRM);
    overruns(SIGRTMIN + 3);
    two_timers();
    itimers();
    from_descriptor();
    return 0;
}
