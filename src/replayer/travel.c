/* travel.c - replays that run to a moment of the timeline. */
#include "timeline_internal.h"

#include <errno.h>

#define SLICE_MS 50   /* between two looks at the interrupt, at most */
#define COPY_SHARE 6 /* of the running time at most a sixth is spent on copies */

struct timeline_mark timeline_mark_of(const struct rk_debug_stop *stop)
{
    uint32_t signal = stop->reason == RK_STOP_SIGNAL ? stop->signal : 0;
    return (struct timeline_mark){stop->at, stop->event, stop->in_kernel, signal};
}

int timeline_compare(const struct timeline_mark *a, const struct timeline_mark *b)
{
    int order = replay_compare(&a->at, &b->at);
    if (order)
        return order;
    if (a->in_kernel != b->in_kernel)
        return a->in_kernel < b->in_kernel ? -1 : 1;
    if (!a->in_kernel || (a->event == b->event && a->signal == b->signal))
        return 0;
    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    return a->signal ? -1 : 1; /* a signal is acted on before the end that it brings */
}

/* ------------------------------------------------------------------ running */
static int slice_ms(const struct timeline *t)
{
    uint64_t ms = t->spacing_ns / 1000000u;
    return ms < SLICE_MS ? (int)ms : SLICE_MS;
}

static int begin(struct timeline *t, struct replay_session *s, const struct travel *how)
{
    int ms = slice_ms(t);
    switch (how->command) {
    case TRAVEL_STEP:
        return replay_session_step(s, how->number, ms);
    case TRAVEL_POINT:
        return replay_session_run_until(s, &how->point, ms);
    case TRAVEL_TRAIL:
        return replay_session_trail(s, &how->point, ms);
    case TRAVEL_EVENT:
        return replay_session_run_event(s, how->number, ms);
    default:
        return replay_session_continue(s, ms);
    }
}

int travel_interrupted(struct timeline *t)
{
    if (t->options.interrupted && t->options.interrupted(t->options.ctx))
        atomic_store(&t->interrupt, 1);
    return atomic_load(&t->interrupt);
}

/* Running time at the last checkpoint that is not after where s stands. */
static uint64_t at_last_point(const struct timeline *t, struct replay_session *s)
{
    struct timeline_mark here = timeline_mark_of(replay_session_where(s));
    const struct checkpoint *p = checkpoint_before(t, &here);
    return p ? replay_session_ran_ns(p->session) : 0;
}

static uint64_t ran_since(const struct replay_session *s, uint64_t since)
{
    uint64_t now = replay_session_ran_ns(s);
    return now > since ? now - since : 0;
}

/* Running time until a checkpoint is due; since: running time when there was one last, or could have
 * been. */
static uint64_t to_next_point(const struct timeline *t, const struct replay_session *s,
                              const struct travel *how, uint64_t since)
{
    uint64_t ran = ran_since(s, since);
    if (!how->leave_points || how->command == TRAVEL_STEP)
        return UINT64_MAX;
    uint64_t spacing = checkpoint_spacing(t, s, t->spacing_ns, COPY_SHARE);
    return spacing > ran ? spacing - ran : 0;
}

/* Waits until s stops by itself or is stopped. */
static int wait_stop(struct timeline *t, struct replay_session *s, const struct travel *how,
                     uint64_t since, int err)
{
    while (err == -ETIMEDOUT || err == -EINTR) {
        uint64_t ms = to_next_point(t, s, how, since) / 1000000u;
        if (travel_interrupted(t) || !ms)
            err = replay_session_interrupt(s, SLICE_MS);
        else
            err = replay_session_wait(s, ms < SLICE_MS ? (int)ms : SLICE_MS);
    }
    return err;
}

void travel_passed(struct timeline *t, struct replay_session *s)
{
    uint64_t event = replay_session_where(s)->event, ran = replay_session_ran_ns(s);
    t->printed = event > t->printed ? event : t->printed;
    t->farthest_ns = ran > t->farthest_ns ? ran : t->farthest_ns;
}

