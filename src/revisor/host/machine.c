/* machine.c - machine.h on the platform host. */
#include "host.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

void host_close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* What only the machine knows: the identity that the guest has on this host. */
static void complete_boot(const struct machine *m, struct rk_boot *boot)
{
    boot->pid = m->pid;
    boot->ppid = getpid();
    boot->pgid = getpgrp();
    boot->sid = getsid(0);
}

/* A limit on file sizes is meant for the user's files, but the kernel applies it to
 * memory files too. Lifted as far as it goes; SIGXFSZ would end us, EFBIG only says no. */
static void lift_file_limit(struct rlimit *old, struct sigaction *old_action)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    struct sigaction ignore;
    memset(&ignore, 0, sizeof(ignore));
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGXFSZ, &ignore, old_action);
    if (getrlimit(RLIMIT_FSIZE, old) || old->rlim_cur == RLIM_INFINITY)
        return;
    if (setrlimit(RLIMIT_FSIZE, &all)) {
        all.rlim_cur = all.rlim_max = old->rlim_max;
        setrlimit(RLIMIT_FSIZE, &all);
    }
}

static int make_memory(struct machine *m, const struct machine_config *config)
{
    struct machine_image image = config->image.data ? config->image : machine_builtin_image();
    struct rlimit old_limit = {RLIM_INFINITY, RLIM_INFINITY};
    struct sigaction old_action;
    lift_file_limit(&old_limit, &old_action);
    int err = host_shared_create(m, config);
    if (!err)
        m->image_fd = host_image_fd(&image);
    /* In replay it stays lifted: the guest's file objects are memory files. */
    if (config->mode == RK_MODE_RECORD && old_limit.rlim_cur != RLIM_INFINITY)
        setrlimit(RLIMIT_FSIZE, &old_limit);
    sigaction(SIGXFSZ, &old_action, NULL);
    return err ? err : m->image_fd < 0 ? m->image_fd : 0;
}

static int build(struct machine *m, const struct machine_config *config)
{
    int err = make_memory(m, config);
    if (err)
        return err;
    err = host_spawn(m);
    if (err)
        return err;
    if (config->mode == RK_MODE_RECORD)
        complete_boot(m, config->boot);
    host_shared_set_boot(m, config->boot);
    host_close_fd(&m->image_fd);
    host_close_fd(&m->guest_socket);
    host_close_fd(&m->guest_clone_socket);
    return 0;
}

struct machine *host_machine(enum rk_mode mode)
{
    struct machine *m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->mode = mode;
    m->shared_fd = m->image_fd = m->socket = m->guest_socket = m->gate = m->pidfd = -1;
    m->clone_socket = m->guest_clone_socket = -1;
    return m;
}

int machine_create(struct machine **out, const struct machine_config *config)
{
    struct machine *m = host_machine(config->mode);
    if (!m)
        return -ENOMEM;
    int err = build(m, config);
    if (err) {
        machine_destroy(m);
        return err;
    }
    *out = m;
    return 0;
}

