/* monitor.c - `monitor COMMAND`: what GDB has no command for. */
#include "internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8
#define LINE_MAX_LEN 512
/* A client learns of a stop only as the answer to its own `continue` or `run`. rr-like.py makes gdb
 * forget, and does not show this. */
#define STALE \
    "NOTE: gdb does not know of this move. It shows, and steps from, the place before, until\n" \
    "NOTE: `maintenance flush register-cache` and `maintenance flush dcache`. The commands of\n" \
    "NOTE: rr-like.py do that; `starti EVENT` and `starti POINT` are moves that gdb sees by " \
    "itself."

struct monitor {
    struct debugger *d;
    const struct target_out *out;
    char *word[WORDS_MAX];
    int words;
    int moved;
};

static void say(struct monitor *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct monitor *m, const char *format, ...)
{
    char line[LINE_MAX_LEN];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    m->out->text(m->out->arg, line);
}

/* ------------------------------------------------------------------ reading words */
/* A whole word that is a number, decimal or with 0x. */
static int number(const char *word, uint64_t *value)
{
    char *end;
    if (!word || *word < '0' || *word > '9')
        return 0;
    errno = 0;
    *value = strtoull(word, &end, 0);
    return !errno && !*end;
}

/* ENTRIES:TICKS:PC, as `when` prints it; PC is hexadecimal, with or without 0x. */
static int point(const char *word, struct rk_position *at)
{
    int used = 0;
    return word && strspn(word, "0123456789abcdefxABCDEF:") == strlen(word) &&
           sscanf(word, "%" SCNu64 ":%" SCNu64 ":%" SCNx64 "%n", &at->entries, &at->ticks, &at->pc,
                  &used) == 3 &&
           !word[used];
}

/* ------------------------------------------------------------------------- where */
static void say_place(struct monitor *m, const char *prefix, const struct timeline_mark *mark,
                      int32_t tid)
{
    say(m, "%sevent %" PRIu64 ", point %" PRIu64 ":%" PRIu64 ":0x%" PRIx64 ", thread %d\n", prefix,
        mark->event, mark->at.entries, mark->at.ticks, mark->at.pc, tid);
}

static void when(struct monitor *m)
{
    const struct rk_debug_stop *stop = timeline_where(m->d->timeline);
    struct timeline_mark here = timeline_here(m->d->timeline);
    if (!stop) {
        say(m, "the replay has failed: seek somewhere, or start again\n");
        return;
    }
    if (RK_STOP_IS_END(stop->reason))
        say(m, "at the end of the recording\n");
    else if (stop->reason == RK_STOP_START)
        say(m, "at the beginning of the recording\n");
    say_place(m, "", &here, stop->tid);
}

/* What a move ended with. */
static void arrived(struct monitor *m, int err)
{
    const struct rk_debug_stop *stop = timeline_where(m->d->timeline);
    m->moved = 1;
    if (err || !stop) {
        say(m, "cannot go there: %s\n", strerror(err ? -err : EIO));
        return;
    }
    debugger_note_stop(m->d);
    if (stop->reason == RK_STOP_PASSED)
        say(m, "there is no such moment: this is the first one after it\n");
    when(m);
    say(m, STALE "\n");
}

static void leave_diversion(struct monitor *m)
{
    if (m->d->diversion)
        say(m, "what was changed or called is forgotten\n");
    debugger_rejoin(m->d);
}

/* ------------------------------------------------------------------------ moving */
static int is_moment(const char *where)
{
    struct rk_position at;
    uint64_t event;
    return !strcmp(where, "begin") || !strcmp(where, "start") || !strcmp(where, "end") ||
           number(where, &event) || point(where, &at);
}

int monitor_seek(struct debugger *d, const char *where)
{
    struct rk_position at;
    uint64_t event;
    if (!is_moment(where))
        return -EINVAL;
    debugger_rejoin(d);
    if (!strcmp(where, "end"))
        return timeline_seek_end(d->timeline);
    if (number(where, &event) && event)
        return timeline_seek_event(d->timeline, event);
    return point(where, &at) ? timeline_seek(d->timeline, &at) : timeline_seek_begin(d->timeline);
}