int travel_run(struct timeline *t, struct replay_session *s, const struct travel *how)
{
    int err = RK_STOP_IS_END(replay_session_where(s)->reason)
                  ? -ESRCH
                  : points_arm(t, s, how->armed ? POINTS_ALL : POINTS_NONE);
    if (!err && how->signals)
        err = replay_session_stop_signals(s, how->signals);
    uint64_t since = at_last_point(t, s);
    while (!err) {
        err = wait_stop(t, s, how, since, begin(t, s, how));
        if (err || replay_session_where(s)->reason != RK_STOP_INTERRUPTED || travel_interrupted(t))
            break;
        checkpoint_add(t, s, 1);
        since = replay_session_ran_ns(s);
    }
    if (!err)
        travel_passed(t, s);
    return err == -ESRCH ? 0 : err ? -EIO : 0;
}

int travel_divert(struct timeline *t, struct replay_session *s, const struct travel *how)
{
    int err = wait_stop(t, s, how, 0, begin(t, s, how));
    return err == -ESRCH ? 0 : err ? -EIO : 0;
}

/* ------------------------------------------------------------------ arriving */
static int begin_again(struct timeline *t, struct replay_session **out)
{
    t->stats.restarts++;
    if (replay_session_open(out, t->reader, &t->session_options, t->result))
        return -EIO;
    replay_session_print_after(*out, t->printed);
    checkpoint_add(t, *out, 1);
    return 0;
}

int travel_base(struct timeline *t, const struct timeline_mark *mark, struct replay_session **out)
{
    const struct checkpoint *p = checkpoint_before(t, mark);
    if (p && !timeline_copy(t, p->session, out))
        return 0;
    return begin_again(t, out);
}

/* The present, when it is on the way to the mark and no checkpoint is nearer to that. */
static int base_for(struct timeline *t, const struct timeline_mark *mark,
                    struct replay_session **out)
{
    struct timeline_mark here = timeline_here(t);
    const struct checkpoint *p = checkpoint_before(t, mark);
    int usable = t->live && timeline_compare(&here, mark) <= 0;
    if (usable && (!p || timeline_compare(&p->mark, &here) <= 0)) {
        *out = t->live;
        return 0;
    }
    if (p && !timeline_copy(t, p->session, out))
        return 0;
    *out = t->live;
    return usable ? 0 : begin_again(t, out);
}

/* From the instruction that makes the kernel entry into that. */
static int reach_inside(struct timeline *t, struct replay_session *s,
                        const struct timeline_mark *mark)
{
    struct travel how = {.command = TRAVEL_EVENT, .number = mark->event + 1};
    if (mark->signal)
        how = (struct travel){
            .command = TRAVEL_STEP, .number = 1, .signals = 1ull << (mark->signal - 1)};
    return travel_run(t, s, &how);
}

static int reach(struct timeline *t, struct replay_session *s, const struct timeline_mark *mark)
{
    struct travel how = {.command = TRAVEL_POINT, .point = mark->at, .leave_points = 1};
    int err = travel_run(t, s, &how);
    if (!err && mark->in_kernel && replay_session_where(s)->reason == RK_STOP_REACHED)
        err = reach_inside(t, s, mark);
    return err ? err : replay_session_where(s)->reason == RK_STOP_INTERRUPTED ? -EINTR : 0;
}

int travel_to(struct timeline *t, const struct timeline_mark *mark, struct replay_session **out)
{
    int err = base_for(t, mark, out);
    if (err)
        return err;
    err = reach(t, *out, mark);
    if (err && *out != t->live)
        replay_session_close(*out);
    return err;
}

int travel_again(struct timeline *t, const struct timeline_mark *mark, struct replay_session **out)
{
    int err = travel_base(t, mark, out);
    if (err)
        return err;
    err = reach(t, *out, mark);
    if (err) {
        replay_session_close(*out);
        *out = NULL;
    }
    return err;
}

void travel_arrive(struct timeline *t, struct replay_session *s, uint32_t reason)
{
    if (t->live != s)
        replay_session_close(t->live);
    t->live = s;
    t->stop = *replay_session_where(s);
    if (reason && !RK_STOP_IS_END(t->stop.reason))
        t->stop.reason = reason;
}
