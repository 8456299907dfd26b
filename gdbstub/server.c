/* server.c - the stub on a TCP port of this machine. */
#include "stub.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 200
#define SEND_MS 30000 /* a client that takes nothing for so long is gone */

/* --------------------------------------------------------------------- the stream */
static ssize_t read_socket(void *arg, void *buf, size_t len, int timeout_ms)
{
    int fd = *(const int *)arg;
    struct pollfd p = {fd, POLLIN, 0};
    int ready = poll(&p, 1, timeout_ms);
    if (ready <= 0)
        return ready == 0 || errno == EINTR ? -EAGAIN : -errno;
    ssize_t n = recv(fd, buf, len, 0);
    return n < 0 ? -errno : n;
}

static int write_socket(void *arg, const void *buf, size_t len)
{
    int fd = *(const int *)arg;
    const char *from = buf;
    while (len > 0) {
        ssize_t n = send(fd, from, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        from += n;
        len -= (size_t)n;
    }
    return 0;
}

/* ---------------------------------------------------------------------- the port */
static int bind_and_listen(int fd, unsigned *port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t len = sizeof(addr);
    int on = 1;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = htons((uint16_t)*port);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    /* One client, and one more in the queue; the kernel turns others away. */
    if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1) ||
        getsockname(fd, (struct sockaddr *)&addr, &len))
        return -errno;
    *port = ntohs(addr.sin_port);
    return 0;
}

int gdbstub_listen(unsigned *port)
{
    if (*port > 65535)
        return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int err = bind_and_listen(fd, port);
    if (!err)
        return fd;
    close(fd);
    return err;
}

static int serve_client(int fd, const struct target *target, const struct gdbstub_options *options)
{
    struct packet_io io = {read_socket, write_socket, &fd};
    struct timeval limit = {SEND_MS / 1000, 0};
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    int end = gdbstub_session(&io, target, options);
    close(fd);
    return end;
}

int gdbstub_serve(int listener, const struct target *target, const struct gdbstub_options *options)
{
    struct pollfd p = {listener, POLLIN, 0};
    for (;;) {
        int ready = poll(&p, 1, LOOK_MS);
        if (options->quit && options->quit(options->arg))
            return -EINTR;
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready <= 0)
            continue;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        int end = serve_client(fd, target, options);
        if (end < 0)
            return end;
        if (end == GDBSTUB_KILLED || end == GDBSTUB_QUIT)
            return end == GDBSTUB_QUIT ? -EINTR : 0;
    }
}
