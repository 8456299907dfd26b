/*
 * ipc.c - System V semaphores and messages, POSIX message queues. The objects are the host's,
 * shared with whoever else uses them, and last as long as they would without us; replay has the
 * answers only. While other threads run no call may block: it is tried, and tried again when the
 * queue is ready (POSIX) or after a while and whenever a thread of ours changed something.
 */
#include "block.h"
#include "syscall.h"

#include <linux/ipc.h>
#include <linux/mqueue.h>
#include <linux/msg.h>
#include <linux/poll.h>
#include <linux/sem.h>
#include <linux/signal.h>

#define SEMID_SIZE 104u /* struct semid64_ds */
#define MSQID_SIZE 120u /* struct msqid64_ds */
#define TEXT_MAX 0x7fffffffull

/* Time limits: seconds, nanoseconds; 0 or -errno. */
static s64 read_time(u64 addr, s64 ts[2])
{
    if (copy_from_guest(ts, addr, 16))
        return -EFAULT;
    return ts[0] < 0 || (u64)ts[1] >= 1000000000 ? -EINVAL : 0;
}

static s64 nanoseconds(const s64 ts[2])
{
    return ts[0] > 9000000000 ? INT64_MAX : ts[0] * 1000000000 + ts[1];
}

/* --------------------------------------------------------------------- System V */
/* A call that said `full` when it was not to wait: tries again unless the caller would not, or
 * gives up. limit: nanoseconds, negative for none. */
static s64 try_again(struct task *t, bool waits, s64 full, s64 limit)
{
    if (!waits)
        return full;
    if (limit >= 0 && !t->retry_ns)
        t->give_up = sched_now() + limit;
    if (limit >= 0 && (!limit || (t->retry_ns && sched_now() >= t->give_up)))
        return full;
    return block_retry(t);
}

/* A call by which a waiting thread may go on. One that was made before, and is wrong now, has
 * lost its object meanwhile. */
static s64 changing(const struct task *t, struct call *c)
{
    s64 r = call_make(c);
    if (r >= 0)
        block_changed();
    return r == -EINVAL && t->retry_ns ? -EIDRM : r;
}

static bool any_waits(const struct sembuf *ops, u64 n)
{
    for (u64 i = 0; i < n; i++)
        if (ops[i].sem_flg & IPC_NOWAIT)
            return false;
    return true;
}

/* Linux takes 500 operations at most, unless it was told otherwise. */
static s64 operate(struct task *t, const u64 a[6], u64 timeout)
{
    static struct sembuf ops[512];
    struct call *c = call_scratch();
    s64 ts[2] = {0, 0}, limit = -1, r = timeout ? read_time(timeout, ts) : 0;
    u64 n = (u32)a[2], b[6] = {a[0], (u64)ops, n, 0, 0, 0};
    if (n > ARRAY_LEN(ops))
        return -E2BIG;
    if (r < 0 || copy_from_guest(ops, a[1], n * sizeof *ops))
        return r < 0 ? r : -EFAULT;
    bool tries = sched_multi(), waits = any_waits(ops, n);
    limit = timeout ? nanoseconds(ts) : -1;
    if (tries)
        ts[0] = ts[1] = 0;
    b[3] = tries || timeout ? (u64)ts : 0;
    t->restartable = true;
    call_init(c, __NR_semtimedop, b, tries ? 0 : WORLD_BLOCKS);
    c->w.check = hash_bytes(1, ops, n * sizeof *ops);
    r = changing(t, c);
    return tries && r == -EAGAIN ? try_again(t, waits, r, limit) : r;
}

s64 sys_semop(struct task *t, const u64 a[6])
{
    return operate(t, a, 0);
}

s64 sys_semtimedop(struct task *t, const u64 a[6])
{
    return operate(t, a, a[3]);
}

