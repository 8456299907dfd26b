/* diversion.c - what the client changes, it changes in a copy. */
#include "internal.h"

#include <errno.h>
#include <string.h>

/* The recording's breakpoints hold in the copy, too, without their conditions: the client
 * evaluates those again. */
int debugger_divert(struct debugger *d)
{
    if (d->diversion)
        return 0;
    int err = diversion_begin(&d->diversion, d->timeline);
    if (err)
        return err;
    d->diverted = 0;
    for (size_t i = 0; i < d->break_count; i++)
        diversion_break_add(d->diversion, d->breaks[i].addr);
    return 0;
}

void debugger_rejoin(struct debugger *d)
{
    if (!d->diversion)
        return;
    diversion_end(d->diversion);
    d->diversion = NULL;
    if (timeline_where(d->timeline))
        debugger_note_stop(d);
}

int debugger_is_elsewhere(const struct debugger *d)
{
    const struct rk_debug_stop *there, *here = timeline_where(d->timeline);
    if (!d->diversion)
        return 0;
    there = diversion_where(d->diversion);
    return !there || !here || there->rip != here->rip ||
           memcmp(there->gpr, here->gpr, sizeof(here->gpr)) != 0;
}

static void note(struct debugger *d, const struct rk_debug_stop *stop)
{
    d->stop = (struct target_stop){.reason = TARGET_STEPPED, .tid = stop->tid};
    if (stop->reason == RK_STOP_BREAKPOINT)
        d->stop.reason = TARGET_BREAKPOINT;
    else if (stop->reason == RK_STOP_INTERRUPTED)
        d->stop.reason = TARGET_INTERRUPTED;
    else if (stop->reason == RK_STOP_SIGNAL) {
        d->stop.reason = TARGET_SIGNAL;
        d->stop.number = (int32_t)stop->status;
    }
}

/* One instruction, or those of a range. */
static int step(struct debugger *d, const struct target_run *how)
{
    for (;;) {
        int err = diversion_step(d->diversion, 1);
        const struct rk_debug_stop *stop = diversion_where(d->diversion);
        if (err || !stop || stop->reason != RK_STOP_STEP || stop->rip < how->start ||
            stop->rip >= how->end || how->interrupted(how->arg))
            return err;
    }
}

int debugger_run_diversion(struct debugger *d, const struct target_run *how)
{
    d->diverted = 1;
    int err = how->step ? step(d, how) : diversion_continue(d->diversion);
    const struct rk_debug_stop *stop = diversion_where(d->diversion);
    if (!err && stop && !RK_STOP_IS_END(stop->reason)) {
        note(d, stop);
        return 0;
    }
    debugger_say(d, "the program has ended in a copy made for a call or a change; back to the "
                    "recording");
    debugger_rejoin(d);
    d->stop.reason = TARGET_STEPPED;
    return 0;
}