static void seek(struct monitor *m)
{
    const char *where = m->words > 1 ? m->word[1] : "";
    if (!is_moment(where)) {
        say(m, "seek: where to? The number of an event, a point ENTRIES:TICKS:PC as `monitor when` "
               "prints it, `begin` or `end`\n");
        return;
    }
    leave_diversion(m);
    arrived(m, monitor_seek(m->d, where));
}

static void run_from(struct monitor *m)
{
    leave_diversion(m);
    arrived(m, timeline_seek_begin(m->d->timeline));
}

/* ------------------------------------------------------------------- checkpoints */
static void list_checkpoints(struct monitor *m)
{
    size_t count;
    const struct timeline_checkpoint *list = timeline_checkpoints(m->d->timeline, &count);
    char prefix[32];
    if (!count)
        say(m, "no checkpoints; `monitor checkpoint` makes one here\n");
    for (size_t i = 0; i < count; i++) {
        snprintf(prefix, sizeof(prefix), "%u: ", list[i].id);
        say_place(m, prefix, &list[i].mark, list[i].tid);
    }
}

static void checkpoint(struct monitor *m)
{
    if (m->words > 1) {
        say(m, "checkpoint: takes nothing; it remembers the present\n");
        return;
    }
    int id = timeline_checkpoint_add(m->d->timeline);
    if (id < 0)
        say(m, "checkpoint: %s\n", strerror(-id));
    else
        say(m, "checkpoint %d: `monitor restart %d` comes back here\n", id, id);
}

