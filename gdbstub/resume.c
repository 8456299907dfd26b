/* resume.c - running, forward and backward, and what is said when the target has stopped. */
#include "internal.h"
#include "regs.h"
#include "signals.h"

#include <errno.h>
#include <string.h>

#define SIGINT_GDB 2
#define SIGTRAP_GDB 5

/* ----------------------------------------------------------------- stop replies */
static void put_register(struct stub *s, const struct target_regs *regs, unsigned number)
{
    unsigned char value[REG_MAX];
    unsigned size = regs_get(regs, &s->layout, number, value);
    reply_text(&s->reply, "%02x:", number);
    reply_hex(&s->reply, value, size);
    reply_text(&s->reply, ";");
}

static void put_why(struct stub *s)
{
    const struct target_stop *stop = &s->stop;
    unsigned number = (unsigned)stop->number;
    switch (stop->reason) {
    case TARGET_BREAKPOINT:
        if (s->swbreak)
            reply_text(&s->reply, "swbreak:;");
        break;
    case TARGET_WATCHPOINT:
        reply_text(&s->reply, "%swatch:%llx;",
                   stop->watch == TARGET_WATCH_READ     ? "r"
                   : stop->watch == TARGET_WATCH_ACCESS ? "a"
                                                        : "",
                   (unsigned long long)stop->addr);
        break;
    case TARGET_SYSCALL:
        reply_text(&s->reply, "syscall_entry:%x;", number);
        break;
    case TARGET_SYSCALL_END:
        reply_text(&s->reply, "syscall_return:%x;", number);
        break;
    case TARGET_EXEC:
        if (s->exec_events && stop->text) {
            reply_text(&s->reply, "exec:");
            reply_hex_string(&s->reply, stop->text);
            reply_text(&s->reply, ";");
        }
        break;
    case TARGET_BEGIN:
        reply_text(&s->reply, "replaylog:begin;");
        break;
    case TARGET_END:
        reply_text(&s->reply, "replaylog:end;");
        break;
    default:
        break;
    }
}

static unsigned stop_signal(const struct target_stop *stop)
{
    if (stop->reason == TARGET_SIGNAL)
        return (unsigned)signal_to_gdb(stop->number);
    return stop->reason == TARGET_INTERRUPTED ? SIGINT_GDB : SIGTRAP_GDB;
}

static void put_end(struct stub *s, char kind, int number)
{
    reply_text(&s->reply, "%c%02x", kind, (unsigned)number & 0xff);
    if (s->multiprocess)
        reply_text(&s->reply, ";process:%x", (unsigned)s->ops->pid(s->self));
}

void stub_put_stop(struct stub *s)
{
    const struct target_stop *stop = &s->stop;
    if (stop->reason == TARGET_EXITED) {
        put_end(s, 'W', stop->number);
        return;
    }
    if (stop->reason == TARGET_KILLED) {
        put_end(s, 'X', signal_to_gdb(stop->number));
        return;
    }
    const struct target_regs *regs = stub_regs(s, stop->tid);
    reply_text(&s->reply, "T%02x", stop_signal(stop));
    put_why(s);
    if (regs) {
        put_register(s, regs, REGS_RBP);
        put_register(s, regs, REGS_RSP);
        put_register(s, regs, REGS_RIP);
    }
    reply_text(&s->reply, "thread:");
    stub_put_thread(s, stop->tid);
    reply_text(&s->reply, ";core:0;");
}

static void why_stopped(struct stub *s, struct cursor *c)
{
    if (s->killed)
        reply_text(&s->reply, "W00");
    else
        stub_put_stop(s);
}

/* -------------------------------------------------------------------- running */
/* Has the user been told of a stop that ^C asked for, or of one that a client does not leave
 * by itself? */
static int answers_interrupt(enum target_reason reason)
{
    switch (reason) {
    case TARGET_INTERRUPTED:
    case TARGET_BEGIN:
    case TARGET_END:
    case TARGET_EXITED:
    case TARGET_KILLED:
        return 1;
    default:
        return 0;
    }
}

