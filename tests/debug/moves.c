/* moves.c - interrupts, ends, user checkpoints and output of a timeline. */
#include "harness.h"

#include "replayer/timeline.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct run run;
static struct timeline *line;
static int calls, interrupt_at; /* of the callback; 0: never */

static int interrupted(void *ctx)
{
    return interrupt_at && ++calls >= interrupt_at;
}

static void open_line(uint32_t flags, uint32_t fail)
{
    struct timeline_options options = {
        .flags = flags, .interrupted = interrupted, .fail_copies = fail};
    run_reader(&run);
    CHECK(!timeline_open(&line, run.reader, &options, &run.result), "%s", run.result.text);
}

static void close_line(void)
{
    timeline_close(line);
    tf_reader_close(run.reader);
}

static uint32_t reason(void)
{
    return timeline_where(line)->reason;
}

/* Without copies the search goes through all of it. */
static void interrupts(void)
{
    record_guest("spin", 0);
    open_line(RK_CTL_NO_CONSOLE, 1);
    interrupt_at = 2;
    CHECK(!timeline_continue(line) && reason() == RK_STOP_INTERRUPTED, "forward: %u", reason());
    interrupt_at = 0;
    CHECK(!timeline_seek_end(line) && reason() == RK_STOP_EXIT, "end: %u", reason());
    struct timeline_mark end = timeline_here(line), now;
    CHECK(!timeline_break_add(line, guest_function("hit_me"), NULL), "add");
    interrupt_at = 2, calls = 0;
    CHECK(!timeline_reverse_continue(line) && reason() == RK_STOP_INTERRUPTED, "back: %u",
          reason());
    now = timeline_here(line);
    CHECK(!timeline_compare(&now, &end), "an interrupt on the way back moved it");
    interrupt_at = 0;
    CHECK(!timeline_reverse_continue(line) && reason() == RK_STOP_START, "%u", reason());
    close_line();
}

static void ends(void)
{
    record_guest("recursion", 0);
    open_line(RK_CTL_NO_CONSOLE, 0);
    struct timeline_mark first = timeline_here(line), now;
    for (int i = 0; i < 3; i++) {
        CHECK(!timeline_reverse_step(line, 1) && reason() == RK_STOP_START, "%u", reason());
        CHECK(!timeline_reverse_continue(line) && reason() == RK_STOP_START, "%u", reason());
        CHECK(!timeline_continue(line) && reason() == RK_STOP_EXIT, "%u", reason());
        CHECK(!timeline_step(line, 1) && reason() == RK_STOP_EXIT, "%u", reason());
        CHECK(!timeline_continue(line) && reason() == RK_STOP_EXIT, "%u", reason());
        CHECK(!timeline_reverse_step(line, 1) && reason() == RK_STOP_STEP, "%u", reason());
        CHECK(!timeline_where(line)->in_kernel, "the end is inside a call, what is before is not");
        CHECK(!timeline_reverse_continue(line) && reason() == RK_STOP_START, "%u", reason());
        now = timeline_here(line);
        CHECK(!timeline_compare(&now, &first), "another beginning");
    }
    close_line();
}

static void user_checkpoints(void)
{
    size_t count;
    struct timeline_mark marks[3], now;
    int ids[3];
    record_guest("recursion", 0);
    open_line(RK_CTL_NO_CONSOLE, 0);
    CHECK(!timeline_break_add(line, guest_function("fib"), NULL), "add");
    for (int i = 0; i < 3; i++) {
        CHECK(!timeline_continue(line) && reason() == RK_STOP_BREAKPOINT, "%u", reason());
        marks[i] = timeline_here(line);
        ids[i] = timeline_checkpoint_add(line);
        CHECK(ids[i] == i + 1, "%d", ids[i]);
    }
    for (int i = 0; i < 6; i++) {
        CHECK(!timeline_checkpoint_restart(line, (uint32_t)ids[i % 3]), "restart");
        now = timeline_here(line);
        CHECK(!timeline_compare(&now, &marks[i % 3]), "checkpoint %d", i);
    }
    CHECK(!timeline_checkpoint_delete(line, 2) && timeline_checkpoint_delete(line, 2), "delete");
    CHECK(timeline_checkpoint_restart(line, 2), "restart");
    CHECK(timeline_checkpoints(line, &count)[1].id == 3 && count == 2, "%zu", count);
    close_line();
}

/* What the guest prints comes out once, however often it is passed. */
static void output(void)
{
    struct stat st;
    char name[] = "/tmp/rrl-moves-XXXXXX";
    record_guest("loops", 0);
    int fd = mkstemp(name), old = dup(1);
    CHECK(fd >= 0 && !unlink(name), "%s", name);
    dup2(fd, 1);
    open_line(0, 0);
    uint64_t last = 0;
    for (int i = 0; i < 3; i++) {
        CHECK(!timeline_seek_end(line), "end");
        CHECK(!fstat(fd, &st) && st.st_size, "nothing was printed");
        CHECK(!last || last == (uint64_t)st.st_size, "%lu bytes, then %lu", (unsigned long)last,
              (unsigned long)st.st_size);
        last = (uint64_t)st.st_size;
        CHECK(!timeline_reverse_step(line, 20), "back");
        CHECK(!timeline_seek_begin(line), "begin");
        CHECK(!timeline_step(line, 5000), "step");
    }
    close_line();
    dup2(old, 1);
    CHECK(!fstat(fd, &st) && last == (uint64_t)st.st_size, "more at the end");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {{"interrupts", interrupts},
                 {"ends", ends},
                 {"user-checkpoints", user_checkpoints},
                 {"output", output}};
    for (size_t i = 0; argc > 1 && i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            return 0;
        }
    }
    CHECK(0, "usage: %s TEST", argv[0]);
}
