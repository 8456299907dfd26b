/*
 * poll.c - waiting on descriptors: poll, select and epoll. select becomes ppoll on the
 * host, whose descriptor numbers differ from the guest's.
 */
#include "block.h"
#include "chaos.h"
#include "sched.h"
#include "syscall.h"

#include <linux/poll.h>
#include <linux/time_types.h>

#define POLL_MAX 4096

struct poll_set {
    struct pollfd host[POLL_MAX];
    u32 count;
};
static struct poll_set set;

static bool all_virtual(struct poll_set *s, u32 *ready)
{
    *ready = 0;
    for (u32 i = 0; i < s->count; i++)
        if (s->host[i].revents)
            ++*ready;
    return *ready > 0;
}

/* Makes the host call. timeout is a rekernel copy that the host updates, or NULL. */
static s64 host_poll_now(struct task *t, struct __kernel_timespec *timeout)
{
    struct call *c = call_scratch();
    u64 a[6] = {(u64)set.host, set.count, (u64)timeout, 0, 8, 0};
    u32 ready;
    struct __kernel_timespec zero = {0, 0};
    if (all_virtual(&set, &ready))
        a[2] = (u64)(timeout = &zero);
    call_init(c, __NR_ppoll, a, WORLD_BLOCKS);
    if (set.count)
        call_out_kernel(c, set.host, set.count * sizeof set.host[0], OUT_FULL, 1);
    if (timeout)
        call_out_kernel(c, timeout, sizeof *timeout, OUT_ALWAYS, 1);
    t->restartable = true;
    if (timeout)
        left_load(t, (s64 *)timeout);
    s64 r = call_make(c);
    if (timeout)
        left_save(t, r, (s64 *)timeout);
    return r;
}

/* What is left until the deadline of a parked call, as Linux tells it. */
static void tell_left(struct task *t, struct __kernel_timespec *timeout)
{
    s64 left = t->expired ? 0 : t->deadline - sched_now();
    left = MAX(left, 0ll);
    timeout->tv_sec = left / 1000000000, timeout->tv_nsec = left % 1000000000;
}

/* With other threads about, only the asking blocks nobody; then the task is parked. */
static s64 host_poll(struct task *t, struct __kernel_timespec *timeout)
{
    struct __kernel_timespec zero = {0, 0};
    if (!sched_multi() || (timeout && !timeout->tv_sec && !timeout->tv_nsec))
        return host_poll_now(t, timeout);
    s64 r = host_poll_now(t, &zero);
    if (timeout && t->has_deadline)
        tell_left(t, timeout);
    if (r || t->expired)
        return r;
    if (timeout)
        sched_deadline_in(t, timeout->tv_sec > 9000000000 ? (s64)9e18
                                                         : timeout->tv_sec * 1000000000 + timeout->tv_nsec);
    return sched_park_poll(t, set.host, set.count);
}

/* Fills one entry; virtual files are always ready, unknown descriptors are told so. */
static void host_entry(struct pollfd *p, s32 fd, short events)
{
    struct file *f = fd < 0 ? NULL : fd_get(fd);
    *p = (struct pollfd){-1, events, 0};
    if (f && f->kind == FILE_HOST)
        p->fd = f->host_fd;
}

static s64 poll_call(struct task *t, u64 addr, u64 n, struct __kernel_timespec *timeout)
{
    struct pollfd g;
    s64 extra = 0;
    if (n > POLL_MAX)
        return -EINVAL;
    set.count = (u32)n;
    for (u32 i = 0; i < n; i++) {
        if (copy_from_guest(&g, addr + i * sizeof g, sizeof g))
            return -EFAULT;
        host_entry(&set.host[i], g.fd, g.events);
        struct file *f = g.fd < 0 ? NULL : fd_get(g.fd);
        if (g.fd >= 0 && (!f || f->kind != FILE_HOST))
            extra++;
    }
    struct __kernel_timespec zero = {0, 0};
    s64 r = host_poll(t, extra ? &zero : timeout);
    if (r < 0)
        return r;
    s64 ready = 0;
    for (u32 i = 0; i < n; i++) {
        u64 at = addr + i * sizeof g;
        if (copy_from_guest(&g, at, sizeof g))
            return -EFAULT;
        struct file *f = g.fd < 0 ? NULL : fd_get(g.fd);
        g.revents = set.host[i].fd >= 0 ? set.host[i].revents : 0;
        if (g.fd >= 0 && !f)
            g.revents = POLLNVAL;
        else if (f && f->kind != FILE_HOST)
            g.revents = g.events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
        ready += g.revents != 0;
        if (copy_to_guest(at, &g, sizeof g))
            return -EFAULT;
    }
    return ready;
}

s64 sys_poll(struct task *t, const u64 a[6])
{
    s32 ms = (s32)a[2];
    struct __kernel_timespec ts = {ms / 1000, (ms % 1000) * 1000000ll};
    return poll_call(t, a[0], (u32)a[1], ms < 0 ? NULL : &ts);
}

