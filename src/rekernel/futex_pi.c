/*
 * futex_pi.c - locks with priority inheritance, waits that end in one, and what becomes of
 * the locks of a thread that ends. There is one processor and round robin: nothing needs
 * a boost, but the kernel says who owns the lock next.
 */
#include "futex.h"
#include "sched.h"
#include "syscall.h"

#include <linux/futex.h>

/* Gives the lock to the first waiter, or to none. */
static s64 pass(u64 addr, u32 flags)
{
    struct task *next = futex_first(addr, ~0u);
    u32 owner = (next ? (u32)next->tid : 0) | flags;
    if (next)
        sched_wake_result(next, 0);
    if (futex_first(addr, ~0u))
        owner |= FUTEX_WAITERS;
    return copy_to_guest(addr, &owner, 4) ? -EFAULT : 0;
}

/* t would have the lock: 1 it has it now, 0 it must wait for it, or -errno. */
static s64 acquire(const struct task *t, u64 addr, bool try)
{
    u32 value;
    if (copy_from_guest(&value, addr, 4))
        return -EFAULT;
    if ((value & FUTEX_TID_MASK) == (u32)t->tid)
        return -EDEADLK;
    if (!(value & FUTEX_TID_MASK)) {
        value = (u32)t->tid | (value & FUTEX_OWNER_DIED) | (futex_first(addr, ~0u) ? FUTEX_WAITERS : 0);
        return copy_to_guest(addr, &value, 4) ? -EFAULT : 1;
    }
    if (!sched_find((s32)(value & FUTEX_TID_MASK)))
        return -ESRCH;
    if (try)
        return -EAGAIN;
    value |= FUTEX_WAITERS;
    return copy_to_guest(addr, &value, 4) ? -EFAULT : 0;
}

s64 futex_lock_pi(struct task *t, const u64 a[6], enum futex_clock clock, bool try)
{
    struct futex_time time = {0};
    s64 r = try ? 0 : futex_time(&time, a[3]);
    if (r < 0)
        return r;
    if (a[0] & 3)
        return -EINVAL;
    r = acquire(t, a[0], try);
    if (r)
        return r < 0 ? r : 0;
    t->futex_lock = t->restart_always = true;
    return futex_park(t, a[0], ~0u, &time, clock);
}

s64 futex_unlock_pi(struct task *t, u64 addr)
{
    u32 value;
    if (copy_from_guest(&value, addr, 4))
        return -EFAULT;
    if ((value & FUTEX_TID_MASK) != (u32)t->tid)
        return -EPERM;
    return addr & 3 ? -EINVAL : pass(addr, 0);
}

/* ------------------------------------------------------------------ requeueing */
s64 futex_wait_requeue_pi(struct task *t, const u64 a[6], enum futex_clock clock)
{
    struct futex_time time;
    u32 value;
    s64 r = futex_time(&time, a[3]);
    if (r < 0)
        return r;
    if (a[0] == a[4] || a[0] & 3 || a[4] & 3)
        return -EINVAL;
    if (copy_from_guest(&value, a[0], 4) || !guest_range(a[4], 4))
        return -EFAULT;
    if (value != (u32)a[2])
        return -EAGAIN;
    t->futex_target = a[4];
    t->restart_always = true;
    return futex_park(t, a[0], ~0u, &time, clock);
}

/* The first waiter gets the lock if it is free; the others, or all, wait for it. */
s64 futex_requeue_pi(u64 from, u64 to, u32 move)
{
    struct task *t = futex_first(from, ~0u);
    s64 done = 0;
    if ((s32)move < 0)
        return -EINVAL;
    for (; t && done <= (s64)move; t = futex_first(from, ~0u)) {
        if (t->futex_target != to)
            return -EINVAL;
        s64 r = acquire(t, to, false);
        if (r < 0)
            return r;
        done++;
        if (r == 1) {
            sched_wake_result(t, 0);
            continue;
        }
        t->futex = to;
        t->futex_target = 0;
        t->futex_lock = true;
    }
    return done;
}

/* ----------------------------------------------------------- threads that end */
#define ROBUST_MAX 2048

/* A lock of the robust list, or the one that was just being taken or given back: it may
 * be free already, without its waiter knowing. */
static void owner_died(struct task *t, u64 addr, bool pi, bool pending)
{
    u32 value;
    if (addr & 3 || copy_from_guest(&value, addr, 4))
        return;
    if (pending && !pi && !value)
        futex_wake(addr, 1, ~0u);
    if ((value & FUTEX_TID_MASK) != (u32)t->tid)
        return;
    bool waiters = value & FUTEX_WAITERS;
    if (pi && futex_first(addr, ~0u)) {
        pass(addr, FUTEX_OWNER_DIED);
        return;
    }
    value = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
    if (!copy_to_guest(addr, &value, 4) && waiters && !pi)
        futex_wake(addr, 1, ~0u);
}

static void walk_robust(struct task *t)
{
    u64 head[3], entry, next; /* next, offset, pending; bit 0: priority inheritance */
    if (!t->robust_list || copy_from_guest(head, t->robust_list, sizeof head))
        return;
    entry = head[0];
    for (u32 i = 0; i < ROBUST_MAX && (entry & ~1ull) != t->robust_list; i++, entry = next) {
        bool readable = !copy_from_guest(&next, entry & ~1ull, 8);
        if ((entry & ~1ull) != (head[2] & ~1ull))
            owner_died(t, (entry & ~1ull) + head[1], entry & 1, false);
        if (!readable)
            break;
    }
    if (head[2] & ~1ull)
        owner_died(t, (head[2] & ~1ull) + head[1], head[2] & 1, true);
}

/* Locks that the ending thread owns and others wait for, robust or not. */
static struct task *dying;
static u64 orphaned;

static void find_orphan(struct task *t)
{
    u32 value;
    if (t->parked && t->futex_lock && !copy_from_guest(&value, t->futex, 4) &&
        (value & FUTEX_TID_MASK) == (u32)dying->tid)
        orphaned = t->futex;
}

void futex_exit(struct task *t)
{
    walk_robust(t);
    for (dying = t;; pass(orphaned, FUTEX_OWNER_DIED)) {
        orphaned = 0;
        sched_each(find_orphan);
        if (!orphaned)
            return;
    }
}
