/* diversion.c - what is done in a diversion works there and leaves the timeline alone. */
#include "harness.h"

#include "replayer/timeline.h"

#include <string.h>
#include <sys/wait.h>

static struct run run;
static struct timeline *line;

static uint64_t word(uint64_t addr)
{
    uint64_t v = 0;
    CHECK(timeline_read(line, addr, &v, sizeof(v)) == sizeof(v), "read");
    return v;
}

static uint64_t word_in(struct diversion *d, uint64_t addr)
{
    uint64_t v = 0;
    CHECK(diversion_read(d, addr, &v, sizeof(v)) == sizeof(v), "read");
    return v;
}

static void open_at(const char *function)
{
    struct timeline_options options = {.flags = RK_CTL_NO_CONSOLE};
    run_reader(&run);
    CHECK(!timeline_open(&line, run.reader, &options, &run.result), "%s", run.result.text);
    CHECK(!timeline_break_add(line, guest_function(function), NULL), "add");
    CHECK(!timeline_continue(line), "continue");
    CHECK(timeline_where(line)->rip == guest_function(function), "not there");
}

static void close_all(void)
{
    timeline_close(line);
    tf_reader_close(run.reader);
}

/* As a debugger calls a function: a return address with a breakpoint. */
static struct diversion *call(uint64_t function, uint64_t arg)
{
    struct diversion *d;
    CHECK(!diversion_begin(&d, line), "begin");
    struct rk_debug_stop regs = *diversion_where(d);
    uint64_t back = regs.rip;
    regs.gpr[4] = ((regs.gpr[4] - 256) & ~15ull) - 8;
    regs.gpr[7] = arg;
    regs.rip = function;
    regs.xstate_size = 0;
    CHECK(diversion_write(d, regs.gpr[4], &back, 8) == 8, "push");
    CHECK(!diversion_set_regs(d, &regs), "registers");
    CHECK(diversion_where(d)->rip == function && diversion_where(d)->gpr[7] == arg, "registers");
    CHECK(!diversion_break_add(d, back), "break");
    CHECK(!diversion_continue(d), "continue");
    CHECK(diversion_where(d)->reason == RK_STOP_BREAKPOINT && diversion_where(d)->rip == back,
          "reason %u at %#lx", diversion_where(d)->reason, (unsigned long)diversion_where(d)->rip);
    return d;
}

static void functions(void)
{
    record_guest("loops", 0);
    open_at("hit_me");
    uint64_t sink = guest_function("sink"), before = word(sink);
    struct rk_debug_stop there = *timeline_where(line);
    struct diversion *d = call(guest_function("fib"), 10);
    CHECK((uint32_t)diversion_where(d)->gpr[0] == 55, "fib(10) = %lu",
          (unsigned long)diversion_where(d)->gpr[0]);
    struct diversion *second;
    CHECK(diversion_begin(&second, line) && timeline_step(line, 1), "two at a time");
    diversion_end(d);
    d = call(guest_function("hit_me"), 1000);
    CHECK(word_in(d, sink) == before + 1000, "the function did not run");
    CHECK(word(sink) == before, "the timeline was touched");
    diversion_end(d);
    CHECK(!memcmp(&there, timeline_where(line), sizeof(there)), "the present changed");
    CHECK(!timeline_break_del(line, guest_function("hit_me")), "del");
    CHECK(!timeline_seek_end(line), "end");
    CHECK(timeline_where(line)->reason == RK_STOP_EXIT && run.result.end == REPLAY_FAITHFUL,
          "the replay is no longer faithful: %s", run.result.text);
    close_all();
}

/* A program that runs on in a diversion gets along without its log, to its own end. */
static void to_the_end(void)
{
    struct diversion *d;
    record_guest("loops", 0);
    open_at("hit_me");
    CHECK(!diversion_begin(&d, line), "begin");
    CHECK(!diversion_step(d, 100), "step");
    CHECK(diversion_where(d)->reason == RK_STOP_STEP, "%u", diversion_where(d)->reason);
    CHECK(!diversion_continue(d), "continue");
    CHECK(diversion_where(d)->reason == RK_STOP_EXIT, "%u", diversion_where(d)->reason);
    diversion_end(d);
    CHECK(!timeline_step(line, 1), "step");
    close_all();
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {{"functions", functions}, {"to-the-end", to_the_end}};
    for (size_t i = 0; argc > 1 && i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            return 0;
        }
    }
    CHECK(0, "usage: %s TEST", argv[0]);
}
