/* test_outcomes.c - how the replayer judges: faithful, cut, killed, diverged, damaged. */
#include <stdio.h>
#include "standin/run.h"
#include "recorder/recorder.h"
#include "replayer/replayer.h"
#include "revisor/kv.h"
#include "trace-format/header.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static char trace[] = "/tmp/rrl-outcomes-XXXXXX";
static struct replay_result result;

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

TestSuite(outcomes, .init = setup, .fini = teardown, .timeout = 60);

static void record(const char *script)
{
    struct record_result recorded;
    struct record_options options = {.boot = standin_boot(script),
                                     .image = standin_image(),
                                     .trace_fd = open(trace, O_RDWR | O_TRUNC | O_CLOEXEC),
                                     .tool = "test"};
    cr_assert_eq(record_run(&options, &recorded), 0);
    free(options.boot);
}

static void replay(void)
{
    struct replay_options options = {.vcpu_mode = RK_VCPU_AUTO};
    struct tf_reader *r = NULL;
    cr_assert_eq(tf_reader_open(&r, open(trace, O_RDONLY | O_CLOEXEC)), 0);
    replay_run(r, &options, &result);
    tf_reader_close(r);
}

static void expect(const char *script, enum replay_end end)
{
    record(script);
    replay();
    cr_expect_eq(result.end, end, "%s: %d, error %d, %s", script, result.end, result.error,
                 result.text);
}

Test(outcomes, faithful)
{
    expect("event 1000 exit 3", REPLAY_FAITHFUL);
    cr_expect_eq(result.events, 1001);
    cr_expect_eq(WEXITSTATUS(result.wait_status), 3);
}

Test(outcomes, faithful_with_more_than_the_ring_holds)
{
    expect("event 300000 big 200 event 5 exit 0", REPLAY_FAITHFUL);
}

/* More snapshots than a socket takes at once. */
Test(outcomes, many_snapshots)
{
    expect("map /etc/passwd map /etc/passwd map /etc/passwd map /etc/passwd map /etc/passwd "
           "map /etc/passwd map /etc/passwd map /etc/passwd map /etc/passwd map /etc/passwd "
           "map /etc/passwd map /etc/passwd map /etc/passwd exit 0",
           REPLAY_FAITHFUL);
}

Test(outcomes, a_snapshot_that_failed)
{
    expect("map /tmp event 3 exit 0", REPLAY_FAITHFUL);
}

/* Standard output of a replay, taken through a pipe. */
static void replay_output(char *text, size_t cap)
{
    int out[2], saved = dup(1);
    cr_assert_eq(pipe(out), 0);
    dup2(out[1], 1);
    close(out[1]);
    replay();
    dup2(saved, 1);
    close(saved);
    ssize_t n = read(out[0], text, cap - 1);
    close(out[0]);
    text[n > 0 ? n : 0] = '\0';
}

Test(outcomes, files_come_from_the_trace)
{
    static char file[] = "/tmp/rrl-object-XXXXXX";
    char script[64], text[64];
    int fd = mkstemp(file);
    cr_assert_eq(write(fd, "then\n", 5), 5);
    snprintf(script, sizeof(script), "map %s exit 0", file);
    record(script);
    cr_assert_eq(pwrite(fd, "now!\n", 5, 0), 5);
    unlink(file);
    replay_output(text, sizeof(text));
    cr_expect_eq(result.end, REPLAY_FAITHFUL);
    cr_expect_str_eq(text, "then\n");
}

Test(outcomes, diverged_by_report)
{
    expect("event 4 differ exit 0", REPLAY_DIVERGED);
    cr_expect_eq(result.at_event, 5);
    cr_expect_eq(result.expected.kind, RK_EV_EXIT);
    cr_expect_eq(result.got.kind, RK_EV_TSC);
    cr_expect_str_eq(result.text, "stand-in says so");
}

Test(outcomes, another_exit_status)
{
    expect("event 4 status 9 exit 0", REPLAY_DIVERGED);
    cr_expect_not_null(strstr(result.text, "wait status 2304, not 0"), "%s", result.text);
}

Test(outcomes, killed_from_outside)
{
    expect("event 4 kill 9", REPLAY_KILLED);
    cr_expect_eq(WTERMSIG(result.wait_status), SIGKILL);
}

/* The program computes for ever at the place where it was killed. */
static void kill_recording_of(const char *script)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        record(script);
        _exit(0);
    }
    usleep(600000);
    kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
}

Test(outcomes, recorder_killed_while_the_program_computes)
{
    kill_recording_of("event 4 spin");
    replay();
    cr_expect_eq(result.end, REPLAY_CUT);
    cr_expect_eq(result.total_events, 4);
}

