/*
 * thread_last_waits - calls that wait while another thread runs and go on when it has ended:
 * they must end as they would have, and not begin anew.
 * build: -pthread
 */
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

static int pair[2], pipe_ends[2];

static void *sends(void *arg)
{
    usleep(20000);
    CHECK(write(pair[1], "abcd", 4) == 4);
    usleep(20000);
    CHECK(write(pair[1], "efgh", 4) == 4);
    return NULL;
}

static void *drains(void *arg)
{
    char c[4096];
    usleep(20000);
    for (size_t left = 200000; left > 65536; left -= sizeof c)
        CHECK(read(pipe_ends[0], c, sizeof c) == sizeof c);
    return NULL;
}

static void *ends(void *arg)
{
    usleep(20000);
    return NULL;
}

static long long now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

/* Nobody joins: the thread is gone when the call goes on. */
static void begin(void *(*fn)(void *))
{
    pthread_t t;
    CHECK(pthread_create(&t, NULL, fn, NULL) == 0 && pthread_detach(t) == 0);
}

int main(void)
{
    char text[9] = "";
    static char big[200000];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(pipe_ends) == 0);
    begin(sends);
    long peeked = recv(pair[0], text, 8, MSG_PEEK | MSG_WAITALL);
    CHECK(peeked == 4 || peeked == 8); /* 8: this thread came late */
    CHECK(recv(pair[0], text, 8, MSG_WAITALL) == 8 && strcmp(text, "abcdefgh") == 0);
    begin(drains);
    CHECK(write(pipe_ends[1], big, sizeof big) == sizeof big);
    begin(ends);
    long long before = now_ms();
    struct pollfd p = {pair[0], POLLIN, 0};
    CHECK(poll(&p, 1, 100) == 0 && now_ms() - before >= 99);
    printf("done\n");
    return 0;
}
