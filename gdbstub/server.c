/* server.c - the stub on a TCP port of this machine: one client at a time, others are told so. */
#include "stub.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 200
#define SEND_MS 30000 /* a client that takes nothing for so long is gone */
#define WAITING_MAX 4
#define MUTE_MS 1000 /* debuggers speak at once; gdb, unanswered, gives up after some seconds */
#define KEEP_IDLE_S 60
#define KEEP_EVERY_S 10
#define KEEP_TRIES 6

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
    if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, WAITING_MAX) ||
        getsockname(fd, (struct sockaddr *)&addr, &len))
        return -errno;
    *port = ntohs(addr.sin_port);
    return 0;
}

int gdbstub_listen(unsigned *port)
{
    if (*port > 65535)
        return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int err = bind_and_listen(fd, port);
    if (!err)
        return fd;
    close(fd);
    return err;
}

/* -------------------------------------------------------------------- the clients */
/* A client that came while another is served. */
struct waiting {
    int fd;
    uint64_t since_ms;
};

struct server {
    int listener;
    const struct gdbstub_options *options;
    struct gdbstub_options own; /* what the session sees: its questions come by here */
    int client;
    uint64_t client_since_ms;
    int spoken;    /* the client has sent a packet that was one */
    int displaced; /* it has not, and another one would like to */
    struct waiting waiting[WAITING_MAX];
    size_t waiting_count;
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static int has_event(int fd, short events)
{
    struct pollfd p = {fd, events, 0};
    return poll(&p, 1, 0) == 1;
}

static int take_waiting(struct server *s, size_t i)
{
    int fd = s->waiting[i].fd;
    memmove(&s->waiting[i], &s->waiting[i + 1], (--s->waiting_count - i) * sizeof(s->waiting[0]));
    return fd;
}

/* gdb shows the text of an error that answers its first question. What the client has sent is
 * read first: closing on unread bytes would take the answer back. */
static void refuse(int fd)
{
    static const char text[] = "E.another debugger is attached to this replay: end that one, or "
                               "start a second `rr-like replay`";
    char packet[sizeof(text) + 8], dropped[4096];
    unsigned sum = 0;
    for (size_t i = 0; text[i]; i++)
        sum += (unsigned char)text[i];
    int len = snprintf(packet, sizeof(packet), "+$%s#%02x", text, sum & 0xff);
    while (recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT) == (ssize_t)sizeof(dropped))
        ;
    send(fd, packet, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void accept_waiting(struct server *s)
{
    while (s->waiting_count < WAITING_MAX) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return;
        s->waiting[s->waiting_count++] = (struct waiting){fd, now_ms()};
    }
}

/* Others who came meanwhile: told that they cannot, once they have asked something; before that
 * gdb would not listen. Where the one that is served has left, or has never said a word, they are
 * next. */
static void look_at_door(struct server *s)
{
    uint64_t now = now_ms();
    accept_waiting(s);
    if (!s->waiting_count || has_event(s->client, POLLRDHUP))
        return;
    if (!s->spoken) {
        s->displaced = now - s->client_since_ms >= MUTE_MS;
        return;
    }
    for (size_t i = s->waiting_count; i-- > 0;)
        if (has_event(s->waiting[i].fd, POLLIN) || now - s->waiting[i].since_ms >= MUTE_MS)
            refuse(take_waiting(s, i));
}

/* The session asks this often enough. */
static int on_quit(void *arg)
{
    struct server *s = arg;
    look_at_door(s);
    return s->displaced || (s->options->quit && s->options->quit(s->options->arg));
}

static void on_packet(void *arg, const char *direction, const void *data, size_t len)
{
    struct server *s = arg;
    s->spoken |= *direction == '>';
    if (s->options->log)
        s->options->log(s->options->arg, direction, data, len);
}

/* ----------------------------------------------------------------------- serving */
static void set(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof(value));
}

/* Whoever is behind a tunnel that broke would never be missed without the probes. */
static void set_options(int fd)
{
    struct timeval limit = {SEND_MS / 1000, 0};
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_EVERY_S);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_TRIES);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static int serve_client(struct server *s, int fd, const struct target *target)
{
    struct packet_io io = {read_socket, write_socket, &s->client};
    s->client = fd;
    s->client_since_ms = now_ms();
    s->spoken = s->displaced = 0;
    set_options(fd);
    int end = gdbstub_session(&io, target, &s->own);
    close(fd);
    return end == GDBSTUB_QUIT && s->displaced ? GDBSTUB_GONE : end;
}

/* The next client, -EAGAIN, or -errno. */
static int next_client(struct server *s)
{
    struct pollfd p = {s->listener, POLLIN, 0};
    int ready = poll(&p, 1, s->waiting_count ? 0 : LOOK_MS);
    if (s->options->quit && s->options->quit(s->options->arg))
        return -EINTR;
    if (ready < 0 && errno != EINTR)
        return -errno;
    if (s->waiting_count)
        return take_waiting(s, 0);
    int fd = ready > 0 ? accept4(s->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
    return fd < 0 ? -EAGAIN : fd;
}

int gdbstub_serve(int listener, const struct target *target, const struct gdbstub_options *options)
{
    struct server s = {.listener = listener, .options = options, .own = {on_quit, on_packet, &s}};
    int end = GDBSTUB_GONE;
    while (end == GDBSTUB_GONE || end == GDBSTUB_DETACHED) {
        int fd = next_client(&s);
        if (fd >= 0)
            end = serve_client(&s, fd, target);
        else if (fd != -EAGAIN)
            end = fd;
    }
    while (s.waiting_count)
        close(take_waiting(&s, 0));
    return end == GDBSTUB_QUIT ? -EINTR : end < 0 ? end : 0;
}
