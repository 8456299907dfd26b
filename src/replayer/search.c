/*
 * search.c - runs backward. The stretches between checkpoints, from the last one on, are run
 * forward again, and the last stop before the present counts; several at once where there are
 * processors for it.
 *
 * Watchpoints make a run slow. Where the processor's debug registers can count the accesses
 * (hwcount.h), a stretch is first run at full speed, in short parts, and only a part in which
 * something was counted is run again with watchpoints.
 */
#include "hwcount.h"
#include "timeline_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 5 /* in a usual stretch, of equal running time; longer ones in long stretches */
#define PARTS_MAX 128u
/* A search leaves fewer checkpoints than a first run does, but closer ones the nearer to the
 * present: what is found is mostly near, and the way to it begins at the last of them. */
#define FAR_SPACING(t) (3 * (t)->spacing_ns)
#define NEAR_SPACING(t) ((t)->spacing_ns / 16)
#define SPACING_OF(away) ((away) / 4)
#define COPY_SHARE 3
#define STOP_MS 50     /* until an interrupt has come through, mostly */
#define ALONE_POLLS 4  /* before stretches farther back are begun, too: most hits are near */

struct part {
    struct timeline_mark from; /* to the next part's, or to the pass's end */
    int touched;               /* watched memory, as it seems */
};

/* A stretch that is run. */
struct pass {
    struct replay_session *s;
    struct timeline_mark from, until;
    int inclusive; /* a breakpoint at its end counts */
    int counting;  /* watchpoints do not hold in it, accesses are counted by part */
    int running, done;
    struct rk_debug_last last; /* that was met; count 0: none */
    struct hwcount count;
    struct part part[PARTS_MAX];
    unsigned parts;              /* the last one is being run, unless done */
    uint64_t part_ns, part_from; /* length of a part; running time at the beginning of the last */
    uint64_t point_from;         /* running time at the last checkpoint */
};

struct search {
    struct timeline *t;
    struct timeline_mark begun; /* where the search began: the present */
    struct timeline_mark end;   /* what lies behind it is searched, or being so */
    int inclusive;
    struct pass *pass[TIMELINE_WIDTH]; /* the nearest to the present first */
    unsigned passes, polls;
};

/* ------------------------------------------------------------------ counting */
static size_t watched(const struct timeline *t, struct hwcount_range *out)
{
    for (uint32_t i = 0; i < t->watch_count; i++)
        out[i] = (struct hwcount_range){t->watches[i].addr, t->watches[i].len,
                                        t->watches[i].kind != RK_WATCH_WRITE};
    return t->watch_count;
}

int timeline_counts(const struct timeline *t)
{
    struct hwcount_range r[TIMELINE_WATCHES];
    if (t->options.no_debug_registers)
        return -ECANCELED;
    int err = hwcount_usable();
    return err || !t->watch_count || hwcount_fits(r, watched(t, r)) ? err : -E2BIG;
}

static void begin_counting(struct timeline *t, struct pass *p)
{
    struct hwcount_range r[TIMELINE_WATCHES];
    if (!t->watch_count || timeline_counts(t))
        return;
    size_t n = watched(t, r);
    p->counting = !hwcount_open(&p->count, replay_session_pid(p->s), r, n);
    t->stats.counted += p->counting != 0;
}

/* Two parts become one. */
static void merge_parts(struct pass *p)
{
    for (unsigned i = 0; i < PARTS_MAX / 2; i++) {
        p->part[i] = p->part[2 * i];
        p->part[i].touched |= p->part[2 * i + 1].touched;
    }
    p->parts = PARTS_MAX / 2;
    p->part_ns *= 2;
}

/* Running time from one checkpoint that the pass leaves to the next. */
static uint64_t point_spacing(const struct timeline *t, const struct pass *p)
{
    uint64_t now = t->live ? replay_session_ran_ns(t->live) : UINT64_MAX;
    uint64_t here = replay_session_ran_ns(p->s), away = now > here ? SPACING_OF(now - here) : 0;
    uint64_t least = NEAR_SPACING(t), most = FAR_SPACING(t);
    return away < least ? least : away > most ? most : away;
}

