/* run.c - one replay from start to end. */
#include "internal.h"
#include "revisor/report.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

static void end(struct replayer *r, enum replay_end how, int error)
{
    if (r->ended)
        return;
    r->ended = 1;
    r->result->end = how;
    r->result->error = error;
}

/* ----------------------------------------------------------------- reports */

static void on_diverged(struct replayer *r, const struct rk_report *report, size_t len)
{
    struct replay_result *result = r->result;
    const unsigned char *payload = (const unsigned char *)(report + 1);
    result->at_event = report->event;
    if (len >= sizeof(*report) + 2 * sizeof(struct rk_event)) {
        memcpy(&result->expected, payload, sizeof(result->expected));
        memcpy(&result->got, payload + sizeof(result->expected), sizeof(result->got));
        report_text(report, len, 2 * sizeof(struct rk_event), result->text, sizeof(result->text));
    }
    end(r, REPLAY_DIVERGED, 0);
}

/* The log ran out: the recording was cut, or the program was killed from outside. */
static void on_log_end(struct replayer *r)
{
    if (r->held_back) {
        r->result->wait_status = (int)r->last.result;
        end(r, REPLAY_KILLED, 0);
    } else if (r->last.kind == RK_EV_EXIT) {
        snprintf(r->result->text, sizeof(r->result->text),
                 "the program went on after its recorded end");
        end(r, REPLAY_DIVERGED, 0);
    } else {
        end(r, REPLAY_CUT, 0);
    }
}

/* The program ended: as recorded, and with nothing left over? */
static void on_exit_report(struct replayer *r, const struct rk_report *report)
{
    struct replay_result *result = r->result;
    uint64_t consumed = atomic_load(&machine_control(r->machine)->events);
    result->wait_status = (int)report->result;
    result->at_event = consumed;
    if (r->fed_all && r->last.kind == RK_EV_EXIT && consumed + 1 >= r->fed) {
        if (r->last.result == report->result) {
            end(r, REPLAY_FAITHFUL, 0);
            return;
        }
        result->expected = r->last;
        snprintf(result->text, sizeof(result->text),
                 "the program ended with wait status %d, not %d", (int)report->result,
                 (int)r->last.result);
    } else {
        snprintf(result->text, sizeof(result->text),
                 "the program ended, but %llu recorded events were to follow",
                 (unsigned long long)(result->total_events - consumed));
    }
    end(r, REPLAY_DIVERGED, 0);
}

static void pass_on(struct replayer *r, const struct rk_report *report, size_t len)
{
    if (r->options->report)
        r->options->report(r->options->ctx, report, len);
}

static void on_report(void *ctx, const struct rk_report *report, size_t len)
{
    struct replayer *r = ctx;
    if (r->ended)
        return;
    switch (report->kind) {
    case RK_REPORT_DIVERGED:
        on_diverged(r, report, len);
        break;
    case RK_REPORT_LOG_END:
        on_log_end(r);
        break;
    case RK_REPORT_PANIC:
        report_text(report, len, 0, r->result->text, sizeof(r->result->text));
        end(r, REPLAY_PANIC, 0);
        break;
    case RK_REPORT_EXIT:
        pass_on(r, report, len);
        on_exit_report(r, report);
        break;
    case RK_REPORT_NOTICE: /* was said when it was recorded */
        break;
    default:
        pass_on(r, report, len);
    }
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
        end(r, REPLAY_KILLED, 0);
    else
        end(r, r->last.kind == RK_EV_EXIT ? REPLAY_FAITHFUL : REPLAY_CUT, 0);
}

static void check_death(struct replayer *r)
{
    int status;
    if (r->ended || machine_wait(r->machine, &status))
        return;
    int as_recorded = r->fed_all && r->held_back && status == (int)r->last.result &&
                      atomic_load(&machine_control(r->machine)->events) == r->fed;
    r->result->wait_status = status;
    end(r, as_recorded ? REPLAY_KILLED : REPLAY_GUEST_DIED, 0);
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
            end(r, moved <= TF_E_NOT_A_TRACE ? REPLAY_BAD_TRACE : REPLAY_HOST_FAILED, (int)moved);
            break;
        }
        timeout = next_timeout(timeout, moved);
        int dead = poll(&p, 1, timeout) > 0;
        if (report_drain(r->machine, on_report, r) < 0)
            end(r, REPLAY_GUEST_DIED, 0);
        note_progress(r);
        if (dead)
            check_death(r);
        check_still(r);
    }
}

static int start(struct replayer *r)
{
    struct machine_config config = {.mode = RK_MODE_REPLAY,
                                    .vcpu_mode = r->options->vcpu_mode,
                                    .flags = r->options->flags,
                                    .image = r->setup.image,
                                    .boot = r->setup.boot};
    int err = machine_create(&r->machine, &config);
    if (!err)
        err = machine_start(r->machine);
    if (err)
        end(r, REPLAY_HOST_FAILED, err);
    return err;
}

static int allocate(struct replayer *r)
{
    r->event = malloc(RK_EVENT_MAX + 8);
    r->blob = malloc(TF_BLOB_MAX);
    if (r->event && r->blob)
        return 0;
    end(r, REPLAY_HOST_FAILED, -ENOMEM);
    return -ENOMEM;
}

static int rewind_trace(struct replayer *r)
{
    struct tf_info info;
    tf_reader_info(r->reader, &info);
    r->result->total_events = info.events;
    int err = tf_reader_seek(r->reader, 1);
    if (err)
        end(r, REPLAY_BAD_TRACE, err);
    return err;
}

void replay_run(struct tf_reader *reader, const struct replay_options *options,
                struct replay_result *result)
{
    struct replayer r = {.reader = reader, .options = options, .result = result, .object_fd = -1};
    memset(result, 0, sizeof(*result));
    if (!allocate(&r) && !rewind_trace(&r) && !replay_setup_load(&r) && !start(&r))
        run(&r);
    machine_destroy(r.machine);
    replay_setup_free(&r.setup);
    if (r.object_fd >= 0)
        close(r.object_fd);
    free(r.event);
    free(r.blob);
}
