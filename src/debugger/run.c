/* run.c - moving on the timeline, and why it stopped there. */
#include "internal.h"

#include <errno.h>

#define SYSCALL_SIZE 2

/* ----------------------------------------------------------------- the stop */
/* The client's own watchpoint that was hit; of several the first. */
static const struct debugger_watch *watch_hit(const struct debugger *d,
                                              const struct rk_debug_hit *hit)
{
    for (size_t i = 0; i < d->watch_count; i++)
        if (hit->watches >> i & 1)
            return &d->watches[i];
    return NULL;
}

static void note_watch(struct debugger *d, const struct rk_debug_stop *stop)
{
    const struct debugger_watch *w = watch_hit(d, &stop->hit);
    d->stop.reason = TARGET_WATCHPOINT;
    d->stop.addr = w ? w->addr : stop->hit.addr;
    d->stop.watch = w ? w->kind : TARGET_WATCH_ACCESS;
    d->stop.tid = stop->tid;
}

void debugger_note_stop(struct debugger *d)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    if (!stop)
        return;
    d->stop = (struct target_stop){.reason = TARGET_STEPPED, .tid = stop->tid};
    switch (stop->reason) {
    case RK_STOP_START:
        d->stop.reason = TARGET_BEGIN;
        break;
    case RK_STOP_BREAKPOINT:
        d->stop.reason = TARGET_BREAKPOINT;
        break;
    case RK_STOP_INTERRUPTED:
        d->stop.reason = TARGET_INTERRUPTED;
        break;
    case RK_STOP_WATCH:
        note_watch(d, stop);
        break;
    case RK_STOP_SYSCALL:
    case RK_STOP_SYSCALL_END:
        d->stop.reason = stop->reason == RK_STOP_SYSCALL ? TARGET_SYSCALL : TARGET_SYSCALL_END;
        d->stop.number = (int32_t)stop->status;
        break;
    case RK_STOP_SIGNAL:
        d->stop.reason = TARGET_SIGNAL;
        d->stop.number = (int32_t)stop->status;
        break;
    default:
        if (RK_STOP_IS_END(stop->reason))
            d->stop.reason = TARGET_END;
    }
}

/* A write of the same value is no event for `watch`: the client would only run on. */
static int is_idle_write(const struct debugger *d)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    uint64_t left = stop ? stop->hit.watches & ~stop->hit.changed : 0;
    if (!stop || stop->reason != RK_STOP_WATCH || !stop->hit.watches || stop->hit.changed)
        return 0;
    for (size_t i = 0; i < d->watch_count; i++)
        if ((left >> i & 1) && d->watches[i].kind != TARGET_WATCH_WRITE)
            return 0;
    return 1;
}

/* ------------------------------------------------------------------- moving */
static int go(struct debugger *d, const struct target_run *how)
{
    return how->direction == TARGET_FORWARD ? timeline_continue(d->timeline)
                                            : timeline_reverse_continue(d->timeline);
}

/* --------------------------------------------------------- stepping one thread */
/* Where thread tid goes on: its pc and, if it waits in a system call there, behind that. */
static int next_pcs(struct debugger *d, int32_t tid, uint64_t pcs[2])
{
    struct rk_debug_stop stop;
    struct replay_session *s = debugger_session(d);
    int err = s ? replay_session_thread_regs(s, tid, &stop) : -EIO;
    pcs[0] = stop.rip;
    pcs[1] = stop.rip + SYSCALL_SIZE;
    return err;
}

static int is_clients(const struct debugger *d, uint64_t pc)
{
    for (size_t i = 0; i < d->break_count; i++)
        if (d->breaks[i].addr == pc)
            return 1;
    return 0;
}

/* The thread waits while others run: on to where it has the processor again, or something else
 * stops it. 1: it is there; 0: another stop, or the thread is gone; or -errno. */
static int await_thread(struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop;
    uint64_t pcs[2];
    int ours[2], err = next_pcs(d, how->tid, pcs);
    if (err)
        return err == -ESRCH ? timeline_continue(d->timeline) : err;
    for (int i = 0; i < 2; i++)
        ours[i] = !timeline_break_add(d->timeline, pcs[i], NULL);
    do {
        err = timeline_continue(d->timeline);
        stop = timeline_where(d->timeline);
    } while (!err && stop && stop->reason == RK_STOP_BREAKPOINT && stop->tid != how->tid &&
             !is_clients(d, stop->rip) && !how->interrupted(how->arg));
    for (int i = 0; i < 2; i++)
        if (ours[i])
            timeline_break_del(d->timeline, pcs[i]);
    if (err || !stop)
        return err ? err : -EIO;
    return stop->reason == RK_STOP_BREAKPOINT && stop->tid == how->tid && !is_clients(d, stop->rip);
}

