/*
 * sockets - one process talks to itself: socketpairs, UNIX and TCP and UDP sockets,
 * sendmsg/recvmsg with descriptors and credentials, options, non-blocking connects,
 * shutdown, names, MSG_PEEK, sendmmsg/recvmmsg.
 */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

static char buf[100000], back[100000];

static void pairs(void)
{
    int s[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    CHECK(send(s[0], "hello", 5, 0) == 5 && recv(s[1], back, 3, MSG_PEEK) == 3);
    CHECK(recv(s[1], back, 10, 0) == 5 && memcmp(back, "hello", 5) == 0);
    CHECK_ERRNO(recv(s[1], back, 1, MSG_DONTWAIT), EAGAIN);
    CHECK(shutdown(s[0], SHUT_WR) == 0 && read(s[1], back, 1) == 0 && write(s[1], "x", 1) == 1);
    CHECK_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) == 0 &&
          fcntl(s[0], F_GETFD) == 1);
    CHECK(send(s[0], "one", 3, 0) == 3 && send(s[0], "three", 5, 0) == 5);
    CHECK(recv(s[1], back, 2, MSG_TRUNC) == 3 && recv(s[1], back, 100, 0) == 5);
    printf("socketpair: ok\n");
}

static void rights(void)
{
    int s[2], file = make_file("passed", 50, 3);
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
    char control[CMSG_SPACE(2 * sizeof(int))] = {0};
    struct iovec v[2] = {{(char *)"ab", 2}, {(char *)"cde", 3}};
    struct msghdr m = {
        .msg_iov = v, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof(control)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(2 * sizeof(int));
    int fds[2] = {file, s[0]};
    memcpy(CMSG_DATA(c), fds, sizeof(fds));
    CHECK(sendmsg(s[0], &m, 0) == 5 && close(file) == 0);
    v[0] = (struct iovec){back, 4};
    v[1] = (struct iovec){back + 10, 4};
    memset(control, 0, sizeof(control));
    CHECK(recvmsg(s[1], &m, MSG_CMSG_CLOEXEC) == 5 && memcmp(back, "abcd", 4) == 0 &&
          back[10] == 'e');
    c = CMSG_FIRSTHDR(&m);
    CHECK(c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(8));
    memcpy(fds, CMSG_DATA(c), sizeof(fds));
    CHECK(fds[0] == file && fcntl(fds[0], F_GETFD) == FD_CLOEXEC);
    CHECK(pread(fds[0], back, 50, 0) == 50 && is_pattern(back, 50, 3));
    CHECK(send(fds[1], "via copy", 8, 0) == 8 && recv(s[1], back, 20, 0) == 8);
    printf("rights: descriptors %d and %d\n", fds[0], fds[1]);
}

static void unix_names(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "socket"}, b;
    socklen_t len = sizeof(b);
    int l = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_ERRNO(connect(c, (void *)&a, sizeof(a)), ENOENT);
    CHECK(bind(l, (void *)&a, sizeof(a)) == 0 && listen(l, 5) == 0);
    CHECK(connect(c, (void *)&a, sizeof(a)) == 0);
    int s = accept4(l, (void *)&b, &len, SOCK_NONBLOCK);
    CHECK(s >= 0 && len == sizeof(sa_family_t) && (fcntl(s, F_GETFL) & O_NONBLOCK));
    len = sizeof(b);
    CHECK(getpeername(c, (void *)&b, &len) == 0 && strcmp(b.sun_path, "socket") == 0);
    struct ucred cred;
    len = sizeof(cred);
    CHECK(getsockopt(s, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 && cred.pid == getpid());
    CHECK(write(c, "ping", 4) == 4 && read(s, back, 10) == 4 && write(s, "pong", 4) == 4);
    CHECK(read(c, back, 10) == 4 && close(c) == 0 && read(s, back, 1) == 0);
    a.sun_path[0] = 'T';
    CHECK_ERRNO(bind(l, (void *)&a, sizeof(a)), EINVAL);
    printf("unix: ok\n");
}

static int tcp_listener(struct sockaddr_in *a)
{
    socklen_t len = sizeof(*a);
    int l = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    *a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK(l >= 0 && setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
    CHECK(bind(l, (void *)a, sizeof(*a)) == 0 && listen(l, 5) == 0);
    CHECK(getsockname(l, (void *)a, &len) == 0 && a->sin_port != 0);
    return l;
}

static void tcp(void)
{
    struct sockaddr_in a, peer;
    socklen_t len = sizeof(peer);
    int l = tcp_listener(&a), c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1, err = 5;
    int ret = connect(c, (void *)&a, sizeof(a));
    CHECK(ret == 0 || errno == EINPROGRESS);
    int s = accept(l, (void *)&peer, &len);
    struct pollfd f = {c, POLLOUT, 0};
    CHECK(s >= 0 && len == sizeof(peer) && poll(&f, 1, 1000) == 1);
    len = sizeof(err);
    CHECK(getsockopt(c, SOL_SOCKET, SO_ERROR, &err, &len) == 0 && err == 0);
    CHECK(setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) == 0);
    fill_pattern(buf, sizeof(buf), 7);
    size_t in = 0, out = 0;
    while (out < sizeof(buf)) {
        ssize_t n = in < sizeof(buf) ? send(c, buf + in, sizeof(buf) - in, MSG_NOSIGNAL) : 0;
        in += n > 0 ? n : 0;
        n = recv(s, back + out, sizeof(back) - out, in == out ? MSG_DONTWAIT : 0);
        out += n > 0 ? n : 0;
    }
    CHECK(memcmp(buf, back, sizeof(buf)) == 0 && close(c) == 0 && recv(s, back, 10, 0) == 0);
    CHECK(close(l) == 0 && close(s) == 0);
    c = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_ERRNO(connect(c, (void *)&a, sizeof(a)), ECONNREFUSED);
    printf("tcp: ok\n");
}

static void udp(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from;
    socklen_t len = sizeof(a);
    int r = socket(AF_INET, SOCK_DGRAM, 0), s = socket(AF_INET, SOCK_DGRAM, 0), n = 0;
    CHECK(bind(r, (void *)&a, len) == 0 && getsockname(r, (void *)&a, &len) == 0);
    CHECK(sendto(s, "datagram", 8, 0, (void *)&a, sizeof(a)) == 8);
    CHECK(ioctl(r, FIONREAD, &n) == 0 && n == 8);
    len = sizeof(from);
    CHECK(recvfrom(r, back, 100, 0, (void *)&from, &len) == 8 && from.sin_family == AF_INET);
    CHECK(connect(s, (void *)&a, sizeof(a)) == 0);
    struct iovec v[3] = {{(char *)"a", 1}, {(char *)"bb", 2}, {(char *)"ccc", 3}};
    struct mmsghdr m[3] = {0};
    for (int i = 0; i < 3; i++)
        m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1};
    CHECK(sendmmsg(s, m, 3, 0) == 3 && m[2].msg_len == 3);
    for (int i = 0; i < 3; i++)
        v[i] = (struct iovec){back + 10 * i, 10};
    CHECK(recvmmsg(r, m, 3, MSG_DONTWAIT, NULL) == 3 && m[1].msg_len == 2 && back[20] == 'c');
    printf("udp: ok\n");
}

int main(void)
{
    pairs();
    rights();
    unix_names();
    tcp();
    udp();
    return 0;
}
