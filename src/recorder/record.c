/* record.c - one recording from start to end. */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IDLE_MS 40           /* longest sleep between two looks at the ring */
#define YOUNG_MS 8           /* and in the first half second: the log of a short program is
                                waited for when it ends */
#define YOUNG_NS 500000000u
#define GRACE_NS 5000000000u /* from SIGTERM to SIGKILL when time is up */

uint64_t recorder_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void recorder_say(struct recorder *r, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (r->options->say)
        r->options->say(r->options->ctx, text);
}

void recorder_stop_writing(struct recorder *r, int err)
{
    if (!r->writer)
        return;
    recorder_say(r,
                 "the trace cannot grow any more (%s): it is kept up to here and replays to its "
                 "end; the program runs on unrecorded",
                 tf_strerror(err));
    tf_writer_abandon(r->writer);
    r->writer = NULL;
    r->result->cut = 1;
}

/* Sleep shorter while the program logs much, longer while it does not: the ring must not
 * fill, and an idle program must not cost wake-ups. */
static int next_timeout(const struct recorder *r, int timeout, size_t moved)
{
    int idle = recorder_now() - r->start_ns < YOUNG_NS ? YOUNG_MS : IDLE_MS;
    if (moved > RK_LOG_RING_SIZE / 8)
        return 1;
    if (moved > RK_LOG_RING_SIZE / 64)
        return timeout;
    return timeout * 2 < idle ? timeout * 2 : idle;
}

static void drain(struct recorder *r, size_t *moved)
{
    *moved = recorder_drain_log(r);
    recorder_drain_reports(r);
    recorder_flush_if_due(r);
}

/* The program is asked to end, then made to. */
static void enforce_timeout(struct recorder *r)
{
    if (!r->deadline_ns || recorder_now() < r->deadline_ns)
        return;
    recorder_say(r,
                 r->timed_out ? "it has not ended %.3g s after that either: SIGKILL"
                              : "the program has not ended after %.3g s (--timeout): SIGTERM",
                 (double)(r->timed_out ? GRACE_NS : r->options->timeout_ns) / 1e9);
    kill(machine_pid(r->machine), r->timed_out ? SIGKILL : SIGTERM);
    r->deadline_ns = r->timed_out ? 0 : recorder_now() + GRACE_NS;
    r->timed_out = 1;
}

/* Until the guest process is dead or its data nonsense. */
static void run(struct recorder *r)
{
    int timeout = 1;
    while (!r->broken) {
        size_t moved;
        struct pollfd p[3] = {
            {.fd = machine_death_fd(r->machine), .events = POLLIN},
            {.fd = r->supervisor.fd, .events = POLLIN},
            {.fd = r->socket_gone ? -1 : machine_socket(r->machine), .events = POLLIN},
        };
        if (poll(p, 3, timeout) < 0 && errno != EINTR)
            break;
        if (p[1].revents)
            supervise_handle(&r->supervisor);
        if (p[2].revents)
            recorder_serve_objects(r);
        drain(r, &moved);
        if (p[0].revents)
            break;
        enforce_timeout(r);
        timeout = next_timeout(r, timeout, moved);
    }
}

/* The guest process is gone without an end of its own. SIGKILL can only have come from
 * outside (or from the kernel, out of memory); all else is worth a word. */
static void note_vanished(struct recorder *r, int status)
{
    recorder_log_killed(r, status);
    if (WIFEXITED(status)) {
        recorder_say(r, "the guest process exited with %d without a word; the trace ends there",
                     WEXITSTATUS(status));
        r->result->failed = 1;
    } else if (WTERMSIG(status) != SIGKILL) {
        recorder_say(r, "the guest process was killed by signal %d; the trace ends there",
                     WTERMSIG(status));
    }
}

/* The guest process is dead, or will be: everything that it committed is in the ring. */
static void wind_up(struct recorder *r)
{
    struct record_result *result = r->result;
    int status;
    result->wall_ns = recorder_now() - r->start_ns;
    result->entries = atomic_load(&machine_control(r->machine)->entries);
    result->failed = r->broken || r->panicked;
    if (r->broken) {
        recorder_drain_log(r); /* what was good is kept */
        result->cut = 1;
        return;
    }
    if (!r->exited && !machine_wait(r->machine, &status))
        note_vanished(r, status);
}

static int start(struct recorder *r)
{
    const struct record_options *o = r->options;
    struct machine_config config = {.mode = RK_MODE_RECORD,
                                    .vcpu_mode = o->vcpu_mode,
                                    .flags = o->flags,
                                    .image = o->image,
                                    .boot = o->boot};
    int err = machine_create(&r->machine, &config);
    if (err) {
        recorder_say(r, "the guest process cannot be made: %s%s", strerror(-err),
                     err == -EFBIG ? "; the hard limit on file sizes (ulimit -H -f) must allow "
                                     "16 MiB"
                                   : "");
        return err;
    }
    err = supervise_begin(&r->supervisor, machine_pid(r->machine));
    if (!err)
        err = recorder_open_trace(r);
    if (err)
        return err;
    r->start_ns = r->last_event_ns = recorder_now();
    r->deadline_ns = o->timeout_ns ? r->start_ns + o->timeout_ns : 0;
    err = machine_start(r->machine);
    if (err)
        recorder_say(r, "the guest process cannot be started: %s", strerror(-err));
    return err;
}

static int allocate(struct recorder *r)
{
    r->event = malloc(RK_EVENT_MAX);
    r->chunk = malloc(TF_BLOB_MAX);
    return r->event && r->chunk ? 0 : -ENOMEM;
}

int record_run(const struct record_options *options, struct record_result *result)
{
    struct recorder r = {.options = options, .result = result, .supervisor.fd = -1};
    memset(result, 0, sizeof(*result));
    int err = allocate(&r);
    if (!err)
        err = start(&r);
    if (!err) {
        result->started = 1;
        run(&r);
        wind_up(&r);
    }
    recorder_close_trace(&r);
    machine_destroy(r.machine);
    if (r.supervisor.fd >= 0)
        supervise_end(&r.supervisor);
    free(r.event);
    free(r.chunk);
    free(r.generations);
    return err;
}
