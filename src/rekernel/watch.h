/*
 * watch.h - watched memory (abi.h, struct rk_debug_watch): finds the accesses that touch it, by
 * the guest's instructions and by the kernel for it.
 *
 * The translator stops before whatever may touch a range that is watched; here the
 * instruction is looked at, run alone, and looked at again.
 */
#ifndef RRL_RK_WATCH_H
#define RRL_RK_WATCH_H

#include "base.h"
#include "revisor/abi.h"

/* Takes over the list of the debug area. The guest is stopped. */
void watch_take(const struct rk_debug *area);

/* The guest is about to run the instruction at VCPU->rip, in translated mode. True: it touches
 * watched bytes; it must be run alone, and watch_after be called then. */
bool watch_before(void);
/* It was at `at`. completed: it has run; otherwise it has faulted or not begun, and only a
 * repeated string instruction may have done a part of its work. */
void watch_after(const struct rk_position *at, bool completed);

/* What the instruction at VCPU->rip is about to access, in memory of watch.c; returns how many. */
struct insn_access;
u32 watch_next_accesses(const struct insn_access **a);

/* The kernel is about to write into guest memory what is at src, when serving the guest. Cheap
 * while nothing is watched. */
void watch_kernel_writes(u64 addr, const void *src, u64 len);
/* The kernel entry that began at `at` is served. */
void watch_served(const struct rk_position *at);

/* What was hit since the last call, if anything: true and *hit. */
bool watch_hit(struct rk_debug_hit *hit);

#endif