/* A signal mask that holds during the call only. */
static s64 with_mask(struct task *t, u64 addr, u64 size)
{
    u64 mask;
    if (!addr)
        return 0;
    if (size != 8)
        return -EINVAL;
    if (copy_from_guest(&mask, addr, 8))
        return -EFAULT;
    if (!t->restore_mask) /* not a call that is made again */
        t->saved_mask = t->sigmask;
    t->restore_mask = true;
    t->sigmask = mask & ~(SIG_BIT(9) | SIG_BIT(19));
    return 0;
}

/* The mask comes back unless a handler must run first (signal.c then restores it). */
static void end_mask(struct task *t, s64 r)
{
    if (t->restore_mask && r != -EINTR && r != SYS_PARKED && r != PLAT_CANCELLED) {
        t->sigmask = t->saved_mask;
        t->restore_mask = false;
    }
}

s64 sys_ppoll(struct task *t, const u64 a[6])
{
    struct __kernel_timespec ts;
    if (a[2] && copy_from_guest(&ts, a[2], sizeof ts))
        return -EFAULT;
    if (a[2] && (ts.tv_sec < 0 || (u64)ts.tv_nsec >= 1000000000))
        return -EINVAL;
    s64 r = with_mask(t, a[3], a[4]);
    if (r < 0)
        return r;
    r = signal_pending(t) ? -EINTR : poll_call(t, a[0], (u32)a[1], a[2] ? &ts : NULL);
    end_mask(t, r);
    if (a[2])
        copy_to_guest(a[2], &ts, sizeof ts);
    return r;
}

/* ---------------------------------------------------------------------- select */
#define SEL_IN (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define SEL_OUT (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define SEL_EX POLLPRI

static u64 sel_words[3][POLL_MAX / 64];

static s64 load_sets(const u64 a[6], u64 n)
{
    u64 bytes = ALIGN_UP(n, 64) / 8;
    for (u32 k = 0; k < 3; k++) {
        memset(sel_words[k], 0, sizeof sel_words[k]);
        if (a[k + 1] && copy_from_guest(sel_words[k], a[k + 1], bytes))
            return -EFAULT;
    }
    return 0;
}

static bool sel_bit(u32 k, u64 fd)
{
    return sel_words[k][fd / 64] >> (fd % 64) & 1;
}

static s64 sel_collect(u64 n, s32 *guest_fd)
{
    static const int want[3] = {POLLIN | POLLRDNORM, POLLOUT | POLLWRNORM, POLLPRI};
    set.count = 0;
    for (u64 fd = 0; fd < n; fd++) {
        int events = 0;
        for (u32 k = 0; k < 3; k++)
            events |= sel_bit(k, fd) ? want[k] : 0;
        if (!events)
            continue;
        if (!fd_get((s64)fd))
            return -EBADF;
        guest_fd[set.count] = (s32)fd;
        host_entry(&set.host[set.count++], (s32)fd, (short)events);
    }
    return 0;
}

static s64 sel_results(const u64 a[6], u64 n, const s32 *guest_fd)
{
    static const int mask[3] = {SEL_IN, SEL_OUT, SEL_EX};
    u64 out[3][POLL_MAX / 64], bytes = ALIGN_UP(n, 64) / 8;
    s64 bits = 0;
    memset(out, 0, sizeof out);
    for (u32 i = 0; i < set.count; i++) {
        u64 fd = (u64)guest_fd[i];
        int revents = set.host[i].fd < 0 ? SEL_IN | SEL_OUT : set.host[i].revents;
        for (u32 k = 0; k < 3; k++)
            if (sel_bit(k, fd) && revents & mask[k]) {
                out[k][fd / 64] |= 1ull << (fd % 64);
                bits++;
            }
    }
    for (u32 k = 0; k < 3; k++)
        if (a[k + 1] && copy_to_guest(a[k + 1], out[k], bytes))
            return -EFAULT;
    return bits;
}

static s64 select_call(struct task *t, const u64 a[6], struct __kernel_timespec *timeout)
{
    static s32 guest_fd[POLL_MAX];
    u64 n = MIN((u64)(u32)a[0], (u64)POLL_MAX);
    if ((s32)a[0] < 0)
        return -EINVAL;
    n = MIN(n, ALIGN_UP((u64)fd_table()->count, 64));
    s64 r = load_sets(a, n);
    if (r == 0)
        r = sel_collect(n, guest_fd);
    if (r < 0)
        return r;
    struct __kernel_timespec zero = {0, 0};
    for (u32 i = 0; i < set.count; i++)
        if (set.host[i].fd < 0)
            timeout = &zero;
    r = host_poll(t, timeout);
    return r < 0 ? r : sel_results(a, n, guest_fd);
}

