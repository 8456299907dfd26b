/*
 * checkpoint.c - copies of the replay at moments of the past. A checkpoint is never run: whoever
 * wants to go on from there copies it again.
 */
#include "timeline_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int timeline_copy(struct timeline *t, struct replay_session *s, struct replay_session **out)
{
    t->copies_asked++;
    *out = NULL;
    int err = t->options.fail_copies && t->copies_asked % t->options.fail_copies == 0
                  ? -EAGAIN
                  : replay_session_copy(s, out);
    if (err) {
        t->stats.refused++;
        return err;
    }
    t->stats.copies++;
    replay_session_print_after(*out, t->printed);
    return 0;
}

/* ---------------------------------------------------------------------- list */
/* Index of the first checkpoint after the mark. */
static size_t first_after(const struct timeline *t, const struct timeline_mark *mark)
{
    size_t i = t->point_count;
    while (i && timeline_compare(&t->points[i - 1].mark, mark) > 0)
        i--;
    return i;
}

const struct checkpoint *checkpoint_before(const struct timeline *t,
                                           const struct timeline_mark *mark)
{
    size_t i = first_after(t, mark);
    return i ? &t->points[i - 1] : NULL;
}

static void drop(struct timeline *t, size_t i)
{
    replay_session_close(t->points[i].session);
    memmove(&t->points[i], &t->points[i + 1], (--t->point_count - i) * sizeof(t->points[0]));
}

void checkpoints_drop_all(struct timeline *t)
{
    while (t->point_count)
        drop(t, t->point_count - 1);
}

/* ------------------------------------------------------------------- thinning */
/* Farther than this from the present all stretches count alike. */
#define FAR_NS 2e9
#define NEAR_NS 2e4

static double ran(const struct timeline *t, size_t i)
{
    return (double)replay_session_ran_ns(t->points[i].session);
}

/* How much longer a way to the moments behind it gets without it: what is near the present
 * should be reached quicker. */
static double worth(const struct timeline *t, size_t i, double present)
{
    double own = ran(t, i), last = ran(t, i - 1);
    double next = i + 1 < t->point_count ? ran(t, i + 1) : present;
    double away = present > own ? present - own : own - present;
    double gap = next > last ? next - last : 0;
    return (gap + NEAR_NS / 10) / ((away < FAR_NS ? away : FAR_NS) + NEAR_NS);
}

/* The first one, which is the beginning, stays. */
static void thin(struct timeline *t)
{
    double present = t->live ? (double)replay_session_ran_ns(t->live) : 0;
    while (t->point_count > t->points_max && t->point_count > 1) {
        size_t least = 1;
        for (size_t i = 2; i < t->point_count; i++)
            if (worth(t, i, present) < worth(t, least, present))
                least = i;
        drop(t, least);
    }
}

static int room(struct timeline *t)
{
    if (t->points)
        return 0;
    t->points = calloc(t->points_max + 1, sizeof(t->points[0]));
    return t->points ? 0 : -ENOMEM;
}

int checkpoint_add(struct timeline *t, struct replay_session *s)
{
    struct checkpoint point = {.mark = timeline_mark_of(replay_session_where(s))};
    size_t i = first_after(t, &point.mark);
    if (point.mark.in_kernel || (i && !timeline_compare(&t->points[i - 1].mark, &point.mark)))
        return 0;
    int err = room(t);
    if (!err)
        err = timeline_copy(t, s, &point.session);
    if (err)
        return err;
    memmove(&t->points[i + 1], &t->points[i], (t->point_count++ - i) * sizeof(t->points[0]));
    t->points[i] = point;
    thin(t);
    return 0;
}
