/*
 * futex.c - futexes. One vCPU: no operation is ever seen half done. Waiters are parked
 * tasks; locks with priority inheritance are in futex_pi.c.
 */
#include "futex.h"
#include "chaos.h"
#include "sched.h"
#include "syscall.h"

#include <linux/futex.h>

static u64 ticket; /* order of waiting */

/* The waiter of addr that has waited longest and meets bits. */
struct search {
    u64 addr;
    u32 bits;
    struct task *best;
    u32 seen;
};
static struct search find;

/* Which of the addresses that t waits for is addr; -1: none. */
static s64 waits_for(const struct task *t, u64 addr)
{
    for (u32 i = 0; i < t->futex_count; i++)
        if (t->futexes[i] == addr)
            return i;
    return t->futex && t->futex == addr ? 0 : -1;
}

static void consider(struct task *t)
{
    if (t->parked && t->futex_bits & find.bits && waits_for(t, find.addr) >= 0 &&
        (!find.best || t->futex_ticket < find.best->futex_ticket))
        find.best = t;
}

struct task *futex_first(u64 addr, u32 bits)
{
    find = (struct search){addr, bits, NULL, 0};
    sched_each(consider);
    return find.best;
}

static void consider_any(struct task *t)
{
    if (t->parked && t->futex_bits & find.bits && waits_for(t, find.addr) >= 0 &&
        !chaos_below(++find.seen))
        find.best = t;
}

/* Who is woken: the first, but nobody is promised that. */
static struct task *some_waiter(u64 addr, u32 bits)
{
    if (!chaos_any_waiter())
        return futex_first(addr, bits);
    find = (struct search){addr, bits, NULL, 0};
    sched_each(consider_any);
    return find.best;
}

s64 futex_wake(u64 addr, u64 n, u32 bits)
{
    struct task *t;
    u64 done = 0;
    while (done < n && (t = some_waiter(addr, bits))) {
        if (t->futex_lock || t->futex_target)
            return -EINVAL; /* a lock's waiter is woken by its being unlocked */
        sched_wake_result(t, waits_for(t, addr));
        done++;
    }
    return (s64)done;
}

static s64 requeue(u64 from, u64 wake, u64 to, u64 move)
{
    struct task *t = futex_first(from, ~0u);
    if ((s32)wake < 0 || (s32)move < 0 || (t && (t->futex_lock || t->futex_target)))
        return -EINVAL;
    s64 woken = futex_wake(from, wake, ~0u), moved = 0;
    while ((u64)moved < move && from != to && (t = futex_first(from, ~0u))) {
        if (t->futex_count)
            t->futexes[waits_for(t, from)] = to;
        else
            t->futex = to;
        moved++;
    }
    return woken + moved;
}

void futex_forget(struct task *t)
{
    kfree(t->futexes, t->futex_count * sizeof *t->futexes);
    t->futexes = NULL;
    t->futex_count = 0;
    t->futex = t->futex_target = 0;
    t->futex_lock = false;
}

/* ----------------------------------------------------------------- waiting */
s64 futex_time(struct futex_time *out, u64 addr)
{
    s64 ts[2];
    *out = (struct futex_time){0};
    if (!addr)
        return 0;
    if (copy_from_guest(ts, addr, sizeof ts))
        return -EFAULT;
    if (ts[0] < 0 || (u64)ts[1] >= 1000000000)
        return -EINVAL;
    out->given = true;
    out->ns = ts[0] > 9000000000 ? (s64)9e18 : ts[0] * 1000000000 + ts[1];
    return 0;
}

/* A call that is made again has its deadline already. */
static void set_deadline(struct task *t, const struct futex_time *time, enum futex_clock clock)
{
    s64 real[2] = {0, 0};
    if (!time->given || t->has_deadline)
        return;
    if (clock == FUTEX_RELATIVE) {
        sched_deadline_in(t, time->ns);
    } else if (clock == FUTEX_REALTIME) {
        door_call_out(__NR_clock_gettime, 0, (u64)real, 0, 0, real, sizeof real);
        sched_deadline_in(t, time->ns - (real[0] * 1000000000 + real[1]));
    } else {
        sched_deadline(t, time->ns);
    }
}

