/* test_recording.c - what the recorder makes of well and badly behaved guests. */
#include <stdio.h>
#include "standin/run.h"
#include "recorder/recorder.h"
#include "trace-format/trace.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>

static char trace[] = "/tmp/rrl-recording-XXXXXX";
static char said[4096];
static int said_count;
static struct record_result result;

static void setup(void)
{
    int fd = mkstemp(trace);
    cr_assert_geq(fd, 0);
    close(fd);
}

static void teardown(void)
{
    unlink(trace);
}

TestSuite(recording, .init = setup, .fini = teardown, .timeout = 60);

static void say(void *ctx, const char *text)
{
    said_count++;
    strncat(said, text, sizeof(said) - strlen(said) - 2);
    strcat(said, "\n");
}

static int record_to(const char *script, int fd, uint64_t max_size)
{
    struct record_options options = {.boot = standin_boot(script),
                                     .image = standin_image(),
                                     .trace_fd = fd,
                                     .max_size = max_size,
                                     .tool = "test",
                                     .say = say};
    int err = record_run(&options, &result);
    free(options.boot);
    return err;
}

static void record(const char *script)
{
    cr_assert_eq(record_to(script, open(trace, O_RDWR | O_TRUNC | O_CLOEXEC), 0), 0);
    cr_assert(result.started);
}

/* Events of the trace; the last one's kind in *last; complete or not. */
static uint64_t events(struct rk_event *last, int *complete)
{
    struct tf_reader *r = NULL;
    struct tf_info info;
    const void *data;
    size_t len;
    cr_assert_eq(tf_reader_open(&r, open(trace, O_RDONLY | O_CLOEXEC)), 0);
    tf_reader_info(r, &info);
    memset(last, 0, sizeof(*last));
    if (info.events) {
        cr_assert_eq(tf_reader_seek(r, info.events), 0);
        cr_assert_eq(tf_reader_next(r, &data, &len), 1);
        memcpy(last, data, sizeof(*last));
    }
    *complete = info.complete;
    tf_reader_close(r);
    return info.events;
}

static void expect_trace(uint64_t count, unsigned kind, int complete)
{
    struct rk_event last;
    int whole;
    cr_expect_eq(events(&last, &whole), count);
    cr_expect_eq(last.kind, kind);
    cr_expect_eq(whole, complete);
}

Test(recording, a_whole_run)
{
    record("event 1000 exit 3");
    cr_expect_eq(WEXITSTATUS(result.wait_status), 3);
    cr_expect(!result.failed && !result.cut);
    cr_expect_eq(result.events, 1001);
    cr_expect_eq(said_count, 0, "%s", said);
    expect_trace(1001, RK_EV_EXIT, 1);
}

Test(recording, more_than_the_ring_holds)
{
    record("event 400000 big 100 exit 0");
    expect_trace(400101, RK_EV_EXIT, 1);
}

Test(recording, killed_from_outside)
{
    struct rk_event last;
    int complete;
    record("event 5 entry 12 kill 9");
    cr_expect_eq(WTERMSIG(result.wait_status), SIGKILL);
    cr_expect_eq(events(&last, &complete), 6);
    cr_expect(last.kind == RK_EV_KILLED && last.result == SIGKILL && last.check == 12);
    cr_expect(complete && !result.failed);
}

Test(recording, vanished_without_a_word)
{
    record("event 5");
    cr_expect(result.failed);
    cr_expect_not_null(strstr(said, "exited with 9"), "%s", said);
    expect_trace(6, RK_EV_KILLED, 1);
}

Test(recording, notices_are_said_once)
{
    record("notice one notice two notice one exit 0");
    cr_expect_str_eq(said, "one\ntwo\n");
}

static void expect_broken(const char *script, const char *word)
{
    record(script);
    cr_expect(result.failed && result.cut);
    cr_expect_not_null(strstr(said, word), "%s", said);
    expect_trace(4, RK_EV_SYSCALL, 0);
}

Test(recording, a_malformed_event_keeps_what_was_good)
{
    expect_broken("event 4 bad-event", "malformed");
}