/* The number behind the command; 0 when there is none, or it is no checkpoint's. */
static uint32_t checkpoint_number(struct monitor *m)
{
    size_t count;
    const struct timeline_checkpoint *list = timeline_checkpoints(m->d->timeline, &count);
    uint64_t id;
    if (m->words != 2 || !number(m->word[1], &id)) {
        say(m, "%s: which checkpoint? `monitor checkpoints` lists them\n", m->word[0]);
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        if (list[i].id == id)
            return list[i].id;
    say(m, "%s: there is no checkpoint %" PRIu64 "; `monitor checkpoints` lists them\n", m->word[0],
        id);
    return 0;
}

static void restart(struct monitor *m)
{
    if (m->words == 1) {
        run_from(m);
        return;
    }
    uint32_t id = checkpoint_number(m);
    if (!id)
        return;
    leave_diversion(m);
    arrived(m, timeline_checkpoint_restart(m->d->timeline, id));
}

static void delete_checkpoint(struct monitor *m)
{
    uint32_t id = checkpoint_number(m);
    if (id && !timeline_checkpoint_delete(m->d->timeline, id))
        say(m, "checkpoint %u is deleted\n", id);
}

/* ------------------------------------------------------------------- last write */
static void last_write(struct monitor *m)
{
    struct timeline *t = m->d->timeline;
    uint64_t addr, len = 8;
    if (m->words < 2 || m->words > 3 || !number(m->word[1], &addr) ||
        (m->words == 3 && !number(m->word[2], &len)) || !len || addr + len < addr) {
        say(m, "last-write: whose? An address and, if it is not 8, the number of bytes\n");
        return;
    }
    leave_diversion(m);
    struct timeline_mark here = timeline_here(t);
    int err = points_last_write(m->d, addr, len);
    if (err == -ENOENT) {
        timeline_seek_mark(t, &here);
        say(m, "nothing has written there before this moment\n");
        debugger_note_stop(m->d);
        m->moved = 1;
    } else {
        arrived(m, err);
    }
}

/* -------------------------------------------------------------------------- events */
static void events(struct monitor *m)
{
    const struct rk_debug_stop *stop = timeline_where(m->d->timeline);
    uint64_t first = stop ? stop->event : 1, count = 10;
    if ((m->words > 1 && !number(m->word[1], &first)) ||
        (m->words > 2 && !number(m->word[2], &count)) || m->words > 3) {
        say(m, "events: [FIRST [COUNT]] are numbers of events\n");
        return;
    }
    if (!m->d->options.event_text) {
        say(m, "events: not available here\n");
        return;
    }
    char text[4096];
    for (uint64_t n = first ? first : 1; count--; n++) {
        if (m->d->options.event_text(m->d->options.ctx, n, text, sizeof(text)))
            return;
        say(m, "%s%s", stop && n == stop->event ? "*" : " ", text);
    }
}

static void elapsed(struct monitor *m)
{
    const struct rk_debug_stop *stop = timeline_where(m->d->timeline);
    uint64_t total = m->d->total_events;
    if (stop)
        say(m, "event %" PRIu64 " of %" PRIu64 " (%u%%)\n", stop->event, total,
            total ? (unsigned)(stop->event * 100 / total) : 0);
}

/* How the watchpoints that are set now are looked for in reverse. */
static const char *watching(const struct timeline *t)
{
    switch (timeline_counts(t)) {
    case 0:
        return "by debug registers";
    case -E2BIG:
        return "without debug registers: too much is watched";
    case -ECANCELED:
        return "without debug registers: switched off";
    default:
        return "without debug registers: this system does not let us use them";
    }
}

static void statistics(struct monitor *m)
{
    struct timeline_stats s;
    timeline_stats(m->d->timeline, &s);
    say(m,
        "%u checkpoints of %" PRIu64 " KiB; %u copies made, %u refused; %" PRIu64
        " replays from the beginning; %" PRIu64 " stretches searched, %" PRIu64 " skipped, %" PRIu64
        " watched by debug registers first; watching %s\n",
        s.checkpoints, s.checkpoint_bytes / 1024, s.copies, s.refused, s.restarts, s.searched,
        s.skipped, s.counted, watching(m->d->timeline));
}

/* --------------------------------------------------------------------------- table */
static void help(struct monitor *m);

static const struct {
    const char *name;
    void (*run)(struct monitor *m);
    const char *help;
} commands[] = {
    {"when", when, "where the program is: event, point, thread"},
    {"elapsed", elapsed, "how much of the recording is behind"},
    {"events", events, "[FIRST [COUNT]]: events of the recording, from the present one"},
    {"seek", seek, "EVENT|POINT|begin|end: go there, forward or backward"},
    {"checkpoint", checkpoint, "remember the present"},
    {"checkpoints", list_checkpoints, "what was remembered"},
    {"restart", restart, "[N]: go to checkpoint N, or to the beginning"},
    {"delete", delete_checkpoint, "N: forget checkpoint N"},
    {"last-write", last_write, "ADDRESS [BYTES]: go back to where that memory was last written"},
    {"statistics", statistics, "checkpoints and searches so far"},
    {"help", help, "this list"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(struct monitor *m)
{
    for (size_t i = 0; i < COMMANDS; i++)
        say(m, "%-12s %s\n", commands[i].name, commands[i].help);
}

static void split(struct monitor *m, char *text)
{
    char *rest = NULL;
    for (char *w = strtok_r(text, " \t\n", &rest); w && m->words < WORDS_MAX;
         w = strtok_r(NULL, " \t\n", &rest))
        m->word[m->words++] = w;
}

static void run(struct monitor *m)
{
    if (!m->words) {
        help(m);
        return;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(m->word[0], commands[i].name)) {
            commands[i].run(m);
            return;
        }
    say(m, "`%s` is no monitor command; `monitor help` lists them\n", m->word[0]);
}

int monitor_run(void *t, const char *command, const struct target_out *out)
{
    struct monitor m = {.d = t, .out = out};
    char *text = strdup(command);
    if (!text)
        return 0;
    split(&m, text);
    m.d->monitor = out;
    run(&m);
    m.d->monitor = NULL;
    free(text);
    return m.moved;
}
