/*
 * counts.c - reverse runs with watchpoints, by debug registers and without them: two timelines of
 * one recording, asked the same, must find the same. Usage: debug_counts GUEST-MODE ROUNDS.
 * Where the system has no debug registers for us the two are alike, and it says so.
 */
#include "harness.h"

#include "replayer/timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct side {
    struct run run;
    struct timeline *line;
};
static struct side with, without;
static unsigned hits;

static void say(void *ctx, const char *text)
{
    fprintf(stderr, "%s\n", text);
}

static void open_side(struct side *s, int no_registers)
{
    struct timeline_options options = {
        .flags = RK_CTL_NO_CONSOLE, .say = say, .checkpoint_ms = 2, .no_debug_registers = no_registers};
    run_reader(&s->run);
    CHECK(!timeline_open(&s->line, s->run.reader, &options, &s->run.result), "%s",
          s->run.result.text);
    CHECK(!timeline_seek_end(s->line), "end");
}

static void close_side(struct side *s)
{
    timeline_close(s->line);
    tf_reader_close(s->run.reader);
}

/* Memory that is likely to be touched: variables, and what the stack pointer is near to. */
static uint64_t some_address(void)
{
    static const char *const names[] = {"sink", "watched", "caught", "page"};
    uint64_t near = timeline_where(with.line)->gpr[4];
    if (next_random() % 2)
        return near - 256 + next_random() % 512;
    return guest_function(names[next_random() % 4]) + next_random() % 64;
}

/* Anywhere: the same moment for both. */
static void wander(void)
{
    struct rk_position at = {.entries = next_random() % 60, .ticks = next_random() % 2000};
    int how = (int)(next_random() % 4);
    struct side *sides[] = {&with, &without};
    for (int i = 0; i < 2; i++)
        CHECK(!(how == 0   ? timeline_seek(sides[i]->line, &at)
                : how == 1 ? timeline_reverse_step(sides[i]->line, 3)
                           : timeline_seek_end(sides[i]->line)),
              "wander");
}

static void compare(const char *move)
{
    const struct rk_debug_stop *a = timeline_where(with.line), *b = timeline_where(without.line);
    struct timeline_mark here = timeline_here(with.line), there = timeline_here(without.line);
    CHECK(a && b && !timeline_compare(&here, &there),
          "%s: %" PRIu64 ".%" PRIu64 ".%#" PRIx64 " with registers, without %" PRIu64 ".%" PRIu64
          ".%#" PRIx64,
          move, here.at.entries, here.at.ticks, here.at.pc, there.at.entries, there.at.ticks,
          there.at.pc);
    CHECK(a->reason == b->reason, "%s: reason %u with registers, %u without", move, a->reason,
          b->reason);
    if (a->reason == RK_STOP_WATCH) {
        CHECK(!memcmp(&a->hit, &b->hit, sizeof(a->hit)), "%s: another access", move);
        hits++;
    }
}

static void watch_both(uint64_t addr, uint64_t len, enum timeline_access kind)
{
    int err = timeline_watch_add(with.line, addr, len, kind);
    CHECK(timeline_watch_add(without.line, addr, len, kind) == err, "add");
}

static void clear_both(const uint64_t (*w)[3], unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        timeline_watch_del(with.line, w[i][0], w[i][1], (enum timeline_access)w[i][2]);
        timeline_watch_del(without.line, w[i][0], w[i][1], (enum timeline_access)w[i][2]);
    }
}

/* A few watchpoints, maybe a breakpoint, and some runs back. */
static void one_round(void)
{
    uint64_t w[3][3], pc = guest_function("hit_me");
    unsigned n = 1 + (unsigned)(next_random() % 3), breaks = next_random() % 4 == 0;
    wander();
    for (unsigned i = 0; i < n; i++) {
        w[i][0] = some_address();
        w[i][1] = 1 + next_random() % 16;
        w[i][2] = next_random() % 4 ? TIMELINE_WRITE : TIMELINE_ACCESS;
        watch_both(w[i][0], w[i][1], (enum timeline_access)w[i][2]);
    }
    if (breaks)
        CHECK(!timeline_break_add(with.line, pc, NULL) &&
                  !timeline_break_add(without.line, pc, NULL),
              "break");
    for (int i = 0; i < 4; i++) {
        int err = timeline_reverse_continue(with.line);
        CHECK(!err, "with: %s, %s", strerror(-err), with.run.result.text);
        err = timeline_reverse_continue(without.line);
        CHECK(!err, "without: %s, %s", strerror(-err), without.run.result.text);
        compare("reverse-continue");
    }
    clear_both((const uint64_t(*)[3])w, n);
    if (breaks)
        CHECK(!timeline_break_del(with.line, pc) && !timeline_break_del(without.line, pc), "del");
}

int main(int argc, char **argv)
{
    struct timeline_stats stats;
    CHECK(argc == 3, "usage: %s GUEST-MODE ROUNDS", argv[0]);
    seed_random(11);
    record_guest(argv[1], 0);
    open_side(&with, 0);
    open_side(&without, 1);
    int err = timeline_counts(with.line);
    CHECK(timeline_counts(without.line) == -ECANCELED, "the option is not obeyed");
    for (unsigned long i = strtoul(argv[2], NULL, 10); i--;)
        one_round();
    timeline_stats(with.line, &stats);
    printf("%u hits; registers: %s; %" PRIu64 " of %" PRIu64 " stretches counted\n", hits,
           err ? strerror(-err) : "used", stats.counted, stats.searched);
    CHECK(hits > 10, "%u hits", hits);
    CHECK(err || stats.counted, "nothing was counted");
    timeline_stats(without.line, &stats);
    CHECK(!stats.counted, "counted without registers");
    close_side(&with);
    close_side(&without);
    return 0;
}
