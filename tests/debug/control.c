/* control.c - breakpoints, events, steps, interrupts and ends of a session. */
#include "harness.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

static unsigned count_hits(struct run *r, uint64_t pc)
{
    unsigned hits = 0;
    for (;;) {
        CHECK(!replay_session_continue(r->session, WAIT_MS), "continue");
        const struct rk_debug_stop *s = run_where(r);
        if (RK_STOP_IS_END(s->reason))
            return hits;
        CHECK(s->reason == RK_STOP_BREAKPOINT && s->rip == pc, "%u at %#" PRIx64, s->reason,
              s->rip);
        hits++;
        if (hits % 7 == 0) /* stepping off a breakpoint does not hit it again */
            CHECK(!replay_session_step(r->session, 1, WAIT_MS) && run_where(r)->rip != pc, "step");
    }
}

static void breakpoints(void)
{
    struct run r;
    uint64_t pc = guest_function("hit_me");
    record_guest("loops", 0);
    run_open(&r);
    CHECK(!replay_session_break_add(r.session, pc), "add");
    CHECK(replay_session_break_add(r.session, pc) == -EEXIST, "twice");
    unsigned hits = count_hits(&r, pc);
    CHECK(hits == 1000, "%u hits", hits);
    run_finish(&r);

    run_open(&r);
    CHECK(!replay_session_break_add(r.session, pc), "add");
    for (int i = 0; i < 100; i++)
        CHECK(!replay_session_continue(r.session, WAIT_MS), "continue");
    CHECK(!replay_session_break_del(r.session, pc), "del");
    CHECK(replay_session_break_del(r.session, pc) == -ENOENT, "twice");
    hits = count_hits(&r, pc);
    CHECK(!hits, "%u hits of a breakpoint that is gone", hits);
    run_finish(&r);
}

static void recursion(void)
{
    struct run r;
    uint64_t pc = guest_function("fib");
    record_guest("recursion", 0);
    run_open(&r);
    CHECK(!replay_session_break_add(r.session, pc), "add");
    unsigned hits = count_hits(&r, pc);
    CHECK(hits == 465, "%u calls of fib", hits); /* 2 * fib(13) - 1 */
    run_finish(&r);
}

/* The first instruction of a handler has run nothing before it: the guest comes there from
 * the kernel. */
static void handlers(void)
{
    struct run r;
    uint64_t pc = guest_function("on_signal");
    record_guest("signals", 0);
    run_open(&r);
    CHECK(!replay_session_break_add(r.session, pc), "add");
    unsigned hits = count_hits(&r, pc);
    CHECK(hits == 20, "%u signals", hits);
    run_finish(&r);
}

static void many_breakpoints(void)
{
    struct run r;
    record_guest("recursion", 0);
    run_open(&r);
    for (uint64_t i = 0; i < RK_DEBUG_BREAKS; i++)
        CHECK(!replay_session_break_add(r.session, 0x10000000 + i), "add");
    CHECK(replay_session_break_add(r.session, 5) == -ENOSPC, "one too many");
    CHECK(!replay_session_step(r.session, 100, WAIT_MS), "step");
    run_finish(&r);
}

/* Every event is reached once, in order, and the log is not read ahead of it. */
static void events(void)
{
    struct run r;
    struct tf_info info;
    unsigned stops = 0;
    record_guest("loops", 0);
    run_open(&r);
    tf_reader_info(r.reader, &info);
    uint64_t first = run_where(&r)->event + 1;
    for (uint64_t n = first; n <= info.events; n++, stops++) {
        CHECK(!replay_session_run_event(r.session, n, WAIT_MS), "event %" PRIu64, n);
        const struct rk_debug_stop *s = run_where(&r);
        CHECK(s->reason == RK_STOP_REACHED && s->event == n - 1, "event %" PRIu64 ": %u", n,
              s->reason);
        CHECK(s->in_kernel, "event %" PRIu64, n);
        if (n % 5 == 0) {
            CHECK(!replay_session_step(r.session, 1, WAIT_MS), "step");
            CHECK(RK_STOP_IS_END(run_where(&r)->reason) || !run_where(&r)->in_kernel, "step");
            if (run_where(&r)->event > n)
                n = run_where(&r)->event;
        }
    }
    CHECK(stops > 10, "%u stops at events", stops);
    run_finish(&r);
}

static void gone_by(void)
{
    struct run r;
    struct rk_position first, past = {0, 0, 0}, never = {UINT64_MAX, 0, 0};
    record_guest("loops", 0);
    run_open(&r);
    CHECK(run_where(&r)->reason == RK_STOP_START, "%u", run_where(&r)->reason);
    first = run_where(&r)->at;
    CHECK(first.entries == 0 && first.ticks == 0, "start");
    CHECK(!replay_session_run_until(r.session, &past, WAIT_MS), "past");
    CHECK(run_where(&r)->reason == RK_STOP_PASSED, "%u", run_where(&r)->reason);
    CHECK(!replay_session_run_until(r.session, &first, WAIT_MS), "here");
    CHECK(run_where(&r)->reason == RK_STOP_REACHED, "%u", run_where(&r)->reason);
    CHECK(!replay_compare(&run_where(&r)->at, &first), "it moved");
    CHECK(!replay_session_run_event(r.session, 1, WAIT_MS), "event 1");
    CHECK(run_where(&r)->reason == RK_STOP_PASSED, "%u", run_where(&r)->reason);
    CHECK(!replay_session_step(r.session, 5000, WAIT_MS), "step");
    CHECK(run_where(&r)->reason == RK_STOP_STEP, "%u", run_where(&r)->reason);
    CHECK(!replay_session_run_until(r.session, &never, WAIT_MS), "never");
    const struct rk_debug_stop *s = run_where(&r);
    CHECK(s->reason == RK_STOP_EXIT && WIFEXITED((int)s->status), "%u", s->reason);
    CHECK(replay_session_step(r.session, 1, WAIT_MS) == -ESRCH, "a step past the end");
    char byte;
    CHECK(replay_session_read(r.session, guest_function("hit_me"), &byte, 1) == 1, "memory");
    run_finish(&r);
}

static void interrupts(void)
{
    struct run r;
    uint64_t last = 0;
    record_guest("spin", 0);
    run_open(&r);
    int err = replay_session_continue(r.session, 30);
    for (int i = 0; i < 5; i++) {
        CHECK(err == -ETIMEDOUT, "%d", err);
        CHECK(replay_session_step(r.session, 1, 1) == -EBUSY, "a command while it runs");
        CHECK(!replay_session_interrupt(r.session, WAIT_MS), "interrupt");
        const struct rk_debug_stop *s = run_where(&r);
        CHECK(s->reason == RK_STOP_INTERRUPTED && !s->in_kernel, "%u", s->reason);
        CHECK(s->at.ticks > last, "%" PRIu64 " ticks", s->at.ticks);
        last = s->at.ticks;
        CHECK(!replay_session_step(r.session, 10, WAIT_MS), "step");
        CHECK(run_where(&r)->reason == RK_STOP_STEP, "%u", run_where(&r)->reason);
        err = replay_session_continue(r.session, 15);
    }
    run_finish(&r);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {{"breakpoints", breakpoints}, {"recursion", recursion},
                 {"handlers", handlers},       {"many-breakpoints", many_breakpoints},
                 {"events", events},           {"gone-by", gone_by},
                 {"interrupts", interrupts}};
    for (size_t i = 0; argc > 1 && i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            return 0;
        }
    }
    CHECK(0, "usage: %s TEST", argv[0]);
}