int machine_start(struct machine *m)
{
    return host_release(m);
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* A big process takes its time to die, and a debugger drops a copy with each step back: they are
 * waited for later. Killed, but not reaped, they keep their pids. */
#define DYING_MAX 16

static void reap_later(pid_t pid)
{
    static pid_t dying[DYING_MAX];
    static size_t count;
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        if (waitpid(dying[i], NULL, WNOHANG) == 0)
            dying[left++] = dying[i];
    if (left == DYING_MAX) {
        reap(dying[0]);
        memmove(dying, dying + 1, --left * sizeof(dying[0]));
    }
    dying[left++] = pid;
    count = left;
}

void machine_destroy(struct machine *m)
{
    if (!m)
        return;
    if (m->pid > 0 && !m->reaped) {
        kill(m->pid, SIGKILL);
        if (m->is_copy)
            reap_later(m->pid);
        else
            reap(m->pid);
    }
    host_close_fd(&m->image_fd);
    host_close_fd(&m->socket);
    host_close_fd(&m->guest_socket);
    host_close_fd(&m->clone_socket);
    host_close_fd(&m->guest_clone_socket);
    host_close_fd(&m->gate);
    host_close_fd(&m->pidfd);
    host_shared_destroy(m);
    free(m);
}

pid_t machine_pid(const struct machine *m)
{
    return m->pid;
}

int machine_death_fd(const struct machine *m)
{
    return m->pidfd;
}

int machine_socket(const struct machine *m)
{
    return m->socket;
}

struct rk_control *machine_control(struct machine *m)
{
    return m->control;
}

int machine_wait(struct machine *m, int *status)
{
    if (!m->reaped) {
        pid_t pid = waitpid(m->pid, &m->status, WNOHANG);
        if (pid == 0)
            return -EAGAIN;
        if (pid < 0)
            return -errno;
        m->reaped = 1;
    }
    *status = m->status;
    return 0;
}

/* ---------------------------------------------------------------- messages */

static int take_fd(struct msghdr *h)
{
    int found = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
        int fd;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd); i++) {
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
            if (found >= 0)
                close(found); /* one is agreed; do not leak what a hostile guest adds */
            found = fd;
        }
    }
    return found;
}

int machine_recv(struct machine *m, struct rk_msg *msg, int *fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec iov = {msg, sizeof(*msg)};
    struct msghdr h = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof(control)};
    *fd = -1;
    ssize_t n = recvmsg(m->socket, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EINTR ? -EAGAIN : -errno;
    if (n == 0)
        return -ENOTCONN;
    *fd = take_fd(&h);
    if (n == (ssize_t)sizeof(*msg))
        return 0;
    host_close_fd(fd);
    return -EBADMSG;
}

int machine_send_data(struct machine *m, const struct rk_msg *msg, const void *data, size_t len,
                      int fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct iovec iov[2] = {{(void *)msg, sizeof(*msg)}, {(void *)data, len}};
    struct msghdr h = {.msg_iov = iov, .msg_iovlen = len ? 2 : 1};
    if (fd >= 0) {
        h.msg_control = &control;
        h.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(c), &fd, sizeof(fd));
    }
    return sendmsg(m->socket, &h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int machine_send(struct machine *m, const struct rk_msg *msg, int fd)
{
    return machine_send_data(m, msg, NULL, 0, fd);
}

/* ------------------------------------------------------------------- rings */

static struct ring_view *view(struct machine *m, struct rk_ring *r)
{
    return r == &m->control->log ? &m->log : &m->report;
}

const void *ring_peek(struct machine *m, struct rk_ring *r, size_t *len)
{
    return ring_view_peek(view(m, r), len);
}

void ring_consume(struct machine *m, struct rk_ring *r, size_t len)
{
    ring_view_consume(view(m, r), len);
}

int ring_wait(struct machine *m, struct rk_ring *r, int timeout_ms)
{
    return ring_view_wait(view(m, r), timeout_ms);
}

int ring_put(struct machine *m, struct rk_ring *r, const void *data, size_t len, int timeout_ms)
{
    return ring_view_put(view(m, r), data, len, timeout_ms);
}

size_t ring_room(struct machine *m, struct rk_ring *r)
{
    return ring_view_room(view(m, r));
}

void ring_close(struct machine *m, struct rk_ring *r)
{
    ring_view_close(view(m, r));
}

/* ------------------------------------------------------------ guest memory */

ssize_t machine_read(struct machine *m, uint64_t addr, void *buf, size_t len)
{
    struct iovec local = {buf, len}, remote = {(void *)(uintptr_t)addr, len};
    ssize_t n = process_vm_readv(m->pid, &local, 1, &remote, 1, 0);
    return n < 0 ? -errno : n;
}

ssize_t machine_write(struct machine *m, uint64_t addr, const void *buf, size_t len)
{
    struct iovec local = {(void *)buf, len}, remote = {(void *)(uintptr_t)addr, len};
    ssize_t n = process_vm_writev(m->pid, &local, 1, &remote, 1, 0);
    return n < 0 ? -errno : n;
}
