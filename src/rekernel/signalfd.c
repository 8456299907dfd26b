/*
 * signalfd.c - signals read from a descriptor. The signals are the rekernel's, the
 * descriptor is an eventfd of the host that is kept readable while one is pending, so
 * that poll, select and epoll work as on any other.
 */
#include "sched.h"
#include "syscall.h"

#include <linux/fcntl.h>
#include <linux/poll.h>

#define SIGNALFD_INFO_SIZE 128
#define UNBLOCKABLE (SIG_BIT(9) | SIG_BIT(19))

static u32 signalfd_count;

/* A descriptor tells its reader's own signals and the process's. Readers are who runs, and
 * who is parked on it. */
static const struct file *asked;
static u64 seen;

static void add_pending(struct task *t)
{
    bool reader = t == current();
    for (u32 i = 0; i < t->fd_count; i++)
        reader |= t->fds[i].fd == asked->host_fd;
    seen |= reader ? t->pending.set : 0;
}

static void refresh(struct file *f)
{
    asked = f;
    seen = current()->proc->pending.set;
    sched_each(add_pending);
    bool ready = seen & f->signal_mask;
    if (ready == f->signal_ready)
        return;
    f->signal_ready = ready;
    if (recording())
        plat_eventfd_set(f->host_fd, ready);
}

void signalfd_refresh(void)
{
    const struct fd_table *table = fd_table();
    for (u32 i = 0; signalfd_count && i < table->count; i++)
        if (table->e[i].file && table->e[i].file->is_signalfd)
            refresh(table->e[i].file);
}

/* The layout of struct signalfd_siginfo, for the kinds of signals there are. */
static void put_info(u8 out[SIGNALFD_INFO_SIZE], const struct sig_info *in)
{
    memset(out, 0, SIGNALFD_INFO_SIZE);
    memcpy(out, &in->signo, 4);
    memcpy(out + 4, &in->err, 4);
    memcpy(out + 8, &in->code, 4);
    if (in->code == -2) { /* SI_TIMER */
        memcpy(out + 24, &in->timer.timer_id, 4);
        memcpy(out + 32, &in->timer.overrun, 4);
        memcpy(out + 44, &in->timer.value, 4);
        memcpy(out + 48, &in->timer.value, 8);
        return;
    }
    memcpy(out + 12, &in->rt.pid, 4);
    memcpy(out + 16, &in->rt.uid, 4);
    if (in->code == -1) { /* SI_QUEUE */
        memcpy(out + 44, &in->rt.value, 4);
        memcpy(out + 48, &in->rt.value, 8);
    }
}

s64 signalfd_read(struct task *t, struct file *f, u64 addr, u64 len)
{
    u8 one[SIGNALFD_INFO_SIZE];
    struct sig_info info;
    u64 done = 0;
    if (len < sizeof one)
        return -EINVAL;
    while (done + sizeof one <= len) {
        signal_take_host(t);
        if (signal_take_from(t, f->signal_mask, &info)) {
            put_info(one, &info);
            if (copy_to_guest(addr + done, one, sizeof one))
                return done ? (s64)done : -EFAULT;
            done += sizeof one;
            continue;
        }
        if (done)
            break;
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        if (signal_pending(t)) {
            t->restartable = true;
            return -EINTR;
        }
        if (sched_multi())
            return sched_park_fd(t, f->host_fd, POLLIN);
        signal_wait(NULL);
    }
    return (s64)done;
}

static s64 set_mask(s64 fd, u64 mask)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    if (!f->is_signalfd)
        return -EINVAL;
    f->signal_mask = mask;
    refresh(f);
    return fd;
}

static s64 make(u64 mask, u32 flags)
{
    s64 h = door_call(__NR_eventfd2, 0, O_NONBLOCK, 0, 0);
    s64 fd = fd_adopt(h, O_RDWR | (flags & O_NONBLOCK), flags & O_CLOEXEC, "anon_inode:[signalfd]");
    if (fd < 0)
        return fd;
    signalfd_count++;
    fd_get(fd)->is_signalfd = true;
    return set_mask(fd, mask);
}

s64 sys_signalfd4(struct task *t, const u64 a[6])
{
    u64 mask;
    if (a[2] != 8 || a[3] & ~(u64)(O_NONBLOCK | O_CLOEXEC))
        return -EINVAL;
    if (copy_from_guest(&mask, a[1], 8))
        return -EFAULT;
    mask &= ~UNBLOCKABLE;
    return (s32)a[0] == -1 ? make(mask, (u32)a[3]) : set_mask((s32)a[0], mask);
}

s64 sys_signalfd(struct task *t, const u64 a[6])
{
    u64 b[6] = {a[0], a[1], a[2], 0, 0, 0};
    return sys_signalfd4(t, b);
}
