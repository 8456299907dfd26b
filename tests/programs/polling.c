/*
 * polling - poll, ppoll, select, pselect and epoll over pipes, eventfds, timerfds and
 * signalfds: readiness, time-outs, edge and one-shot triggers, closed and bad descriptors.
 */
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>

static void events(void)
{
    uint64_t v = 5;
    int e = eventfd(3, EFD_NONBLOCK), s = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    CHECK(write(e, &v, 8) == 8 && read(e, &v, 8) == 8 && v == 8);
    CHECK_ERRNO(read(e, &v, 8), EAGAIN);
    CHECK(read(s, &v, 8) == 8 && v == 1 && read(s, &v, 8) == 8 && v == 1);
    CHECK_ERRNO(read(s, &v, 8), EAGAIN);
    CHECK_ERRNO(read(s, &v, 4), EINVAL);
    v = ~0ull - 1;
    CHECK(write(e, &v, 8) == 8);
    v = 1;
    CHECK_ERRNO(write(e, &v, 8), EAGAIN);
    close(e);
    close(s);
    printf("eventfd: ok\n");
}

static void with_poll(void)
{
    int p[2];
    char c;
    CHECK(pipe(p) == 0);
    struct pollfd f[4] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}, {-1, POLLIN, 9}, {999, POLLIN, 0}};
    CHECK(poll(f, 4, 0) == 2 && f[0].revents == 0 && f[1].revents == POLLOUT && f[2].revents == 0);
    CHECK(f[3].revents == POLLNVAL && poll(f, 1, 20) == 0 && poll(NULL, 0, 5) == 0);
    CHECK(write(p[1], "x", 1) == 1 && poll(f, 1, -1) == 1 && f[0].revents == POLLIN);
    struct timespec t = {0, 1000000};
    CHECK(ppoll(f, 3, &t, NULL) == 2 && read(p[0], &c, 1) == 1 && ppoll(f, 1, &t, NULL) == 0);
    CHECK(close(p[1]) == 0 && poll(f, 1, -1) == 1 && f[0].revents == POLLHUP);
    close(p[0]);
    printf("poll: ok\n");
}

static void with_select(void)
{
    int p[2];
    CHECK(pipe(p) == 0);
    fd_set r, w;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_SET(p[0], &r);
    FD_SET(p[1], &w);
    struct timeval t = {0, 30000};
    CHECK(select(p[1] + 1, &r, &w, NULL, &t) == 1 && !FD_ISSET(p[0], &r) && FD_ISSET(p[1], &w));
    FD_SET(p[0], &r);
    t = (struct timeval){0, 20000};
    CHECK(select(p[0] + 1, &r, NULL, NULL, &t) == 0 && t.tv_sec == 0 && t.tv_usec == 0);
    CHECK(write(p[1], "abc", 3) == 3);
    FD_SET(p[0], &r);
    struct timespec ts = {5, 0};
    CHECK(pselect(p[0] + 1, &r, NULL, NULL, &ts, NULL) == 1 && FD_ISSET(p[0], &r));
    FD_SET(50, &r);
    CHECK_ERRNO(select(51, &r, NULL, NULL, &t), EBADF);
    CHECK_ERRNO(select(-1, &r, NULL, NULL, &t), EINVAL);
    close(p[0]);
    close(p[1]);
    printf("select: ok\n");
}

static void with_epoll(void)
{
    struct epoll_event ev = {EPOLLIN, {.u64 = 0x1122334455667788}}, got[8];
    int ep = epoll_create1(EPOLL_CLOEXEC), p[2];
    char c;
    CHECK(ep >= 0 && pipe(p) == 0 && epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev) == 0);
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev), EEXIST);
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &ev), ENOENT);
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev), EINVAL);
    int file = make_file("f", 1, 1);
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, file, &ev), EPERM);
    CHECK(epoll_wait(ep, got, 8, 0) == 0 && write(p[1], "ab", 2) == 2);
    CHECK(epoll_wait(ep, got, 8, -1) == 1 && got[0].data.u64 == ev.data.u64);
    CHECK(epoll_wait(ep, got, 8, 10) == 1 && got[0].events == EPOLLIN); /* level triggered */
    ev.events = EPOLLIN | EPOLLET;
    CHECK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev) == 0 && epoll_wait(ep, got, 8, 0) == 1);
    CHECK(epoll_wait(ep, got, 8, 0) == 0 && read(p[0], &c, 1) == 1);
    ev.events = EPOLLIN | EPOLLONESHOT;
    CHECK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev) == 0 && epoll_wait(ep, got, 8, 0) == 1);
    CHECK(epoll_wait(ep, got, 8, 5) == 0);
    CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL) == 0);
    CHECK_ERRNO(epoll_wait(ep, got, 0, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(p[0], got, 1, 0), EINVAL);
    close(ep);
    close(p[0]);
    close(p[1]);
    printf("epoll: ok\n");
}

static void timers(void)
{
    struct itimerspec spec = {{0, 3000000}, {0, 3000000}}, now;
    uint64_t n = 0, total = 0;
    int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    CHECK(t >= 0 && timerfd_settime(t, 0, &spec, NULL) == 0);
    struct pollfd f = {t, POLLIN, 0};
    while (total < 3) {
        CHECK(poll(&f, 1, 1000) == 1 && read(t, &n, 8) == 8 && n >= 1);
        total += n;
    }
    CHECK(timerfd_gettime(t, &now) == 0 && now.it_interval.tv_nsec == 3000000);
    CHECK(timerfd_settime(t, 0, &(struct itimerspec){0}, NULL) == 0);
    (void)!read(t, &n, 8); /* one may have been due */
    CHECK_ERRNO(read(t, &n, 8), EAGAIN);
    close(t);
    printf("timerfd: ok\n");
}

static void signals(void)
{
    sigset_t set;
    struct signalfd_siginfo info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    int s = signalfd(-1, &set, SFD_NONBLOCK);
    CHECK(s >= 0);
    CHECK_ERRNO(read(s, &info, sizeof(info)), EAGAIN);
    CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5}) == 0 && raise(SIGUSR1) == 0);
    struct pollfd f = {s, POLLIN, 0};
    CHECK(poll(&f, 1, 1000) == 1);
    CHECK(read(s, &info, sizeof(info)) == sizeof(info) && info.ssi_signo == SIGUSR1);
    CHECK(read(s, &info, sizeof(info)) == sizeof(info) && info.ssi_int == 5);
    CHECK((pid_t)info.ssi_pid == getpid() && poll(&f, 1, 0) == 0);
    close(s);
    printf("signalfd: ok\n");
}

int main(void)
{
    events();
    with_poll();
    with_select();
    with_epoll();
    timers();
    signals();
    return 0;
}
