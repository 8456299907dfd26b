/*
 * checkpoint.c - copies of the replay at moments of the past. A checkpoint is never run: whoever
 * wants to go on from there copies it again.
 */
#include "pages.h"
#include "timeline_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int copy(struct timeline *t, struct replay_session *s, int fresh,
                struct replay_session **out)
{
    t->copies_asked++;
    *out = NULL;
    int err = t->options.fail_copies && t->copies_asked % t->options.fail_copies == 0
                  ? -EAGAIN
                  : replay_session_copy(s, fresh, out);
    if (err) {
        t->stats.refused++;
        return err;
    }
    t->stats.copies++;
    replay_session_print_after(*out, t->printed);
    return 0;
}

int timeline_copy(struct timeline *t, struct replay_session *s, struct replay_session **out)
{
    return copy(t, s, 0, out);
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

static void insert(struct timeline *t, size_t i, const struct checkpoint *point)
{
    memmove(&t->points[i + 1], &t->points[i], (t->point_count++ - i) * sizeof(t->points[0]));
    t->points[i] = *point;
}

static void take_out(struct timeline *t, size_t i)
{
    memmove(&t->points[i], &t->points[i + 1], (--t->point_count - i) * sizeof(t->points[0]));
}

static void unite(uint64_t *into, const uint64_t *other, size_t words)
{
    for (size_t i = 0; i < words; i++)
        into[i] |= other[i];
}

/* ------------------------------------------------------ what was not touched */
static int is_quiet(const struct checkpoint *p, const struct timeline_watch *w)
{
    for (int i = 0; i < TIMELINE_QUIET; i++) {
        const struct timeline_watch *q = &p->quiet[i];
        if (q->addr <= w->addr && q->addr + q->len >= w->addr + w->len && !(w->kind & ~q->kind))
            return 1;
    }
    return 0;
}

/* The oldest is forgotten for it. */
static void add_quiet(struct checkpoint *p, const struct timeline_watch *w)
{
    if (is_quiet(p, w))
        return;
    memmove(&p->quiet[1], &p->quiet[0], (TIMELINE_QUIET - 1) * sizeof(p->quiet[0]));
    p->quiet[0] = *w;
}

void checkpoints_quiet(struct timeline *t, const struct timeline_mark *from,
                       const struct timeline_mark *until)
{
    for (size_t i = 1; i < t->point_count; i++)
        if (timeline_compare(&t->points[i - 1].mark, from) >= 0 &&
            timeline_compare(&t->points[i].mark, until) <= 0)
            for (uint32_t w = 0; w < t->watch_count; w++)
                add_quiet(&t->points[i], &t->watches[w]);
}

/* Only what was untouched in both stretches is so in them together. */
static void join_quiet(struct checkpoint *next, const struct checkpoint *gone)
{
    for (int i = 0; i < TIMELINE_QUIET; i++)
        if (next->quiet[i].len && !is_quiet(gone, &next->quiet[i]))
            next->quiet[i].len = 0;
}

/* ---------------------------------------------------------------- dropping */
/* *gone, which ends at *at, becomes a part of *next if there is no gap between them. */
static void inherit(struct replay_footprint *next, const struct replay_footprint *gone,
                    const struct rk_position *at)
{
    if (replay_compare(&next->executed_from, at) <= 0 &&
        replay_compare(&gone->executed_from, &next->executed_from) < 0) {
        unite(next->did.cover, gone->did.cover, RK_DEBUG_COVER_BITS / 64);
        unite(next->did.called, gone->did.called, RK_DEBUG_CALLS / 64);
        next->did.ran |= gone->did.ran;
        next->executed_from = gone->executed_from;
    }
    if (replay_compare(&next->written_from, at) <= 0 &&
        replay_compare(&gone->written_from, &next->written_from) < 0) {
        unite(next->written, gone->written, RK_DEBUG_PAGE_BITS / 64);
        unite(next->did.remapped, gone->did.remapped, RK_DEBUG_PAGE_BITS / 64);
        next->written_from = gone->written_from;
    }
}

/* The first one from points[i] on that has a footprint, which tells of the stretches before it, too;
 * or NULL. */
static struct checkpoint *with_footprint(const struct timeline *t, size_t i)
{
    while (i < t->point_count && !t->points[i].footprint)
        i++;
    return i < t->point_count ? &t->points[i] : NULL;
}

/* Those behind it take its stretch over. */
static void drop(struct timeline *t, size_t i)
{
    struct checkpoint *p = &t->points[i], *heir = with_footprint(t, i + 1);
    if (heir && p->footprint)
        inherit(heir->footprint, p->footprint, &p->mark.at);
    if (i + 1 < t->point_count)
        join_quiet(&p[1], p);
    free(p->footprint);
    replay_session_close(p->session);
    take_out(t, i);
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

static double distance(double own, const struct replay_session *to)
{
    double there = to ? (double)replay_session_ran_ns(to) : 0;
    return there > own ? there - own : own - there;
}

/* How much longer a way to the moments behind it gets without it: what is near the present, or
 * near a search that may find a new one, should be reached quicker. */
static double worth(const struct timeline *t, size_t i)
{
    double own = ran(t, i), last = ran(t, i - 1);
    double next = i + 1 < t->point_count ? ran(t, i + 1) : (double)t->farthest_ns;
    double away = distance(own, t->live), searched = distance(own, t->search);
    double gap = next > last ? next - last : 0;
    if (t->search && searched < away)
        away = searched;
    return (gap + NEAR_NS / 10) / ((away < FAR_NS ? away : FAR_NS) + NEAR_NS);
}

uint64_t checkpoints_held(const struct timeline *t)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < t->point_count; i++)
        sum += replay_session_held(t->points[i].session);
    return sum;
}

