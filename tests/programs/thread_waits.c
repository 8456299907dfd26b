/*
 * thread_waits - waits of every other kind while another thread computes: masks of ppoll,
 * pselect and epoll_pwait, several threads at one epoll, reads of timers, signals, file
 * events and a terminal, time-outs of each.
 * build: -pthread
 */
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>

static atomic_int stop, up, taken;
static atomic_int handled_by;
static volatile unsigned long work;

static void *compute(void *arg)
{
    while (!stop)
        for (int i = 0; i < 1000; i++)
            work++;
    return NULL;
}

static void note(int s)
{
    handled_by = gettid();
}

static void block(int how, int s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, s);
    CHECK(pthread_sigmask(how, &set, NULL) == 0);
}

/* -------------------------------------------------------------- masks for a call */
static sigset_t nothing;
static const struct timespec long_time = {20, 0}, short_time = {0, 20000000};

static long with_ppoll(const struct timespec *t)
{
    return ppoll(NULL, 0, t, &nothing) < 0 ? -errno : 0;
}
static long with_pselect(const struct timespec *t)
{
    return pselect(0, NULL, NULL, NULL, t, &nothing) < 0 ? -errno : 0;
}
static long with_epoll(const struct timespec *t)
{
    struct epoll_event e;
    int ep = epoll_create1(0);
    long r = epoll_pwait(ep, &e, 1, (int)(t->tv_sec * 1000 + t->tv_nsec / 1000000), &nothing) < 0 ? -errno : 0;
    close(ep);
    return r;
}
static long with_sigsuspend(const struct timespec *t)
{
    return t == &long_time ? (sigsuspend(&nothing), -errno) : 0;
}

static long (*const calls[])(const struct timespec *) = {with_ppoll, with_pselect, with_epoll,
                                                         with_sigsuspend};

static void *masked(void *arg)
{
    sigset_t now;
    long i = (long)arg;
    block(SIG_BLOCK, SIGUSR1);
    up = gettid();
    CHECK(calls[i](&long_time) == -EINTR && handled_by == gettid());
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &now) == 0 && sigismember(&now, SIGUSR1));
    CHECK(calls[i](&short_time) == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &now) == 0 && sigismember(&now, SIGUSR1));
    CHECK(pthread_kill(pthread_self(), SIGUSR1) == 0); /* pending before the call */
    handled_by = 0;
    CHECK(calls[i](&long_time) == -EINTR && handled_by == gettid());
    return NULL;
}

static void masks(void)
{
    for (long i = 0; i < (long)COUNT(calls); i++) {
        pthread_t t;
        up = handled_by = 0;
        CHECK(pthread_create(&t, NULL, masked, (void *)i) == 0);
        while (!up)
            usleep(500);
        usleep(5000);
        CHECK(handled_by == 0 && pthread_kill(t, SIGUSR1) == 0);
        CHECK(pthread_join(t, NULL) == 0);
    }
    printf("masks\n");
}

/* ---------------------------------------------------------- many at one epoll */
static int ep, event;

static void *take_one(void *arg)
{
    struct epoll_event e;
    uint64_t v;
    up++;
    CHECK(epoll_wait(ep, &e, 1, -1) == 1 && e.data.fd == event);
    CHECK(read(event, &v, 8) == 8 && v == 1);
    taken++;
    return NULL;
}

static void shared_epoll(void)
{
    pthread_t t[4];
    uint64_t one = 1;
    up = 0;
    ep = epoll_create1(0);
    event = eventfd(0, EFD_SEMAPHORE);
    struct epoll_event e = {EPOLLIN, {.fd = event}};
    CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, event, &e) == 0);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&t[i], NULL, take_one, NULL) == 0);
    while (up != 4)
        usleep(500);
    for (int i = 0; i < 4; i++) {
        usleep(2000);
        CHECK(write(event, &one, 8) == 8);
    }
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
    CHECK(taken == 4);
    CHECK(epoll_wait(ep, &e, 1, 10) == 0);
    printf("shared epoll\n");
}

