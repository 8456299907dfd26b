/*
 * thread_signals - signals in a program of many threads: to one thread, to the process
 * (the thread that does not block it takes it), interrupted and restarted calls, timers
 * that call a thread or signal one, a fault's handler on the thread that faulted.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

static atomic_int got, expirations, up, done;
static atomic_int taker;
static int fds[2];

static void note(int s)
{
    taker = gettid();
    got++;
}

static void handle(int signo, int flags)
{
    struct sigaction sa = {.sa_handler = note, .sa_flags = flags};
    CHECK(sigaction(signo, &sa, NULL) == 0);
}

static void block(int how, int signo)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, signo);
    CHECK(pthread_sigmask(how, &s, NULL) == 0);
}

static void *spin_until_signal(void *arg)
{
    int before = got;
    up = gettid();
    while (got == before)
        ;
    CHECK(taker == gettid());
    return NULL;
}

static void *read_interrupted(void *arg)
{
    char c;
    up = gettid();
    CHECK_ERRNO(read(fds[0], &c, 1), EINTR);
    CHECK(taker == gettid());
    done = 1;
    return NULL;
}

static void *read_restarted(void *arg)
{
    char c;
    up = gettid();
    CHECK(read(fds[0], &c, 1) == 1 && c == 'x' && taker == gettid());
    return NULL;
}

static void start(pthread_t *t, void *(*fn)(void *))
{
    up = 0;
    CHECK(pthread_create(t, NULL, fn, NULL) == 0);
    while (!up)
        sched_yield();
    CHECK(usleep(2000) == 0);
}

static void to_threads(void)
{
    pthread_t t;
    handle(SIGUSR1, 0);
    start(&t, spin_until_signal);
    CHECK(pthread_kill(t, SIGUSR1) == 0 && pthread_join(t, NULL) == 0 && got == 1);
    start(&t, read_interrupted);
    while (!done) { /* the first may come before the call */
        CHECK(pthread_kill(t, SIGUSR1) == 0);
        usleep(2000);
    }
    CHECK(pthread_join(t, NULL) == 0 && got >= 2);
    got = 2;
    handle(SIGUSR1, SA_RESTART);
    start(&t, read_restarted);
    CHECK(pthread_kill(t, SIGUSR1) == 0);
    while (got != 3)
        sched_yield();
    CHECK(write(fds[1], "x", 1) == 1 && pthread_join(t, NULL) == 0);
    CHECK(pthread_kill(pthread_self(), 0) == 0);
    CHECK_ERRNO(syscall(SYS_tgkill, getpid(), 999999, SIGUSR1), ESRCH);
    printf("to threads: ok\n");
}

static void to_the_process(void)
{
    pthread_t t;
    handle(SIGUSR2, 0);
    start(&t, spin_until_signal);
    block(SIG_BLOCK, SIGUSR2);
    CHECK(kill(getpid(), SIGUSR2) == 0 && pthread_join(t, NULL) == 0 && got == 4);
    CHECK(kill(getpid(), SIGUSR2) == 0 && got == 4);
    block(SIG_UNBLOCK, SIGUSR2);
    CHECK(got == 5 && taker == getpid());
    printf("to the process: ok\n");
}

static void on_time(union sigval v)
{
    CHECK(v.sival_int == 42 && gettid() != getpid());
    expirations++;
}

static void timers(void)
{
    struct sigevent ev = {.sigev_notify = SIGEV_THREAD,
                          .sigev_notify_function = on_time,
                          .sigev_value.sival_int = 42};
    struct itimerspec often = {{0, 2000000}, {0, 2000000}};
    timer_t id;
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &id) == 0 && timer_settime(id, 0, &often, NULL) == 0);
    while (expirations < 3)
        usleep(1000);
    CHECK(timer_delete(id) == 0);
    pthread_t t;
    got = 5;
    handle(SIGRTMIN + 2, 0);
    start(&t, spin_until_signal);
    ev = (struct sigevent){.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 2};
    ev._sigev_un._tid = up;
    struct itimerspec soon = {{0, 0}, {0, 3000000}};
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &id) == 0 && timer_settime(id, 0, &soon, NULL) == 0);
    CHECK(pthread_join(t, NULL) == 0 && got == 6 && timer_delete(id) == 0);
    printf("timers: ok\n");
}

static __thread sigjmp_buf back;
static void jump(int s)
{
    siglongjmp(back, 1);
}

static void *fault(void *arg)
{
    for (volatile int i = 0; i < 20; i++)
        if (!sigsetjmp(back, 1)) {
            *(volatile char *)16 = 1;
            CHECK(0);
        }
    return NULL;
}

static void faults(void)
{
    pthread_t t[4];
    signal(SIGSEGV, jump);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&t[i], NULL, fault, NULL) == 0);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
    printf("faults: ok\n");
}

int main(void)
{
    CHECK(pipe(fds) == 0);
    to_threads();
    to_the_process();
    timers();
    faults();
    return 0;
}
