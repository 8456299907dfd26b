/*
 * calls.c - runs that stop at system calls: debug_calls GUEST-MODE ROUNDS. Backward they stop where
 * they stop forward, wherever checkpoints are. And what runs backward need not look at: debug_calls
 * skips, debug_calls remembers.
 */
#include "harness.h"

#include "replayer/timeline_internal.h"

#include <inttypes.h>
#include <string.h>

#define STOPS_MAX 20000

struct stop {
    struct timeline_mark mark;
    uint32_t reason;
    int64_t number;
};

static struct run run;
static struct timeline *line;
static struct stop stops[STOPS_MAX];
static unsigned count;

static void open_line(uint32_t checkpoints)
{
    struct timeline_options options = {
        .flags = RK_CTL_NO_CONSOLE, .checkpoint_ms = 2, .checkpoints_max = checkpoints};
    run_reader(&run);
    CHECK(!timeline_open(&line, run.reader, &options, &run.result), "%s", run.result.text);
}

static void close_line(void)
{
    timeline_close(line);
    tf_reader_close(run.reader);
}

static struct stop here(void)
{
    const struct rk_debug_stop *at = timeline_where(line);
    return (struct stop){timeline_here(line), at->reason, at->status};
}

/* All of them, or about a third. */
static void choose_calls(int all)
{
    uint64_t set[RK_DEBUG_CALLS / 64];
    for (size_t i = 0; i < RK_DEBUG_CALLS / 64; i++)
        set[i] = all ? UINT64_MAX : next_random() & (next_random() | next_random());
    timeline_stop_calls(line, set);
}

static void forward(void)
{
    CHECK(!timeline_seek_begin(line), "begin");
    for (count = 0; !timeline_continue(line) && !RK_STOP_IS_END(here().reason); count++) {
        CHECK(count < STOPS_MAX, "too many stops");
        stops[count] = here();
        CHECK(here().reason == RK_STOP_SYSCALL || here().reason == RK_STOP_SYSCALL_END,
              "reason %u", here().reason);
    }
}

/* Where it stopped, and one step before: there, the call that a thread comes back from is under
 * way. Seeks, which get there, stop at no call. */
static void leave_checkpoints(void)
{
    for (int i = 0; i < 40; i++) {
        CHECK(!timeline_seek_mark(line, &stops[next_random() % count].mark), "seek");
        if (next_random() % 2)
            CHECK(!timeline_reverse_step(line, 1), "reverse-step");
        CHECK(!checkpoint_add(line, line->live, 1), "checkpoint");
    }
    CHECK(!timeline_seek_end(line), "end");
}

static void backward(void)
{
    for (unsigned i = count; i-- > 0;) {
        CHECK(!timeline_reverse_continue(line), "reverse-continue");
        struct stop now = here(), *then = &stops[i];
        CHECK(!timeline_compare(&now.mark, &then->mark) && now.reason == then->reason &&
                  now.number == then->number,
              "stop %u: %" PRIu64 ".%" PRIu64 ".%#" PRIx64 " reason %u call %" PRId64
              ", forward %" PRIu64 ".%" PRIu64 ".%#" PRIx64 " reason %u call %" PRId64,
              i, now.mark.at.entries, now.mark.at.ticks, now.mark.at.pc, now.reason, now.number,
              then->mark.at.entries, then->mark.at.ticks, then->mark.at.pc, then->reason,
              then->number);
    }
    CHECK(!timeline_reverse_continue(line) && here().reason == RK_STOP_START, "%u", here().reason);
}

static void both_ways(const char *mode, unsigned long rounds)
{
    unsigned all = 0;
    record_guest(mode, 0);
    open_line(0);
    for (unsigned long i = 0; i < rounds; i++) {
        choose_calls(i == 0);
        forward();
        all += count;
        leave_checkpoints();
        backward();
    }
    printf("%u stops\n", all);
    CHECK(all > 10, "%u stops", all);
    close_line();
}

/* Of a call that is never made. */
static void stop_at_no_call(void)
{
    uint64_t set[RK_DEBUG_CALLS / 64] = {0};
    set[300 / 64] = 1ull << 300 % 64;
    timeline_stop_calls(line, set);
}

/* From the end; that many stretches are searched at most. */
static void back_to(uint32_t reason, uint64_t most)
{
    struct timeline_stats before, s;
    CHECK(!timeline_seek_end(line) && here().reason == RK_STOP_EXIT, "end: %u", here().reason);
    timeline_stats(line, &before);
    CHECK(!timeline_reverse_continue(line) && here().reason == reason, "%u", here().reason);
    timeline_stats(line, &s);
    s.searched -= before.searched;
    s.skipped -= before.skipped;
    printf("%" PRIu64 " stretches searched, %" PRIu64 " skipped\n", s.searched, s.skipped);
    CHECK(s.searched <= most && (most == UINT64_MAX || s.skipped >= 4),
          "%" PRIu64 " searched, %" PRIu64 " skipped", s.searched, s.skipped);
}

/* A call that is never made costs a search nothing, nor does a breakpoint that is far. */
static void skips(void)
{
    record_guest("spin", 0);
    open_line(0);
    stop_at_no_call();
    CHECK(!timeline_break_add(line, guest_function("main"), NULL), "add");
    back_to(RK_STOP_BREAKPOINT, 4);
    close_line();
}

/* What was found untouched once is not looked at again, whatever checkpoints have gone since. */
static void remembers(void)
{
    record_guest("busy", 0);
    open_line(10);
    stop_at_no_call();
    CHECK(!timeline_watch_add(line, guest_function("busy_page"), 8, TIMELINE_WRITE), "add");
    back_to(RK_STOP_WATCH, UINT64_MAX);
    for (int i = 0; i < 5; i++)
        back_to(RK_STOP_WATCH, 5);
    close_line();
}

int main(int argc, char **argv)
{
    seed_random(7);
    if (argc == 2 && !strcmp(argv[1], "skips"))
        skips();
    else if (argc == 2 && !strcmp(argv[1], "remembers"))
        remembers();
    else if (argc == 3)
        both_ways(argv[1], strtoul(argv[2], NULL, 10));
    else
        CHECK(0, "usage: %s GUEST-MODE ROUNDS, or skips, or remembers", argv[0]);
    return 0;
}