#define WEIGH_EVERY 8 /* checkpoints */

/* Fewer from now on when they have come to take too much memory. */
static void weigh(struct timeline *t)
{
    if (++t->points_made % WEIGH_EVERY)
        return;
    uint64_t held = checkpoints_held(t), most = t->options.checkpoint_bytes;
    if (held <= most)
        return;
    double fewer = (double)t->point_count * 0.8 * (double)most / (double)held;
    t->points_max = fewer < 2 ? 2 : (uint32_t)fewer;
}

/* The first one, which is the beginning, stays. */
static size_t least_worth(const struct timeline *t)
{
    size_t least = 1;
    for (size_t i = 2; i < t->point_count; i++)
        if (worth(t, i) < worth(t, least))
            least = i;
    return least;
}

static void thin(struct timeline *t)
{
    weigh(t);
    while (t->point_count > t->points_max && t->point_count > 1)
        drop(t, least_worth(t));
}

static int room(struct timeline *t)
{
    if (t->points)
        return 0;
    t->points = calloc(t->points_max + 1, sizeof(t->points[0])); /* points_max only falls */
    return t->points ? 0 : -ENOMEM;
}

static struct replay_footprint *footprint_of(struct replay_session *s)
{
    struct replay_footprint *f = malloc(sizeof(*f));
    if (f)
        replay_session_footprint(s, f);
    return f;
}

/* One more where s stands, at points[i], would be dropped at once. */
static int is_superfluous(struct timeline *t, size_t i, struct replay_session *s)
{
    if (t->point_count < t->points_max || !i)
        return 0;
    insert(t, i, &(struct checkpoint){.session = s});
    size_t least = least_worth(t);
    take_out(t, i);
    return least == i;
}

/* Where s stood at a checkpoint that has been dropped, what it did before is not known of it, but of
 * the stretch that this is a part of. */
static void complete(const struct timeline *t, size_t i, const struct checkpoint *point)
{
    const struct checkpoint *whole = with_footprint(t, i);
    struct replay_footprint *f = point->footprint;
    if (f && whole && i &&
        (replay_compare(&f->executed_from, &t->points[i - 1].mark.at) > 0 ||
         replay_compare(&f->written_from, &t->points[i - 1].mark.at) > 0))
        inherit(f, whole->footprint, &point->mark.at);
}

int checkpoint_add(struct timeline *t, struct replay_session *s, int footprint)
{
    struct checkpoint point = {.mark = timeline_mark_of(replay_session_where(s))};
    size_t i = first_after(t, &point.mark);
    if (point.mark.in_kernel || (i && !timeline_compare(&t->points[i - 1].mark, &point.mark)))
        return 0;
    int err = room(t);
    if (!err)
        travel_passed(t, s);
    if (!err && is_superfluous(t, i, s))
        return 0;
    if (!err && footprint)
        point.footprint = footprint_of(s);
    if (!err)
        err = copy(t, s, footprint, &point.session);
    if (err) {
        free(point.footprint);
        return err;
    }
    if (i < t->point_count) /* a part of its stretch */
        memcpy(point.quiet, t->points[i].quiet, sizeof(point.quiet));
    complete(t, i, &point);
    insert(t, i, &point);
    thin(t);
    return 0;
}

