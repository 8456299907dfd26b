/*
 * transfers - counts what happens to its transfers that the manual pages allow, and fails at what
 * they do not. Two threads; pipes, TCP over the loopback, epoll. Prints the counts.
 */
#include "bug.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define RECORDS 300
#define BYTES 60000u
struct record {
    uint64_t number, copy[4];
};

static int pipes[2], big[2], client, server;
static int short_reads, short_writes, again, interrupted;

static void must(int condition, const char *what)
{
    if (condition)
        return;
    perror(what);
    exit(1);
}

static unsigned char byte_at(unsigned i)
{
    return (unsigned char)(i * 2654435761u >> 24);
}

/* Small writes are atomic, so no read may end within a record. */
static void *write_records(void *arg)
{
    for (uint64_t i = 0; i < RECORDS; i++) {
        struct record r = {i, {i, i, i, i}};
        must(write(pipes[1], &r, sizeof r) == sizeof r, "a small write is not whole");
    }
    return arg;
}

static void read_records(void)
{
    struct record r[3];
    for (uint64_t i = 0; i < RECORDS;) {
        ssize_t n = read(pipes[0], r, sizeof r);
        must(n > 0 && n % (ssize_t)sizeof *r == 0, "a record was torn");
        for (size_t k = 0; k < (size_t)n / sizeof *r; k++, i++)
            must(r[k].number == i && r[k].copy[3] == i, "another record");
    }
}

static void wait_for(int fd, short events)
{
    struct pollfd p = {fd, events, 0};
    must(poll(&p, 1, -1) == 1, "poll");
}

static void *write_stream(void *arg)
{
    static unsigned char out[BYTES];
    for (unsigned i = 0; i < BYTES; i++)
        out[i] = byte_at(i);
    must(fcntl(client, F_SETFL, O_NONBLOCK) == 0, "F_SETFL");
    for (unsigned done = 0; done < BYTES;) {
        size_t len = BYTES - done < 1000 ? BYTES - done : 1000;
        ssize_t n = write(client, out + done, len);
        must(n > 0 || errno == EAGAIN, "write to a stream");
        short_writes += n > 0 && (size_t)n < len;
        if (n < 0)
            wait_for(client, POLLOUT);
        done += n > 0 ? (unsigned)n : 0;
    }
    return arg;
}

static void read_stream(void)
{
    unsigned char in[700];
    int available;
    must(fcntl(server, F_SETFL, O_NONBLOCK) == 0, "F_SETFL");
    for (unsigned done = 0; done < BYTES;) {
        wait_for(server, POLLIN);
        must(ioctl(server, 0x541b /* FIONREAD */, &available) == 0, "FIONREAD");
        ssize_t n = done & 1 ? read(server, in, sizeof in) : recv(server, in, sizeof in, 0);
        must(n > 0 || errno == EAGAIN, "read of a stream");
        again += n < 0 && available > 0;
        short_reads += n > 0 && n < available && n < (ssize_t)sizeof in;
        for (ssize_t i = 0; i < n; i++)
            must(in[i] == byte_at(done++), "another byte");
    }
}

/* Nothing sends a signal here. */
static void *wait_on_epoll(void *arg)
{
    struct epoll_event e = {.events = EPOLLIN};
    int ep = epoll_create1(0), n;
    char c;
    must(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &e) == 0, "epoll_ctl");
    for (int i = 0; i < 40; i++) {
        while ((n = epoll_wait(ep, &e, 1, -1)) < 0) {
            must(errno == EINTR, "epoll_wait");
            interrupted++;
        }
        must(read(pipes[0], &c, 1) == 1 && write(big[1], &c, 1) == 1, "a byte there and back");
    }
    close(ep);
    return arg;
}

static void wake_epoll(void)
{
    char c = 'x';
    for (int i = 0; i < 40; i++)
        must(write(pipes[1], &c, 1) == 1 && read(big[0], &c, 1) == 1, "a byte back");
}

static void connect_both(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    client = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(listener, (void *)&at, len) == 0 && listen(listener, 1) == 0, "listen");
    must(getsockname(listener, (void *)&at, &len) == 0 && connect(client, (void *)&at, len) == 0,
         "connect");
    server = accept(listener, NULL, NULL);
    must(server >= 0, "accept");
    close(listener);
}

static void both(void *(*there)(void *), void (*here)(void))
{
    pthread_t t;
    start(&t, there, NULL);
    here();
    pthread_join(t, NULL);
}

int main(void)
{
    must(pipe(pipes) == 0 && pipe(big) == 0, "pipe");
    connect_both();
    both(write_records, read_records);
    both(write_stream, read_stream);
    both(wait_on_epoll, wake_epoll);
    printf("short reads %d\nshort writes %d\nagain %d\ninterrupted %d\n", short_reads, short_writes,
           again, interrupted);
    return 0;
}
