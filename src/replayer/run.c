/* run.c - one replay from start to end. */
#include "internal.h"
#include "revisor/report.h"

#include <poll.h>
#include <time.h>

#define IDLE_MS 20
#define PROGRESS_NS 200000000ull
/* After the last recorded kernel entry a program that was killed may run on for ever
 * without another one: so long without any progress means that this is where it is. */
#define STILL_NS 1000000000ull

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* -------------------------------------------------------------------- loop */

static void note_progress(struct replayer *r)
{
    struct rk_control *c = machine_control(r->machine);
    uint64_t t = now(), events = atomic_load(&c->events), entries = atomic_load(&c->entries);
    if (events != r->seen_events || entries != r->seen_entries)
        r->moved_ns = t;
    r->seen_events = events;
    r->seen_entries = entries;
    r->result->events = events;
    if (r->options->progress && t - r->progress_ns > PROGRESS_NS) {
        r->progress_ns = t;
        r->options->progress(r->options->ctx, events, r->result->total_events);
    }
}

/* All that was recorded has been replayed, but for what only a kernel entry can bring. */
static int at_recorded_end(const struct replayer *r)
{
    int async_exit = r->last.kind == RK_EV_EXIT && r->last.flags & RK_EVF_ASYNC;
    uint64_t tail = async_exit ? 2 : 0; /* the signal and the exit themselves */
    if (!r->fed_all || r->seen_events + tail < r->fed)
        return 0;
    if (r->held_back || async_exit)
        return r->seen_entries >= r->last.check;
    return r->last.kind != RK_EV_EXIT;
}

/* The recording was interrupted, or ended by a signal from outside, in the middle of
 * running code, and the replay has come as far: the program may never enter the kernel
 * again, so that nothing would tell. */
static void check_still(struct replayer *r)
{
    if (!at_recorded_end(r) || now() - r->moved_ns < STILL_NS)
        return;
    r->result->wait_status = (int)r->last.result;
    if (r->held_back)
        replay_ends(r, REPLAY_KILLED, 0);
    else
        replay_ends(r, r->last.kind == RK_EV_EXIT ? REPLAY_FAITHFUL : REPLAY_CUT, 0);
}

static int next_timeout(int timeout, int64_t moved)
{
    if (moved > 0)
        return 1;
    return timeout * 2 < IDLE_MS ? timeout * 2 : IDLE_MS;
}

static void run(struct replayer *r)
{
    int timeout = 1;
    r->moved_ns = r->progress_ns = now();
    while (!r->ended) {
        struct pollfd p = {.fd = machine_death_fd(r->machine), .events = POLLIN};
        int64_t moved = replay_feed(r);
        if (moved < 0) {
            replay_ends(r, moved <= TF_E_NOT_A_TRACE ? REPLAY_BAD_TRACE : REPLAY_HOST_FAILED,
                        (int)moved);
            break;
        }
        timeout = next_timeout(timeout, moved);
        int dead = poll(&p, 1, timeout) > 0;
        if (report_drain(r->machine, replay_on_report, r) < 0)
            replay_ends(r, REPLAY_GUEST_DIED, 0);
        note_progress(r);
        if (dead)
            replay_check_death(r);
        check_still(r);
    }
}

void replay_run(struct tf_reader *reader, const struct replay_options *options,
                struct replay_result *result)
{
    struct replayer r = {.reader = reader, .options = options, .result = result};
    if (!replay_open(&r))
        run(&r);
    replay_free(&r);
}