static void begin_part(const struct timeline *t, struct pass *p)
{
    if (p->parts == PARTS_MAX)
        merge_parts(p);
    if (!p->counting)
        p->part_ns = point_spacing(t, p);
    p->part[p->parts++] =
        (struct part){.from = timeline_mark_of(replay_session_where(p->s)), .touched = 0};
    p->part_from = replay_session_ran_ns(p->s);
}

/* -------------------------------------------------------------------- passes */
static void close_pass(struct pass *p)
{
    hwcount_close(&p->count);
    replay_session_close(p->s);
    free(p);
}

/* p->s stands at the beginning. 0 or -errno. */
static int begin_pass(struct timeline *t, struct pass *p, int may_count)
{
    if (may_count)
        begin_counting(t, p);
    p->part_ns = t->spacing_ns / PARTS;
    p->point_from = replay_session_ran_ns(p->s);
    p->from = timeline_mark_of(replay_session_where(p->s));
    begin_part(t, p);
    t->stats.searched++;
    return points_arm(t, p->s, p->counting ? POINTS_BUT_WATCHES : POINTS_ALL);
}

static void leave_point(struct timeline *t, struct pass *p)
{
    uint64_t ran = replay_session_ran_ns(p->s), least = point_spacing(t, p);
    if (ran - p->point_from < checkpoint_spacing(t, p->s, least, COPY_SHARE))
        return;
    t->search = p->s;
    checkpoint_add(t, p->s, 1);
    t->search = NULL;
    p->point_from = ran;
}

/* It has come to its end, or was stopped because a part is. */
static int pass_stopped(struct timeline *t, struct pass *p)
{
    struct rk_debug_last last;
    int err = replay_session_last(p->s, &last);
    p->running = 0;
    if (err)
        return err;
    uint32_t reason = replay_session_where(p->s)->reason;
    if (reason == RK_STOP_DIVERGED || reason == RK_STOP_PANIC) {
        if (t->options.say)
            t->options.say(t->options.ctx, "a copy of the program has left the recorded course: "
                                           "what lies before cannot be searched; please report it");
        return -EIO;
    }
    if (last.count)
        p->last = last;
    if (p->counting)
        p->part[p->parts - 1].touched |= hwcount_touched(&p->count);
    travel_passed(t, p->s);
    if (replay_session_where(p->s)->reason != RK_STOP_INTERRUPTED) {
        p->done = 1;
        checkpoint_refine(t, p->s);
        return 0;
    }
    leave_point(t, p);
    begin_part(t, p);
    return 0;
}

static int still_runs(int err)
{
    return err == -ETIMEDOUT || err == -EINTR;
}

/* Lets it run on for about so long. 0, or -EIO. */
static int poll_pass(struct timeline *t, struct pass *p, int ms)
{
    int err = p->running ? replay_session_wait(p->s, ms)
                         : replay_session_run_last(p->s, &p->until.at, p->inclusive, ms);
    p->running = 1;
    if (still_runs(err) && replay_session_ran_ns(p->s) - p->part_from >= p->part_ns)
        err = replay_session_interrupt(p->s, STOP_MS);
    if (still_runs(err))
        return 0;
    return (err ? err : pass_stopped(t, p)) ? -EIO : 0;
}

/* ------------------------------------------------------------------- results */
/* The moment to go back to: before the instruction that a watchpoint tells of. */
static struct found found_at(const struct rk_debug_last *last)
{
    struct found f = {{last->at, last->event, 0, 0}, last->reason, last->hit, last->number};
    if (last->reason == RK_STOP_WATCH)
        f.mark = (struct timeline_mark){.at = last->hit.at};
    return f;
}

/* Runs a pass by itself to its end. 1 found, 0 none, -EINTR, -EIO. */
static int run_alone(struct timeline *t, struct pass *p, struct found *found)
{
    int err = begin_pass(t, p, 0);
    while (!err && !p->done)
        err = travel_interrupted(t) ? -EINTR : poll_pass(t, p, STOP_MS);
    *found = found_at(&p->last);
    return err ? err : p->last.count != 0;
}

