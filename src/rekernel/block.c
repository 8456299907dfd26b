/*
 * block.c - calls that would block (block.h).
 */
#include "block.h"
#include "syscall.h"

#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/stat.h>

#define RETRY_FIRST 200000ll /* ns */
#define RETRY_MOST 50000000ll

enum file_class file_class(struct file *f)
{
    struct stat st = {0};
    if (f->class)
        return f->class;
    s64 r = door_call_out(__NR_fstat, (u64)f->host_fd, (u64)&st, 0, 0, &st, sizeof st);
    switch (r < 0 ? S_IFREG : st.st_mode & S_IFMT) {
    case S_IFREG: case S_IFDIR: case S_IFBLK: case S_IFLNK:
        f->class = CLASS_PLAIN;
        break;
    case S_IFIFO:
        f->class = CLASS_PIPE;
        break;
    case S_IFSOCK:
        f->class = CLASS_SOCKET;
        break;
    default: /* terminals and other devices, eventfd and its kind */
        f->class = CLASS_OTHER;
    }
    return f->class;
}

/* SOL_SOCKET, SO_TYPE, SOCK_STREAM. */
bool file_is_stream(struct file *f)
{
    s32 type = 0, len = 4;
    if (f->sock_type)
        return f->sock_type == 1;
    struct out o[2] = {{.addr = (u64)&type, .cap = 4, .rule = OUT_FULL, .kernel = 1},
                       {.addr = (u64)&len, .cap = 4, .rule = OUT_FULL, .kernel = 1}};
    struct world w = {__NR_getsockopt, WORLD_INTERNAL,
                      {(u64)f->host_fd, 1, 3, (u64)&type, (u64)&len}, 0, 2, o};
    f->sock_type = door_world(&w) < 0 ? 255 : (u8)type;
    return f->sock_type == 1;
}

bool block_parks(const struct file *f)
{
    return sched_multi() || f->timeout_ns[0] || f->timeout_ns[1];
}

static bool nonblocking(struct file *f)
{
    return door_call(__NR_fcntl, (u64)f->host_fd, F_GETFL, 0, 0) & O_NONBLOCK;
}

/* SO_RCVTIMEO or SO_SNDTIMEO of the socket, 0: none. */
static s64 limit_of(const struct file *f, short events)
{
    return f->timeout_ns[events & POLLOUT ? 1 : 0];
}

static s64 park_on(struct task *t, struct file *f, short events)
{
    s64 limit = limit_of(f, events);
    if (limit)
        sched_deadline_in(t, limit);
    t->timed_wait = limit != 0;
    return sched_park_fd(t, f->host_fd, events);
}

s64 block_before(struct task *t, struct file *f, short events)
{
    if (!block_parks(f) || file_class(f) == CLASS_PLAIN)
        return 0;
    if (sched_poll_now(f->host_fd, events) != 0 || nonblocking(f))
        return 0;
    if (t->expired && limit_of(f, events))
        return -EAGAIN;
    return park_on(t, f, events);
}

s64 block_after(struct task *t, struct file *f, short events)
{
    if (nonblocking(f) || (t->expired && limit_of(f, events) && !t->retry_ns))
        return -EAGAIN;
    if (sched_poll_now(f->host_fd, events) != 0)
        return block_retry(t); /* it says that it is ready, and is not */
    return park_on(t, f, events);
}

s64 block_retry(struct task *t)
{
    t->retry_ns = t->retry_ns ? MIN(t->retry_ns * 2, RETRY_MOST) : RETRY_FIRST;
    t->has_deadline = t->expired = false;
    sched_deadline_in(t, t->retry_ns);
    return sched_park(t);
}

static void try_again(struct task *t)
{
    if (t->parked && t->retry_ns && !t->fd_count)
        sched_wake(t);
}

void block_changed(void)
{
    if (sched_multi())
        sched_each(try_again);
}

s64 block_avoided(struct file *f, struct world *w)
{
    s64 flags = door_call(__NR_fcntl, (u64)f->host_fd, F_GETFL, 0, 0);
    if (flags < 0 || flags & O_NONBLOCK)
        return door_world(w);
    door_call(__NR_fcntl, (u64)f->host_fd, F_SETFL, (u64)flags | O_NONBLOCK, 0);
    s64 r = door_world(w);
    door_call(__NR_fcntl, (u64)f->host_fd, F_SETFL, (u64)flags, 0);
    return r;
}

bool block_piece(struct task *t, s64 result, u64 whole, s64 *answer)
{
    if (result > 0)
        t->io_done += (u64)result;
    *answer = t->io_done ? (s64)t->io_done : result;
    return result <= 0 || t->io_done >= whole;
}

bool block_signalled(struct task *t)
{
    signal_take_host(t);
    return signal_pending(t);
}

/* ------------------------------------------------------------- interrupted calls */
/* Where the call's time-out lies, which Linux updates; 0: it does not. */
static u64 timeout_place(const struct task *t, const u64 *gpr)
{
    switch (t->syscall_nr) {
    case __NR_nanosleep:
        return gpr[RSI];
    case __NR_clock_nanosleep:
        return gpr[RSI] & 1 ? 0 : gpr[R10];
    case __NR_ppoll:
        return gpr[RDX];
    case __NR_select: case __NR_pselect6:
        return gpr[R8];
    default:
        return 0;
    }
}

void block_interrupted(struct task *t)
{
    u64 place = timeout_place(t, sched_regs(t));
    if (!t->has_deadline || !place)
        return;
    s64 left = t->deadline - sched_now();
    left = MAX(left, 0ll);
    s64 ts[2] = {left / 1000000000, left % 1000000000};
    if (t->syscall_nr == __NR_select)
        ts[1] /= 1000;
    copy_to_guest(place, ts, sizeof ts);
}
