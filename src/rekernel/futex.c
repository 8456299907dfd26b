/*
 * futex.c - futexes. One vCPU: no operation is ever seen half done.
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

static void consider(struct task *t)
{
    if (t->parked && t->futex == find.addr && t->futex_bits & find.bits &&
        (!find.best || t->futex_ticket < find.best->futex_ticket))
        find.best = t;
}

static struct task *first_waiter(u64 addr, u32 bits)
{
    find = (struct search){addr, bits, NULL, 0};
    sched_each(consider);
    return find.best;
}

static void consider_any(struct task *t)
{
    if (t->parked && t->futex == find.addr && t->futex_bits & find.bits &&
        !chaos_below(++find.seen))
        find.best = t;
}

/* Who is woken: the first, but nobody is promised that. */
static struct task *some_waiter(u64 addr, u32 bits)
{
    if (!chaos_any_waiter())
        return first_waiter(addr, bits);
    find = (struct search){addr, bits, NULL, 0};
    sched_each(consider_any);
    return find.best;
}

s64 futex_wake(u64 addr, u64 n, u32 bits)
{
    struct task *t;
    u64 done = 0;
    while (done < n && (t = some_waiter(addr, bits))) {
        sched_wake_result(t, 0);
        done++;
    }
    return (s64)done;
}

static s64 requeue(u64 from, u64 wake, u64 to, u64 move)
{
    struct task *t;
    s64 woken = futex_wake(from, wake, ~0u), moved = 0;
    while ((u64)moved < move && (t = first_waiter(from, ~0u))) {
        t->futex = to;
        moved++;
    }
    return woken + moved;
}

/* ----------------------------------------------------------------- waiting */
static s64 set_timeout(struct task *t, const u64 a[6], bool absolute)
{
    s64 ts[2], real[2] = {0, 0};
    if (!a[3] || t->has_deadline)
        return 0;
    if (copy_from_guest(ts, a[3], sizeof ts))
        return -EFAULT;
    if (ts[0] < 0 || (u64)ts[1] >= 1000000000)
        return -EINVAL;
    s64 ns = ts[0] > 9000000000 ? (s64)9e18 : ts[0] * 1000000000 + ts[1];
    if (!absolute) {
        sched_deadline_in(t, ns);
    } else if (a[1] & FUTEX_CLOCK_REALTIME) {
        door_call_out(__NR_clock_gettime, 0, (u64)real, 0, 0, real, sizeof real);
        sched_deadline_in(t, ns - (real[0] * 1000000000 + real[1]));
    } else {
        sched_deadline(t, ns);
    }
    return 0;
}

static s64 wait(struct task *t, const u64 a[6], u32 bits, bool absolute)
{
    if (!bits)
        return -EINVAL;
    t->timed_wait = a[3] != 0;
    s64 r = set_timeout(t, a, absolute);
    if (r < 0)
        return r;
    t->futex = a[0];
    t->futex_bits = bits;
    t->futex_ticket = ++ticket;
    return sched_park(t);
}

/* A wait may end without a wake: futex(2) warns of it. */
static s64 plain_wait(struct task *t, const u64 a[6], u32 bits, bool absolute)
{
    return bits && sched_multi() && chaos_spurious_wake() ? 0 : wait(t, a, bits, absolute);
}

/* ------------------------------------------------------ priority inheritance
 * There is one processor and round robin: who waits is known, nothing needs a boost. */
static s64 lock_pi(struct task *t, const u64 a[6], u32 value, bool try)
{
    if (!(value & FUTEX_TID_MASK)) {
        value = (u32)t->tid | (value & (FUTEX_WAITERS | FUTEX_OWNER_DIED));
        return copy_to_guest(a[0], &value, 4) ? -EFAULT : 0;
    }
    if ((value & FUTEX_TID_MASK) == (u32)t->tid)
        return -EDEADLK;
    if (try)
        return -EAGAIN;
    if (!sched_find((s32)(value & FUTEX_TID_MASK)))
        return -ESRCH;
    value |= FUTEX_WAITERS;
    if (copy_to_guest(a[0], &value, 4))
        return -EFAULT;
    u64 b[6] = {a[0], FUTEX_CLOCK_REALTIME, 0, a[3], 0, 0};
    if (((u32)a[1] & 127) == FUTEX_LOCK_PI2 && !(a[1] & FUTEX_CLOCK_REALTIME))
        b[1] = 0;
    return wait(t, b, ~0u, true);
}

