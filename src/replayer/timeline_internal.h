/* timeline_internal.h - what the files of the timeline share. */
#ifndef RRL_TIMELINE_INTERNAL_H
#define RRL_TIMELINE_INTERNAL_H

#include "internal.h"
#include "timeline.h"

#include <stdatomic.h>

#define TIMELINE_BREAKS RK_DEBUG_BREAKS
#define TIMELINE_WATCHES RK_DEBUG_WATCHES
#define TIMELINE_WIDTH 4 /* stretches searched at once, at most */

struct timeline_break {
    uint64_t pc;
    void *conds; /* NULL: none */
    size_t size;
};

struct timeline_watch {
    uint64_t addr, len;
    uint32_t kind; /* RK_WATCH_* */
};

#define TIMELINE_QUIET 4

/* A replay that stands at a moment of the past, never to be run itself. */
struct checkpoint {
    struct timeline_mark mark;
    struct replay_session *session;
    struct replay_footprint *footprint; /* of the way here; NULL: not known */
    /* What a search has found untouched from the checkpoint before to here; len 0: none. */
    struct timeline_watch quiet[TIMELINE_QUIET];
};

struct timeline {
    struct tf_reader *reader;
    struct timeline_options options;
    struct replay_options session_options;
    struct replay_result *result;
    uint64_t reader_at;          /* what all replays share (struct replay_options) */
    struct replay_session *live; /* stands at the present; NULL: lost */
    struct rk_debug_stop stop;   /* as timeline_where tells it */
    struct timeline_mark begin;
    atomic_int interrupt;
    struct diversion *diversion;
    struct timeline_break breaks[TIMELINE_BREAKS];
    struct timeline_watch watches[TIMELINE_WATCHES];
    uint32_t break_count, watch_count;
    uint64_t stop_signals;
    uint64_t stop_calls[RK_DEBUG_CALLS / 64];
    int stops_at_calls;  /* one of them is set */
    int32_t stop_thread; /* whose turns the present move looks for, or 0 */
    uint64_t printed;    /* output up to this event has been printed */
    struct timeline_checkpoint *users;
    size_t user_count;
    uint32_t last_user_id;
    struct checkpoint *points; /* by mark; points_max of them and one */
    size_t point_count;
    uint32_t points_max;
    uint64_t spacing_ns; /* at least so much running time between two of them */
    uint64_t copies_asked, points_made;
    uint64_t farthest_ns;                /* running time up to the last moment ever reached */
    const struct replay_session *search; /* runs a search in the past; or NULL */
    unsigned search_width;               /* stretches that are searched at once */
    struct rk_position trail[RK_DEBUG_TRAIL_MAX]; /* moments one after another */
    size_t trail_count;
    struct timeline_stats stats;
};

struct timeline_mark timeline_mark_of(const struct rk_debug_stop *stop);

/* checkpoint.c */
/* A copy to be run. 0 or -errno. */
int timeline_copy(struct timeline *t, struct replay_session *s, struct replay_session **out);
/* Makes one where s stands, unless there is one; footprint: and tells what s did on its way
 * there. 0 or -errno. */
int checkpoint_add(struct timeline *t, struct replay_session *s, int footprint);
/* Running time from the last checkpoint of s to the next: `at_least`, or so much more that copying
 * takes no more than a 1/share of it. */
uint64_t checkpoint_spacing(const struct timeline *t, const struct replay_session *s,
                            uint64_t at_least, uint64_t share);
/* s, which stands at a checkpoint, has seen the way there again: when it knows of a shorter way
 * than the checkpoint does, that one takes its footprint over. */
void checkpoint_refine(struct timeline *t, struct replay_session *s);
/* A search has met no watched memory from the one mark to the other. */
void checkpoints_quiet(struct timeline *t, const struct timeline_mark *from,
                       const struct timeline_mark *until);
/* What ran from the last checkpoint before the mark to that can have met no breakpoint,
 * watchpoint, system call or thread of those that are looked for. */
int checkpoint_rules_out(const struct timeline *t, const struct timeline_mark *end);
/* The last one not after the mark, or NULL. */
const struct checkpoint *checkpoint_before(const struct timeline *t,
                                           const struct timeline_mark *mark);
uint64_t checkpoints_held(const struct timeline *t);
void checkpoints_drop_all(struct timeline *t);

/* travel.c: replays that run to some moment. */
enum travel_command {
    TRAVEL_CONTINUE,
    TRAVEL_STEP,
    TRAVEL_POINT,
    TRAVEL_EVENT,
    TRAVEL_TRAIL
};
struct travel {
    enum travel_command command;
    struct rk_position point;   /* TRAVEL_POINT, TRAVEL_TRAIL */
    uint64_t number;            /* steps, event */
    int armed;                  /* breakpoints and watchpoints hold */
    uint64_t signals;           /* to stop at (struct rk_debug, stop_signals) */
    int leave_points;           /* make checkpoints on the way */
};
/* Runs s until it stops; 0 or -EIO. An interrupt is a stop as others. */
int travel_run(struct timeline *t, struct replay_session *s, const struct travel *how);
/* The same for a diversion: its own breakpoints hold, and it leaves nothing behind. */
int travel_divert(struct timeline *t, struct replay_session *s, const struct travel *how);
/* A replay that stands at the last checkpoint not after the mark, or at the beginning. */
int travel_base(struct timeline *t, const struct timeline_mark *mark, struct replay_session **out);
/* Makes a replay that stands at mark or, when there is no such moment, at the next; it may be
 * the present one. 0, -EIO, or -EINTR: interrupted on the way, *out is NULL. */
int travel_to(struct timeline *t, const struct timeline_mark *mark, struct replay_session **out);
/* The same, never the present itself. */
int travel_again(struct timeline *t, const struct timeline_mark *mark, struct replay_session **out);
/* s, which stands somewhere, becomes the present. */
void travel_arrive(struct timeline *t, struct replay_session *s, uint32_t reason);

/* search.c: the last stop before the present of a kind that was asked for (breakpoints,
 * watchpoints, system calls, a thread's turns). 1 found, 0 none, -EINTR, or another error. */
struct found {
    struct timeline_mark mark;
    uint32_t reason;
    struct rk_debug_hit hit; /* of RK_STOP_WATCH */
    int64_t status;          /* of RK_STOP_SYSCALL and _END */
};
int search_back(struct timeline *t, struct found *found);

/* timeline.c: may it move? Forgets an old interrupt. */
int timeline_ready(struct timeline *t);

/* What travel.c's runs do on their way, for those that run a session by themselves. */
int travel_interrupted(struct timeline *t); /* the user wants it to stop */
/* s has come to where it stands: what it has printed is not printed again by others. */
void travel_passed(struct timeline *t, struct replay_session *s);

/* timeline_points.c: gives s the timeline's breakpoints, watchpoints and signals, or some. 0 or
 * -errno. */
enum points { POINTS_NONE, POINTS_ALL, POINTS_BUT_WATCHES };
int points_arm(struct timeline *t, struct replay_session *s, enum points which);
int points_break_at(const struct timeline *t, uint64_t pc);
void points_free(struct timeline *t);

#endif
