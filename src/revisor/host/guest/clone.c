/*
 * clone.c - copies of the guest process for the debugger (RK_DEBUG_CLONE): a fork that is the
 * launcher's child as the original is, with shared memory and sockets of its own.
 */
#include "host.h"

#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/uio.h>

enum { FD_SHARED, FD_SOCKET, FD_CLONE, FD_COUNT };

struct fds_cmsg {
    u64 len;
    s32 level, type, fd[FD_COUNT], pad;
};

static s64 take_fds(int fds[FD_COUNT])
{
    struct rk_clone_msg m;
    struct iovec iov = {&m, sizeof m};
    struct fds_cmsg cm = {0};
    struct host_msghdr h = {0, 0, 0, &iov, 1, &cm, sizeof cm, 0, 0};
    s64 r;
    do
        r = HOST3(__NR_recvmsg, plat_control()->clone_fd, &h, 0);
    while (r == -EINTR);
    if (r != sizeof m || cm.len != 16 + sizeof cm.fd || cm.type != HOST_SCM_RIGHTS)
        return r < 0 ? r : -EMFILE;
    for (u32 i = 0; i < FD_COUNT; i++)
        fds[i] = cm.fd[i];
    return 0;
}

static void close_fds(const int fds[FD_COUNT])
{
    for (u32 i = 0; i < FD_COUNT; i++)
        HOST1(__NR_close, fds[i]);
}

static void become_copy(const int fds[FD_COUNT], s64 launcher)
{
    int clone_fd = plat_control()->clone_fd;
    HOST2(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL);
    if (HOST0(__NR_getppid) != launcher)
        HOST1(__NR_exit_group, 125);
    platform_cloned(fds[FD_SHARED], fds[FD_SOCKET]);
    HOST3(__NR_dup3, fds[FD_CLONE], clone_fd, 0);
    close_fds(fds);
    native_cloned();
}

s64 plat_clone(void)
{
    int fds[FD_COUNT];
    s64 launcher = HOST0(__NR_getppid), r = take_fds(fds);
    if (r < 0)
        return r;
    r = HOST2(__NR_clone, CLONE_PARENT | SIGCHLD, 0);
    if (r == 0)
        become_copy(fds, launcher);
    else
        close_fds(fds);
    return r;
}
