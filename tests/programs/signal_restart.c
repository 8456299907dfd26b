/*
 * signal_restart - calls that a signal cuts: which are made again, which end with EINTR, how
 * much of a time-out is left, and that ignored or blocked signals are no reason to wait
 * longer.
 * build: -pthread
 */
#include "check.h"

#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

static volatile int count;
static int fds[2];

static void note(int s)
{
    count++;
}

static double now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void handle(void (*fn)(int), int flags)
{
    struct sigaction sa = {.sa_handler = fn, .sa_flags = flags};
    CHECK(sigaction(SIGALRM, &sa, NULL) == 0);
}

static void timer(int first_ms, int every_ms)
{
    struct itimerval v = {{0, every_ms * 1000}, {0, first_ms * 1000}};
    CHECK(setitimer(ITIMER_REAL, &v, NULL) == 0);
}

static long sleep_rel(void)
{
    struct timespec ts = {0, 60000000};
    return nanosleep(&ts, &ts) ? -errno : 0;
}
static long sleep_abs(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_nsec += 60000000;
    if (ts.tv_nsec >= 1000000000)
        ts.tv_sec++, ts.tv_nsec -= 1000000000;
    return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}
static long do_poll(void)
{
    struct pollfd p = {fds[0], POLLIN, 0};
    return poll(&p, 1, 60) < 0 ? -errno : 0;
}
static long do_ppoll(void)
{
    struct timespec ts = {0, 60000000};
    long r = RAW3(SYS_ppoll, NULL, 0, &ts);
    CHECK(r || (!ts.tv_sec && !ts.tv_nsec));
    return r;
}
static long do_select(void)
{
    struct timeval tv = {0, 60000};
    fd_set in;
    FD_ZERO(&in);
    FD_SET(fds[0], &in);
    long r = select(fds[0] + 1, &in, NULL, NULL, &tv) < 0 ? -errno : 0;
    CHECK(r ? tv.tv_usec > 0 && tv.tv_usec < 60000 : !tv.tv_usec);
    return r;
}
static long do_pselect(void)
{
    struct timespec ts = {0, 60000000};
    return pselect(0, NULL, NULL, NULL, &ts, NULL) < 0 ? -errno : 0;
}
static long do_epoll(void)
{
    struct epoll_event e;
    int ep = epoll_create1(0);
    long r = epoll_wait(ep, &e, 1, 60) < 0 ? -errno : 0;
    close(ep);
    return r;
}
static long do_futex(void)
{
    int word = 0;
    struct timespec ts = {0, 60000000};
    return raw6(SYS_futex, (long)&word, FUTEX_WAIT_PRIVATE, 0, (long)&ts, 0, 0);
}
static long do_sem(void)
{
    sem_t s;
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    ts.tv_nsec += 60000000;
    if (ts.tv_nsec >= 1000000000)
        ts.tv_sec++, ts.tv_nsec -= 1000000000;
    sem_init(&s, 0, 0);
    return sem_timedwait(&s, &ts) ? -errno : 0;
}
static long do_sigtimedwait(void)
{
    sigset_t set;
    struct timespec ts = {0, 60000000};
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    return sigtimedwait(&set, NULL, &ts) < 0 ? -errno : 0;
}
static long do_recv(void)
{
    char c;
    return recv(fds[0], &c, 1, 0) < 0 ? -errno : 0;
}

static const struct {
    const char *name;
    long (*fn)(void);
} calls[] = {
    {"nanosleep", sleep_rel}, {"clock_nanosleep", sleep_abs}, {"poll", do_poll},
    {"ppoll", do_ppoll}, {"select", do_select}, {"pselect", do_pselect}, {"epoll_wait", do_epoll},
    {"futex", do_futex}, {"sem_timedwait", do_sem}, {"sigtimedwait", do_sigtimedwait},
    {"recv with SO_RCVTIMEO", do_recv},
};

/* A signal each 8 ms that nobody sees: the call takes its 60 ms, not for ever. */
static void unseen(const char *how)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        double from = now();
        timer(8, 8);
        long r = calls[i].fn();
        timer(0, 0);
        double took = now() - from;
        CHECK(took > 0.055);
        printf("%s, %s: %ld%s\n", how, calls[i].name, r, took < 3 ? "" : ", late");
    }
}

static void seen(const char *how, int flags)
{
    handle(note, flags);
    for (size_t i = 0; i < COUNT(calls); i++) {
        count = 0;
        timer(15, 0);
        long r = calls[i].fn();
        printf("%s, %s: %ld, %d signal\n", how, calls[i].name, r, count);
    }
}

static void sleeps_the_rest(void)
{
    struct timespec ts = {0, 100000000}, rest = {9, 9};
    handle(note, 0);
    timer(20, 0);
    CHECK_ERRNO(nanosleep(&ts, &rest), EINTR);
    CHECK(rest.tv_sec == 0 && rest.tv_nsec > 1000000 && rest.tv_nsec < 85000000);
    rest = (struct timespec){9, 9};
    timer(20, 0);
    CHECK(clock_nanosleep(CLOCK_REALTIME, 0, &ts, &rest) == EINTR);
    CHECK(rest.tv_sec == 0 && rest.tv_nsec > 1000000 && rest.tv_nsec < 85000000);
    printf("the rest of a sleep\n");
}

static void *put_one(void *arg)
{
    usleep(40000);
    CHECK(write(*(int *)arg, "12345678", 8) == 8);
    return NULL;
}

/* Without a time-out: made again under SA_RESTART. */
static void restarted(void)
{
    char c[8];
    pthread_t t;
    int p[2];
    handle(note, SA_RESTART);
    CHECK(pipe(p) == 0);
    count = 0;
    timer(10, 10);
    CHECK(pthread_create(&t, NULL, put_one, &p[1]) == 0);
    CHECK(read(p[0], c, 8) == 8);
    timer(0, 0);
    CHECK(pthread_join(t, NULL) == 0);
    printf("read is made again\n");
    close(p[0]), close(p[1]);
}

static void all(const char *threads)
{
    sigset_t set;
    printf("-- %s\n", threads);
    handle(SIG_IGN, 0);
    unseen("ignored");
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    handle(note, 0);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    unseen("blocked");
    CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
    seen("handled", 0);
    seen("SA_RESTART", SA_RESTART);
    sleeps_the_rest();
}

static void *idle(void *arg)
{
    sigset_t set;
    char c;
    sigfillset(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    CHECK(read(*(int *)arg, &c, 1) == 0);
    return NULL;
}

int main(void)
{
    pthread_t t;
    int p[2];
    struct timeval tv = {0, 60000};
    setvbuf(stdout, NULL, _IOLBF, 0);
    CHECK(pipe(p) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    CHECK(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv) == 0);
    all("one thread");
    CHECK(pthread_create(&t, NULL, idle, &p[0]) == 0);
    all("two threads");
    restarted();
    close(p[1]);
    CHECK(pthread_join(t, NULL) == 0);
    return 0;
}
