/* cmd_dump.c - rr-like dump: the events of a trace */
#include "cli.h"
#include "event_text.h"
#include "points.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: rr-like dump [OPTIONS] [TRACE]\n"
    "\n"
    "Prints one line for each event: number, kind, result, thread, moment (ticks:pc; - where\n"
    "ticks were not counted), register hash, hash of what was given to the world, and the\n"
    "size of what came from it. Nothing is replayed, but for --points.\n"
    "\n"
    "options:\n"
    "  --json        one JSON object a line\n"
    "  --events=A-B  only events A to B, counted from 1; also A, A- and -B\n"
    "  --hex         the bytes that came from the world, too\n"
    "  --points      replay, and tell where each event happened: kernel entries before it,\n"
    "                ticks since the last one, and pc; function, source file and line\n"
    "  -h, --help    print this\n";

enum { OPT_JSON = 0x100, OPT_EVENTS, OPT_HEX, OPT_POINTS };

struct dump {
    uint64_t first, last;
    int json, hex, points;
};

static void print_event(const struct dump *d, uint64_t number, const void *event, size_t len)
{
    if (d->json) {
        event_print_json(stdout, number, event, len, d->hex);
        return;
    }
    event_print(stdout, number, event, len);
    if (d->hex)
        event_print_payload(stdout, event, len);
}

static int dump_events(const struct dump *d, struct tf_reader *reader, const char *name)
{
    struct tf_info info;
    const void *event;
    size_t len;
    int got = 1;
    tf_reader_info(reader, &info);
    if (d->first > info.events)
        return cli_finish_stdout(CLI_OK);
    int err = tf_reader_seek(reader, d->first);
    for (uint64_t n = d->first; !err && n <= d->last && !ferror(stdout); n++) {
        got = tf_reader_next(reader, &event, &len);
        if (got != 1)
            break;
        print_event(d, n, event, len);
    }
    err = err ? err : got < 0 ? got : 0;
    if (err) {
        fflush(stdout);
        cli_say("%s: %s", name, tf_strerror(err));
        return CLI_BAD_TRACE;
    }
    if (!info.complete && d->last >= info.events)
        cli_say("%s: the trace is cut after event %" PRIu64 " (recording was interrupted)", name,
                info.events);
    return cli_finish_stdout(CLI_OK);
}

static int dump_points(const struct dump *d, struct tf_reader *reader, const char *path,
                       const char *name)
{
    struct points_options options = {d->first, d->last, d->json, d->hex};
    struct tf_reader *other;
    int code = cli_open_trace(&other, path, &name);
    if (code)
        return code;
    code = points_print(other, reader, name, &options);
    tf_reader_close(other);
    return code;
}

static int take_option(void *command, int option, char **argv)
{
    struct dump *d = command;
    switch (option) {
    case OPT_JSON:
        d->json = 1;
        return 0;
    case OPT_HEX:
        d->hex = 1;
        return 0;
    case OPT_POINTS:
        d->points = 1;
        return 0;
    case OPT_EVENTS:
        if (!cli_parse_range(optarg, &d->first, &d->last))
            return 0;
        return cli_usage("dump", "--events: `%s` is no range such as 5-9", optarg);
    default:
        return cli_bad_option("dump", argv);
    }
}

int cmd_dump(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, OPT_JSON}, {"events", required_argument, NULL, OPT_EVENTS},
        {"hex", no_argument, NULL, OPT_HEX},   {"points", no_argument, NULL, OPT_POINTS},
        {"help", no_argument, NULL, 'h'},      {NULL, 0, NULL, 0}};
    struct dump d = {.first = 1, .last = UINT64_MAX};
    struct tf_reader *reader;
    const char *name;
    struct cli_options o = {help, "h", options, take_option, &d};
    int code;
    if (cli_options(&o, argc, argv, &code))
        return code;
    code = cli_one_trace("dump", argc - optind, argv + optind);
    if (code)
        return code;
    code = cli_open_trace(&reader, argv[optind], &name);
    if (code)
        return code;
    code = d.points ? dump_points(&d, reader, name, name) : dump_events(&d, reader, name);
    tf_reader_close(reader);
    return code;
}
