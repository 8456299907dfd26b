/* query.c - what stub and client tell each other about themselves, and `monitor`. */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define FEATURE_MAX 128
#define COMMAND_MAX 4096

/* ------------------------------------------------------------------- qSupported */
static void note_feature(struct stub *s, const char *feature)
{
    s->multiprocess |= !strcmp(feature, "multiprocess+");
    s->swbreak |= !strcmp(feature, "swbreak+");
    s->exec_events |= !strcmp(feature, "exec-events+");
}

static void put_feature(struct stub *s, const char *name, int there)
{
    if (there)
        reply_text(&s->reply, ";%s+", name);
}

static void supported(struct stub *s, struct cursor *c)
{
    const struct target_ops *ops = s->ops;
    char feature[FEATURE_MAX];
    take_char(c, ':');
    while (!take_end(c) && take_until(c, ';', feature, sizeof(feature)))
        note_feature(s, feature);
    reply_text(&s->reply,
               "PacketSize=%x;QStartNoAckMode+;multiprocess+;vContSupported+"
               ";swbreak+;hwbreak+;ReverseStep+;ReverseContinue+"
               ";qXfer:features:read+;qXfer:threads:read+",
               PACKET_MAX);
    if (ops->exec_events)
        ops->exec_events(s->self, s->exec_events);
    put_feature(s, "ConditionalBreakpoints", ops->break_add != NULL);
    put_feature(s, "QCatchSyscalls", ops->catch_syscalls != NULL);
    put_feature(s, "QPassSignals", ops->pass_signals != NULL);
    put_feature(s, "exec-events", s->exec_events);
    put_feature(s, "qXfer:auxv:read", ops->object != NULL);
    put_feature(s, "qXfer:exec-file:read", ops->object != NULL);
    put_feature(s, "qXfer:siginfo:read", ops->object != NULL);
    put_feature(s, "qXfer:libraries-svr4:read", ops->libraries != NULL);
}

static void no_ack_mode(struct stub *s, struct cursor *c)
{
    s->no_ack = 1; /* once this answer is out */
    reply_ok(&s->reply);
}

/* ------------------------------------------------------------- small questions */
/* 0: we have started the program, and so `quit` ends it. */
static void attached(struct stub *s, struct cursor *c)
{
    reply_text(&s->reply, "0");
}

/* Signals are as recorded, whatever the client would deliver. */
static void program_signals(struct stub *s, struct cursor *c)
{
    reply_ok(&s->reply);
}

static void put_triple(struct stub *s)
{
    reply_text(&s->reply, "triple:");
    reply_hex_string(&s->reply, "x86_64-pc-linux-gnu");
    reply_text(&s->reply, ";ptrsize:8;endian:little;");
}

/* lldb's questions. */
static void host_info(struct stub *s, struct cursor *c)
{
    put_triple(s);
}

static void process_info(struct stub *s, struct cursor *c)
{
    reply_text(&s->reply, "pid:%x;ostype:linux;", (unsigned)s->ops->pid(s->self));
    put_triple(s);
}

/* Whatever it is, it is not supported. */
static void nothing(struct stub *s, struct cursor *c)
{
}

/* --------------------------------------------------------------------- monitor */
static void say(void *arg, const char *text)
{
    stub_say(arg, text);
}

/* gdb complains of an answer that takes seconds, but not while there is output, even of nothing. */
static int interrupted(void *arg)
{
    struct stub *s = arg;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec != s->alive_s) {
        s->alive_s = now.tv_sec;
        packet_put(&s->packets, "O", 1);
    }
    return stub_interrupted(s);
}

static void monitor(struct stub *s, struct cursor *c)
{
    char command[COMMAND_MAX];
    struct target_out out = {say, interrupted, s};
    if (!s->ops->monitor)
        return;
    if (!take_hex_string(c, command, sizeof(command)) || !take_end(c)) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    if (s->ops->monitor(s->self, command, &out)) {
        stub_moved(s);
        s->ops->where(s->self, &s->stop);
        s->general = s->stop.tid;
    }
    reply_ok(&s->reply);
}

const struct stub_command stub_query_commands[] = {
    {"qSupported", supported, 0},
    {"QStartNoAckMode", no_ack_mode, 0},
    {"qAttached", attached, 1},
    {"QProgramSignals:", program_signals, 0},
    {"qHostInfo", host_info, 0},
    {"qProcessInfo", process_info, 1},
    {"qRcmd,", monitor, 1},
    {"vMustReplyEmpty", nothing, 0},
    {NULL, NULL, 0},
};
