/* process.c - starting again, leaving, killing. */
#include "internal.h"

#include <errno.h>

static void extended_mode(struct stub *s, struct cursor *c)
{
    s->extended = 1;
    reply_ok(&s->reply);
}

#define WHERE_MAX 128

static int restart(struct stub *s, const char *where)
{
    stub_moved(s);
    int err = s->ops->restart ? s->ops->restart(s->self, where) : -ENOSYS;
    if (err)
        return err;
    s->killed = 0;
    s->ops->where(s->self, &s->stop);
    s->general = s->control = 0;
    return 0;
}

/* vRun;PROGRAM;ARGS...: history knows the program and its arguments, so `run` means "from the
 * beginning", and `run MOMENT` from there (`starti MOMENT` stops there). */
static void run_again(struct stub *s, struct cursor *c)
{
    char where[WHERE_MAX];
    while (!take_end(c) && !take_char(c, ';'))
        c->at++; /* the program's name */
    if (!take_hex_string(c, where, sizeof(where)))
        where[0] = 0;
    int err = restart(s, where);
    if (err)
        reply_error(&s->reply, err);
    else
        stub_put_stop(s);
}

/* R: the same; it is not answered. */
static void restart_only(struct stub *s, struct cursor *c)
{
    restart(s, "");
    s->silent = 1;
}

/* vAttach: the program is where it was left. */
static void attach(struct stub *s, struct cursor *c)
{
    if (s->killed) {
        run_again(s, c);
        return;
    }
    s->ops->where(s->self, &s->stop);
    stub_put_stop(s);
}

static void leave(struct stub *s, enum gdbstub_end end)
{
    s->over = 1;
    s->end = end;
}

/* In extended mode the client keeps the line open, for another `run` maybe; what it has
 * inserted goes anyway. */
static void detach(struct stub *s, struct cursor *c)
{
    reply_ok(&s->reply);
    stub_clear_stops(s);
    if (!s->extended)
        leave(s, GDBSTUB_DETACHED);
}

static void kill_now(struct stub *s, struct cursor *c)
{
    s->silent = 1;
    leave(s, GDBSTUB_KILLED);
}

/* vKill: the session ends when the client has closed the line. */
static void kill_program(struct stub *s, struct cursor *c)
{
    reply_ok(&s->reply);
    s->killed = 1;
    stub_moved(s);
    if (!s->extended)
        leave(s, GDBSTUB_KILLED);
}

const struct stub_command stub_process_commands[] = {
    {"!", extended_mode, 0},     {"vRun;", run_again, 0}, {"vAttach;", attach, 0},
    {"vKill;", kill_program, 0}, {"R", restart_only, 0},  {"D", detach, 0},
    {"k", kill_now, 0},          {NULL, NULL, 0},
};
