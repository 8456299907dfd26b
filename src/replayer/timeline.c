/* timeline.c - opening, looking, and moving forward. */
#include "timeline_internal.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#define POINTS_MAX 96
#define SPACING_MS 50

static void drop_reports(void *ctx, const struct rk_report *report, size_t len)
{
}

/* As many as may run at the same time. */
static unsigned width(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
    return n < 1 ? 1 : n > TIMELINE_WIDTH ? TIMELINE_WIDTH : (unsigned)n;
}

int timeline_open(struct timeline **out, struct tf_reader *reader,
                  const struct timeline_options *options, struct replay_result *result)
{
    struct timeline *t = calloc(1, sizeof(*t));
    *out = NULL;
    if (!t) {
        *result = (struct replay_result){.end = REPLAY_HOST_FAILED, .error = -ENOMEM};
        return -1;
    }
    t->reader = reader;
    t->options = *options;
    t->result = result;
    t->points_max = options->checkpoints_max ? options->checkpoints_max : POINTS_MAX;
    if (!t->options.checkpoint_bytes)
        t->options.checkpoint_bytes =
            (uint64_t)sysconf(_SC_PHYS_PAGES) / 4 * (uint64_t)sysconf(_SC_PAGESIZE);
    t->spacing_ns = 1000000ull * (options->checkpoint_ms ? options->checkpoint_ms : SPACING_MS);
    t->search_width = width();
    t->session_options = (struct replay_options){.flags = options->flags,
                                                 .say = options->say,
                                                 .report = drop_reports,
                                                 .ctx = options->ctx,
                                                 .reader_at = &t->reader_at};
    if (replay_session_open(&t->live, reader, &t->session_options, result)) {
        timeline_close(t);
        return -1;
    }
    t->stop = *replay_session_where(t->live);
    t->begin = timeline_here(t);
    checkpoint_add(t, t->live, 1); /* where that fails it goes without */
    *out = t;
    return 0;
}

void timeline_close(struct timeline *t)
{
    if (!t)
        return;
    replay_session_close(t->live);
    checkpoints_drop_all(t);
    free(t->points);
    points_free(t);
    free(t->users);
    free(t);
}

/* ------------------------------------------------------------------ looking */
const struct rk_debug_stop *timeline_where(const struct timeline *t)
{
    return t->live ? &t->stop : NULL;
}

struct timeline_mark timeline_here(const struct timeline *t)
{
    return timeline_mark_of(&t->stop);
}

ssize_t timeline_read(struct timeline *t, uint64_t addr, void *buf, size_t len)
{
    return t->live ? replay_session_read(t->live, addr, buf, len) : -EIO;
}

const struct rk_map *timeline_maps(const struct timeline *t, size_t *count)
{
    *count = 0;
    return t->live ? replay_session_maps(t->live, count) : NULL;
}

struct replay_session *timeline_session(struct timeline *t)
{
    return t->live;
}

void timeline_stats(struct timeline *t, struct timeline_stats *out)
{
    *out = t->stats;
    out->checkpoints = (uint32_t)t->point_count;
    out->checkpoint_bytes = checkpoints_held(t);
}

/* ------------------------------------------------------------------- moving */
void timeline_interrupt(struct timeline *t)
{
    atomic_store(&t->interrupt, 1);
}

int timeline_ready(struct timeline *t)
{
    if (t->diversion)
        return -EBUSY;
    atomic_store(&t->interrupt, 0);
    return t->live ? 0 : -EIO;
}

/* err of a journey that was to end with s as the present. */
static int arrived(struct timeline *t, int err, struct replay_session *s, uint32_t reason)
{
    if (!err) {
        travel_arrive(t, s, reason);
    } else if (err == -EINTR && t->live) {
        t->stop = *replay_session_where(t->live);
        t->stop.reason = RK_STOP_INTERRUPTED;
        return 0;
    }
    return err;
}

static int forward(struct timeline *t, const struct travel *how)
{
    int err = timeline_ready(t);
    if (err)
        return err;
    struct travel with_signals = *how;
    with_signals.signals = how->armed ? t->stop_signals : 0;
    err = travel_run(t, t->live, &with_signals);
    if (err) {
        replay_session_close(t->live);
        t->live = NULL;
        return err;
    }
    travel_arrive(t, t->live, 0);
    return 0;
}

int timeline_continue(struct timeline *t)
{
    return forward(t, &(struct travel){.command = TRAVEL_CONTINUE, .armed = 1, .leave_points = 1});
}

int timeline_continue_to_thread(struct timeline *t, int32_t tid)
{
    t->stop_thread = tid;
    int err = timeline_continue(t);
    t->stop_thread = 0;
    return err;
}

int timeline_step(struct timeline *t, uint64_t count)
{
    return forward(t, &(struct travel){
                          .command = TRAVEL_STEP, .number = count, .armed = 1, .leave_points = 1});
}

/* -------------------------------------------------------------------- seeks */
static int seek_as(struct timeline *t, const struct timeline_mark *mark, uint32_t reason)
{
    struct replay_session *s = NULL;
    int err = timeline_ready(t);
    if (err && err != -EIO)
        return err;
    err = travel_to(t, mark, &s);
    return arrived(t, err, s, reason);
}

int timeline_seek_mark(struct timeline *t, const struct timeline_mark *mark)
{
    if (timeline_compare(mark, &t->begin) <= 0)
        return timeline_seek_begin(t);
    return seek_as(t, mark, 0);
}

int timeline_seek(struct timeline *t, const struct rk_position *at)
{
    return timeline_seek_mark(t, &(struct timeline_mark){.at = *at});
}

int timeline_seek_begin(struct timeline *t)
{
    return seek_as(t, &t->begin, RK_STOP_START);
}

int timeline_seek_end(struct timeline *t)
{
    struct timeline_mark never = {.at = {UINT64_MAX, 0, 0}};
    return seek_as(t, &never, 0);
}

/* First to the event, which lies inside a kernel entry; then to the instruction that makes
 * that. */
int timeline_seek_event(struct timeline *t, uint64_t number)
{
    int err = timeline_ready(t);
    if (err && err != -EIO)
        return err;
    if (t->begin.event >= number)
        return timeline_seek_begin(t);
    if (!t->live || t->stop.event >= number)
        err = timeline_seek_begin(t);
    if (!err)
        err = forward(
            t, &(struct travel){.command = TRAVEL_EVENT, .number = number, .leave_points = 1});
    if (err || RK_STOP_IS_END(t->stop.reason) || !t->stop.in_kernel)
        return err;
    struct rk_position at = t->stop.at;
    return timeline_seek(t, &at);
}
