/* reverse.c - moving backward: runs, which are searches (search.c), and single steps. */
#include "timeline_internal.h"

#include <errno.h>

/* So near to the present every step is looked at. */
#define NEAR_TICKS 32

static int stays(struct timeline *t, uint32_t reason)
{
    t->stop = *replay_session_where(t->live);
    t->stop.reason = reason;
    return 0;
}

static int interrupted(const struct replay_session *s)
{
    return replay_session_where(s)->reason == RK_STOP_INTERRUPTED;
}

/* ------------------------------------------------------------------- running */
/* Makes what was found the present. */
static int go_back(struct timeline *t, const struct timeline_mark *to, uint32_t reason)
{
    int err = timeline_seek_mark(t, to);
    if (!err && t->stop.reason == RK_STOP_REACHED)
        t->stop.reason = reason;
    return err;
}

static int looks_for_something(const struct timeline *t)
{
    return t->break_count || t->watch_count || t->stops_at_calls || t->stop_thread;
}

int timeline_reverse_continue(struct timeline *t)
{
    struct found found;
    struct timeline_mark now = timeline_here(t);
    int got = timeline_ready(t);
    if (got)
        return got;
    if (timeline_compare(&now, &t->begin) <= 0)
        return stays(t, RK_STOP_START);
    got = looks_for_something(t) ? search_back(t, &found) : 0;
    if (got == -EINTR)
        return stays(t, RK_STOP_INTERRUPTED);
    if (got < 0)
        return got;
    int err = go_back(t, got ? &found.mark : &t->begin, got ? found.reason : RK_STOP_START);
    if (got) {
        t->stop.hit = found.hit;
        t->stop.status = found.status;
    }
    return err;
}

int timeline_reverse_to_thread(struct timeline *t, int32_t tid)
{
    t->stop_thread = tid;
    int err = timeline_reverse_continue(t);
    t->stop_thread = 0;
    return err;
}

/* -------------------------------------------------------------- single steps */
/* Kernel entries made between instructions from `here` to the present. What serves one may count
 * as another (a handler's frame on a page that is not there yet): no moment has that number. */
static uint64_t entries_to_go(const struct timeline *t, const struct rk_position *here)
{
    const struct rk_position *now = &t->stop.at, *last = &t->stop.entered;
    if (now->entries == here->entries)
        return 0;
    return last->entries >= here->entries ? last->entries - here->entries + 1
                                          : now->entries - here->entries;
}

/* A goal on the way from `here` to the present, nearer to that. 0: it is near already. No goal is
 * behind where the last entry was made but when ticks were made since, and of these each number
 * has a moment: so who stops at the first moment from the goal on stops before the present. */
static int nearer(const struct timeline *t, const struct rk_position *here,
                  struct rk_position *goal)
{
    const struct rk_position *now = &t->stop.at, *last = &t->stop.entered;
    uint64_t entries = entries_to_go(t, here), ticks = now->ticks - here->ticks;
    *goal = (struct rk_position){now->entries, 0, 0};
    if (entries >= 2) {
        goal->entries = here->entries + entries / 4 * 3 + (entries < 4);
        return 1;
    }
    if (entries && now->ticks > NEAR_TICKS)
        return 1;
    if (entries) {
        if (last->entries != here->entries || last->ticks <= here->ticks)
            return 0;
        ticks = last->ticks - here->ticks;
        goal->entries = here->entries;
    }
    goal->ticks = here->ticks + ticks / 4 * 3;
    return ticks > NEAR_TICKS;
}

/* Leaves checkpoints the nearer to each other the nearer to the present: the next steps back
 * begin there. */
static int approach(struct timeline *t, struct replay_session *s)
{
    struct travel how = {.command = TRAVEL_POINT};
    while (nearer(t, &replay_session_where(s)->at, &how.point)) {
        int err = travel_run(t, s, &how);
        if (err || interrupted(s))
            return err ? err : -EINTR;
        const struct rk_debug_stop *stop = replay_session_where(s);
        if (RK_STOP_IS_END(stop->reason) || replay_compare(&stop->at, &t->stop.at) >= 0)
            return -EIO;
        checkpoint_add(t, s, 0);
    }
    return 0;
}

/* All moments before the present are not after it, which is not in the kernel. The call of a null
 * pointer leads to pc 0. */
static struct timeline_mark just_before(const struct timeline *t)
{
    struct timeline_mark m = timeline_here(t);
    if (m.at.pc--)
        return m;
    if (!m.at.ticks--)
        m.at.entries--;
    return m;
}

/* The moments before the present, as single steps see them. */
static int make_trail(struct timeline *t)
{
    struct replay_session *s;
    struct timeline_mark before = just_before(t);
    struct travel how = {.command = TRAVEL_TRAIL, .point = t->stop.at};
    int err = travel_base(t, &before, &s);
    if (err)
        return err;
    err = approach(t, s);
    if (!err)
        err = travel_run(t, s, &how);
    if (!err && interrupted(s))
        err = -EINTR;
    if (!err)
        t->trail_count = replay_session_trail_read(s, t->trail, RK_DEBUG_TRAIL_MAX);
    replay_session_close(s);
    return err;
}

/* Did the instruction that was stepped back over touch a watchpoint? */
static int look_for_watch(struct timeline *t)
{
    struct replay_session *s;
    struct travel how = {.command = TRAVEL_STEP, .number = 1, .armed = 1};
    if (!t->watch_count || t->stop.reason != RK_STOP_STEP)
        return 0;
    struct timeline_mark here = timeline_here(t);
    int err = travel_again(t, &here, &s);
    if (err)
        return err;
    err = travel_run(t, s, &how);
    if (!err && replay_session_where(s)->reason == RK_STOP_WATCH) {
        t->stop.reason = RK_STOP_WATCH;
        t->stop.hit = replay_session_where(s)->hit;
    }
    replay_session_close(s);
    return err;
}

/* Index of the present in the trail; 0: not in it, or nothing of it is before. */
static size_t in_trail(const struct timeline *t)
{
    for (size_t i = t->trail_count; i-- > 0;)
        if (!replay_compare(&t->trail[i], &t->stop.at))
            return i;
    return 0;
}

static int step_back(struct timeline *t)
{
    struct timeline_mark now = timeline_here(t), to = {.at = now.at};
    if (timeline_compare(&now, &t->begin) <= 0)
        return stays(t, RK_STOP_START);
    if (!now.in_kernel) {
        size_t i = in_trail(t);
        int err = i ? 0 : make_trail(t);
        if (err)
            return err == -EINTR ? stays(t, RK_STOP_INTERRUPTED) : err;
        i = i ? i : in_trail(t);
        if (!i)
            return -EIO;
        to.at = t->trail[i - 1];
    }
    return go_back(t, &to, RK_STOP_STEP);
}

int timeline_reverse_step(struct timeline *t, uint64_t count)
{
    int err = timeline_ready(t);
    while (!err && count--) {
        err = step_back(t);
        if (!err)
            err = look_for_watch(t);
        if (err || t->stop.reason != RK_STOP_STEP)
            break;
        if (points_break_at(t, t->stop.rip)) {
            t->stop.reason = RK_STOP_BREAKPOINT;
            break;
        }
    }
    return err;
}
