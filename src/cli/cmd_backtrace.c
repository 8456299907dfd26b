/* cmd_backtrace.c - rr-like backtrace: where the program was when it failed */
#include "backtrace.h"
#include "cli.h"
#include "event_text.h"
#include "moment.h"
#include "replaying.h"
#include "strace.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define LOOK_MS 500
#define LIMIT 100

static const char help[] =
    "usage: rr-like backtrace [OPTIONS] [TRACE]\n"
    "\n"
    "Replays the trace and prints the stacks of all threads where the program died, or at\n"
    "another moment: functions, innermost first, with source file and line.\n"
    "\n"
    "options:\n"
    "  --at=MOMENT   end (default), an event's number, or a point such as 40:17:0x10001139\n"
    "                (kernel entries, ticks and pc, as `rr-like dump --points` tells them)\n"
    "  --thread=TID  only this thread\n"
    "  --limit=N     at most N frames of a thread (default 100, 0: all)\n"
    "  --json        one JSON object\n"
    "  -h, --help    print this\n"
    "\n"
    "exit status: 0, or as rr-like replay\n";

enum { OPT_AT = 0x100, OPT_THREAD, OPT_LIMIT, OPT_JSON };

struct command {
    struct backtrace_options options;
    struct moment at;
};

/* -------------------------------------------------------------------- to there */
/* A recording that was cut may leave the program running for ever behind its last event. */
static int wait_for(struct replay_session *s, const struct replay_result *result, int err)
{
    while (err == -ETIMEDOUT || err == -EINTR) {
        uint64_t before = result->events;
        err = replay_session_wait(s, LOOK_MS);
        if (err == -ETIMEDOUT && before == result->events && before >= result->total_events)
            err = replay_session_interrupt(s, LOOK_MS);
    }
    return err;
}

static int go(struct replay_session *s, const struct moment *m, const struct replay_result *result)
{
    switch (m->kind) {
    case MOMENT_START:
        return 0;
    case MOMENT_EVENT:
        return wait_for(s, result, replay_session_run_event(s, m->event, LOOK_MS));
    case MOMENT_POINT:
        return wait_for(s, result, replay_session_run_until(s, &m->point, LOOK_MS));
    default:
        return wait_for(s, result, replay_session_continue(s, LOOK_MS));
    }
}

/* ------------------------------------------------------------------- reporting */
static int has_address(int signo)
{
    return signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL;
}

static void describe(const struct rk_debug_stop *stop, char *buf, size_t size)
{
    siginfo_t info;
    const char *name = strace_signal_name(stop->signal);
    memcpy(&info, stop->siginfo, sizeof(info));
    if (stop->signal && has_address((int)stop->signal) && info.si_code > 0)
        snprintf(buf, size, "%s at address 0x%" PRIxPTR, name, (uintptr_t)info.si_addr);
    else if (stop->signal)
        snprintf(buf, size, "%s", name ? name : "a signal");
    else if (stop->reason == RK_STOP_EXIT)
        snprintf(buf, size, "%s", cli_status_text((int)stop->status));
    else if (stop->reason == RK_STOP_LOG_END)
        snprintf(buf, size, "the recording ends here");
    else if (stop->reason == RK_STOP_DIVERGED || stop->reason == RK_STOP_PANIC)
        snprintf(buf, size, "the replay went wrong here");
    else
        snprintf(buf, size, "alive");
}

static void print_head(const struct rk_debug_stop *stop, const char *name, int json)
{
    char what[128];
    describe(stop, what, sizeof(what));
    if (!json) {
        printf("%s: %s; event %" PRIu64 ", point %" PRIu64 ":%" PRIu64 ":0x%" PRIx64 "\n\n", name,
               what, stop->event, stop->at.entries, stop->at.ticks, stop->at.pc);
        return;
    }
    fputs("{\"trace\":", stdout);
    json_string(stdout, name, strlen(name));
    fputs(",\"what\":", stdout);
    json_string(stdout, what, strlen(what));
    printf(",\"signal\":%u,\"event\":%" PRIu64 ",\"point\":{\"entries\":%" PRIu64
           ",\"ticks\":%" PRIu64 ",\"pc\":\"0x%" PRIx64 "\"},\"threads\":[",
           stop->signal, stop->event, stop->at.entries, stop->at.ticks, stop->at.pc);
}

