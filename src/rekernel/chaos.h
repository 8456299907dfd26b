/*
 * chaos.h - schedules that provoke bugs (record --chaos).
 *
 * Every decision is drawn from one generator that starts from the seed in the boot block,
 * and is made at moments that replay has too. So the schedule is a function of the seed,
 * the program and its inputs, and nothing of it is logged.
 *
 * What a seed decides first is a plan: how long slices are, whether tasks have
 * priorities, how often one is set aside for a while, how many places of the code are
 * singled out. Bugs differ in what provokes them; so do the plans.
 */
#ifndef RRL_RK_CHAOS_H
#define RRL_RK_CHAOS_H

#include "task.h"

/* The end of a slice: a number of ticks, then a number of single instructions, so that it
 * can lie in the middle of anything. */
struct chaos_slice {
    u64 ticks;
    u32 steps;
};

void chaos_boot(void);
bool chaos_on(void);
/* A second task exists from now on: places may stop the guest. */
void chaos_begin(void);

/* A number below n (n > 0). */
u64 chaos_below(u64 n);
/* True in `per_1024` of 1024 cases. */
bool chaos_chance(u32 per_1024);

struct chaos_slice chaos_new_slice(void);
/* Time that was spent while tasks competed, as ticks. */
void chaos_spend(u64 ticks);
u64 chaos_clock(void);

/* A place is an instruction before which a task may lose the processor. Which ones are, the
 * seed, the address and the instruction decide, and how often the guest came by. */
struct chaos_places {
    u32 own, elsewhere; /* of 2^32 instructions of the program and of its libraries */
    u16 atomic;         /* chance per 1024 that a slice ends before an atomic instruction */
    u16 second_lock;    /* the same where the task holds a lock already */
    u16 store;          /* the same before a store of the program itself to memory of all */
};
void chaos_place_begin(const struct chaos_places *p, u64 seed);
bool chaos_place(u64 pc);
/* False: chaos_place denies every pc. */
bool chaos_places(void);
/* t arrived at a place: true when the slice ends there. */
bool chaos_visit(struct task *t, u64 pc);
struct insn;
/* t is about to run the atomic instruction `in` at pc: true when it holds another lock than the
 * one that this is about. Notes what it takes. */
bool chaos_second_lock(struct task *t, u64 pc, const struct insn *in);

enum chaos_entry { CHAOS_GO_ON, CHAOS_SWITCH, CHAOS_STAY, CHAOS_SOON };
/* At a kernel entry of t: go on, switch now, switch and leave t there as at a place, or end the
 * slice a few instructions later
 * (*slice says when). */
enum chaos_entry chaos_at_entry(const struct task *tasks, const struct task *t,
                                struct chaos_slice *slice);
/* A task is made; at the program's start, and later on. */
void chaos_new_task(struct task *t);
void chaos_born(struct task *t);
/* t may run from now on: it was made, or what it waited for has come. */
void chaos_ready(struct task *t);
/* t lost the processor. */
enum chaos_why { CHAOS_SLICE_OVER, CHAOS_AT_PLACE, CHAOS_YIELDED };
void chaos_preempted(struct task *t, enum chaos_why why);
/* The task that shall run, or NULL when none can or all that could are set aside. */
struct task *chaos_pick(struct task *tasks, const struct task *was);
/* All that could run are set aside: the one that has least left is called back. NULL: none
 * can run. */
struct task *chaos_call_back(struct task *tasks, const struct task *was);
/* True when the machine may wait for a deadline rather than call anybody back. */
bool chaos_patient(void);
/* True when of several waiters any may be woken, not the first. */
bool chaos_any_waiter(void);
/* True when a wait on a futex may end without anybody having woken it. */
bool chaos_spurious_wake(void);
/* True when a call that a stopped process would find interrupted is. */
bool chaos_interrupted(void);
/* How many bytes of len a stream gives or takes at once; 1..len. */
u64 chaos_short(u64 len);
/* True when what has come is not there yet. */
bool chaos_not_yet(void);
/* True when others run between two parts of a transfer. */
bool chaos_between_parts(void);

#endif