/* Semaphores of the set, or -errno. */
static s64 set_size(u64 id)
{
    u64 ds[SEMID_SIZE / 8] = {0};
    s64 r = door_call_out(__NR_semctl, id, 0, IPC_STAT, (u64)ds, ds, sizeof ds);
    return r < 0 ? r : (s64)ds[10]; /* sem_nsems */
}

/* Bytes that a command writes at its argument; those it reads in *in. */
static s64 semctl_sizes(const u64 a[6], u64 *in)
{
    s64 all;
    *in = 0;
    switch ((u32)a[2]) {
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        return SEMID_SIZE;
    case IPC_INFO:
    case SEM_INFO:
        return sizeof(struct seminfo);
    case IPC_SET:
        *in = SEMID_SIZE;
        return 0;
    case GETALL:
        all = set_size(a[0]);
        return all < 0 ? all : all * 2;
    case SETALL:
        all = set_size(a[0]);
        *in = all < 0 ? 0 : (u64)all * 2;
        return MIN(all, 0ll);
    default:
        return 0;
    }
}

static s64 control(const struct task *t, u32 nr, const u64 a[6], u64 addr, s64 out, u64 in)
{
    struct call *c = call_scratch();
    if (out < 0)
        return out;
    call_init(c, nr, a, 0);
    if (in)
        c->w.check = hash_guest(1, addr, in);
    if ((in || out) && !guest_range(addr, in ? in : (u64)out))
        return -EFAULT;
    s64 r = call_out(c, addr, (u64)out, OUT_FULL, 1);
    return r < 0 ? r : changing(t, c);
}

s64 sys_semctl(struct task *t, const u64 a[6])
{
    u64 in;
    s64 out = semctl_sizes(a, &in);
    return control(t, __NR_semctl, a, a[3], out, in);
}

/* A call on a message, whose type stands before its text: makes it ready, with its flags at an
 * argument of its own. 0 or -errno. */
static s64 message(struct task *t, struct call *c, u32 nr, const u64 a[6], u32 flags)
{
    if (a[2] > TEXT_MAX || !guest_range(a[1], a[2] + 8))
        return a[2] > TEXT_MAX ? -EINVAL : -EFAULT;
    t->restartable = true;
    call_init(c, nr, a, WORLD_BLOCKS);
    c->w.a[flags] |= sched_multi() ? IPC_NOWAIT : 0;
    return 0;
}

/* Makes it; `full` is what it says when it would have to wait. */
static s64 pass(struct task *t, struct call *c, u64 flags, s64 full)
{
    bool tries = sched_multi();
    s64 r = changing(t, c);
    return tries && r == full ? try_again(t, !(flags & IPC_NOWAIT), r, -1) : r;
}

s64 sys_msgsnd(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    s64 r = message(t, c, __NR_msgsnd, a, 3);
    if (r < 0)
        return r;
    c->w.check = hash_guest(1, a[1], a[2] + 8);
    return pass(t, c, a[3], -EAGAIN);
}

s64 sys_msgrcv(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    s64 r = message(t, c, __NR_msgrcv, a, 4);
    if (r < 0)
        return r;
    call_out(c, a[1], 8, OUT_FULL, 1);
    call_out(c, a[1] + 8, a[2], OUT_RESULT, 1);
    return pass(t, c, a[4], -ENOMSG);
}

s64 sys_msgctl(struct task *t, const u64 a[6])
{
    switch ((u32)a[1]) {
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY:
        return control(t, __NR_msgctl, a, a[2], MSQID_SIZE, 0);
    case IPC_INFO:
    case MSG_INFO:
        return control(t, __NR_msgctl, a, a[2], sizeof(struct msginfo), 0);
    case IPC_SET:
        return control(t, __NR_msgctl, a, a[2], 0, MSQID_SIZE);
    default:
        return control(t, __NR_msgctl, a, a[2], 0, 0);
    }
}