static int print(struct replay_session *s, struct tf_reader *reader, const char *name,
                 const struct command *c)
{
    struct whereis *w = whereis_new(reader);
    print_head(replay_session_where(s), name, c->options.json);
    int err = w ? backtrace_print(stdout, s, w, &c->options) : -ENOMEM;
    if (c->options.json)
        fputs("]}\n", stdout);
    whereis_free(w);
    if (!err)
        return cli_finish_stdout(CLI_OK);
    fflush(stdout);
    if (err == -ESRCH)
        return cli_usage("backtrace", "--thread: there is no thread %d at that moment",
                         c->options.tid);
    cli_say("%s: the stacks cannot be read: %s", name, tf_strerror(err));
    return CLI_FAILED;
}

static int backtrace(const struct command *c, struct tf_reader *replayed, struct tf_reader *read,
                     const char *name)
{
    struct replay_options options = {.flags = RK_CTL_NO_CONSOLE};
    struct replay_result result = {.end = REPLAY_FAITHFUL};
    struct replay_session *s;
    int code;
    if (replay_session_open(&s, replayed, &options, &result))
        return replaying_failed(name, "the replay", &result);
    int err = go(s, &c->at, &result);
    const struct rk_debug_stop *stop = replay_session_where(s);
    if (err || !stop) {
        code = replaying_failed(name, "the replay", &result);
    } else {
        code = print(s, read, name, c);
        if (stop->reason == RK_STOP_DIVERGED || stop->reason == RK_STOP_PANIC)
            code = replaying_failed(name, "the replay", &result);
        else if (c->at.kind != MOMENT_END && stop->reason != RK_STOP_REACHED &&
                 stop->reason != RK_STOP_START)
            cli_say("%s: there is no such moment; this is the first one after it", name);
    }
    replay_session_close(s);
    return code;
}

/* --------------------------------------------------------------------- options */
static int take_option(void *command, int option, char **argv)
{
    struct command *c = command;
    uint64_t number;
    switch (option) {
    case OPT_AT:
        return cli_take_moment("backtrace", "--at", optarg, &c->at);
    case OPT_THREAD:
        if (cli_parse_decimal(optarg, INT32_MAX, &number) || !number)
            return cli_usage("backtrace", "--thread: `%s` is no thread id", optarg);
        c->options.tid = (int32_t)number;
        return 0;
    case OPT_LIMIT:
        if (cli_parse_decimal(optarg, INT32_MAX, &number))
            return cli_usage("backtrace", "--limit: `%s` is no number of frames", optarg);
        c->options.limit = (size_t)number;
        return 0;
    case OPT_JSON:
        c->options.json = 1;
        return 0;
    default:
        return cli_bad_option("backtrace", argv);
    }
}

static int run(const struct command *c, const char *path)
{
    struct tf_reader *replayed, *read;
    const char *name;
    int code = cli_open_trace(&replayed, path, &name);
    if (code)
        return code;
    code = cli_open_trace(&read, name, &name);
    if (!code) {
        code = backtrace(c, replayed, read, name);
        tf_reader_close(read);
    }
    tf_reader_close(replayed);
    return code;
}

int cmd_backtrace(int argc, char **argv)
{
    static const struct option options[] = {{"at", required_argument, NULL, OPT_AT},
                                            {"thread", required_argument, NULL, OPT_THREAD},
                                            {"limit", required_argument, NULL, OPT_LIMIT},
                                            {"json", no_argument, NULL, OPT_JSON},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct command c = {.options.limit = LIMIT, .at.kind = MOMENT_END};
    struct cli_options o = {help, "h", options, take_option, &c};
    int code;
    if (cli_options(&o, argc, argv, &code))
        return code;
    code = cli_one_trace("backtrace", argc - optind, argv + optind);
    return code ? code : run(&c, argv[optind]);
}
