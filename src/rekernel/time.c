/*
 * time.c - sleeping and timers. Clocks are plain world calls. Timers are the host's: what
 * they bring is a host signal, which is logged where it is taken.
 */
#include "cputime.h"
#include "sched.h"
#include "syscall.h"

/* The id of a CPU-time clock holds the number of a process or thread. Ours are not the
 * host's: its one thread stands for all of them. */
static u64 host_clock(const struct task *t, u64 clock)
{
    s32 id = (s32)clock, who = ~(id >> 3);
    if (id >= 0 || (id & 7) == 7 || !who) /* a fixed one, a device, or the caller's own */
        return clock;
    bool ours = id & 4 ? sched_find(who) != NULL : who == t->proc->pid;
    return ours ? (u64)(s64)(s32)(~0u << 3 | ((u32)id & 7)) : clock;
}

/* Clock calls: the id, then as the table says. */
static s64 clock_call(struct task *t, u32 nr, const u64 a[6])
{
    u64 b[6] = {host_clock(t, a[0]), a[1], a[2], a[3], 0, 0};
    return world_generic(t, nr, b, 0);
}

/* Programs do hardly anything as often: the straight way, without the table. */
#define THREAD_CLOCK 3 /* CLOCK_THREAD_CPUTIME_ID; in an id with a thread's number: bit 2 */

/* The thread whose clock of processor time it is; NULL: it is another clock. */
static struct task *thread_of_clock(struct task *t, u64 clock)
{
    s32 id = (s32)clock, who = ~(id >> 3);
    if (id == THREAD_CLOCK)
        return t;
    if (id >= 0 || !(id & 4) || (id & 3) == 3)
        return NULL;
    return who ? sched_find(who) : t;
}

s64 sys_clock_gettime(struct task *t, const u64 a[6])
{
    struct task *of = thread_of_clock(t, a[0]);
    if (of) {
        s64 ns = cputime_of(of), ts[2] = {ns / 1000000000, ns % 1000000000};
        return copy_to_guest(a[1], ts, sizeof ts) ? -EFAULT : 0;
    }
    struct call *c = call_scratch();
    u64 b[6] = {host_clock(t, a[0]), a[1]};
    call_init(c, __NR_clock_gettime, b, 0);
    s64 r = call_out(c, a[1], 16, OUT_FULL, 1);
    t->restartable = true;
    return r < 0 ? r : call_make(c);
}

s64 sys_clock_getres(struct task *t, const u64 a[6])
{
    return clock_call(t, __NR_clock_getres, a);
}

/* What is left of a sleep or poll that a signal cut which the guest does not see. */
void left_load(struct task *t, s64 left[2])
{
    if (t->sleep_interrupted)
        left[0] = t->sleep_left[0], left[1] = t->sleep_left[1];
    t->sleep_interrupted = false;
}

void left_save(struct task *t, s64 result, const s64 left[2])
{
    if (result != -EINTR && result != PLAT_CANCELLED)
        return;
    t->sleep_interrupted = true;
    t->sleep_left[0] = left[0], t->sleep_left[1] = left[1];
}

/* A relative sleep. After a signal without handler it goes on with what was left. */
static s64 sleep_for(struct task *t, u32 clock, u64 request, u64 remaining)
{
    struct call *c = call_scratch();
    s64 left[2];
    if (copy_from_guest(left, request, sizeof left))
        return -EFAULT;
    if (left[0] < 0 || (u64)left[1] >= 1000000000)
        return -EINVAL;
    if (sched_multi()) {
        if (t->has_deadline && sched_now() >= t->deadline)
            return 0;
        sched_deadline_in(t, left[0] > 9000000000 ? (s64)9e18 : left[0] * 1000000000 + left[1]);
        return sched_park(t);
    }
    left_load(t, left);
    u64 a[6] = {host_clock(t, clock), 0, (u64)left, (u64)left, 0, 0};
    call_init(c, __NR_clock_nanosleep, a, WORLD_BLOCKS);
    call_out_kernel(c, left, sizeof left, OUT_ALWAYS, 1);
    s64 r = call_make(c);
    left_save(t, r, left);
    if (r != -EINTR)
        return r;
    t->restartable = true;
    signal_take_host(t);
    if (remaining && signal_pending(t) && copy_to_guest(remaining, left, sizeof left))
        return -EFAULT;
    return r;
}

s64 sys_nanosleep(struct task *t, const u64 a[6])
{
    return sleep_for(t, 1 /* CLOCK_MONOTONIC */, a[0], a[1]);
}

static s64 sleep_until(struct task *t, const u64 a[6])
{
    s64 ts[2], now[2] = {0, 0};
    if (!sched_multi())
        return world_generic(t, __NR_clock_nanosleep, a, WORLD_BLOCKS);
    if (copy_from_guest(ts, a[2], sizeof ts))
        return -EFAULT;
    if (ts[0] < 0 || (u64)ts[1] >= 1000000000)
        return -EINVAL;
    s64 r = door_call_out(__NR_clock_gettime, a[0], (u64)now, 0, 0, now, sizeof now);
    s64 left = (ts[0] - now[0]) * 1000000000 + ts[1] - now[1];
    if (r < 0 || left <= 0)
        return r;
    sched_deadline_in(t, left);
    return sched_park(t);
}