/* ------------------------------------------------------------------------ POSIX */
s64 sys_mq_open(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    char name[256];
    s64 n = copy_string(name, a[0], sizeof name);
    if (n < 0 || (a[3] && !guest_range(a[3], sizeof(struct mq_attr))))
        return n < 0 ? n : -EFAULT;
    call_init(c, __NR_mq_open, a, 0);
    c->w.check = hash_bytes(1, name, (u64)n);
    return fd_adopt(call_make(c), (u32)a[1], true, name);
}

/* Linux takes a time limit in the past to mean: do not wait. The limit is one of CLOCK_REALTIME. */
static s64 wait_on(struct task *t, struct file *f, short events, u64 timeout)
{
    s64 ts[2], now[2] = {0, 0};
    if (t->expired)
        return -ETIMEDOUT;
    if (timeout && !t->has_deadline) {
        read_time(timeout, ts);
        door_call_out(__NR_clock_gettime, 0, (u64)now, 0, 0, now, sizeof now);
        s64 left = ts[0] > 9000000000 ? INT64_MAX / 2 : nanoseconds(ts) - nanoseconds(now);
        if (left <= 0)
            return -ETIMEDOUT;
        sched_deadline_in(t, left);
    }
    return sched_park_fd(t, f->host_fd, events);
}

/* A send or receive that has been prepared; its time limit is the last argument. */
static s64 transfer(struct task *t, struct call *c, const u64 a[6], short events)
{
    struct file *f = fd_get((s32)a[0]);
    s64 none[2] = {0, 0}, given[2];
    s64 r = a[4] ? read_time(a[4], given) : 0;
    bool tries = sched_multi();
    if (!f || f->kind != FILE_HOST)
        return -EBADF;
    if (r < 0)
        return r;
    t->restartable = true;
    c->w.a[0] = (u64)f->host_fd;
    c->w.a[4] = tries ? (u64)none : a[4] ? (u64)given : 0;
    r = call_make(c);
    return tries && r == -ETIMEDOUT ? wait_on(t, f, events, a[4]) : r;
}

s64 sys_mq_timedsend(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    if (a[2] > TEXT_MAX || !guest_range(a[1], a[2]))
        return a[2] > TEXT_MAX ? -EMSGSIZE : -EFAULT;
    call_init(c, __NR_mq_timedsend, a, WORLD_BLOCKS);
    c->w.check = hash_guest(1, a[1], a[2]);
    return transfer(t, c, a, POLLOUT);
}

s64 sys_mq_timedreceive(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    call_init(c, __NR_mq_timedreceive, a, WORLD_BLOCKS);
    s64 r = call_out(c, a[1], a[2], OUT_RESULT, 1);
    if (r == 0)
        r = call_out(c, a[3], 4, OUT_FULL, 1);
    return r < 0 ? r : transfer(t, c, a, POLLIN);
}

/* Notification of a thread is a message into a socket, which the event names. */
s64 sys_mq_notify(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    struct sigevent ev;
    s64 fd = fd_host((s32)a[0]);
    if (fd < 0 || (a[1] && copy_from_guest(&ev, a[1], sizeof ev)))
        return fd < 0 ? -EBADF : -EFAULT;
    call_init(c, __NR_mq_notify, a, 0);
    c->w.a[0] = (u64)fd;
    c->w.a[1] = a[1] ? (u64)&ev : 0;
    if (a[1] && ev.sigev_notify == SIGEV_THREAD) {
        fd = fd_host(ev.sigev_signo);
        if (fd < 0)
            return -EBADF;
        ev.sigev_signo = (int)fd;
    }
    return call_make(c);
}

s64 sys_mq_getsetattr(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    s64 fd = fd_host((s32)a[0]);
    if (fd < 0 || (a[1] && !guest_range(a[1], sizeof(struct mq_attr))))
        return fd < 0 ? -EBADF : -EFAULT;
    call_init(c, __NR_mq_getsetattr, a, 0);
    c->w.a[0] = (u64)fd;
    s64 r = call_out(c, a[2], sizeof(struct mq_attr), OUT_FULL, 1);
    return r < 0 ? r : call_make(c);
}
