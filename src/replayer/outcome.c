/* outcome.c - what the guest's reports and its death say about the replay. */
#include "internal.h"
#include "revisor/report.h"

#include <stdio.h>
#include <string.h>

void replay_ends(struct replayer *r, enum replay_end how, int error)
{
    if (r->ended)
        return;
    r->ended = 1;
    r->result->end = how;
    r->result->error = error;
}

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
    replay_ends(r, REPLAY_DIVERGED, 0);
}

/* The log ran out: the recording was cut, or the program was killed from outside. */
static void on_log_end(struct replayer *r)
{
    if (r->held_back || r->last.kind == RK_EV_KILLED) {
        r->result->wait_status = (int)r->last.result;
        replay_ends(r, REPLAY_KILLED, 0);
    } else if (r->last.kind == RK_EV_EXIT) {
        snprintf(r->result->text, sizeof(r->result->text),
                 "the program went on after its recorded end");
        replay_ends(r, REPLAY_DIVERGED, 0);
    } else {
        replay_ends(r, REPLAY_CUT, 0);
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
            replay_ends(r, REPLAY_FAITHFUL, 0);
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
    replay_ends(r, REPLAY_DIVERGED, 0);
}

static void pass_on(struct replayer *r, const struct rk_report *report, size_t len)
{
    if (r->options->report)
        r->options->report(r->options->ctx, report, len);
}

void replay_on_report(void *ctx, const struct rk_report *report, size_t len)
{
    struct replayer *r = ctx;
    if (r->ended) {
        if (report->kind == RK_REPORT_MAPS) /* of the stop at the end, which comes behind it */
            pass_on(r, report, len);
        return;
    }
    switch (report->kind) {
    case RK_REPORT_DIVERGED:
        on_diverged(r, report, len);
        break;
    case RK_REPORT_LOG_END:
        on_log_end(r);
        break;
    case RK_REPORT_PANIC:
        report_text(report, len, 0, r->result->text, sizeof(r->result->text));
        replay_ends(r, REPLAY_PANIC, 0);
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

void replay_check_death(struct replayer *r)
{
    int status;
    if (r->ended || machine_wait(r->machine, &status))
        return;
    int as_recorded = r->fed_all && r->held_back && status == (int)r->last.result &&
                      atomic_load(&machine_control(r->machine)->events) == r->fed;
    r->result->wait_status = status;
    replay_ends(r, as_recorded ? REPLAY_KILLED : REPLAY_GUEST_DIED, 0);
}