/* A trace cut at each of many places replays to its end, or is refused as a trace. */
Test(outcomes, cut_anywhere)
{
    struct stat st;
    record("event 20000 map /etc/passwd event 2000 exit 0");
    cr_assert_eq(stat(trace, &st), 0);
    for (off_t cut = st.st_size - 1; cut > 0; cut -= st.st_size / 23 + 1) {
        struct tf_reader *r = NULL;
        struct replay_options options = {.vcpu_mode = RK_VCPU_AUTO};
        cr_assert_eq(truncate(trace, cut), 0);
        if (tf_reader_open(&r, open(trace, O_RDONLY | O_CLOEXEC)))
            continue;
        replay_run(r, &options, &result);
        cr_expect(result.end == REPLAY_CUT || result.end == REPLAY_FAITHFUL ||
                      result.end == REPLAY_BAD_TRACE,
                  "cut at %ld: %d", (long)cut, result.end);
        tf_reader_close(r);
    }
}

/* --------------------------------------------- headers that do not fit */

struct made {
    const char *abi;
    struct rk_boot *boot;
    size_t boot_len;
    int with_image;
};

static void write_trace(const struct made *m)
{
    struct machine_image image = standin_image();
    struct tf_writer *w = NULL;
    struct kv_text text = {0};
    void *header;
    size_t len;
    struct tf_image_ref ref = {tf_digest(image.data, image.len), image.len};
    kv_add(&text, "abi", m->abi);
    const struct tf_section sections[] = {{TF_SECTION_TEXT, text.data, text.len},
                                          {TF_SECTION_BOOT, m->boot, m->boot_len},
                                          {TF_SECTION_IMAGE, &ref, sizeof(ref)}};
    cr_assert_eq(tf_header_build(sections, 3, &header, &len), 0);
    int fd = open(trace, O_RDWR | O_TRUNC | O_CLOEXEC);
    cr_assert_eq(tf_writer_open(&w, fd, header, len, NULL), 0);
    if (m->with_image)
        cr_assert_eq(tf_writer_blob(w, image.data, image.len, &ref.digest), 0);
    cr_assert_eq(tf_writer_close(w, "", 0), 0);
    free(header);
    free(text.data);
}

static struct made good(void)
{
    struct made m = {.abi = "1", .boot = standin_boot("event 1 exit 0"), .with_image = 1};
    m.boot_len = m.boot->size;
    return m;
}

static void expect_refused(const struct made *m, enum replay_end end, int error, const char *word)
{
    write_trace(m);
    replay();
    cr_expect_eq(result.end, end);
    cr_expect_eq(result.error, error);
    cr_expect_not_null(strstr(result.text, word), "%s", result.text);
    free(m->boot);
}

Test(outcomes, another_interface_version)
{
    struct made m = good();
    m.abi = "99";
    expect_refused(&m, REPLAY_BAD_TRACE, TF_E_VERSION, "version 99");
}

Test(outcomes, a_damaged_boot_block)
{
    struct made m = good();
    m.boot_len -= 8;
    expect_refused(&m, REPLAY_BAD_TRACE, TF_E_CORRUPT, "boot block");
}

Test(outcomes, an_image_that_is_not_there)
{
    struct made m = good();
    m.with_image = 0;
    expect_refused(&m, REPLAY_BAD_TRACE, TF_E_NOT_FOUND, "image");
}

/* AMX tiles and the like are never shown, so leaf 7 shows a feature that no host of the
 * tests has: AVX-512 with a layout of its own. */
Test(outcomes, a_processor_that_lacks_something)
{
    struct made m = good();
    struct rk_cpuid_leaf *leaves = (void *)((char *)m.boot + m.boot->cpuid_offset);
    for (uint32_t i = 0; i < m.boot->cpuid_count; i++)
        if (leaves[i].leaf == 7 && leaves[i].subleaf == 0)
            leaves[i].edx |= 1u << 8; /* VP2INTERSECT: two models of processor ever had it */
    struct cpuid_source host = cpuid_host();
    char names[64];
    if (!cpu_features_missing(leaves, m.boot->cpuid_count, &host, names, sizeof(names)))
        cr_skip_test("this processor has VP2INTERSECT");
    expect_refused(&m, REPLAY_CPU, 0, "avx512vp2intersect");
}

Test(outcomes, an_empty_log_is_a_cut_trace)
{
    struct made m = good();
    write_trace(&m);
    replay();
    cr_expect_eq(result.end, REPLAY_CUT);
    free(m.boot);
}
