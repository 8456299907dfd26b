/*
 * signal_self - signals that a program sends to itself: kill, raise, tgkill, sigqueue
 * with values, blocked and pending, queueing of real-time signals and its order,
 * sigtimedwait, sigsuspend, pause, sigwaitinfo, kill(0) and bad numbers.
 */
#include "check.h"

#include <signal.h>
#include <time.h>

static volatile int seen[80], values[80], count;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    seen[count] = sig;
    values[count++] = info->si_value.sival_int;
    CHECK(info->si_pid == getpid());
}

static void block(int how, int sig)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    CHECK(sigprocmask(how, &set, NULL) == 0);
}

static void queued(void)
{
    int rt = SIGRTMIN + 3;
    count = 0;
    block(SIG_BLOCK, rt);
    block(SIG_BLOCK, SIGUSR1);
    block(SIG_BLOCK, rt + 1);
    for (int i = 0; i < 10; i++) {
        CHECK(sigqueue(getpid(), rt + 1, (union sigval){.sival_int = 100 + i}) == 0);
        CHECK(sigqueue(getpid(), rt, (union sigval){.sival_int = i}) == 0);
        CHECK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 7 + i}) == 0);
    }
    sigset_t set;
    CHECK(sigpending(&set) == 0 && sigismember(&set, rt) && sigismember(&set, SIGUSR1));
    CHECK(!sigismember(&set, SIGUSR2) && count == 0);
    sigemptyset(&set);
    CHECK(sigprocmask(SIG_SETMASK, &set, NULL) == 0);
    CHECK(count == 21);
    for (int i = 0; i < count; i++)
        printf("%d:%d ", seen[i] > 31 ? seen[i] - rt : -1, values[i]);
    printf("\n");
}

static void waited(void)
{
    sigset_t set;
    siginfo_t info;
    struct timespec zero = {0, 0}, little = {0, 2000000};
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    CHECK_ERRNO(sigtimedwait(&set, &info, &zero), EAGAIN);
    CHECK_ERRNO(sigtimedwait(&set, &info, &little), EAGAIN);
    CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 42}) == 0);
    CHECK(kill(getpid(), SIGUSR1) == 0);
    CHECK(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_code == SI_USER);
    CHECK(sigtimedwait(&set, &info, &zero) == SIGRTMIN && info.si_value.sival_int == 42);
    CHECK(info.si_code == SI_QUEUE);
    sigemptyset(&set);
    CHECK(sigprocmask(SIG_SETMASK, &set, NULL) == 0);
    printf("waited for\n");
}

static void suspended(void)
{
    sigset_t none;
    sigemptyset(&none);
    count = 0;
    block(SIG_BLOCK, SIGUSR2);
    for (int i = 1; i <= 5; i++) {
        raise(SIGUSR2);
        CHECK(count == i - 1);
        CHECK_ERRNO(sigsuspend(&none), EINTR);
        CHECK(count == i && seen[i - 1] == SIGUSR2);
        sigset_t now;
        CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0 && sigismember(&now, SIGUSR2));
    }
    block(SIG_UNBLOCK, SIGUSR2);
    printf("suspended\n");
}

static void targets(void)
{
    count = 0;
    CHECK(kill(getpid(), 0) == 0 && kill(getpid(), SIGUSR1) == 0 && count == 1);
    CHECK(RAW3(SYS_tgkill, getpid(), RAW0(SYS_gettid), SIGUSR1) == 0 && count == 2);
    CHECK(RAW2(SYS_tkill, RAW0(SYS_gettid), SIGUSR2) == 0 && count == 3);
    CHECK_ERRNO(kill(getpid(), 65), EINVAL);
    CHECK_ERRNO(kill(getpid(), -1), EINVAL);
    CHECK(RAW3(SYS_tgkill, getpid(), 0, SIGUSR1) == -EINVAL);
    CHECK(RAW3(SYS_tgkill, getpid(), 0x3ffffff, SIGUSR1) == -ESRCH);
    CHECK(RAW3(SYS_tgkill, -1, RAW0(SYS_gettid), SIGUSR1) == -EINVAL);
    CHECK_ERRNO(kill(0x3ffffff, 0), ESRCH);
    CHECK_ERRNO(sigqueue(getpid(), 70, (union sigval){.sival_int = 1}), EINVAL);
    signal(SIGUSR1, SIG_IGN);
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    block(SIG_UNBLOCK, SIGUSR1);
    CHECK(kill(getpid(), SIGCHLD) == 0 && kill(getpid(), SIGWINCH) == 0 && count == 3);
    printf("targets\n");
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigfillset(&sa.sa_mask);
    CHECK(sigaction(SIGUSR1, &sa, NULL) == 0 && sigaction(SIGUSR2, &sa, NULL) == 0);
    CHECK(sigaction(SIGRTMIN + 3, &sa, NULL) == 0 && sigaction(SIGRTMIN + 4, &sa, NULL) == 0);
    queued();
    waited();
    suspended();
    targets();
    return 0;
}
