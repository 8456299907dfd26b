/*
 * points.h - a signal from outside at an exact point: for tests, while recording with
 * RK_CTL_POINTS.
 *
 * The guest asks by sched_yield(RK_POINTS_MAGIC, n, signo), which does nothing otherwise: after n
 * more instructions (a call that waits for the world counts as one more, just before the host
 * is asked) the host sends signo to the guest process. From there on it goes the way of any
 * signal from outside, and replay knows it from the log alone. n 0: what was asked for and has
 * not come does not come. For programs of one thread.
 */
#ifndef RRL_RK_POINTS_H
#define RRL_RK_POINTS_H

#include "base.h"

/* At a syscall, before it is served. */
void points_entry(void);
/* True while a signal is to come; then points_run() runs the guest, instead of vcpu_run(). */
bool points_due(void);
void points_run(void);
/* Just before a call that may wait for the world. */
void points_world_call(void);

#endif
