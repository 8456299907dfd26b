/* futex.h - fast user-space locks; waiters are parked tasks with a futex address. */
#ifndef RRL_RK_FUTEX_H
#define RRL_RK_FUTEX_H

#include "task.h"

/* Wakes at most n waiters of addr whose bitset meets bits, in order of their waiting. */
s64 futex_wake(u64 addr, u64 n, u32 bits);
/* Robust list of a thread that ends: marks its locks and wakes a waiter of each. */
void futex_exit(struct task *t);

#endif
