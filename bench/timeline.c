/*
 * timeline.c - how long moves on a timeline take. Usage: bench_timeline TRACE ONCE OFTEN LAST:
 * a recording of bench/programs/history, and the addresses of its symbols in hexadecimal.
 */
#include "replayer/timeline.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct timeline *t;

static double now(void)
{
    struct timespec s;
    clock_gettime(CLOCK_MONOTONIC, &s);
    return (double)s.tv_sec * 1e3 + (double)s.tv_nsec / 1e6;
}

static void say(const char *what, double since, int err)
{
    const struct rk_debug_stop *s = timeline_where(t);
    printf("%-40s %9.2f ms   reason %2u at %llu.%llu%s\n", what, now() - since, s ? s->reason : 0,
           s ? (unsigned long long)s->at.entries : 0, s ? (unsigned long long)s->at.ticks : 0,
           err ? "  ERROR" : "");
}

#define TIMED(what, call) \
    do { \
        double since = now(); \
        int err = call; \
        say(what, since, err); \
    } while (0)

static void back_to(const char *what, double part)
{
    struct rk_position at = timeline_where(t)->at;
    at.ticks -= (uint64_t)((double)at.ticks * part);
    TIMED(what, timeline_seek(t, &at));
}

static void steps(const char *what, int n)
{
    double since = now();
    int err = 0;
    for (int i = 0; i < n; i++)
        err |= timeline_reverse_step(t, 1);
    since = now() - (now() - since) / n;
    say(what, since, err);
}

static void reverse_to(const char *what, uint64_t pc)
{
    timeline_seek_end(t);
    timeline_break_add(t, pc, NULL);
    TIMED(what, timeline_reverse_continue(t));
    timeline_break_del(t, pc);
}

int main(int argc, char **argv)
{
    struct tf_reader *reader;
    struct replay_result result;
    struct timeline_options options = {.flags = RK_CTL_NO_CONSOLE};
    if (argc != 5 || tf_reader_open(&reader, open(argv[1], O_RDONLY | O_CLOEXEC)))
        return 64;
    if (timeline_open(&t, reader, &options, &result))
        return 1;
    uint64_t last = strtoull(argv[4], NULL, 16);
    TIMED("to the end, first time", timeline_seek_end(t));
    double whole = (double)replay_session_ran_ns(timeline_session(t)) / 1e6;
    TIMED("reverse step from the end", timeline_reverse_step(t, 1));
    steps("reverse step, each of 1000", 1000);
    TIMED("to the beginning", timeline_seek_begin(t));
    TIMED("to the end, second time", timeline_seek_end(t));
    reverse_to("reverse to a near breakpoint", strtoull(argv[3], NULL, 16));
    steps("reverse step from there, each of 20", 20);
    back_to("1 ms back", 1 / whole);
    back_to("100 ms back", 100 / whole);
    back_to("1 s back", 1000 / whole);
    reverse_to("reverse to a breakpoint at the beginning", strtoull(argv[2], NULL, 16));
    TIMED("to the end", timeline_seek_end(t));
    timeline_watch_add(t, last, 8, TIMELINE_WRITE);
    TIMED("reverse to the only write of a word", timeline_reverse_continue(t));
    struct timeline_stats s;
    timeline_stats(t, &s);
    printf(
        "%u checkpoints, %.1f MB; %u copies, %u refused, %llu stretches searched, %llu skipped\n",
        s.checkpoints, (double)s.checkpoint_bytes / 1e6, s.copies, s.refused,
        (unsigned long long)s.searched, (unsigned long long)s.skipped);
    timeline_close(t);
    tf_reader_close(reader);
    return 0;
}
