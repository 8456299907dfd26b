/* debugger.c - opening, closing, and the table of the target's functions. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

static const struct target_ops ops = {
    .pid = state_pid,
    .layout = state_layout,
    .threads = state_threads,
    .current = state_current,
    .thread_text = state_thread_text,
    .regs_read = state_regs_read,
    .regs_write = state_regs_write,
    .mem_read = state_mem_read,
    .mem_write = state_mem_write,
    .run = run_run,
    .where = run_where,
    .restart = run_restart,
    .break_add = points_break_add,
    .break_del = points_break_del,
    .watch_add = points_watch_add,
    .watch_del = points_watch_del,
    .catch_syscalls = points_catch_syscalls,
    .pass_signals = points_pass_signals,
    .object = state_object,
    .exec_events = points_exec_events,
    .libraries = libraries_list,
    .file_open = files_open,
    .file_read = files_read,
    .file_stat = files_stat,
    .file_close = files_close,
    .link_read = files_link,
    .monitor = monitor_run,
};

static int interrupted(void *ctx)
{
    struct debugger *d = ctx;
    if (d->monitor)
        return d->monitor->interrupted(d->monitor->arg);
    return d->running && d->running->interrupted(d->running->arg);
}

static void say(void *ctx, const char *text)
{
    debugger_say(ctx, text);
}

void debugger_say(struct debugger *d, const char *text)
{
    if (d->options.say)
        d->options.say(d->options.ctx, text);
}

int debugger_open(struct debugger **out, struct tf_reader *events, struct tf_reader *files,
                  const struct debugger_options *options, struct replay_result *result)
{
    struct debugger *d = calloc(1, sizeof(*d));
    *out = NULL;
    if (!d) {
        *result = (struct replay_result){.end = REPLAY_HOST_FAILED, .error = -ENOMEM};
        return -1;
    }
    d->files = files;
    d->options = *options;
    struct timeline_options timeline = options->timeline;
    timeline.say = say;
    timeline.interrupted = interrupted;
    timeline.ctx = d;
    if (timeline_open(&d->timeline, events, &timeline, result)) {
        free(d);
        return -1;
    }
    struct tf_info info;
    tf_reader_info(events, &info);
    d->total_events = info.events;
    debugger_note_stop(d);
    d->stop.reason = TARGET_NOTHING;
    timeline_stop_signals(d->timeline, UINT64_MAX);
    *out = d;
    return 0;
}

void debugger_close(struct debugger *d)
{
    if (!d)
        return;
    debugger_rejoin(d);
    for (int i = 0; i < DEBUGGER_FILES; i++)
        if (d->open_files[i].used)
            files_close(d, i);
    points_clear(d);
    timeline_close(d->timeline);
    free(d);
}

struct target debugger_target(struct debugger *d)
{
    return (struct target){&ops, d};
}

struct timeline *debugger_timeline(struct debugger *d)
{
    return d->timeline;
}

void debugger_moved(struct debugger *d)
{
    debugger_note_stop(d);
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    if (!stop || d->stop.reason != TARGET_END || !stop->signal)
        return;
    d->stop.reason = TARGET_SIGNAL; /* that is what the client wants to hear first */
    d->stop.number = (int32_t)stop->signal;
}
