/*
 * time.c - sleeping and timers. Clocks are plain world calls. Timers are the host's: what
 * they bring is a host signal, which is logged where it is taken.
 */
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
    if (remaining && signal_pending(t) && copy_to_guest(remaining, left, sizeof left))
        return -EFAULT;
    return r;
}

s64 sys_nanosleep(struct task *t, const u64 a[6])
{
    return sleep_for(t, 1 /* CLOCK_MONOTONIC */, a[0], a[1]);
}

s64 sys_clock_nanosleep(struct task *t, const u64 a[6])
{
    if (!(a[1] & 1)) /* TIMER_ABSTIME */
        return sleep_for(t, (u32)a[0], a[2], a[3]);
    return world_generic(t, __NR_clock_nanosleep, a, WORLD_BLOCKS);
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

s64 sys_timer_create(struct task *t, const u64 a[6])
{
    return world_generic(t, __NR_timer_create, a, 0);
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
