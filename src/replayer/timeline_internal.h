/* timeline_internal.h - what the files of the timeline share. */
#ifndef RRL_TIMELINE_INTERNAL_H
#define RRL_TIMELINE_INTERNAL_H

#include "internal.h"
#include "timeline.h"

#include <stdatomic.h>

#define TIMELINE_BREAKS RK_DEBUG_BREAKS

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
    uint64_t breaks[TIMELINE_BREAKS];
    uint32_t break_count;
    struct timeline_checkpoint *users;
    size_t user_count;
    uint32_t last_user_id;
    struct timeline_stats stats;
};

struct timeline_mark timeline_mark_of(const struct rk_debug_stop *stop);

/* travel.c: replays that run to some moment. */
enum travel_command { TRAVEL_CONTINUE, TRAVEL_STEP, TRAVEL_POINT, TRAVEL_EVENT };
struct travel {
    enum travel_command command;
    struct rk_position point; /* TRAVEL_POINT */
    uint64_t number;          /* steps, event */
    int armed;                /* breakpoints hold */
};
/* Runs s until it stops; 0 or -EIO. An interrupt is a stop as others. */
int travel_run(struct timeline *t, struct replay_session *s, const struct travel *how);
/* Makes a replay that stands at mark or, when there is no such moment, at the next. 0, -EIO, or
 * -EINTR: interrupted on the way, *out is NULL. */
int travel_to(struct timeline *t, const struct timeline_mark *mark, struct replay_session **out);
/* The same, never the present itself. */
int travel_again(struct timeline *t, const struct timeline_mark *mark, struct replay_session **out);
/* s, which stands somewhere, becomes the present. */
void travel_arrive(struct timeline *t, struct replay_session *s, uint32_t reason);

#endif