/* One step forward of the thread to be stepped. 1: made, nothing else has stopped it. */
static int step_thread(struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    uint64_t from = stop ? stop->rip : 0;
    int waits = !stop || (how->tid && stop->tid != how->tid), there = 1;
    if (!waits) {
        int err = timeline_step(d->timeline, 1);
        stop = timeline_where(d->timeline);
        if (err || !stop || stop->reason != RK_STOP_STEP)
            return err;
        waits = how->tid && stop->tid != how->tid;
    } else {
        from = 0; /* it has to get the processor first */
    }
    if (waits)
        there = await_thread(d, how);
    stop = timeline_where(d->timeline);
    /* A call that waited is made again, or the thread has not run at all yet. */
    if (there == 1 && waits && stop && (!from || stop->rip == from))
        return step_thread(d, how);
    return there;
}

static int in_range(const struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    return stop && stop->rip >= how->start && stop->rip < how->end;
}

/* The system call that a thread waits in, if it does: where its last instruction is. */
static uint64_t call_waited_in(struct debugger *d, int32_t tid)
{
    struct rk_debug_stop stop;
    struct replay_session *s = debugger_session(d);
    uint8_t code[2];
    if (!s || replay_session_thread_regs(s, tid, &stop))
        return 0;
    /* Behind the instruction when it has its result already. */
    uint64_t pc = stop.in_kernel ? stop.rip : stop.rip - SYSCALL_SIZE;
    for (; pc >= stop.rip - SYSCALL_SIZE; pc -= SYSCALL_SIZE)
        if (timeline_read(d->timeline, pc, code, 2) == 2 && code[0] == 0x0f && code[1] == 0x05)
            return pc;
    return 0;
}

/* Backward over what others did while the thread waited. 1: it stands before its call; 0: it does
 * not wait, or something else stopped it; or -errno. */
static int back_to_call(struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop;
    uint64_t pc = call_waited_in(d, how->tid);
    if (!pc || is_clients(d, pc) || timeline_break_add(d->timeline, pc, NULL))
        return 0;
    int err;
    do {
        err = timeline_reverse_continue(d->timeline);
        stop = timeline_where(d->timeline);
    } while (!err && stop && stop->reason == RK_STOP_BREAKPOINT && stop->rip == pc &&
             stop->tid != how->tid && !how->interrupted(how->arg));
    timeline_break_del(d->timeline, pc);
    return err    ? err
           : stop ? stop->reason == RK_STOP_BREAKPOINT && stop->rip == pc && stop->tid == how->tid
                  : -EIO;
}

static int step_back_thread(struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop;
    int made = timeline_reverse_step(d->timeline, 1);
    if (made)
        return made;
    for (;;) {
        stop = timeline_where(d->timeline);
        if (!stop || stop->reason != RK_STOP_STEP)
            return stop ? 0 : -EIO;
        if (!how->tid || stop->tid == how->tid)
            return 1;
        made = back_to_call(d, how);
        stop = timeline_where(d->timeline);
        if (made || !stop || stop->reason != RK_STOP_STEP || how->interrupted(how->arg))
            return made;
        made = timeline_reverse_step(d->timeline, 1);
        if (made)
            return made;
    }
}

static int step(struct debugger *d, const struct target_run *how)
{
    int made;
    do
        made = how->direction == TARGET_FORWARD ? step_thread(d, how) : step_back_thread(d, how);
    while (made == 1 && in_range(d, how) && !how->interrupted(how->arg));
    if (made < 0)
        return made;
    debugger_note_stop(d);
    if (made == 1)
        d->stop.reason = TARGET_STEPPED;
    return 0;
}

static int run_timeline(struct debugger *d, const struct target_run *how)
{
    int err;
    if (how->step)
        return step(d, how);
    do {
        err = go(d, how);
        if (!err && how->interrupted(how->arg)) {
            debugger_note_stop(d);
            if (d->stop.reason == TARGET_STEPPED)
                d->stop.reason = TARGET_INTERRUPTED;
            return 0;
        }
    } while (!err && is_idle_write(d));
    if (!err)
        debugger_note_stop(d);
    return err;
}

/* Backward out of a diversion: to where it began. */
static int leave_diversion(struct debugger *d)
{
    debugger_say(d, "a call or a change by the debugger has no history: back where it began");
    debugger_rejoin(d);
    d->stop.reason = TARGET_STEPPED;
    return 0;
}

static int run_anywhere(struct debugger *d, const struct target_run *how)
{
    if (debugger_is_elsewhere(d))
        return how->direction == TARGET_FORWARD ? debugger_run_diversion(d, how)
                                                : leave_diversion(d);
    if (d->diversion && !d->diverted)
        debugger_say(d, "what was changed is forgotten: the recording goes on as it was");
    debugger_rejoin(d);
    return run_timeline(d, how);
}

int run_run(void *t, const struct target_run *how, struct target_stop *stop)
{
    struct debugger *d = t;
    d->running = how;
    int err = run_anywhere(d, how);
    d->running = NULL;
    *stop = d->stop;
    return err;
}

void run_where(void *t, struct target_stop *stop)
{
    *stop = ((struct debugger *)t)->stop;
}

int run_restart(void *t)
{
    struct debugger *d = t;
    debugger_rejoin(d);
    int err = timeline_seek_begin(d->timeline);
    if (!err)
        debugger_note_stop(d);
    d->stop.reason = TARGET_NOTHING;
    return err;
}