/* Gives the lock to the first waiter, or to none. */
static s64 pass_pi(u64 addr, u32 flags)
{
    struct task *next = first_waiter(addr, ~0u);
    u32 owner = (next ? (u32)next->tid : 0) | flags;
    if (next)
        sched_wake_result(next, 0);
    if (first_waiter(addr, ~0u))
        owner |= FUTEX_WAITERS;
    return copy_to_guest(addr, &owner, 4) ? -EFAULT : 0;
}

static s64 unlock_pi(struct task *t, u64 addr, u32 value)
{
    if ((value & FUTEX_TID_MASK) != (u32)t->tid)
        return -EPERM;
    return pass_pi(addr, 0);
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

/* ------------------------------------------------------------- robust lists */
#define ROBUST_MAX 2048

/* A lock with priority inheritance goes to who waits for it; another is only freed. */
static void owner_died(struct task *t, u64 addr, bool pi)
{
    u32 value;
    if (addr & 3 || copy_from_guest(&value, addr, 4) || (value & FUTEX_TID_MASK) != (u32)t->tid)
        return;
    if (pi && first_waiter(addr, ~0u)) {
        pass_pi(addr, FUTEX_OWNER_DIED);
        return;
    }
    bool waiters = value & FUTEX_WAITERS;
    value = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
    if (!copy_to_guest(addr, &value, 4) && waiters)
        futex_wake(addr, 1, ~0u);
}

void futex_exit(struct task *t)
{
    u64 head[3], entry, next; /* next, offset, pending; bit 0: priority inheritance */
    if (!t->robust_list || copy_from_guest(head, t->robust_list, sizeof head))
        return;
    entry = head[0];
    for (u32 i = 0; i < ROBUST_MAX && (entry & ~1ull) != t->robust_list; i++, entry = next) {
        if (copy_from_guest(&next, entry & ~1ull, 8))
            return;
        if ((entry & ~1ull) != (head[2] & ~1ull))
            owner_died(t, (entry & ~1ull) + head[1], entry & 1);
    }
    if (head[2] & ~1ull)
        owner_died(t, (head[2] & ~1ull) + head[1], head[2] & 1);
}

/* ------------------------------------------------------------------ syscalls */
s64 sys_futex(struct task *t, const u64 a[6])
{
    u32 op = (u32)a[1] & 127, value;
    if (a[0] & 3)
        return -EINVAL;
    if (copy_from_guest(&value, a[0], 4))
        return -EFAULT;
    switch (op) {
    case FUTEX_WAIT:
        return value != (u32)a[2] ? -EAGAIN : plain_wait(t, a, ~0u, false);
    case FUTEX_WAIT_BITSET:
        return value != (u32)a[2] ? -EAGAIN : plain_wait(t, a, (u32)a[5], true);
    case FUTEX_WAKE:
        return futex_wake(a[0], (u32)a[2], ~0u);
    case FUTEX_WAKE_BITSET:
        return a[5] & 0xffffffff ? futex_wake(a[0], (u32)a[2], (u32)a[5]) : -EINVAL;
    case FUTEX_REQUEUE:
        return requeue(a[0], (u32)a[2], a[4], a[3] & 0xffffffff);
    case FUTEX_CMP_REQUEUE:
        return value != (u32)a[5] ? -EAGAIN : requeue(a[0], (u32)a[2], a[4], a[3] & 0xffffffff);
    case FUTEX_WAKE_OP:
        return wake_op(a);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_TRYLOCK_PI:
        return lock_pi(t, a, value, op == FUTEX_TRYLOCK_PI);
    case FUTEX_UNLOCK_PI:
        return unlock_pi(t, a[0], value);
    default:
        notice_once(NOTICE_KEY(NG_OPTION, 0x2000 + op), "futex operation %u is not supported (ENOSYS)",
                    (u64)op);
        return -ENOSYS;
    }
}

s64 sys_futex_waitv(struct task *t, const u64 a[6])
{
    return -ENOSYS;
}
