/* reverse.c - moving backward. */
#include "timeline_internal.h"

#include <errno.h>

static int ready(struct timeline *t)
{
    if (t->diversion)
        return -EBUSY;
    atomic_store(&t->interrupt, 0);
    return t->live ? 0 : -EIO;
}

static int stays(struct timeline *t, uint32_t reason)
{
    t->stop = *replay_session_where(t->live);
    t->stop.reason = reason;
    return 0;
}

/* Runs a replay through [begin, now) and remembers the last stop of `how` in it. 1 found,
 * 0 none, or an error. */
static int last_stop(struct timeline *t, struct replay_session *s, const struct travel *how,
                     const struct timeline_mark *now, struct timeline_mark *found)
{
    int any = 0;
    for (;;) {
        int err = travel_run(t, s, how);
        const struct rk_debug_stop *stop = replay_session_where(s);
        if (err || stop->reason == RK_STOP_INTERRUPTED)
            return err ? err : -EINTR;
        struct timeline_mark here = timeline_mark_of(stop);
        if (RK_STOP_IS_END(stop->reason) || timeline_compare(&here, now) >= 0)
            return any;
        *found = here;
        any = 1;
    }
}

static int search(struct timeline *t, const struct travel *how, struct timeline_mark *found)
{
    struct timeline_mark now = timeline_here(t);
    struct replay_session *s;
    t->stats.restarts++;
    if (replay_session_open(&s, t->reader, &t->session_options, t->result))
        return -EIO;
    int got = last_stop(t, s, how, &now, found);
    replay_session_close(s);
    return got;
}

/* got: what the search said. */
static int go_back(struct timeline *t, int got, const struct timeline_mark *found, uint32_t reason)
{
    if (got == -EINTR)
        return stays(t, RK_STOP_INTERRUPTED);
    if (got < 0)
        return got;
    int err = got ? timeline_seek_mark(t, found) : timeline_seek_begin(t);
    if (!err && got && t->stop.reason == RK_STOP_REACHED)
        t->stop.reason = reason;
    return err;
}

int timeline_reverse_continue(struct timeline *t)
{
    struct timeline_mark found, now = timeline_here(t);
    int err = ready(t);
    if (err)
        return err;
    if (timeline_compare(&now, &t->begin) <= 0)
        return stays(t, RK_STOP_START);
    struct travel how = {.command = TRAVEL_POINT, .point = now.at, .armed = 1};
    return go_back(t, t->break_count ? search(t, &how, &found) : 0, &found, RK_STOP_BREAKPOINT);
}

static int step_back(struct timeline *t)
{
    struct timeline_mark found, now = timeline_here(t);
    if (timeline_compare(&now, &t->begin) <= 0)
        return stays(t, RK_STOP_START);
    int got = search(t, &(struct travel){.command = TRAVEL_STEP, .number = 1}, &found);
    return go_back(t, got, &found, RK_STOP_STEP);
}

static int at_break(const struct timeline *t)
{
    for (uint32_t i = 0; i < t->break_count; i++)
        if (t->breaks[i] == t->stop.rip)
            return 1;
    return 0;
}

int timeline_reverse_step(struct timeline *t, uint64_t count)
{
    int err = ready(t);
    while (!err && count--) {
        err = step_back(t);
        if (err || t->stop.reason != RK_STOP_STEP)
            break;
        if (at_break(t)) {
            t->stop.reason = RK_STOP_BREAKPOINT;
            break;
        }
    }
    return err;
}