s64 sys_select(struct task *t, const u64 a[6])
{
    s64 tv[2];
    struct __kernel_timespec ts;
    if (a[4]) {
        if (copy_from_guest(tv, a[4], sizeof tv))
            return -EFAULT;
        if (tv[0] < 0 || tv[1] < 0)
            return -EINVAL;
        ts = (struct __kernel_timespec){tv[0] + tv[1] / 1000000, tv[1] % 1000000 * 1000};
    }
    s64 r = select_call(t, a, a[4] ? &ts : NULL);
    if (a[4]) {
        tv[0] = ts.tv_sec, tv[1] = ts.tv_nsec / 1000;
        copy_to_guest(a[4], tv, sizeof tv);
    }
    return r;
}

s64 sys_pselect6(struct task *t, const u64 a[6])
{
    struct __kernel_timespec ts;
    u64 mask[2] = {0, 0};
    if (a[4] && copy_from_guest(&ts, a[4], sizeof ts))
        return -EFAULT;
    if (a[4] && (ts.tv_sec < 0 || (u64)ts.tv_nsec >= 1000000000))
        return -EINVAL;
    if (a[5] && copy_from_guest(mask, a[5], sizeof mask))
        return -EFAULT;
    s64 r = with_mask(t, mask[0], mask[1]);
    if (r < 0)
        return r;
    r = signal_pending(t) ? -EINTR : select_call(t, a, a[4] ? &ts : NULL);
    end_mask(t, r);
    if (a[4])
        copy_to_guest(a[4], &ts, sizeof ts);
    return r;
}

/* ----------------------------------------------------------------------- epoll */
s64 sys_epoll_ctl(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[2]);
    if (f && f->kind != FILE_HOST)
        return -EPERM; /* as for regular files */
    u32 events = 0;
    if (a[3] && !copy_from_guest(&events, a[3], 4) && events >> 31) /* EPOLLET */
        block_no_short_transfers();
    return world_generic(t, __NR_epoll_ctl, a, 0);
}

/* ns < 0: no end. b: the call with a time-out of zero. */
static s64 epoll_park(struct task *t, u32 nr, const u64 b[6], s64 ns)
{
    s64 r = world_generic(t, nr, b, 0);
    if (r || !ns || t->expired)
        return r;
    if (chaos_interrupted()) {
        t->restartable = false;
        return -EINTR;
    }
    if (ns > 0)
        sched_deadline_in(t, ns);
    return sched_park_fd(t, (int)fd_host((s32)b[0]), POLLIN);
}

/* One task, and a time-out that a signal which the guest does not see must not start
 * again: poll says what is left of it. */
static s64 epoll_timed(struct task *t, u32 nr, const u64 b[6], s64 ns)
{
    struct __kernel_timespec left = {ns / 1000000000, ns % 1000000000};
    for (;;) {
        s64 r = world_generic(t, nr, b, 0);
        if (r || !ns)
            return r;
        host_entry(&set.host[0], (s32)b[0], POLLIN);
        set.count = 1;
        r = host_poll_now(t, &left);
        if (r <= 0)
            return r;
    }
}

static s64 epoll_call(struct task *t, u32 nr, const u64 a[6])
{
    s64 ts[2], ns = (s32)a[3] < 0 ? -1 : (s64)(s32)a[3] * 1000000;
    u64 b[6] = {a[0], a[1], a[2], 0, 0, 0};
    if (nr == __NR_epoll_pwait2) {
        if (a[3] && copy_from_guest(ts, a[3], sizeof ts))
            return -EFAULT;
        if (a[3] && (ts[0] < 0 || (u64)ts[1] >= 1000000000))
            return -EINVAL;
        ns = !a[3] ? -1 : ts[0] > 9000000000 ? (s64)9e18 : ts[0] * 1000000000 + ts[1];
    }
    if (sched_multi())
        return epoll_park(t, __NR_epoll_wait, b, ns);
    if (ns >= 0)
        return epoll_timed(t, __NR_epoll_wait, b, ns);
    b[3] = ~0ull;
    return world_generic(t, __NR_epoll_wait, b, WORLD_BLOCKS);
}

s64 sys_epoll_wait(struct task *t, const u64 a[6])
{
    return epoll_call(t, __NR_epoll_wait, a);
}

/* The mask is the guest's business; the host call gets none. */
static s64 epoll_masked(struct task *t, u32 nr, const u64 a[6])
{
    u64 b[6] = {a[0], a[1], a[2], a[3], 0, 0};
    s64 r = with_mask(t, a[4], a[5]);
    if (r < 0)
        return r;
    r = signal_pending(t) ? -EINTR : epoll_call(t, nr, b);
    end_mask(t, r);
    return r;
}

s64 sys_epoll_pwait(struct task *t, const u64 a[6])
{
    return epoll_masked(t, __NR_epoll_pwait, a);
}

s64 sys_epoll_pwait2(struct task *t, const u64 a[6])
{
    return epoll_masked(t, __NR_epoll_pwait2, a);
}
