/* debugging.c - a trace served to debuggers. */
#include "debugging.h"
#include "cli.h"
#include "debugger/debugger.h"
#include "event_text.h"
#include "gdbstub/stub.h"
#include "strace.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t asked_to_end;
static struct timeline *volatile moving; /* on the way to where the debugger begins */

static void on_signal(int signo)
{
    asked_to_end = signo;
    if (moving)
        timeline_interrupt(moving);
}

static int quit(void *arg)
{
    return asked_to_end != 0;
}

static void catch_signals(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction act;
    memset(&act, 0, sizeof(act));
    act.sa_handler = on_signal;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        sigaction(ends[i], &act, NULL);
}

/* ctx: the reader that files are read from. */
static int event_text(void *ctx, uint64_t number, char *text, size_t cap)
{
    const void *event;
    size_t len;
    if (tf_reader_seek(ctx, number) || tf_reader_next(ctx, &event, &len) != 1)
        return -1;
    FILE *out = fmemopen(text, cap, "w");
    if (!out)
        return -1;
    event_print(out, number, event, len);
    return fclose(out);
}

static void say_ready(const struct debugging *g, unsigned port, const char *name)
{
    if (g->ready)
        g->ready(g->ctx, port, name);
    else
        cli_say("replay: %s: attach with  gdb -ex 'target extended-remote 127.0.0.1:%u'", name,
                port);
}

/* ------------------------------------------------------------ where it begins */
/* How the recording says that the program ended: a wait status, or -1. */
static int recorded_end(struct tf_reader *reader)
{
    struct tf_info info;
    struct rk_event last;
    const void *event;
    size_t len;
    tf_reader_info(reader, &info);
    if (!info.events || tf_reader_seek(reader, info.events) ||
        tf_reader_next(reader, &event, &len) != 1 || len < sizeof(last))
        return -1;
    memcpy(&last, event, sizeof(last));
    return last.kind == RK_EV_EXIT || last.kind == RK_EV_KILLED ? (int)last.result : -1;
}

static struct moment first_moment(const struct debugging *g, struct tf_reader *files,
                                  const char *name)
{
    struct moment m = {.kind = MOMENT_START};
    int status = g->at_given ? 0 : recorded_end(files);
    if (g->at_given)
        return g->at;
    if (status != -1 && WIFSIGNALED(status))
        m.kind = MOMENT_END;
    else if (g->at_failure)
        cli_say("replay: %s: the program did not die by a signal: beginning at the start", name);
    return m;
}

static int move(struct timeline *t, const struct moment *m)
{
    switch (m->kind) {
    case MOMENT_START:
        return timeline_seek_begin(t);
    case MOMENT_END:
        return timeline_seek_end(t);
    case MOMENT_EVENT:
        return timeline_seek_event(t, m->event);
    default:
        return timeline_seek(t, &m->point);
    }
}

/* 0, or an exit code after saying why. */
static int go_there(const struct debugging *g, struct debugger *d, struct tf_reader *files,
                    const struct replay_result *result, const char *name)
{
    struct moment m = first_moment(g, files, name);
    if (m.kind == MOMENT_START)
        return CLI_OK;
    if (g->replay.verbose)
        cli_say("replay: %s: replaying to where the debugger begins", name);
    struct timeline *t = moving = debugger_timeline(d);
    int err = move(t, &m);
    moving = NULL;
    if (asked_to_end)
        return 128 + asked_to_end;
    if (err)
        return replaying_tell(&g->replay, files, name, result);
    debugger_moved(d);
    const struct rk_debug_stop *stop = timeline_where(t);
    if (stop && stop->reason == RK_STOP_PASSED)
        cli_say("replay: %s: there is no such moment; this is the first one after it", name);
    else if (stop && RK_STOP_IS_END(stop->reason) && m.kind != MOMENT_END)
        cli_say("replay: %s: there is no such moment; this is the end", name);
    else if (stop && stop->signal)
        cli_say("replay: %s: here the program died of %s", name, strace_signal_name(stop->signal));
    return CLI_OK;
}

static int serve(const struct debugging *g, struct debugger *d, const char *name)
{
    struct target target = debugger_target(d);
    struct gdbstub_options options = {.quit = quit};
    unsigned port = g->port;
    int listener = gdbstub_listen(&port);
    if (listener < 0) {
        cli_say("replay: cannot listen on port %u of 127.0.0.1: %s; another --port may do", g->port,
                strerror(-listener));
        return CLI_FAILED;
    }
    say_ready(g, port, name);
    int err = gdbstub_serve(listener, &target, &options);
    close(listener);
    if (err && !asked_to_end) {
        cli_say("replay: serving the debugger failed: %s", strerror(-err));
        return CLI_FAILED;
    }
    return CLI_OK;
}

/* The user does not want searches by debug registers. */
static int registers_refused(void)
{
    const char *v = getenv("RR_LIKE_DEBUG_REGISTERS");
    return v && !strcmp(v, "no");
}

static int debug(const struct debugging *g, struct tf_reader *events, struct tf_reader *files,
                 const char *name)
{
    struct debugger_options options = {
        .timeline = {.flags = g->replay.flags, .no_debug_registers = registers_refused()},
        .say = cli_say_text,
        .event_text = event_text,
        .ctx = files};
    struct replay_result result;
    struct debugger *d;
    if (debugger_open(&d, events, files, &options, &result))
        return replaying_tell(&g->replay, events, name, &result);
    catch_signals();
    int code = go_there(g, d, files, &result, name);
    if (code == CLI_OK)
        code = serve(g, d, name);
    debugger_close(d);
    return code;
}

int debugging_run(const struct debugging *g)
{
    struct tf_reader *events, *files;
    const char *name;
    int code = cli_open_trace(&events, g->replay.path, &name);
    if (code)
        return code;
    code = cli_open_trace(&files, name, &name);
    if (!code) {
        code = debug(g, events, files, name);
        tf_reader_close(files);
    }
    tf_reader_close(events);
    return code;
}
