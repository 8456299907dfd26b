/* futex.h - fast user-space locks; waiters are parked tasks with a futex address. */
#ifndef RRL_RK_FUTEX_H
#define RRL_RK_FUTEX_H

#include "task.h"

/* Wakes at most n waiters of addr whose bitset meets bits, in order of their waiting. The
 * number, or -EINVAL where waiters of a lock are met. */
s64 futex_wake(u64 addr, u64 n, u32 bits);
/* A thread ends: its locks are marked and go to who waits for them. */
void futex_exit(struct task *t);
/* The task waits for no futex any more. */
void futex_forget(struct task *t);

/* Between futex.c and futex_pi.c. */
enum futex_clock { FUTEX_RELATIVE, FUTEX_MONOTONIC, FUTEX_REALTIME };
struct futex_time {
    bool given;
    s64 ns;
};
/* Reads a timespec; 0, -EFAULT or -EINVAL. */
s64 futex_time(struct futex_time *out, u64 addr);
/* The waiter of addr that has waited longest and meets bits, or NULL. */
struct task *futex_first(u64 addr, u32 bits);
s64 futex_park(struct task *t, u64 addr, u32 bits, const struct futex_time *time, enum futex_clock clock);
s64 futex_lock_pi(struct task *t, const u64 a[6], enum futex_clock clock, bool try);
s64 futex_unlock_pi(struct task *t, u64 addr);
s64 futex_wait_requeue_pi(struct task *t, const u64 a[6], enum futex_clock clock);
s64 futex_requeue_pi(u64 from, u64 to, u32 move);

#endif
