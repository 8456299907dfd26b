/* debugging.c - a trace served to debuggers. */
#include "debugging.h"
#include "cli.h"
#include "debugger/debugger.h"
#include "event_text.h"
#include "gdbstub/stub.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t asked_to_end;

static void on_signal(int signo)
{
    asked_to_end = signo;
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
    catch_signals();
    say_ready(g, port, name);
    int err = gdbstub_serve(listener, &target, &options);
    close(listener);
    if (err && !asked_to_end) {
        cli_say("replay: serving the debugger failed: %s", strerror(-err));
        return CLI_FAILED;
    }
    return CLI_OK;
}

static int debug(const struct debugging *g, struct tf_reader *events, struct tf_reader *files,
                 const char *name)
{
    struct debugger_options options = {.timeline = {.flags = g->replay.flags},
                                       .say = cli_say_text,
                                       .event_text = event_text,
                                       .ctx = files};
    struct replay_result result;
    struct debugger *d;
    if (debugger_open(&d, events, files, &options, &result))
        return replaying_tell(&g->replay, events, name, &result);
    int code = serve(g, d, name);
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