/* The last hit in part i of a pass. */
static int look_closely(struct timeline *t, const struct pass *whole, unsigned i,
                        struct found *found)
{
    struct pass *p = calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    int last = i + 1 == whole->parts;
    p->until = last ? whole->until : whole->part[i + 1].from;
    p->inclusive = last ? whole->inclusive : 1;
    int got = travel_again(t, &whole->part[i].from, &p->s);
    if (!got) {
        checkpoint_add(t, p->s, 0); /* the way to what is found begins there */
        got = run_alone(t, p, found);
    }
    close_pass(p);
    return got;
}

/* What was met without watchpoints is behind part i. */
static int is_behind(const struct pass *p, unsigned i)
{
    struct found f = found_at(&p->last);
    return p->last.count && i + 1 < p->parts &&
           timeline_compare(&f.mark, &p->part[i + 1].from) >= 0;
}

static int result_of(struct timeline *t, const struct pass *p, struct found *found)
{
    for (unsigned i = p->parts; p->counting && i-- > 0 && !is_behind(p, i);) {
        int got = p->part[i].touched ? look_closely(t, p, i, found) : 0;
        if (got)
            return got;
    }
    *found = found_at(&p->last);
    return p->last.count != 0;
}

/* ----------------------------------------------------------------- searching */
/* The stretch that ends at b->end, which becomes its beginning, is run: 1; or it is known to hold
 * nothing: 0; or -errno. */
static int next_stretch(struct search *b)
{
    struct timeline *t = b->t;
    struct timeline_mark until = b->end, before = b->end;
    before.in_kernel = 0;
    if (timeline_compare(&before, &until) == 0 && before.at.pc)
        before.at.pc--;
    const struct checkpoint *p = checkpoint_before(t, &before);
    int inclusive = b->inclusive;
    b->inclusive = 1;
    if (p && checkpoint_rules_out(t, &until)) {
        b->end = p->mark;
        t->stats.skipped++;
        return 0;
    }
    struct pass *n = calloc(1, sizeof(*n));
    if (!n)
        return -ENOMEM;
    n->until = until;
    n->inclusive = inclusive || until.in_kernel;
    int err = travel_base(t, &before, &n->s);
    if (!err)
        b->end = timeline_mark_of(replay_session_where(n->s));
    if (!err)
        err = begin_pass(t, n, 1);
    if (err) {
        close_pass(n);
        return err;
    }
    b->pass[b->passes++] = n;
    return 1;
}

/* Stretches to run, as many as there should be. */
static int begin_stretches(struct search *b)
{
    unsigned want = b->polls < ALONE_POLLS ? 1 : b->t->search_width;
    int got = 0;
    while (got >= 0 && b->passes < want && timeline_compare(&b->end, &b->t->begin) > 0)
        got = next_stretch(b);
    return got < 0 ? got : 0;
}

static int poll_all(struct search *b)
{
    int err = 0, ms = b->passes > 1 ? 1 : 5;
    b->polls++;
    for (unsigned i = 0; !err && i < b->passes; i++)
        if (!b->pass[i]->done)
            err = poll_pass(b->t, b->pass[i], ms);
    return err;
}

/* The nearest stretches that are done. 1 found, 0 nothing in them, or an error. */
static int take_results(struct search *b, struct found *found)
{
    int got = 0;
    while (!got && b->passes && b->pass[0]->done) {
        got = result_of(b->t, b->pass[0], found);
        if (!got)
            checkpoints_quiet(b->t, &b->pass[0]->from, &b->begun);
        close_pass(b->pass[0]);
        memmove(&b->pass[0], &b->pass[1], --b->passes * sizeof(b->pass[0]));
    }
    return got;
}

/* Nothing watched was touched behind what was found. */
static void note_behind(const struct search *b, const struct found *found)
{
    struct timeline_mark from = {.at = found->mark.at};
    from.at.pc++;
    checkpoints_quiet(b->t, &from, &b->begun);
}

int search_back(struct timeline *t, struct found *found)
{
    struct search b = {.t = t, .begun = timeline_here(t), .end = timeline_here(t)};
    int got;
    do {
        got = begin_stretches(&b);
        if (got || !b.passes)
            break;
        got = travel_interrupted(t) ? -EINTR : poll_all(&b);
        if (!got)
            got = take_results(&b, found);
    } while (!got);
    if (got > 0)
        note_behind(&b, found);
    while (b.passes)
        close_pass(b.pass[--b.passes]);
    return got;
}