Test(recording, a_damaged_report_keeps_what_was_good)
{
    expect_broken("event 4 bad-report", "damaged the reports");
}

Test(recording, a_malformed_message_keeps_what_was_good)
{
    expect_broken("event 4 bad-message", "malformed message");
}

/* The ring's own counter is nonsense: what was not yet taken out cannot be found. */
Test(recording, a_damaged_ring_ends_the_recording)
{
    record("event 4 bad-ring");
    cr_expect(result.failed && result.cut);
    cr_expect_not_null(strstr(said, "damaged the log"), "%s", said);
}

Test(recording, size_cap_lets_the_program_run_on)
{
    int fd = open(trace, O_RDWR | O_TRUNC | O_CLOEXEC);
    struct rk_event last;
    int complete;
    cr_assert_eq(record_to("event 1000000 exit 6", fd, 60000), 0);
    cr_expect_eq(WEXITSTATUS(result.wait_status), 6);
    cr_expect(result.cut && !result.failed);
    cr_expect_eq(said_count, 1, "%s", said);
    cr_expect_gt(events(&last, &complete), 1000);
    cr_expect(!complete);
}

Test(recording, a_full_disk_before_the_start_is_an_error)
{
    cr_expect_lt(record_to("exit 6", open("/dev/full", O_RDWR | O_CLOEXEC), 0), 0);
    cr_expect(!result.started);
    cr_expect_not_null(strstr(said, "cannot be written"), "%s", said);
}

Test(recording, without_a_trace)
{
    cr_expect_eq(record_to("event 10 map /etc/passwd exit 4", -1, 0), 0);
    cr_expect_eq(WEXITSTATUS(result.wait_status), 4);
    cr_expect_eq(result.events, 12);
}

Test(recording, mapped_files_are_in_the_trace)
{
    char text[64] = "";
    struct tf_reader *r = NULL;
    const struct tf_object *o;
    record("map /proc/self/exe map /etc/passwd exit 0");
    cr_assert_eq(tf_reader_open(&r, open(trace, O_RDONLY | O_CLOEXEC)), 0);
    cr_assert_eq(tf_reader_object(r, 2, 1, &o), 0);
    cr_expect_str_eq(o->path, "/etc/passwd");
    cr_expect_eq(tf_reader_object_read(r, o, text, 5, 0), 5);
    cr_expect_str_eq(text, "root:");
    tf_reader_close(r);
}

/* A directory cannot be stored; the guest is told and goes on. */
Test(recording, what_cannot_be_stored_is_the_guests_error)
{
    struct tf_reader *r = NULL;
    const struct tf_object *o;
    record("map /tmp exit 0");
    cr_expect_eq(WEXITSTATUS(result.wait_status), 0);
    cr_assert_eq(tf_reader_open(&r, open(trace, O_RDONLY | O_CLOEXEC)), 0);
    cr_expect_eq(tf_reader_object(r, 1, 1, &o), TF_E_NOT_FOUND);
    tf_reader_close(r);
}

Test(recording, holes_cost_nothing)
{
    static char file[] = "/tmp/rrl-sparse-XXXXXX";
    char script[64];
    struct tf_reader *r = NULL;
    const struct tf_object *o;
    struct tf_info info;
    int fd = mkstemp(file);
    cr_assert_eq(ftruncate(fd, 8ll << 30), 0);
    cr_assert_eq(pwrite(fd, "tail", 4, (8ll << 30) - 4), 4);
    close(fd);
    snprintf(script, sizeof(script), "map %s exit 0", file);
    record(script);
    unlink(file);
    cr_assert_eq(tf_reader_open(&r, open(trace, O_RDONLY | O_CLOEXEC)), 0);
    cr_assert_eq(tf_reader_object(r, 1, 1, &o), 0);
    cr_expect_eq(o->size, 8ull << 30);
    cr_expect_eq(o->extent_count, 1);
    tf_reader_info(r, &info);
    cr_expect_lt(info.file_bytes, 1u << 20);
    tf_reader_close(r);
}