s64 futex_park(struct task *t, u64 addr, u32 bits, const struct futex_time *time, enum futex_clock clock)
{
    set_deadline(t, time, clock);
    t->timed_wait = time->given;
    t->futex = addr;
    t->futex_bits = bits;
    t->futex_ticket = ++ticket;
    return sched_park(t);
}

/* A wait may end without a wake: futex(2) warns of it. */
static s64 wait(struct task *t, const u64 a[6], u32 bits, enum futex_clock clock)
{
    struct futex_time time;
    u32 value;
    s64 r = futex_time(&time, a[3]);
    if (r < 0)
        return r;
    if (!bits || a[0] & 3)
        return -EINVAL;
    if (copy_from_guest(&value, a[0], 4))
        return -EFAULT;
    if (value != (u32)a[2])
        return -EAGAIN;
    return sched_multi() && chaos_spurious_wake() ? 0 : futex_park(t, a[0], bits, &time, clock);
}

/* ---------------------------------------------------------------- WAKE_OP */
static s64 wake_op(const u64 a[6])
{
    u32 code = (u32)a[5], old, new, op = code >> 28 & 7, cmp = code >> 24 & 15;
    s32 arg = (s32)(code << 8) >> 20, cmp_arg = (s32)(code << 20) >> 20;
    if (code >> 31)
        arg = (s32)(1u << (arg & 31));
    if (copy_from_guest(&old, a[4], 4))
        return -EFAULT;
    u32 results[] = {(u32)arg, old + (u32)arg, old | (u32)arg, old & ~(u32)arg, old ^ (u32)arg};
    if (op >= ARRAY_LEN(results) || cmp > 5)
        return -ENOSYS;
    new = results[op];
    if (copy_to_guest(a[4], &new, 4))
        return -EFAULT;
    s32 o = (s32)old;
    bool yes[] = {o == cmp_arg, o != cmp_arg, o < cmp_arg, o <= cmp_arg, o > cmp_arg, o >= cmp_arg};
    s64 n = futex_wake(a[0], (u32)a[2], ~0u);
    return yes[cmp] ? n + futex_wake(a[4], a[3] & 0xffffffff, ~0u) : n;
}

/* ------------------------------------------------------------------ syscalls */
#define FLAG_BITS (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)

static enum futex_clock clock_of(u64 op)
{
    return op & FUTEX_CLOCK_REALTIME ? FUTEX_REALTIME : FUTEX_MONOTONIC;
}

/* A futex that processes may share is looked up by its page, which must be there; one of
 * this process alone is just a number. */
static s64 check_key(u64 addr, u64 op)
{
    u32 value;
    if (addr & 3)
        return -EINVAL;
    if (op & FUTEX_PRIVATE_FLAG ? !guest_range(addr, 4) : copy_from_guest(&value, addr, 4) != 0)
        return -EFAULT;
    return 0;
}

static s64 compared_requeue(struct task *t, const u64 a[6], u32 op)
{
    u32 value;
    s64 r = check_key(a[0], a[1]);
    if (op == FUTEX_CMP_REQUEUE_PI && (a[0] == a[4] || (u32)a[2] != 1))
        return -EINVAL;
    if (r == 0)
        r = check_key(a[4], a[1]);
    if (r < 0)
        return r;
    if (op != FUTEX_REQUEUE) {
        if (copy_from_guest(&value, a[0], 4))
            return -EFAULT;
        if (value != (u32)a[5])
            return -EAGAIN;
    }
    if (op == FUTEX_CMP_REQUEUE_PI)
        return futex_requeue_pi(a[0], a[4], (u32)a[3]);
    return requeue(a[0], (u32)a[2], a[4], (u32)a[3]);
}

static s64 wake(const u64 a[6], u32 op)
{
    u32 bits = op == FUTEX_WAKE ? ~0u : (u32)a[5];
    if (!bits)
        return -EINVAL;
    s64 r = check_key(a[0], a[1]);
    return r < 0 ? r : futex_wake(a[0], (u32)a[2], bits);
}

