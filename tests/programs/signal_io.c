/*
 * signal_io - signals that descriptors send: O_ASYNC with SIGIO and with a real-time signal,
 * SIGURG-free sockets, SIGPIPE by splice, SIGXFSZ at the file size limit.
 */
#include "check.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

static volatile sig_atomic_t got, fd_seen;
static void on_signal(int sig, siginfo_t *info, void *context)
{
    got = sig;
    fd_seen = info->si_fd;
}

static void wait_for(int sig)
{
    for (int i = 0; i < 2000 && got != sig; i++)
        usleep(1000);
    CHECK(got == sig);
    got = 0;
}

int main(void)
{
    int s[2];
    char c, room[2000] = "";
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGIO, &sa, NULL) == 0 && sigaction(SIGRTMIN + 1, &sa, NULL) == 0);
    CHECK(sigaction(SIGXFSZ, &sa, NULL) == 0 && sigaction(SIGPIPE, &sa, NULL) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    CHECK(fcntl(s[0], F_SETOWN, getpid()) == 0 && fcntl(s[0], F_GETOWN) == getpid());
    CHECK(fcntl(s[0], F_SETFL, O_ASYNC | O_NONBLOCK) == 0 && write(s[1], "x", 1) == 1);
    wait_for(SIGIO);
    CHECK(read(s[0], &c, 1) == 1 && fcntl(s[0], F_SETSIG, SIGRTMIN + 1) == 0);
    CHECK(write(s[1], "y", 1) == 1);
    wait_for(SIGRTMIN + 1);
    CHECK(fd_seen == s[0] && read(s[0], &c, 1) == 1 && c == 'y');
    printf("SIGIO: ok\n");
    CHECK(close(s[1]) == 0);
    CHECK_ERRNO(write(s[0], "z", 1), EPIPE);
    wait_for(SIGPIPE);
    struct rlimit limit = {10000, 10000};
    int fd = make_file("limited", 9000, 1);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0 && write(fd, &limit, 16) == 16);
    CHECK(pwrite(fd, room, 2000, 9000) == 1000);
    CHECK_ERRNO(pwrite(fd, "x", 1, 10000), EFBIG);
    wait_for(SIGXFSZ);
    printf("limits: ok\n");
    return 0;
}
