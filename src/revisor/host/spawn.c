/*
 * spawn.c - the guest process, from fork to the first instruction of the image.
 *
 * The child inherits everything of the user's exactly as rr-like got it (descriptors,
 * working directory, umask, signal mask and dispositions, limits). What is ours is
 * close-on-exec, but for two descriptors that are moved to high numbers.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Just under the limit where that is lower than the floor. */
static int fd_floor(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= HOST_FD_FLOOR + 16)
        return HOST_FD_FLOOR;
    return r.rlim_cur > 32 ? (int)r.rlim_cur - 16 : 3;
}

static void give_up(int gate, int err)
{
    (void)!write(gate, &err, sizeof(err));
    _exit(125);
}

/* The launcher's death must not leave a guest behind. */
static void die_with(pid_t launcher, int gate)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL))
        give_up(gate, errno);
    if (getppid() != launcher)
        _exit(125);
}

static void wait_for_release(int gate)
{
    char go;
    ssize_t n;
    do
        n = read(gate, &go, 1);
    while (n < 0 && errno == EINTR);
    if (n != 1)
        _exit(125);
}

static int move_high(int fd, int gate)
{
    int moved = fcntl(fd, F_DUPFD, fd_floor());
    if (moved < 0)
        give_up(gate, errno);
    return moved;
}

static _Noreturn void child(struct machine *m, int gate, pid_t launcher)
{
    char number[16];
    char *argv[] = {"rr-like-guest", number, NULL}, *envp[] = {NULL};
    close(m->gate); /* our copy: else the gate would never read its end */
    die_with(launcher, gate);
    personality(ADDR_NO_RANDOMIZE);
    wait_for_release(gate);
    m->control->socket_fd = move_high(m->guest_socket, gate);
    if (m->guest_clone_socket >= 0)
        m->control->clone_fd = move_high(m->guest_clone_socket, gate);
    snprintf(number, sizeof(number), "%d", move_high(m->shared_fd, gate));
    syscall(SYS_execveat, m->image_fd, "", argv, envp, AT_EMPTY_PATH);
    give_up(gate, errno);
    _exit(125);
}

static int make_pair(int *ours, int *guests)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return -errno;
    *ours = pair[0];
    *guests = pair[1];
    return 0;
}

int host_sockets(struct machine *m)
{
    int err = make_pair(&m->socket, &m->guest_socket);
    if (!err && m->control->flags & RK_CTL_DEBUG)
        err = make_pair(&m->clone_socket, &m->guest_clone_socket);
    return err;
}

int host_watch_death(struct machine *m)
{
    m->pidfd = (int)syscall(SYS_pidfd_open, m->pid, 0);
    if (m->pidfd < 0)
        return -errno;
    fcntl(m->pidfd, F_SETFD, FD_CLOEXEC);
    return 0;
}

int host_spawn(struct machine *m)
{
    int gate[2];
    pid_t launcher = getpid();
    int err = host_sockets(m);
    if (err)
        return err;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate))
        return -errno;
    m->gate = gate[0];
    m->pid = fork();
    if (m->pid == 0)
        child(m, gate[1], launcher);
    err = m->pid < 0 ? -errno : 0;
    close(gate[1]);
    return err ? err : host_watch_death(m);
}

int host_release(struct machine *m)
{
    int err = 0;
    ssize_t n;
    if (send(m->gate, "g", 1, MSG_NOSIGNAL) != 1)
        return -errno;
    do
        n = read(m->gate, &err, sizeof(err));
    while (n < 0 && errno == EINTR);
    close(m->gate);
    m->gate = -1;
    return n == sizeof(err) ? -err : 0;
}
