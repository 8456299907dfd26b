/* replaying.c - one replay, and what the user is told of it. */
#include "replaying.h"
#include "cli.h"
#include "event_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LAST_EVENTS 10 /* shown before the point of divergence */

static int progress_shown;

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
    progress_shown = 1;
    fprintf(stderr, "\rrr-like: replay: event %" PRIu64 " of %" PRIu64 " (%u%%) ", done, total,
            total ? (unsigned)(done * 100 / total) : 100);
    fflush(stderr);
}

static void clear_progress(void)
{
    if (progress_shown && isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    else if (progress_shown)
        putc('\n', stderr);
    progress_shown = 0;
}

/* ------------------------------------------------------------ divergence */

static void show_event(const char *what, uint64_t number, const void *event, size_t len)
{
    fprintf(stderr, "rr-like: %s", what);
    event_print(stderr, number, event, len);
}

static void show_last_events(struct tf_reader *reader, uint64_t before)
{
    uint64_t first = before > LAST_EVENTS ? before - LAST_EVENTS : 1;
    const void *event;
    size_t len;
    if (first >= before || tf_reader_seek(reader, first))
        return;
    cli_say("the events before it:");
    for (uint64_t n = first; n < before && tf_reader_next(reader, &event, &len) == 1; n++)
        show_event("  ", n, event, len);
}

static void report_diverged(struct tf_reader *reader, const struct replay_result *result)
{
    cli_say("replay: diverged at event %" PRIu64 " of %" PRIu64 "%s%s", result->at_event,
            result->total_events, *result->text ? ": " : "", result->text);
    if (result->expected.kind)
        show_event("expected ", result->at_event, &result->expected, sizeof(result->expected));
    if (result->got.kind)
        show_event("got      ", result->at_event, &result->got, sizeof(result->got));
    show_last_events(reader, result->at_event);
}

/* -------------------------------------------------------------- outcomes */

static int outcome_faithful(const struct replaying *r, const struct replay_result *result)
{
    if (r->verbose)
        cli_say("replay: faithful, %" PRIu64 " events; the program %s", result->total_events,
                cli_status_text(result->wait_status));
    return CLI_OK;
}

static int outcome_short(const struct replaying *r, const char *name,
                         const struct replay_result *result)
{
    if (result->end == REPLAY_CUT)
        cli_say("%s: the trace is cut after event %" PRIu64
                " (recording was interrupted); replayed to its end",
                name, result->total_events);
    else
        cli_say("%s: the recording ended when the program %s from outside; replayed to its end",
                name, cli_status_text(result->wait_status));
    return CLI_OK;
}

/* Not a damaged trace, and not an older format: the image in it speaks another debug port. */
static void say_no_stops(const char *name)
{
    cli_say("%s: it was recorded by another version of rr-like, whose replay cannot be stopped "
            "to look at it; `rr-like replay -a` replays it to its end",
            name);
}

int replaying_code(enum replay_end end)
{
    switch (end) {
    case REPLAY_FAITHFUL:
    case REPLAY_CUT:
    case REPLAY_KILLED:
        return CLI_OK;
    case REPLAY_NO_STOPS:
    case REPLAY_BAD_TRACE:
        return CLI_BAD_TRACE;
    case REPLAY_CPU:
        return CLI_CPU;
    case REPLAY_HOST_FAILED:
        return CLI_FAILED;
    default:
        return CLI_DIVERGED;
    }
}

int replaying_failed(const char *name, const char *what, const struct replay_result *result)
{
    if (result->end == REPLAY_NO_STOPS)
        say_no_stops(name);
    else
        cli_say("%s: %s failed after event %" PRIu64 " of %" PRIu64
                ": %s%s%s; `rr-like replay -a` says more",
                name, what, result->events, result->total_events, result->text,
                *result->text ? ": " : "",
                result->error ? tf_strerror(result->error) : "it is not faithful");
    return result->end == REPLAY_FAITHFUL ? CLI_DIVERGED : replaying_code(result->end);
}

static int outcome_broken(const char *name, const struct replay_result *result)
{
    switch (result->end) {
    case REPLAY_GUEST_DIED:
        cli_say("replay: the guest process %s unexpectedly after event %" PRIu64,
                cli_status_text(result->wait_status), result->events);
        return CLI_DIVERGED;
    case REPLAY_PANIC:
        cli_say("replay: internal error in the rekernel after event %" PRIu64 ": %s; please "
                "report this",
                result->events, result->text);
        return CLI_DIVERGED;
    case REPLAY_CPU:
        cli_say("%s: this processor lacks what the trace needs: %s; replay it on another machine, "
                "or record with --cpu=x86-64-v2 or the like",
                name, result->text);
        return CLI_CPU;
    case REPLAY_NO_STOPS:
        say_no_stops(name);
        return CLI_BAD_TRACE;
    case REPLAY_BAD_TRACE:
        cli_say("%s: %s%s%s", name, *result->text ? result->text : "", *result->text ? ": " : "",
                tf_strerror(result->error));
        return CLI_BAD_TRACE;
    default:
        cli_say("the guest process cannot be made: %s", tf_strerror(result->error));
        return CLI_FAILED;
    }
}

int replaying_tell(const struct replaying *r, struct tf_reader *reader, const char *name,
                   const struct replay_result *result)
{
    switch (result->end) {
    case REPLAY_FAITHFUL:
        return outcome_faithful(r, result);
    case REPLAY_CUT:
    case REPLAY_KILLED:
        return outcome_short(r, name, result);
    case REPLAY_DIVERGED:
        report_diverged(reader, result);
        return CLI_DIVERGED;
    default:
        return outcome_broken(name, result);
    }
}

/* What the replay did not read (files that the program mapped and did not touch) may be
 * damaged too, and whoever keeps the trace wants to know. */
static int check_the_rest(struct tf_reader *reader, const char *name)
{
    uint64_t offset = 0;
    int err = tf_reader_verify(reader, &offset);
    if (!err)
        return CLI_OK;
    cli_say("%s: replayed faithfully, but a part that was not needed is damaged: %s, at byte %llu",
            name, tf_strerror(err), (unsigned long long)offset);
    return CLI_BAD_TRACE;
}

int replaying_run(const struct replaying *r)
{
    struct replay_options options = {.vcpu_mode = r->vcpu_mode,
                                     .vcpu_given = r->vcpu_given,
                                     .flags = r->flags,
                                     .say = cli_say_text,
                                     .report = r->report,
                                     .progress = r->progress ? show_progress : NULL,
                                     .ctx = r->ctx};
    struct replay_result result;
    struct tf_reader *reader;
    const char *name;
    int code = cli_open_trace(&reader, r->path, &name);
    if (code)
        return code;
    replay_run(reader, &options, &result);
    clear_progress();
    fflush(stdout);
    code = replaying_tell(r, reader, name, &result);
    if (code == CLI_OK && result.end == REPLAY_FAITHFUL)
        code = check_the_rest(reader, name);
    tf_reader_close(reader);
    return code;
}
