/*
 * thread_block_sockets - socket calls that block while the thread that ends their wait is
 * one of the program's own: connect, large sends of every kind, MSG_WAITALL, time limits.
 * build: -pthread
 */
#include "check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#define BIG (3u << 20)

static int pair[2];
static char *big;

static void *run(void *(*fn)(void *), void *arg)
{
    static pthread_t t;
    CHECK(pthread_create(&t, NULL, fn, arg) == 0);
    return &t;
}

static void join(void *t)
{
    CHECK(pthread_join(*(pthread_t *)t, NULL) == 0);
}

/* Reads it all in small pieces, so that the sender fills the buffer often. */
static void *drain(void *arg)
{
    char buf[5000];
    size_t total = 0;
    ssize_t n;
    while (total < BIG && (n = read(pair[1], buf, sizeof buf)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            CHECK(buf[i] == (char)pattern_at(7, total + (size_t)i));
        total += (size_t)n;
    }
    CHECK(total == BIG);
    return NULL;
}

static void send_big(int how)
{
    struct iovec v[3] = {{big, 100000}, {big + 100000, 1}, {big + 100001, BIG - 100001}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 3};
    void *t = run(drain, NULL);
    ssize_t n = how == 0   ? write(pair[0], big, BIG)
                : how == 1 ? writev(pair[0], v, 3)
                : how == 2 ? send(pair[0], big, BIG, 0)
                           : sendmsg(pair[0], &m, 0);
    CHECK(n == BIG);
    join(t);
    printf("sent %d\n", how);
}

static void *feed_slowly(void *arg)
{
    for (size_t at = 0; at < 10000; at += 1000) {
        CHECK(send(pair[0], big + at, 1000, 0) == 1000);
        usleep(500);
    }
    return NULL;
}

static void receive_all(int how)
{
    char buf[10000];
    struct iovec v[2] = {{buf, 3333}, {buf + 3333, 6667}};
    struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
    void *t = run(feed_slowly, NULL);
    ssize_t n = how ? recvmsg(pair[1], &m, MSG_WAITALL) : recv(pair[1], buf, sizeof buf, MSG_WAITALL);
    CHECK(n == 10000 && is_pattern(buf, 10000, 7));
    join(t);
    printf("received all %d\n", how);
}

static void *take_datagrams(void *arg)
{
    char buf[9000];
    for (int i = 0; i < 300; i++) {
        ssize_t n = recv(pair[1], buf, sizeof buf, 0);
        CHECK(n == 8000 && is_pattern(buf, 8000, 7));
    }
    return NULL;
}

static void datagrams(void)
{
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    void *t = run(take_datagrams, NULL);
    for (int i = 0; i < 100; i++)
        CHECK(send(pair[0], big, 8000, 0) == 8000);
    for (int i = 0; i < 100; i++)
        CHECK(write(pair[0], big, 8000) == 8000);
    struct iovec v = {big, 8000};
    struct mmsghdr m[100] = {0};
    for (int i = 0; i < 100; i++)
        m[i].msg_hdr = (struct msghdr){.msg_iov = &v, .msg_iovlen = 1};
    CHECK(sendmmsg(pair[0], m, 100, 0) == 100 && m[99].msg_len == 8000);
    join(t);
    close(pair[0]), close(pair[1]);
    printf("datagrams\n");
}

static void *put_datagrams(void *arg)
{
    for (int i = 0; i < 5; i++) {
        usleep(500);
        CHECK(send(pair[0], big, 10 + (size_t)i, 0) == 10 + i);
    }
    return NULL;
}

static void many_at_once(void)
{
    char buf[5][32];
    struct iovec v[5];
    struct mmsghdr m[5] = {0};
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    for (int i = 0; i < 5; i++) {
        v[i] = (struct iovec){buf[i], 32};
        m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1};
    }
    void *t = run(put_datagrams, NULL);
    CHECK(recvmmsg(pair[1], m, 5, 0, NULL) == 5);
    for (int i = 0; i < 5; i++)
        CHECK(m[i].msg_len == 10u + (unsigned)i);
    join(t);
    close(pair[0]), close(pair[1]);
    printf("recvmmsg waits for all\n");
}

static double now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void *wait_a_while(void *arg)
{
    usleep(150000);
    return NULL;
}

static void time_limits(void)
{
    struct timeval tv = {0, 30000};
    char c;
    void *t = run(wait_a_while, NULL);
    CHECK(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv) == 0);
    CHECK(setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv) == 0);
    double from = now();
    CHECK_ERRNO(recv(pair[1], &c, 1, 0), EAGAIN);
    CHECK(now() - from >= 0.029);
    CHECK_ERRNO(read(pair[1], &c, 1), EAGAIN);
    ssize_t n = send(pair[0], big, BIG, 0);
    CHECK(n > 0 && n < (ssize_t)BIG);
    CHECK_ERRNO(send(pair[0], big, BIG, 0), EAGAIN);
    join(t);
    printf("time limits\n");
}

static int listener;

static void *server(void *arg)
{
    usleep(2000);
    for (int i = 0; i < 3; i++) {
        int s = accept(listener, NULL, NULL);
        CHECK(s >= 0 && write(s, "hi", 2) == 2);
        close(s);
    }
    return NULL;
}

/* The listener takes one connection only, so that UNIX connects wait for accept. */
static void connects(struct sockaddr *sa, socklen_t len)
{
    char buf[4];
    int s[3];
    listener = socket(sa->sa_family, SOCK_STREAM, 0);
    CHECK(bind(listener, sa, len) == 0 && listen(listener, 0) == 0);
    CHECK(getsockname(listener, sa, &len) == 0);
    void *t = run(server, NULL);
    for (int i = 0; i < 3; i++) {
        s[i] = socket(sa->sa_family, SOCK_STREAM, 0);
        CHECK(connect(s[i], sa, len) == 0);
        CHECK((fcntl(s[i], F_GETFL) & O_NONBLOCK) == 0);
        CHECK_ERRNO(connect(s[i], sa, len), EISCONN);
    }
    for (int i = 0; i < 3; i++) {
        CHECK(recv(s[i], buf, 4, MSG_WAITALL) == 2 && !memcmp(buf, "hi", 2));
        close(s[i]);
    }
    join(t);
    close(listener);
    int refused = socket(sa->sa_family, SOCK_STREAM, 0);
    t = run(wait_a_while, NULL);
    CHECK_ERRNO(connect(refused, sa, len), ECONNREFUSED);
    join(t);
    close(refused);
}

int main(void)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "sock"};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    big = malloc(BIG);
    CHECK(big != NULL);
    fill_pattern(big, BIG, 7);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    for (int how = 0; how < 4; how++)
        send_big(how);
    receive_all(0);
    receive_all(1);
    time_limits();
    close(pair[0]), close(pair[1]);
    datagrams();
    many_at_once();
    connects((struct sockaddr *)&un, sizeof un);
    printf("connected by name\n");
    connects((struct sockaddr *)&in, sizeof in);
    printf("connected by port\n");
    return 0;
}
