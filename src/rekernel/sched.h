/*
 * sched.h - which task runs, and waiting.
 *
 * One vCPU, round robin, time slices in ticks. A task that must wait is parked at its
 * syscall: when it may go on, the call is made again or is given its result. While
 * one task can run and nothing else is due nothing here costs anything; slices exist only
 * while a second task could use the vCPU, and then the guest runs translated, so that
 * the ticks that end a slice are the same in replay. Nothing of it is logged.
 */
#ifndef RRL_RK_SCHED_H
#define RRL_RK_SCHED_H

#include "task.h"

/* A handler returns this when its task was parked. */
#define SYS_PARKED (-513)

/* More than one task, or the call that is served began when there were. */
bool sched_multi(void);
bool sched_ever_multi(void);
u32 sched_task_count(void);
struct task *sched_find(s32 tid);
struct task *sched_new_task(struct task *parent);
/* Takes the current task out of the system; it never runs again. */
void sched_exit_current(void);
/* All tasks but the current one vanish (exec). */
void sched_kill_others(void);

/* Waits. Each returns SYS_PARKED. */
s64 sched_park(struct task *t);
s64 sched_park_fd(struct task *t, int host_fd, short events);
struct pollfd;
s64 sched_park_poll(struct task *t, const struct pollfd *fds, u32 n);
/* Asks whether host_fd is ready for events: as poll with a time-out of 0. */
s64 sched_poll_now(int host_fd, short events);
/* General registers of a task, running or not. */
u64 *sched_regs(struct task *t);
/* Sets the wait's end unless the (restarted) call has one already. */
void sched_deadline(struct task *t, s64 deadline_ns);
void sched_deadline_in(struct task *t, s64 ns);
s64 sched_now(void); /* CLOCK_MONOTONIC, nanoseconds; logged */

/* Ends a wait: with a result; by making the call again; by a signal. */
void sched_wake_result(struct task *t, s64 result);
void sched_wake(struct task *t);
void sched_interrupt(struct task *t);
/* Signals were queued: parked tasks that may take one are interrupted. */
void sched_signals_changed(void);

void sched_yield_now(void);
/* At a kernel exit: chooses who runs; true when another task is current now, or the same after a
 * wait: then signals may be due. */
bool sched_choose(void);
/* A stretch begins: the guest is about to run from a kernel exit on. */
void sched_begin_stretch(void);
/* Ticks after which the stretch that runs now must end, or SCHED_NO_END. */
u64 sched_slice_left(void);
#define SCHED_NO_END UINT64_MAX
/* The stretch ran for so many ticks, and instructions are left that the slice ends with: they
 * are run one by one, and sched_stepped() is told of each. */
bool sched_step_due(u64 ticks);
void sched_stepped(void);
/* The stretch has come to this moment, between two instructions: chaos may end the slice here.
 * May be called again for the same moment. */
void sched_passing(u64 ticks, u64 pc);
/* The stretch that ran for so many ticks has used up the slice. */
bool sched_slice_over(u64 ticks);
/* The guest entered the kernel after so many ticks. */
void sched_account(u64 ticks);
void sched_each(void (*fn)(struct task *t));
/* The first of all tasks; the others follow by ->next. */
struct task *sched_first(void);

#endif