/* ------------------------------------------------------------------ blocking reads */
static void *end_wait(void *arg)
{
    int fd = *(int *)arg;
    usleep(5000);
    if (fd == -1)
        CHECK(pthread_kill(*(pthread_t *)((int *)arg + 2), SIGUSR2) == 0);
    else if (fd == -2)
        CHECK(close(open("new-file", O_CREAT | O_WRONLY, 0600)) == 0);
    else
        CHECK(write(fd, "key", 3) == 3);
    return NULL;
}

static void reads(void)
{
    char buf[512];
    uint64_t n;
    pthread_t t;
    struct {
        int fd, pad;
        pthread_t self;
    } how = {-1, 0, pthread_self()};
    struct itimerspec it = {{0, 0}, {0, 10000000}};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    CHECK(timerfd_settime(fd, 0, &it, NULL) == 0 && read(fd, &n, 8) == 8 && n == 1);
    close(fd);
    block(SIG_BLOCK, SIGUSR2);
    fd = signalfd(-1, &set, 0);
    CHECK(pthread_create(&t, NULL, end_wait, &how) == 0);
    CHECK(read(fd, buf, sizeof buf) == sizeof(struct signalfd_siginfo));
    CHECK(pthread_join(t, NULL) == 0 && close(fd) == 0);
    how.fd = -2;
    fd = inotify_init();
    CHECK(inotify_add_watch(fd, ".", IN_CREATE) > 0);
    CHECK(pthread_create(&t, NULL, end_wait, &how) == 0);
    CHECK(read(fd, buf, sizeof buf) > 0 && !strcmp(((struct inotify_event *)buf)->name, "new-file"));
    CHECK(pthread_join(t, NULL) == 0 && close(fd) == 0);
    printf("timer, signal and file event read\n");
}

static void terminal(void)
{
    char name[64], buf[8];
    int number, unlock = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    pthread_t t;
    if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) || ioctl(master, TIOCGPTN, &number))
        return;
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    int slave = open(name, O_RDWR | O_NOCTTY);
    struct termios raw;
    CHECK(slave >= 0 && tcgetattr(slave, &raw) == 0);
    cfmakeraw(&raw);
    CHECK(tcsetattr(slave, TCSANOW, &raw) == 0);
    CHECK(pthread_create(&t, NULL, end_wait, &master) == 0);
    CHECK(read(slave, buf, sizeof buf) == 3 && !memcmp(buf, "key", 3));
    CHECK(pthread_join(t, NULL) == 0);
    close(slave), close(master);
}

static void time_outs(void)
{
    struct pollfd p = {event, POLLIN, 0};
    struct timeval tv = {0, 20000};
    fd_set in;
    FD_ZERO(&in);
    FD_SET(event, &in);
    CHECK(poll(&p, 1, 20) == 0 && poll(NULL, 0, 20) == 0);
    CHECK(select(event + 1, &in, NULL, NULL, &tv) == 0 && tv.tv_sec == 0 && tv.tv_usec == 0);
    CHECK(!FD_ISSET(event, &in));
    tv = (struct timeval){5, 0};
    FD_SET(event, &in);
    uint64_t one = 1;
    CHECK(write(event, &one, 8) == 8);
    CHECK(select(event + 1, &in, NULL, NULL, &tv) == 1 && tv.tv_sec >= 4 && FD_ISSET(event, &in));
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    CHECK_ERRNO(sigtimedwait(&set, NULL, &short_time), EAGAIN);
    struct epoll_event e;
    int empty = epoll_create1(0);
    CHECK_ERRNO(epoll_wait(empty, &e, 0, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(event, &e, 1, 10), EINVAL);
    CHECK_ERRNO(epoll_wait(99, &e, 1, 10), EBADF);
    printf("time-outs\n");
}

int main(void)
{
    pthread_t busy;
    struct sigaction sa = {.sa_handler = note};
    sigemptyset(&nothing);
    CHECK(sigaction(SIGUSR1, &sa, NULL) == 0);
    block(SIG_BLOCK, SIGUSR1);
    CHECK(pthread_create(&busy, NULL, compute, NULL) == 0);
    masks();
    shared_epoll();
    reads();
    terminal();
    time_outs();
    stop = 1;
    CHECK(pthread_join(busy, NULL) == 0);
    return 0;
}
