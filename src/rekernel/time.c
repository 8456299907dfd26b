/*
 * time.c - sleeping and timers. Clocks are plain world calls. Timers are the host's: what
 * they bring is a host signal, which is logged where it is taken.
 */
#include "sched.h"
#include "syscall.h"

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
    if (t->sleep_interrupted)
        left[0] = t->sleep_left[0], left[1] = t->sleep_left[1];
    t->sleep_interrupted = false;
    u64 a[6] = {clock, 0, (u64)left, (u64)left, 0, 0};
    call_init(c, __NR_clock_nanosleep, a, WORLD_BLOCKS);
    call_out_kernel(c, left, sizeof left, OUT_ALWAYS, 1);
    s64 r = call_make(c);
    if (r != -EINTR)
        return r;
    t->restartable = true;
    t->sleep_interrupted = true;
    t->sleep_left[0] = left[0], t->sleep_left[1] = left[1];
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

/* Threads that timers are for: the host knows one thread and signals that. */
#define TIMER_TARGETS 256
static struct {
    s32 id, tid;
} targets[TIMER_TARGETS];
static u32 target_count;

struct task *timer_target(const struct sig_info *info)
{
    for (u32 i = 0; info->code == -2 /* SI_TIMER */ && i < target_count; i++)
        if (targets[i].id == info->timer.timer_id)
            return sched_find(targets[i].tid);
    return NULL;
}

static void set_target(s32 id, s32 tid)
{
    u32 i = 0;
    while (i < target_count && targets[i].id != id)
        i++;
    if (i == TIMER_TARGETS)
        return;
    targets[i].id = id, targets[i].tid = tid;
    target_count = MAX(target_count, i + 1);
}

s64 sys_timer_create(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    u64 event[8];
    s32 notify, tid, id;
    if (!a[1])
        return world_generic(t, __NR_timer_create, a, 0);
    if (copy_from_guest(event, a[1], sizeof event))
        return -EFAULT;
    notify = (s32)(event[1] >> 32), tid = (s32)event[2];
    if (notify == 4 /* SIGEV_THREAD_ID */) {
        if (!sched_find(tid))
            return -EINVAL;
        event[2] = (event[2] & ~0xffffffffull) | (u32)t->proc->pid;
    }
    call_init(c, __NR_timer_create, a, 0);
    c->w.a[1] = (u64)event;
    s64 r = call_out(c, a[2], 4, OUT_FULL, 1);
    if (r == 0)
        r = call_make(c);
    if (r == 0 && notify == 4 && !copy_from_guest(&id, a[2], 4))
        set_target(id, tid);
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
    return world_generic(t, __NR_timer_getoverrun, a, 0);
}

s64 sys_timer_delete(struct task *t, const u64 a[6])
{
    posix_timers_armed &= ~(1ull << (a[0] & 63));
    return world_generic(t, __NR_timer_delete, a, 0);
}