static bool takes_realtime(u32 op)
{
    return op == FUTEX_WAIT_BITSET || op == FUTEX_WAIT_REQUEUE_PI || op == FUTEX_LOCK_PI2;
}

s64 sys_futex(struct task *t, const u64 a[6])
{
    u32 op = (u32)a[1] & ~(u32)FLAG_BITS;
    if (a[1] & FUTEX_CLOCK_REALTIME && !takes_realtime(op))
        return -ENOSYS;
    switch (op) {
    case FUTEX_WAIT:
        return wait(t, a, ~0u, FUTEX_RELATIVE);
    case FUTEX_WAIT_BITSET:
        return wait(t, a, (u32)a[5], clock_of(a[1]));
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return wake(a, op);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_CMP_REQUEUE_PI:
        return compared_requeue(t, a, op);
    case FUTEX_WAKE_OP:
        return check_key(a[0], a[1]) < 0 ? check_key(a[0], a[1]) : wake_op(a);
    case FUTEX_LOCK_PI:
        return futex_lock_pi(t, a, FUTEX_REALTIME, false);
    case FUTEX_LOCK_PI2:
        return futex_lock_pi(t, a, clock_of(a[1]), false);
    case FUTEX_TRYLOCK_PI:
        return futex_lock_pi(t, a, FUTEX_REALTIME, true);
    case FUTEX_UNLOCK_PI:
        return futex_unlock_pi(t, a[0]);
    case FUTEX_WAIT_REQUEUE_PI:
        return futex_wait_requeue_pi(t, a, clock_of(a[1]));
    default: /* FUTEX_FD and numbers that Linux does not know either */
        return -ENOSYS;
    }
}

/* ------------------------------------------------------------------- many at once */
#define WAITV_MAX 128

struct wait_one {
    u64 value, addr;
    u32 flags, reserved;
};

/* Linux checks all of them before it looks at any value. */
static s64 load_waiters(struct wait_one *w, u64 addr, u32 n)
{
    if (copy_from_guest(w, addr, n * sizeof *w))
        return -EFAULT;
    for (u32 i = 0; i < n; i++)
        if (w[i].flags & ~(u32)(FUTEX_PRIVATE_FLAG | 3) || (w[i].flags & 3) != 2 /* 32 bits */ ||
            w[i].reserved || w[i].value >> 32)
            return -EINVAL;
    return 0;
}

static s64 waitv(struct task *t, struct wait_one *w, u32 n, const struct futex_time *time, u64 clock)
{
    u32 value;
    for (u32 i = 0; i < n; i++)
        if (w[i].addr & 3)
            return -EINVAL;
    for (u32 i = 0; i < n; i++) {
        if (copy_from_guest(&value, w[i].addr, 4))
            return -EFAULT;
        if (value != (u32)w[i].value)
            return -EAGAIN;
    }
    t->futexes = kalloc(n * sizeof *t->futexes);
    t->futex_count = n;
    for (u32 i = 0; i < n; i++)
        t->futexes[i] = w[i].addr;
    s64 r = futex_park(t, 0, ~0u, time, clock ? FUTEX_MONOTONIC : FUTEX_REALTIME);
    t->timed_wait = false; /* its time is absolute: SA_RESTART may restart it */
    return r;
}

s64 sys_futex_waitv(struct task *t, const u64 a[6])
{
    static struct wait_one w[WAITV_MAX];
    struct futex_time time;
    u32 n = (u32)a[1];
    if (a[2] || !n || n > WAITV_MAX || !a[0])
        return -EINVAL;
    if (a[3] && (u32)a[4] > 1) /* CLOCK_REALTIME, CLOCK_MONOTONIC */
        return -EINVAL;
    s64 r = futex_time(&time, a[3]);
    if (r == 0)
        r = load_waiters(w, a[0], n);
    return r < 0 ? r : waitv(t, w, n, &time, a[4]);
}
