/* clone.c - copies of a machine that has stopped (machine.h, machine_clone). */
#include "host.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define CLONE_MS 20000 /* a big process takes its time */

static int send_fds(struct machine *m, const struct machine *copy)
{
    int fds[3] = {copy->shared_fd, copy->guest_socket, copy->guest_clone_socket};
    struct rk_clone_msg msg = {.size = sizeof(msg)};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(fds))];
    } control = {.bytes = {0}};
    struct iovec iov = {&msg, sizeof(msg)};
    struct msghdr h = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&h);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(fds));
    memcpy(CMSG_DATA(c), fds, sizeof(fds));
    return sendmsg(m->clone_socket, &h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int wait_turn(struct machine *m)
{
    int err;
    do
        err = machine_debug_wait(m, CLONE_MS);
    while (err == -EINTR);
    return err;
}

/* The pid comes from memory that the guest could have written: it must be a child of ours. */
static int take_pid(struct machine *copy, int32_t answer)
{
    siginfo_t info;
    if (answer <= 0)
        return answer < 0 ? answer : -EPROTO;
    if (waitid(P_PID, (id_t)answer, &info, WEXITED | WNOHANG | WNOWAIT))
        return -EPROTO;
    copy->pid = answer;
    return host_watch_death(copy);
}

static void without_breakpoints(struct rk_debug *d)
{
    d->break_count = d->watch_count = d->cond_size = 0;
    d->stop_signals = 0;
    memset(d->stop_calls, 0, sizeof(d->stop_calls));
    d->stop_thread = 0;
}

static int build(struct machine *copy, struct machine *m, int fresh)
{
    int err = host_shared_copy(copy, m);
    if (!err)
        err = host_sockets(copy);
    if (!err)
        err = send_fds(m, copy);
    if (err)
        return err;
    without_breakpoints(copy->debug);
    if (fresh)
        memset(&copy->debug->footprint, 0, sizeof(copy->debug->footprint));
    atomic_store(&copy->debug->turn, RK_TURN_GUEST);
    m->debug->number = fresh != 0;
    host_give_turn(m, RK_DEBUG_CLONE);
    err = wait_turn(m);
    if (!err)
        err = take_pid(copy, m->debug->copy);
    return err ? err : wait_turn(copy);
}

int machine_clone(struct machine *m, int fresh, struct machine **out)
{
    *out = NULL;
    if (!machine_debug_stopped(m))
        return -EBUSY;
    if (m->clone_socket < 0 || m->debug->stop.in_kernel || RK_STOP_IS_END(m->debug->stop.reason))
        return -EOPNOTSUPP;
    struct machine *copy = host_machine(m->mode);
    if (!copy)
        return -ENOMEM;
    copy->is_copy = 1;
    int err = build(copy, m, fresh);
    host_close_fd(&copy->guest_socket);
    host_close_fd(&copy->guest_clone_socket);
    if (err)
        machine_destroy(copy);
    else
        *out = copy;
    return err;
}