s64 sys_clock_nanosleep(struct task *t, const u64 a[6])
{
    if (!(a[1] & 1)) /* TIMER_ABSTIME */
        return sleep_for(t, (u32)a[0], a[2], a[3]);
    return sleep_until(t, a);
}

/* Timers that the program armed; a one-shot one counts as armed until it is set again,
 * which costs speed and nothing else. */
static bool itimer_armed;
static u64 posix_timers_armed; /* bit: timer id modulo 64 */

bool signal_timer_armed(void)
{
    return itimer_armed || posix_timers_armed;
}

s64 sys_alarm(struct task *t, const u64 a[6])
{
    s64 r = world_generic(t, __NR_alarm, a, 0);
    itimer_armed = (u32)a[0] != 0;
    return r;
}

s64 sys_setitimer(struct task *t, const u64 a[6])
{
    s64 value[4] = {0};
    s64 r = world_generic(t, __NR_setitimer, a, 0);
    if (r == 0 && a[1] && !copy_from_guest(value, a[1], sizeof value))
        itimer_armed = value[2] || value[3];
    return r;
}

s64 sys_getitimer(struct task *t, const u64 a[6])
{
    return world_generic(t, __NR_getitimer, a, 0);
}

/* What the rekernel knows of a timer: the host has one thread, which it signals for all,
 * and it does not see how long a signal waits for the guest. */
struct timer {
    struct timer *next;
    s32 id, tid; /* tid 0: for the process */
    s32 overrun; /* of the signal that was taken last */
};
static struct timer *timers;

static struct timer *find_timer(s32 id)
{
    struct timer *m = timers;
    while (m && m->id != id)
        m = m->next;
    return m;
}

struct task *timer_target(const struct sig_info *info)
{
    struct timer *m = info->code == -2 /* SI_TIMER */ ? find_timer(info->timer.timer_id) : NULL;
    return m && m->tid ? sched_find(m->tid) : NULL;
}

void timer_delivered(const struct sig_info *info)
{
    struct timer *m = find_timer(info->timer.timer_id);
    if (m)
        m->overrun = info->timer.overrun;
}

static void new_timer(s32 id, s32 tid)
{
    struct timer *m = find_timer(id);
    if (!m) {
        m = kalloc(sizeof *m);
        m->next = timers;
        timers = m;
    }
    m->id = id, m->tid = tid, m->overrun = 0;
}

static void drop_timer(s32 id)
{
    for (struct timer **at = &timers, *m; (m = *at); at = &m->next)
        if (m->id == id) {
            *at = m->next;
            kfree(m, sizeof *m);
            return;
        }
}

/* Without a signal named, SIGALRM comes for the process with the timer's number. */
s64 sys_timer_create(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    u64 event[8];
    s32 notify, tid, id;
    memset(event, 0, sizeof event);
    if (a[1] && copy_from_guest(event, a[1], sizeof event))
        return -EFAULT;
    notify = (s32)(event[1] >> 32), tid = notify == 4 /* SIGEV_THREAD_ID */ ? (s32)event[2] : 0;
    if (tid || notify == 4) {
        if (!sched_find(tid))
            return -EINVAL;
        event[2] = (event[2] & ~0xffffffffull) | (u32)t->proc->pid;
    }
    call_init(c, __NR_timer_create, a, 0);
    c->w.a[0] = host_clock(t, a[0]);
    c->w.a[1] = a[1] ? (u64)event : 0;
    s64 r = call_out(c, a[2], 4, OUT_FULL, 1);
    if (r == 0)
        r = call_make(c);
    if (r == 0 && !copy_from_guest(&id, a[2], 4))
        new_timer(id, tid);
    return r;
}

s64 sys_timer_settime(struct task *t, const u64 a[6])
{
    s64 value[4] = {0};
    u64 bit = 1ull << (a[0] & 63);
    s64 r = world_generic(t, __NR_timer_settime, a, 0);
    if (r == 0 && !copy_from_guest(value, a[2], sizeof value))
        posix_timers_armed = value[2] || value[3] ? posix_timers_armed | bit : posix_timers_armed & ~bit;
    return r;
}

s64 sys_timer_gettime(struct task *t, const u64 a[6])
{
    return world_generic(t, __NR_timer_gettime, a, 0);
}

s64 sys_timer_getoverrun(struct task *t, const u64 a[6])
{
    struct timer *m = find_timer((s32)a[0]);
    return m ? m->overrun : -EINVAL;
}

s64 sys_timer_delete(struct task *t, const u64 a[6])
{
    s64 r = world_generic(t, __NR_timer_delete, a, 0);
    posix_timers_armed &= ~(1ull << (a[0] & 63));
    if (r == 0)
        drop_timer((s32)a[0]);
    return r;
}
