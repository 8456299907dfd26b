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
    return how->direction == TARGET_FORWARD ? timeline_continue(d->timeline)
                                            : timeline_reverse_continue(d->timeline);
}

/* --------------------------------------------------------- stepping one thread */
/* A signal that the client has no stop for, and another thread gets it. */
static int is_news_of_others(const struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    return stop && stop->reason == RK_STOP_SIGNAL && how->tid && stop->tid != how->tid &&
           stop->status - 1 < 64 && (d->passed >> (stop->status - 1) & 1);
}

/* The thread waits while others run: on to where it has the processor again, or something else
 * stops it. 1: it is there; 0: another stop, or the thread is gone; or -errno. */
static int await_thread(struct debugger *d, const struct target_run *how)
{
    int err;
    do
        err = timeline_continue_to_thread(d->timeline, how->tid);
    while (!err && is_news_of_others(d, how) && !how->interrupted(how->arg));
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    if (err || !stop)
        return err ? err : -EIO;
    return stop->reason == RK_STOP_THREAD;
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
        if (err || !stop || (stop->reason != RK_STOP_STEP && !is_news_of_others(d, how)))
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

/* The thread's next instruction, or 0. */
static uint64_t next_pc(struct debugger *d, int32_t tid)
{
    struct rk_debug_stop stop;
    struct replay_session *s = debugger_session(d);
    return s && tid && !replay_session_thread_regs(s, tid, &stop) ? stop.rip : 0;
}

/* One step back of the thread to be stepped, over all that others did meanwhile. 1: made, nothing
 * else has stopped it. A thread that had lost the processor before the instruction that it stands
 * at has not moved then: again. */
static int step_back_thread(struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop;
    uint64_t from = next_pc(d, how->tid);
    int err;
    do {
        err = timeline_reverse_step(d->timeline, 1);
        stop = timeline_where(d->timeline);
        if (err || !stop || stop->reason != RK_STOP_STEP)
            return !err && !stop ? -EIO : err;
        if (!how->tid || stop->tid == how->tid)
            return 1;
        err = timeline_reverse_to_thread(d->timeline, how->tid);
        stop = timeline_where(d->timeline);
        if (err || !stop || stop->reason != RK_STOP_THREAD)
            return !err && !stop ? -EIO : err;
    } while (stop->rip == from && !how->interrupted(how->arg));
    return 1;
}

/* So many single steps are quicker than preparing a run through the range. */
#define STEPS_FIRST 50

static int step_on(struct debugger *d, const struct target_run *how)
{
    int made, whole = how->end > how->start;
    unsigned steps = 0;
    do {
        made = step_thread(d, how);
        if (made != 1 || !whole || ++steps < STEPS_FIRST || !in_range(d, how))
            continue;
        made = range_run(d, how);
        if (made == -EOPNOTSUPP)
            made = 1; /* an instruction on, maybe */
    } while (made == 1 && in_range(d, how) && !how->interrupted(how->arg));
    return made;
}

/* A client that steps a thread wants to hear of each signal that it gets: it goes on behind the
 * handler then, and is not led into it. */
static int step_forward(struct debugger *d, const struct target_run *how)
{
    timeline_stop_signals(d->timeline, UINT64_MAX);
    int made = step_on(d, how);
    timeline_stop_signals(d->timeline, ~d->passed);
    return made;
}

static int step(struct debugger *d, const struct target_run *how)
{
    int made;
    if (how->direction == TARGET_FORWARD)
        made = step_forward(d, how);
    else
        do
            made = step_back_thread(d, how);
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
    } while (!err && (is_idle_write(d) || exec_is_own_stop(d, how->direction)));
    if (err)
        return err;
    debugger_note_stop(d);
    exec_note(d, how->direction);
    return 0;
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
    /* A seek that the client did not see, or a step of a moment ago. */
    if (exec_note(d, TARGET_BACKWARD))
        return 0;
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

int run_restart(void *t, const char *where)
{
    struct debugger *d = t;
    int err = monitor_seek(d, *where ? where : "begin");
    if (err == -EINVAL) {
        debugger_say(d, "the recording has the program's arguments: `run` begins anew, "
                        "`starti EVENT` or `starti POINT` stops there");
        err = monitor_seek(d, "begin");
    }
    if (!err)
        debugger_note_stop(d);
    d->stop.reason = TARGET_NOTHING;
    return err;
}
