/* points.c - rr-like dump --points: replays, translated, so that every tick is counted. */
#include "points.h"
#include "cli.h"
#include "event_text.h"
#include "replayer/session.h"
#include "replaying.h"
#include "whereis.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 500

struct points {
    const struct points_options *options;
    struct tf_reader *reader;
    struct whereis *whereis;
    struct maplist maps;
    uint64_t next; /* event that the reader gives next */
    int error;
};

/* -------------------------------------------------------------------- output */
static void print_json_place(FILE *out, const struct rk_position *at,
                             const struct whereis_place *place)
{
    fprintf(out,
            ",\"point\":{\"entries\":%" PRIu64 ",\"ticks\":%" PRIu64 ",\"pc\":\"0x%" PRIx64 "\"",
            at->entries, at->ticks, at->pc);
    if (place->at.function) {
        fputs(",\"function\":", out);
        json_string(out, place->at.function, strlen(place->at.function));
        fprintf(out, ",\"offset\":%" PRIu64, place->at.offset);
    }
    if (place->at.file) {
        fputs(",\"file\":", out);
        json_string(out, place->at.file, strlen(place->at.file));
        fprintf(out, ",\"line\":%u", place->at.line);
    }
    if (place->path) {
        fputs(",\"object\":", out);
        json_string(out, place->path, strlen(place->path));
        fprintf(out, ",\"object_offset\":%" PRIu64, place->offset);
    }
    fputs("}}\n", out);
}

static void print_text_place(FILE *out, const struct rk_position *at,
                             const struct whereis_place *place)
{
    fprintf(out, "  point %" PRIu64 ":%" PRIu64 ":0x%" PRIx64, at->entries, at->ticks, at->pc);
    if (place->at.function)
        fprintf(out, " %s+0x%" PRIx64, place->at.function, place->at.offset);
    if (place->at.file)
        fprintf(out, " %s:%u", place->at.file, place->at.line);
    else if (place->path)
        fprintf(out, " %s+0x%" PRIx64, place->path, place->offset);
    putc('\n', out);
}

/* The event as dump prints it, without the `strip` characters at its end. */
static void print_event(const struct points *p, uint64_t number, const void *event, size_t len,
                        size_t strip)
{
    char *text = NULL;
    size_t n = 0;
    FILE *memory = open_memstream(&text, &n);
    if (!memory)
        return;
    if (p->options->json)
        event_print_json(memory, number, event, len, p->options->hex);
    else
        event_print(memory, number, event, len);
    if (!fclose(memory))
        fwrite(text, 1, n > strip ? n - strip : 0, stdout);
    free(text);
}

static void print_hex(const void *event, size_t len, int in_line)
{
    if (in_line)
        putchar('\n');
    event_print_payload(stdout, event, len);
    if (in_line)
        fputs("        ", stdout);
}

/* The next event; at NULL: the replay did not say where it happened. */
static void print_next(struct points *p, const struct rk_position *at)
{
    const void *event;
    size_t len;
    struct whereis_place place = {0};
    int got = tf_reader_next(p->reader, &event, &len);
    if (got != 1) {
        p->error = got ? got : TF_E_NOT_FOUND;
        return;
    }
    print_event(p, p->next++, event, len, !at ? 0 : p->options->json ? 2 : 1);
    if (p->options->hex && !p->options->json)
        print_hex(event, len, at != NULL);
    if (!at)
        return;
    /* This reads from the same reader: the event is not valid behind it. */
    whereis_find(p->whereis, &p->maps, at->pc, &place);
    if (p->options->json)
        print_json_place(stdout, at, &place);
    else
        print_text_place(stdout, at, &place);
}

static void on_report(void *ctx, const struct rk_report *report, size_t len)
{
    struct points *p = ctx;
    struct rk_position at;
    uint64_t number = report->event + 1;
    if (maplist_take(&p->maps, report, len))
        p->error = -ENOMEM;
    if (report->kind != RK_REPORT_POINT || len < sizeof(*report) + sizeof(at) || number < p->next ||
        number > p->options->last)
        return;
    memcpy(&at, report + 1, sizeof(at));
    while (!p->error && p->next < number)
        print_next(p, NULL);
    if (!p->error)
        print_next(p, &at);
}

/* -------------------------------------------------------------------- replay */
/* Waits while the guest runs. A recording that was cut may leave it running for ever. */
static int wait_for(struct replay_session *s, const struct replay_result *result, int err)
{
    while (err == -ETIMEDOUT || err == -EINTR) {
        if (result->events >= result->total_events)
            return 0;
        err = replay_session_wait(s, LOOK_MS);
    }
    return err;
}

static int run(struct points *p, struct replay_session *s, const struct replay_result *result)
{
    if (p->options->last >= result->total_events)
        return wait_for(s, result, replay_session_finish(s, LOOK_MS));
    return wait_for(s, result, replay_session_run_event(s, p->options->last + 1, LOOK_MS));
}

static int fail(const char *name, const struct replay_result *result)
{
    fflush(stdout);
    return replaying_failed(name, "the replay that finds the points", result);
}

static int replay(struct points *p, struct tf_reader *replayed, const char *name)
{
    struct replay_options options = {
        .flags = RK_CTL_NO_CONSOLE | RK_CTL_REPORT_POINTS, .report = on_report, .ctx = p};
    struct replay_result result = {.end = REPLAY_FAITHFUL};
    struct replay_session *s;
    if (replay_session_open(&s, replayed, &options, &result))
        return fail(name, &result);
    run(p, s, &result);
    int code = replaying_code(result.end) == CLI_OK ? CLI_OK : fail(name, &result);
    replay_session_close(s);
    if (code == CLI_OK && p->error) {
        cli_say("%s: %s", name, tf_strerror(p->error));
        code = CLI_BAD_TRACE;
    }
    return code;
}

int points_print(struct tf_reader *replayed, struct tf_reader *read, const char *name,
                 const struct points_options *options)
{
    struct points p = {.options = options,
                       .reader = read,
                       .whereis = whereis_new(read),
                       .next = options->first ? options->first : 1};
    struct tf_info info;
    int code = CLI_FAILED;
    tf_reader_info(read, &info);
    if (p.next > info.events)
        code = CLI_OK;
    else if (p.whereis && !tf_reader_seek(read, p.next))
        code = replay(&p, replayed, name);
    if (code == CLI_OK && !info.complete && options->last >= info.events)
        cli_say("%s: the trace is cut after event %" PRIu64 " (recording was interrupted)", name,
                info.events);
    whereis_free(p.whereis);
    maplist_free(&p.maps);
    return cli_finish_stdout(code);
}
