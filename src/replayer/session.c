/* session.c - a replay that stops where it is told. */
#include "session.h"
#include "ask.h"
#include "internal.h"
#include "maplist.h"
#include "pages.h"
#include "rekernel/agent.h"
#include "revisor/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAP_MAX_MS 20
#define START_MS 60000 /* loading the program reads its files from the trace */
#define FAULT_NS 2500  /* a first write after a copy: 2000 to 4000 on virtual machines */

struct replay_session {
    struct replayer r;
    struct replay_options options, users; /* what the replayer sees, and what we were given */
    struct maplist maps;
    struct rk_debug_stop stop;
    int stopped;
    struct replay_result diverted;          /* how a diversion ends is nobody else's business */
    struct answers threads, areas;          /* of the last questions */
    struct rk_position fresh_at, copied_at; /* the last fresh copy, the last copy of any kind */
    uint64_t ran_ns, since_ns;              /* up to the last command; its process's clock then */
    uint64_t copy_ns, copy_faults; /* processor time of the last copy; faults up to then */
};

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) ? 0 : (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t now_ms(void)
{
    return clock_ns(CLOCK_MONOTONIC) / 1000000u;
}

/* Processor time of the guest's process. On a loaded machine, time by the clock would make
 * checkpoints of stretches in which hardly anything has run. */
static uint64_t used_ns(const struct replay_session *s)
{
    clockid_t clock;
    uint64_t used = clock_getcpuclockid(machine_pid(s->r.machine), &clock) ? 0 : clock_ns(clock);
    return used > s->since_ns ? used : s->since_ns;
}

int replay_compare(const struct rk_position *a, const struct rk_position *b)
{
    if (a->entries != b->entries)
        return a->entries < b->entries ? -1 : 1;
    if (a->ticks != b->ticks)
        return a->ticks < b->ticks ? -1 : 1;
    return a->pc < b->pc ? -1 : a->pc > b->pc;
}

static void on_report(void *ctx, const struct rk_report *report, size_t len)
{
    struct replay_session *s = ctx;
    int err = maplist_take(&s->maps, report, len);
    if (err)
        replay_ends(&s->r, err == -ENOMEM ? REPLAY_HOST_FAILED : REPLAY_GUEST_DIED, err);
    if (s->users.report)
        s->users.report(s->users.ctx, report, len);
}

/* ------------------------------------------------------------------ waiting */
static void take_reports(struct replay_session *s)
{
    if (report_drain(s->r.machine, replay_on_report, &s->r) < 0)
        replay_ends(&s->r, REPLAY_GUEST_DIED, 0);
    s->r.result->events = atomic_load(&machine_control(s->r.machine)->events);
}

static int note_stop(struct replay_session *s)
{
    take_reports(s);
    if (machine_debug_regs(s->r.machine, &s->stop)) {
        replay_ends(&s->r, REPLAY_GUEST_DIED, 0);
        return -EIO;
    }
    s->ran_ns = replay_session_ran_ns(s);
    s->stopped = 1;
    return 0;
}

static int feed(struct replay_session *s, int *nap)
{
    int64_t moved = replay_feed(&s->r);
    if (moved < 0) {
        replay_ends(&s->r, moved <= TF_E_NOT_A_TRACE ? REPLAY_BAD_TRACE : REPLAY_HOST_FAILED,
                    (int)moved);
        return -EIO;
    }
    *nap = moved > 0 ? 1 : *nap * 2 < NAP_MAX_MS ? *nap * 2 : NAP_MAX_MS;
    return 0;
}

/* Nothing stopped within a nap: is there still somebody? */
static int look_for_life(struct replay_session *s)
{
    int status;
    take_reports(s);
    if (machine_wait(s->r.machine, &status) == -EAGAIN)
        return 0;
    take_reports(s); /* what it said last counts more than that it died */
    replay_check_death(&s->r);
    return -EIO;
}

int replay_session_wait(struct replay_session *s, int timeout_ms)
{
    uint64_t end = now_ms() + (uint64_t)timeout_ms;
    int nap = 1;
    while (!s->stopped) {
        int err = feed(s, &nap);
        if (err)
            return err;
        err = machine_debug_wait(s->r.machine, nap);
        if (!err)
            return note_stop(s);
        if (err == -EINTR)
            return err;
        err = look_for_life(s);
        if (err || now_ms() >= end)
            return err ? err : -ETIMEDOUT;
    }
    return 0;
}

/* ----------------------------------------------------------------- commands */
/* err: what the machine said to the command. */
static int commanded(struct replay_session *s, int err, int timeout_ms)
{
    if (err)
        return err;
    s->stopped = 0;
    s->since_ns = 0;
    s->since_ns = used_ns(s);
    return replay_session_wait(s, timeout_ms);
}

int replay_session_run_until(struct replay_session *s, const struct rk_position *point,
                             int timeout_ms)
{
    return commanded(s, machine_debug_run_until(s->r.machine, point), timeout_ms);
}

int replay_session_trail(struct replay_session *s, const struct rk_position *point, int timeout_ms)
{
    return commanded(s, machine_debug_trail(s->r.machine, point), timeout_ms);
}

size_t replay_session_trail_read(struct replay_session *s, struct rk_position *out, size_t max)
{
    return machine_debug_trail_read(s->r.machine, out, max);
}

int replay_session_run_last(struct replay_session *s, const struct rk_position *point,
                            int inclusive, int timeout_ms)
{
    return commanded(s, machine_debug_run_last(s->r.machine, point, inclusive), timeout_ms);
}

int replay_session_last(struct replay_session *s, struct rk_debug_last *out)
{
    return machine_debug_last(s->r.machine, out);
}

void replay_session_footprint(struct replay_session *s, struct replay_footprint *out)
{
    const struct rk_map *areas;
    size_t count;
    out->executed_from = s->fresh_at;
    out->written_from = s->copied_at;
    machine_debug_footprint(s->r.machine, &out->did);
    memset(out->written, 0, sizeof(out->written));
    if (replay_session_areas(s, &areas, &count) ||
        pages_written(machine_pid(s->r.machine), areas, count, out->written))
        memset(out->written, 0xff, sizeof(out->written));
}

int replay_session_run_event(struct replay_session *s, uint64_t number, int timeout_ms)
{
    return commanded(s, machine_debug_run_event(s->r.machine, number), timeout_ms);
}

int replay_session_continue(struct replay_session *s, int timeout_ms)
{
    return commanded(s, machine_debug_continue(s->r.machine), timeout_ms);
}

int replay_session_step(struct replay_session *s, uint64_t count, int timeout_ms)
{
    return commanded(s, machine_debug_step(s->r.machine, count), timeout_ms);
}

int replay_session_interrupt(struct replay_session *s, int timeout_ms)
{
    if (s->stopped)
        return 0;
    int err = machine_debug_interrupt(s->r.machine);
    return err ? err : replay_session_wait(s, timeout_ms);
}

int replay_session_finish(struct replay_session *s, int timeout_ms)
{
    int err = s->stopped ? 0 : replay_session_wait(s, timeout_ms);
    if (err || RK_STOP_IS_END(s->stop.reason))
        return err;
    machine_debug_break_clear(s->r.machine);
    machine_debug_watch_clear(s->r.machine);
    return replay_session_continue(s, timeout_ms);
}

int replay_session_break_add(struct replay_session *s, uint64_t pc)
{
    return machine_debug_break_add(s->r.machine, pc);
}

int replay_session_break_del(struct replay_session *s, uint64_t pc)
{
    return machine_debug_break_del(s->r.machine, pc);
}

int replay_session_break_clear(struct replay_session *s)
{
    return machine_debug_break_clear(s->r.machine);
}

int replay_session_break_if(struct replay_session *s, uint64_t pc, const void *conds, size_t size)
{
    if (size > RK_DEBUG_CONDS || (size && agent_check_list(conds, (uint32_t)size)))
        return -EINVAL;
    return machine_debug_break_if(s->r.machine, pc, conds, (uint32_t)size);
}

int replay_session_watch_add(struct replay_session *s, uint64_t addr, uint64_t len, uint32_t kind)
{
    return machine_debug_watch_add(s->r.machine, addr, len, kind);
}

int replay_session_watch_del(struct replay_session *s, uint64_t addr, uint64_t len, uint32_t kind)
{
    return machine_debug_watch_del(s->r.machine, addr, len, kind);
}

int replay_session_watch_clear(struct replay_session *s)
{
    return machine_debug_watch_clear(s->r.machine);
}

/* ------------------------------------------------------------------ looking */
const struct rk_debug_stop *replay_session_where(const struct replay_session *s)
{
    return s->stopped ? &s->stop : NULL;
}

int replay_session_divert(struct replay_session *s)
{
    s->r.result = &s->diverted;
    int err = machine_debug_divert(s->r.machine);
    replay_session_print_after(s, 0);
    return err;
}

int replay_session_set_regs(struct replay_session *s, const struct rk_debug_stop *regs)
{
    int err = machine_debug_set_regs(s->r.machine, regs);
    return err ? err : machine_debug_regs(s->r.machine, &s->stop);
}

void replay_session_print_after(struct replay_session *s, uint64_t event)
{
    machine_control(s->r.machine)->console_after = event;
}

pid_t replay_session_pid(const struct replay_session *s)
{
    return machine_pid(s->r.machine);
}

uint64_t replay_session_held(const struct replay_session *s)
{
    return pages_held(machine_pid(s->r.machine));
}

uint64_t replay_session_ran_ns(const struct replay_session *s)
{
    return s->ran_ns + (s->stopped ? 0 : used_ns(s) - s->since_ns);
}

uint64_t replay_session_copy_cost(const struct replay_session *s)
{
    uint64_t faults = pages_faults(replay_session_pid(s));
    return s->copy_ns + (faults > s->copy_faults ? faults - s->copy_faults : 0) * FAULT_NS;
}

ssize_t replay_session_read(struct replay_session *s, uint64_t addr, void *buf, size_t len)
{
    return machine_read(s->r.machine, addr, buf, len);
}

ssize_t replay_session_write(struct replay_session *s, uint64_t addr, const void *buf, size_t len)
{
    return machine_write(s->r.machine, addr, buf, len);
}

const struct rk_map *replay_session_maps(const struct replay_session *s, size_t *count)
{
    *count = s->maps.count;
    return s->maps.map;
}

int replay_session_stop_signals(struct replay_session *s, uint64_t set)
{
    return machine_debug_stop_signals(s->r.machine, set);
}

int replay_session_stop_calls(struct replay_session *s, const uint64_t *set)
{
    return machine_debug_stop_calls(s->r.machine, set);
}

int replay_session_stop_thread(struct replay_session *s, int32_t tid)
{
    return machine_debug_stop_thread(s->r.machine, tid);
}

/* ---------------------------------------------------------------- questions */
int replay_session_threads(struct replay_session *s, const struct rk_debug_thread **out,
                           size_t *count)
{
    int err = ask_threads(s->r.machine, &s->threads);
    *out = s->threads.data;
    *count = s->threads.count;
    return err;
}

int replay_session_areas(struct replay_session *s, const struct rk_map **out, size_t *count)
{
    int err = ask_areas(s->r.machine, &s->areas);
    *out = s->areas.data;
    *count = s->areas.count;
    return err;
}

int replay_session_thread_regs(struct replay_session *s, int32_t tid, struct rk_debug_stop *out)
{
    if (!s->stopped || tid != s->stop.tid)
        return ask_regs(s->r.machine, tid, out);
    *out = s->stop;
    return 0;
}

int replay_session_process(struct replay_session *s, struct rk_debug_process *out)
{
    return ask_process(s->r.machine, out);
}

/* ------------------------------------------------------------ open and close */
/* Runs to the first stop. A rekernel without a debug port simply runs on. */
static int first_stop(struct replay_session *s)
{
    int err = replay_session_wait(s, START_MS);
    if (!err)
        return 0;
    struct replay_result *result = s->r.result;
    if (err == -ETIMEDOUT || err == -EINTR)
        replay_ends(&s->r, REPLAY_HOST_FAILED, err);
    else if (!machine_debug_present(s->r.machine) && result->end != REPLAY_DIVERGED)
        result->end = REPLAY_NO_STOPS; /* whatever it has run to */
    return -1;
}

int replay_session_open(struct replay_session **out, struct tf_reader *reader,
                        const struct replay_options *options, struct replay_result *result)
{
    struct replay_session *s = calloc(1, sizeof(*s));
    *out = NULL;
    if (!s) {
        *result = (struct replay_result){.end = REPLAY_HOST_FAILED, .error = -ENOMEM};
        return -1;
    }
    s->users = s->options = *options;
    s->options.vcpu_mode = RK_VCPU_TRANSLATED;
    s->options.flags |= RK_CTL_DEBUG;
    s->options.report = on_report;
    s->options.ctx = s;
    s->r = (struct replayer){
        .reader = reader, .options = &s->options, .result = result, .feed_killed = 1};
    if (replay_open(&s->r) || first_stop(s)) {
        replay_session_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

int replay_session_copy(struct replay_session *s, int fresh, struct replay_session **out)
{
    *out = NULL;
    if (!s->stopped)
        return -EBUSY;
    struct replay_session *n = calloc(1, sizeof(*n));
    if (!n)
        return -ENOMEM;
    *n = (struct replay_session){.options = s->options,
                                 .users = s->users,
                                 .stop = s->stop,
                                 .stopped = 1,
                                 .ran_ns = s->ran_ns};
    n->options.ctx = n;
    s->since_ns = 0;
    uint64_t begun = used_ns(s);
    int err = maplist_copy(&n->maps, &s->maps);
    if (!err)
        err = replay_copy(&n->r, &s->r, s->stop.event, fresh);
    n->copy_ns = s->copy_ns = used_ns(s) - begun;
    s->copy_faults = pages_faults(replay_session_pid(s));
    n->r.options = &n->options;
    if (err) {
        replay_session_close(n);
        return err;
    }
    if (fresh)
        s->fresh_at = s->stop.at;
    n->fresh_at = s->fresh_at;
    n->copied_at = s->copied_at = s->stop.at;
    *out = n;
    return 0;
}

void replay_session_close(struct replay_session *s)
{
    if (!s)
        return;
    replay_free(&s->r);
    maplist_free(&s->maps);
    answers_free(&s->threads);
    answers_free(&s->areas);
    free(s);
}
