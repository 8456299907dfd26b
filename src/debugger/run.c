/* run.c - moving on the timeline, and why it stopped there. */
#include "internal.h"

#include <errno.h>

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
    if (how->direction == TARGET_FORWARD)
        return how->step ? timeline_step(d->timeline, 1) : timeline_continue(d->timeline);
    return how->step ? timeline_reverse_step(d->timeline, 1)
                     : timeline_reverse_continue(d->timeline);
}

/* After one instruction of a step: is there more to do? The thread to step may wait while
 * others run, and there may be a range to leave. */
static int step_goes_on(struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    if (!stop || stop->reason != RK_STOP_STEP)
        return 0;
    if (how->tid && stop->tid != how->tid)
        return 1;
    return stop->rip >= how->start && stop->rip < how->end;
}

static int run_timeline(struct debugger *d, const struct target_run *how)
{
    int err;
    do {
        err = go(d, how);
        if (!err && how->interrupted(how->arg)) {
            debugger_note_stop(d);
            if (d->stop.reason == TARGET_STEPPED)
                d->stop.reason = TARGET_INTERRUPTED;
            return 0;
        }
    } while (!err && (is_idle_write(d) || (how->step && step_goes_on(d, how))));
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