/* A program that touches memory everywhere could copy all the time. But most faults may be its own. */
#define SPACING_MOST(t) (20 * (t)->spacing_ns)

uint64_t checkpoint_spacing(const struct timeline *t, const struct replay_session *s,
                            uint64_t at_least, uint64_t share)
{
    uint64_t spacing = share * replay_session_copy_cost(s), most = SPACING_MOST(t);
    spacing = spacing < most ? spacing : most;
    return spacing > at_least ? spacing : at_least;
}

void checkpoint_refine(struct timeline *t, struct replay_session *s)
{
    struct timeline_mark here = timeline_mark_of(replay_session_where(s));
    size_t i = first_after(t, &here);
    if (i < 2 || timeline_compare(&t->points[i - 1].mark, &here) || !t->points[i - 1].footprint)
        return;
    struct replay_footprint *old = t->points[i - 1].footprint, *f = footprint_of(s);
    const struct rk_position *begin = &t->points[i - 2].mark.at;
    if (f && replay_compare(&f->executed_from, &old->executed_from) >= 0 &&
        replay_compare(&f->written_from, &old->written_from) >= 0 &&
        replay_compare(&f->executed_from, begin) <= 0 &&
        replay_compare(&f->written_from, begin) <= 0) {
        t->points[i - 1].footprint = f;
        f = old;
    }
    free(f);
}

/* ------------------------------------------------------------------- skipping */
static int has_bit(const uint64_t *bits, uint32_t bit)
{
    return bits[bit / 64] >> bit % 64 & 1;
}

static int may_have_run(const struct replay_footprint *f, uint64_t pc)
{
    return has_bit(f->did.cover, rk_cover_bit(pc)) && has_bit(f->did.cover, rk_cover_bit2(pc));
}

static int may_break(const struct timeline *t, const struct checkpoint *p)
{
    for (uint32_t i = 0; i < t->break_count; i++)
        if (t->breaks[i].pc == p->mark.at.pc || may_have_run(p->footprint, t->breaks[i].pc))
            return 1;
    return 0;
}

static int may_run(const struct timeline *t, const struct checkpoint *p)
{
    return t->stop_thread && has_bit(&p->footprint->did.ran, rk_thread_bit(t->stop_thread));
}

static int may_call(const struct timeline *t, const struct checkpoint *p)
{
    uint64_t both = 0;
    for (int i = 0; i < RK_DEBUG_CALLS / 64; i++)
        both |= t->stop_calls[i] & p->footprint->did.called[i];
    return both != 0;
}

static int may_be_written(const struct replay_footprint *f, uint64_t page)
{
    return has_bit(f->did.remapped, rk_page_bit(page)) ||
           (has_bit(f->written, rk_page_bit(page)) && has_bit(f->written, page_bit2(page)));
}

static int may_touch(const struct timeline_watch *w, const struct checkpoint *p)
{
    if (w->kind != RK_WATCH_WRITE || w->len > RK_DEBUG_PAGE_BITS * RK_PAGE)
        return 1;
    uint64_t first = w->addr & ~(RK_PAGE - 1), end = w->addr + w->len;
    for (uint64_t at = first; at < end; at += RK_PAGE)
        if (may_be_written(p->footprint, at))
            return 1;
    return 0;
}

/* No watched memory was touched from *begin, the checkpoint before points[end], to that; footprints
 * are those of `known`, or there are none. */
static int untouched(const struct timeline *t, size_t end, const struct checkpoint *known,
                     const struct rk_position *begin)
{
    int tells = known && replay_compare(&known->footprint->written_from, begin) <= 0;
    for (uint32_t w = 0; w < t->watch_count; w++)
        if (!is_quiet(&t->points[end], &t->watches[w]) &&
            (!tells || may_touch(&t->watches[w], known)))
            return 0;
    return 1;
}

int checkpoint_rules_out(const struct timeline *t, const struct timeline_mark *end)
{
    size_t i = first_after(t, end);
    if (i && !timeline_compare(&t->points[i - 1].mark, end))
        i--;
    if (!i || i == t->point_count)
        return 0;
    const struct checkpoint *p = with_footprint(t, i); /* what that has not met, a part has not */
    const struct rk_position *begin = &t->points[i - 1].mark.at;
    if ((t->break_count || t->stop_thread || t->stops_at_calls) &&
        (!p || replay_compare(&p->footprint->executed_from, begin) > 0 || may_break(t, p) ||
         may_run(t, p) || may_call(t, p)))
        return 0;
    return untouched(t, i, p, begin);
}