static int run_target(struct stub *s, struct target_run *how)
{
    if (s->interrupt) {
        s->stop =
            (struct target_stop){.reason = TARGET_INTERRUPTED, .tid = s->ops->current(s->self)};
        return 0;
    }
    how->interrupted = stub_interrupted;
    how->arg = s;
    stub_moved(s);
    return s->ops->run(s->self, how, &s->stop);
}

static void run(struct stub *s, struct target_run *how)
{
    int err = run_target(s, how);
    if (err) {
        reply_error(&s->reply, err);
        return;
    }
    if (answers_interrupt(s->stop.reason))
        s->interrupt = 0;
    if (s->stop.reason == TARGET_EXEC && s->exec_events) {
        stub_clear_points(s); /* gone with the program, as the client knows */
        s->tls_table = 0;
    }
    s->general = s->stop.tid;
    stub_put_stop(s);
}

static int32_t one_thread(int32_t tid)
{
    return tid > 0 ? tid : 0;
}

static void step_back(struct stub *s, struct cursor *c)
{
    struct target_run how = {.direction = TARGET_BACKWARD, .step = 1};
    /* gdb says "any thread" and means the one it looks at. */
    how.tid = one_thread(s->control > 0 ? s->control : s->general);
    run(s, &how);
}

static void continue_back(struct stub *s, struct cursor *c)
{
    struct target_run how = {.direction = TARGET_BACKWARD};
    run(s, &how);
}

/* The old packets s, S, c and C. History says which signals arrive, and where the program
 * goes on: a signal is ignored, and an address is refused. */
static void old_resume(struct stub *s, struct cursor *c, int step, int with_signal)
{
    struct target_run how = {.step = step};
    uint64_t signal;
    how.tid = step ? one_thread(s->control) : 0;
    if ((with_signal && !take_hex(c, &signal)) || !take_end(c))
        reply_error(&s->reply, EINVAL);
    else
        run(s, &how);
}

static void old_step(struct stub *s, struct cursor *c)
{
    old_resume(s, c, 1, 0);
}

static void old_step_signal(struct stub *s, struct cursor *c)
{
    old_resume(s, c, 1, 1);
}

static void old_continue(struct stub *s, struct cursor *c)
{
    old_resume(s, c, 0, 0);
}

static void old_continue_signal(struct stub *s, struct cursor *c)
{
    old_resume(s, c, 0, 1);
}

/* ----------------------------------------------------------------------- vCont */
static void vcont_list(struct stub *s, struct cursor *c)
{
    reply_text(&s->reply, "vCont;c;C;s;S;t;r");
}

/* One action, with its thread: 0 when there is none. */
static int take_action(struct cursor *c, char *action, struct target_run *how)
{
    uint64_t signal;
    int32_t pid;
    if (c->at == c->end)
        return 0;
    *action = *c->at++;
    if ((*action == 'C' || *action == 'S') && !take_hex(c, &signal))
        return 0;
    if (*action == 'r' && !take_pair(c, &how->start, ',', &how->end))
        return 0;
    if (!strchr("cCsSrt", *action))
        return 0;
    how->tid = -1;
    return !take_char(c, ':') || take_thread(c, &pid, &how->tid);
}

/* One processor runs all threads, in the order that history knows: what counts is whether one
 * of them is to be stepped. */
static void vcont(struct stub *s, struct cursor *c)
{
    struct target_run how = {0}, one = {0};
    char action;
    int good, some = 0;
    do {
        one = (struct target_run){0};
        good = take_action(c, &action, &one);
        some |= good && action != 't';
        if (good && !how.step && strchr("sSr", action)) {
            how = one;
            how.step = 1;
            how.tid = one_thread(one.tid);
        }
    } while (good && take_char(c, ';'));
    if (!good || !take_end(c))
        reply_error(&s->reply, EINVAL);
    else if (some)
        run(s, &how);
    else
        reply_ok(&s->reply);
}

const struct stub_command stub_resume_commands[] = {
    {"vCont?", vcont_list, 0}, {"vCont;", vcont, 1},   {"bs", step_back, 1},
    {"bc", continue_back, 1},  {"?", why_stopped, 0},  {"s", old_step, 1},
    {"S", old_step_signal, 1}, {"c", old_continue, 1}, {"C", old_continue_signal, 1},
    {NULL, NULL, 0},
};
