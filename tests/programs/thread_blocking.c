/*
 * thread_blocking - threads that block in calls (read of a pipe, poll, select, epoll,
 * accept, recv, sleep, sigwait, sigsuspend) while others compute: no call
 * may stop the program, each must return what it waited for.
 * build: -pthread
 */
#include "check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>

static int pipes[4][2], listener, event;
static atomic_int waiting, stop;
static volatile unsigned long work;

static void *read_pipe(void *arg)
{
    char c;
    waiting++;
    CHECK(read(pipes[0][0], &c, 1) == 1 && c == 'r');
    return "read";
}

static void *poll_pipe(void *arg)
{
    struct pollfd p = {pipes[1][0], POLLIN, 0};
    waiting++;
    CHECK(poll(&p, 1, -1) == 1 && p.revents == POLLIN);
    return "poll";
}

static void *select_pipe(void *arg)
{
    fd_set in;
    FD_ZERO(&in);
    FD_SET(pipes[2][0], &in);
    waiting++;
    CHECK(select(pipes[2][0] + 1, &in, NULL, NULL, NULL) == 1 && FD_ISSET(pipes[2][0], &in));
    return "select";
}

static void *epoll_pipe(void *arg)
{
    int e = epoll_create1(0);
    struct epoll_event ev = {EPOLLIN, {.u64 = 77}}, got;
    CHECK(e >= 0 && epoll_ctl(e, EPOLL_CTL_ADD, pipes[3][0], &ev) == 0);
    waiting++;
    CHECK(epoll_wait(e, &got, 1, -1) == 1 && got.data.u64 == 77 && got.events == EPOLLIN);
    return "epoll";
}

static void *accept_one(void *arg)
{
    char text[8] = "";
    waiting++;
    int s = accept(listener, NULL, NULL);
    CHECK(s >= 0 && recv(s, text, 8, 0) == 5 && !strcmp(text, "hello"));
    CHECK(send(s, "world", 5, 0) == 5 && close(s) == 0);
    return "accept, recv";
}

static void *read_event(void *arg)
{
    uint64_t v;
    waiting++;
    CHECK(read(event, &v, 8) == 8 && v == 9);
    return "eventfd";
}

static void *sleeper(void *arg)
{
    struct timespec from, to;
    waiting++;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &from) == 0);
    CHECK(nanosleep(&(struct timespec){0, 20000000}, NULL) == 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &to) == 0);
    CHECK((to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec >= 20000000);
    return "sleep";
}

static void *wait_signal(void *arg)
{
    sigset_t s;
    int got = 0;
    sigemptyset(&s);
    sigaddset(&s, SIGUSR1);
    waiting++;
    CHECK(sigwait(&s, &got) == 0 && got == SIGUSR1);
    return "sigwait";
}

static void nothing(int s)
{
}

static void *pauser(void *arg)
{
    sigset_t all, most;
    sigfillset(&all);
    sigfillset(&most);
    sigdelset(&most, SIGUSR2);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, NULL) == 0);
    waiting++;
    CHECK_ERRNO(sigsuspend(&most), EINTR);
    return "sigsuspend";
}

static void *compute(void *arg)
{
    while (!stop)
        for (int i = 0; i < 1000; i++)
            work += (unsigned)i;
    return "compute";
}

static void *(*const jobs[])(void *) = {read_pipe,  poll_pipe,  select_pipe, epoll_pipe,
                                        accept_one, read_event, sleeper,     wait_signal,
                                        pauser,     compute,    compute};

static void call_and_answer(struct sockaddr_in *where)
{
    char text[8] = "";
    int s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(s >= 0 && connect(s, (struct sockaddr *)where, sizeof *where) == 0);
    CHECK(send(s, "hello", 5, 0) == 5 && recv(s, text, 8, MSG_WAITALL) == 5 &&
          !strcmp(text, "world"));
}

int main(void)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof where;
    pthread_t t[COUNT(jobs)];
    uint64_t nine = 9;
    sigset_t usr1;
    signal(SIGUSR2, nothing);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    CHECK(pthread_sigmask(SIG_BLOCK, &usr1, NULL) == 0);
    for (size_t i = 0; i < COUNT(pipes); i++)
        CHECK(pipe(pipes[i]) == 0);
    CHECK((event = eventfd(0, 0)) >= 0 && (listener = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
    CHECK(bind(listener, (struct sockaddr *)&where, len) == 0 && listen(listener, 5) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&where, &len) == 0);
    for (size_t i = 0; i < COUNT(jobs); i++)
        CHECK(pthread_create(&t[i], NULL, jobs[i], NULL) == 0);
    while (waiting < (int)COUNT(jobs) - 2)
        ;
    CHECK(usleep(5000) == 0);
    unsigned long before = work;
    CHECK(write(pipes[0][1], "r", 1) == 1 && write(pipes[1][1], "p", 1) == 1);
    CHECK(write(pipes[2][1], "s", 1) == 1 && write(pipes[3][1], "e", 1) == 1 &&
          write(event, &nine, 8) == 8);
    call_and_answer(&where);
    CHECK(kill(getpid(), SIGUSR1) == 0 && pthread_kill(t[8], SIGUSR2) == 0);
    while (work == before) /* the others go on */
        usleep(100);
    for (size_t i = 0; i < COUNT(jobs); i++) {
        void *what;
        stop = i == COUNT(jobs) - 2 ? 1 : stop;
        CHECK(pthread_join(t[i], &what) == 0);
        printf("%s\n", (char *)what);
    }
    return 0;
}
