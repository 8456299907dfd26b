/*
 * pipes - pipes within one process: capacity, partial writes, EAGAIN, EOF, EPIPE with
 * SIGPIPE ignored and handled, FIONREAD, vmsplice-free splice and tee, named pipes.
 */
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static char buf[200000], back[200000];

static void filling(void)
{
    int p[2], n;
    CHECK(pipe2(p, O_NONBLOCK) == 0);
    CHECK_ERRNO(read(p[0], buf, 10), EAGAIN);
    fill_pattern(buf, sizeof(buf), 1);
    ssize_t in = write(p[1], buf, sizeof(buf));
    CHECK(in == 65536 && fcntl(p[1], F_GETPIPE_SZ) == 65536);
    CHECK_ERRNO(write(p[1], buf, 1), EAGAIN);
    CHECK(ioctl(p[0], FIONREAD, &n) == 0 && n == 65536);
    CHECK(read(p[0], back, 10000) == 10000 && write(p[1], buf + in, 4096) == 4096);
    ssize_t got = 10000, r;
    while ((r = read(p[0], back + got, 7777)) > 0)
        got += r;
    CHECK(errno == EAGAIN && got == in + 4096 && is_pattern(back, got, 1));
    CHECK(fcntl(p[1], F_SETPIPE_SZ, 200000) >= 200000 &&
          write(p[1], buf, sizeof(buf)) == sizeof(buf));
    CHECK(close(p[1]) == 0);
    for (got = 0; (r = read(p[0], back + got, 65536)) > 0;)
        got += r;
    CHECK(r == 0 && got == sizeof(buf) && memcmp(buf, back, sizeof(buf)) == 0);
    printf("filling: ok\n");
}

static volatile int pipes;
static void on_pipe(int sig)
{
    pipes++;
}

static void broken(void)
{
    int p[2];
    CHECK(pipe(p) == 0 && close(p[0]) == 0);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(write(p[1], "x", 1), EPIPE);
    signal(SIGPIPE, on_pipe);
    CHECK_ERRNO(write(p[1], "x", 1), EPIPE);
    CHECK(pipes == 1);
    struct pollfd f = {p[1], POLLOUT, 0};
    CHECK(poll(&f, 1, 0) == 1 && (f.revents & POLLERR));
    printf("broken: ok\n");
}

static void splicing(void)
{
    int p[2], q[2];
    CHECK(pipe(p) == 0 && pipe(q) == 0);
    int in = make_file("in", 30000, 5), out = make_file("out", 0, 0);
    loff_t at = 100;
    CHECK(splice(in, &at, p[1], NULL, 20000, 0) == 20000 && at == 20100);
    CHECK(tee(p[0], q[1], 5000, 0) == 5000);
    CHECK(splice(p[0], NULL, out, NULL, 20000, 0) == 20000);
    CHECK(read(q[0], back, sizeof(back)) == 5000);
    CHECK(pread(in, buf, 20000, 100) == 20000 && memcmp(buf, back, 5000) == 0);
    CHECK(pread(out, back, 20000, 0) == 20000 && memcmp(buf, back, 20000) == 0);
    struct iovec v[2] = {{buf, 100}, {buf + 200, 50}};
    CHECK(vmsplice(p[1], v, 2, 0) == 150 && read(p[0], back, 500) == 150);
    CHECK(memcmp(back + 100, buf + 200, 50) == 0);
    CHECK_ERRNO(splice(in, NULL, out, NULL, 10, 0), EINVAL);
    printf("splice: ok\n");
}

static void named(void)
{
    CHECK(mkfifo("fifo", 0600) == 0);
    CHECK_ERRNO(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    int r = open("fifo", O_RDONLY | O_NONBLOCK), w = open("fifo", O_WRONLY);
    CHECK(r >= 0 && w >= 0 && write(w, "through", 7) == 7 && read(r, back, 10) == 7);
    CHECK(close(w) == 0 && read(r, back, 10) == 0);
    CHECK_ERRNO(lseek(r, 0, SEEK_SET), ESPIPE);
    printf("named: ok\n");
}

int main(void)
{
    filling();
    broken();
    splicing();
    named();
    return 0;
}
