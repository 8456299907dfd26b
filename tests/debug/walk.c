/*
 * walk.c - a timeline against the list of all moments of a recording, made by single steps
 * of a plain session: a random walk of steps, runs and seeks in both directions must stand
 * where the list says after each of them, with the same registers and memory.
 * Usage: debug_walk GUEST-MODE MOVES [fail=N] [max=N] [ms=N] [kb=N] [seed=N] [watch=1] (a word that is
 * written all the time) [watch=2] (only in signal handlers) [registers=0] [marks=1] (checkpoints
 * that know what ran before them, so that runs backward skip stretches)
 */
#include "harness.h"

#include "replayer/timeline_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct state {
    struct timeline_mark mark;
    uint64_t rip, hash;
    int32_t tid;
    int touches; /* its instruction writes the watched word; */
    int touched; /* the one before did */
};

static struct state *states;
static size_t count; /* states[count - 1] is the end of history */
static uint64_t data_at;

/* ------------------------------------------------------------------ hashing */
static uint64_t mix_bytes(uint64_t h, const void *data, size_t len)
{
    const unsigned char *p = data;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t v;
        memcpy(&v, p, 8);
        h = rk_mix(h, v);
    }
    return h;
}

/* Registers, the stack's top, and the page of the guest's variables. */
static uint64_t hash_state(struct replay_session *s, const struct rk_debug_stop *stop)
{
    unsigned char memory[4096];
    uint64_t h = mix_bytes(stop->rflags, stop->gpr, sizeof(stop->gpr));
    h = rk_mix(rk_mix(h, stop->fs_base), (uint64_t)stop->tid);
    h = mix_bytes(h, stop->xstate, stop->xstate_size);
    ssize_t n = replay_session_read(s, stop->gpr[4] & ~7ull, memory, 512);
    h = mix_bytes(h, memory, n > 0 ? (size_t)n : 0);
    n = replay_session_read(s, data_at & ~4095ull, memory, sizeof(memory));
    return mix_bytes(h, memory, n > 0 ? (size_t)n : 0);
}

static struct state state_of(struct replay_session *s, const struct rk_debug_stop *stop)
{
    return (struct state){{stop->at, stop->event, stop->in_kernel, 0},
                          stop->rip,
                          hash_state(s, stop),
                          stop->tid,
                          0,
                          0};
}

static void list_states(void)
{
    struct run r;
    size_t room = 1 << 20;
    states = malloc(room * sizeof(*states));
    run_open(&r);
    for (;;) {
        const struct rk_debug_stop *stop = run_where(&r);
        CHECK(count < room, "more than %zu states", room);
        states[count] = state_of(r.session, stop);
        if (count)
            CHECK(timeline_compare(&states[count - 1].mark, &states[count].mark) < 0,
                  "state %zu is not after the one before", count);
        count++;
        if (RK_STOP_IS_END(stop->reason))
            break;
        CHECK(!replay_session_step(r.session, 1, WAIT_MS), "step");
    }
    run_finish(&r);
}

static size_t find_state(const struct rk_position *at, size_t from)
{
    while (from < count && replay_compare(&states[from].mark.at, at))
        from++;
    CHECK(from < count, "a moment that is not in the list");
    return from;
}

/* As a plain session sees them. */
static void list_writes(void)
{
    struct run r;
    size_t i = 0, writes = 0;
    run_open(&r);
    CHECK(!replay_session_watch_add(r.session, data_at, 8, RK_WATCH_WRITE), "watch");
    while (!replay_session_continue(r.session, WAIT_MS) && !RK_STOP_IS_END(run_where(&r)->reason)) {
        CHECK(run_where(&r)->reason == RK_STOP_WATCH, "%u", run_where(&r)->reason);
        i = find_state(&run_where(&r)->hit.at, i);
        states[i].touches = states[i + 1].touched = 1;
        writes++;
    }
    CHECK(writes, "no writes");
    run_close(&r);
}

/* ------------------------------------------------------------------ walking */
static struct timeline *line;
static uint64_t breaks[3];
static unsigned break_count;
static size_t here; /* index of the state where it should stand */

static int watching;

static int breaks_at(size_t i)
{
    for (unsigned b = 0; b < break_count; b++)
        if (states[i].rip == breaks[b] && !states[i].mark.in_kernel)
            return 1;
    return 0;
}

static int stops_at(size_t i)
{
    return breaks_at(i) || (watching && states[i].touched);
}

static int stops_back_at(size_t i)
{
    return breaks_at(i) || (watching && states[i].touches);
}

/* What is told of a stop at state i. */
static uint32_t reason_of(size_t i, int touch)
{
    return watching && touch ? RK_STOP_WATCH : breaks_at(i) ? RK_STOP_BREAKPOINT : 0;
}

static void expect(const char *move, size_t want, uint32_t reason)
{
    const struct rk_debug_stop *stop = timeline_where(line);
    CHECK(stop, "%s: lost", move);
    struct state is = state_of(timeline_session(line), stop), *w = &states[want];
    CHECK(!timeline_compare(&is.mark, &w->mark) && is.rip == w->rip && is.tid == w->tid,
          "%s from %zu to %zu: at %" PRIu64 ".%" PRIu64 ".%#" PRIx64 ", not %" PRIu64 ".%" PRIu64
          ".%#" PRIx64,
          move, here, want, is.mark.at.entries, is.mark.at.ticks, is.mark.at.pc, w->mark.at.entries,
          w->mark.at.ticks, w->mark.at.pc);
    CHECK(is.hash == w->hash, "%s from %zu to %zu: another state", move, here, want);
    CHECK(!reason || stop->reason == reason, "%s from %zu to %zu: reason %u, not %u", move, here,
          want, stop->reason, reason);
    here = want;
}

static void step(uint64_t n)
{
    size_t want = here;
    for (uint64_t i = 0; i < n && want < count - 1; i++)
        if (stops_at(++want))
            break;
    int ends = want == count - 1 || want == here;
    CHECK(!timeline_step(line, n), "step");
    expect("step", want, ends ? 0 : reason_of(want, states[want].touched));
}

static void step_back(uint64_t n)
{
    size_t want = here;
    for (uint64_t i = 0; i < n && want; i++)
        if (stops_back_at(--want))
            break;
    int err = timeline_reverse_step(line, n);
    CHECK(!err, "reverse step %zu of %llu: %d", here, (unsigned long long)n, err);
    expect("reverse step", want, want ? reason_of(want, states[want].touches) : RK_STOP_START);
}

static void run_on(void)
{
    size_t want = here;
    while (want < count - 1 && !stops_at(++want))
        ;
    CHECK(!timeline_continue(line), "continue");
    expect("continue", want,
           want == count - 1 ? RK_STOP_EXIT : reason_of(want, states[want].touched));
}

static void run_back(void)
{
    size_t want = here;
    while (want && !stops_back_at(--want))
        ;
    CHECK(!timeline_reverse_continue(line), "reverse continue");
    expect("reverse continue", want, want ? reason_of(want, states[want].touches) : RK_STOP_START);
}

static void seek(size_t to)
{
    CHECK(!timeline_seek_mark(line, &states[to].mark), "seek");
    expect("seek", to, to == count - 1 ? RK_STOP_EXIT : to ? RK_STOP_REACHED : RK_STOP_START);
}

/* The instruction that takes the event stands before it. */
static void seek_event(uint64_t number)
{
    size_t want = 0;
    while (want < count - 1 && states[want + 1].mark.event < number)
        want++;
    if (want == count - 2 && states[want].mark.event < number)
        want = states[count - 1].mark.event >= number ? want : count - 1;
    CHECK(!timeline_seek_event(line, number), "seek event");
    const struct rk_debug_stop *stop = timeline_where(line);
    struct timeline_mark now = {stop->at, stop->event, stop->in_kernel, 0};
    CHECK(!want || (now.event < number && states[want].mark.at.entries == now.at.entries),
          "event %" PRIu64 ": at %" PRIu64, number, now.at.entries);
    for (here = 0; timeline_compare(&states[here].mark, &now); here++)
        CHECK(here < count - 1, "event %" PRIu64 ": at a moment that is not in the list", number);
    expect("seek event", here, 0);
}

static int marking;

/* Half of them among the first states: most of those instructions run once. */
static uint64_t some_pc(void)
{
    size_t among = marking && next_random() % 2 ? count / 20 + 1 : count;
    return states[next_random() % among].rip;
}

static void change_breaks(void)
{
    for (unsigned i = 0; i < break_count; i++)
        CHECK(!timeline_break_del(line, breaks[i]), "del");
    break_count = (unsigned)(next_random() % 4);
    for (unsigned i = 0; i < break_count; i++) {
        breaks[i] = some_pc();
        int err = timeline_break_add(line, breaks[i], NULL);
        if (err == -EEXIST)
            break_count = i;
        else
            CHECK(!err, "add: %d", err);
    }
}

static void walk(unsigned moves)
{
    for (unsigned i = 0; i < moves; i++) {
        switch (next_random() % 16) {
        case 0:
            seek(next_random() % count);
            break;
        case 1:
            seek(count - 1 - next_random() % 3);
            break;
        case 2:
            seek_event(1 + next_random() % states[count - 1].mark.event);
            break;
        case 3:
            change_breaks();
            break;
        case 4:
        case 5:
            run_on();
            break;
        case 6:
        case 7:
            run_back();
            break;
        case 8:
            step(next_random() % 300);
            break;
        case 9:
        case 10:
            step(1);
            break;
        default:
            step_back(1 + next_random() % (next_random() % 4 ? 2 : 20));
        }
        if (marking && next_random() % 2)
            checkpoint_add(line, line->live, 1);
    }
}

static uint32_t option(int argc, char **argv, const char *name, uint32_t otherwise)
{
    size_t len = strlen(name);
    for (int i = 3; i < argc; i++)
        if (!strncmp(argv[i], name, len) && argv[i][len] == '=')
            return (uint32_t)strtoul(argv[i] + len + 1, NULL, 10);
    return otherwise;
}

int main(int argc, char **argv)
{
    struct run r;
    CHECK(argc >= 3, "usage: %s GUEST-MODE MOVES [OPTION=N]", argv[0]);
    seed_random(option(argc, argv, "seed", 1));
    data_at = guest_function(option(argc, argv, "watch", 0) == 2 ? "caught" : "sink");
    record_guest(argv[1], 0);
    list_states();
    run_reader(&r);
    struct timeline_options options = {.flags = RK_CTL_NO_CONSOLE,
                                       .checkpoints_max = option(argc, argv, "max", 0),
                                       .checkpoint_ms = option(argc, argv, "ms", 0),
                                       .checkpoint_bytes = 1024ull * option(argc, argv, "kb", 0),
                                       .fail_copies = option(argc, argv, "fail", 0),
                                       .no_debug_registers = !option(argc, argv, "registers", 1)};
    CHECK(!timeline_open(&line, r.reader, &options, &r.result), "open: %s", r.result.text);
    expect("open", 0, RK_STOP_START);
    marking = option(argc, argv, "marks", 0) != 0;
    watching = option(argc, argv, "watch", 0) != 0;
    if (watching) {
        list_writes();
        CHECK(!timeline_watch_add(line, data_at, 8, TIMELINE_WRITE), "watch");
    }
    walk((unsigned)strtoul(argv[2], NULL, 10));
    struct timeline_stats stats;
    timeline_stats(line, &stats);
    printf("%zu states; %u checkpoints of %" PRIu64 " KB, %u copies, %u refused, %" PRIu64
           " restarts; %" PRIu64 " stretches searched, %" PRIu64 " skipped\n",
           count, stats.checkpoints, stats.checkpoint_bytes / 1024, stats.copies, stats.refused,
           stats.restarts, stats.searched, stats.skipped);
    CHECK(!options.checkpoint_bytes || stats.checkpoints < 12,
          "%u checkpoints of %" PRIu64 " bytes", stats.checkpoints, stats.checkpoint_bytes);
    CHECK(!options.checkpoints_max || stats.checkpoints <= options.checkpoints_max, "%u",
          stats.checkpoints);
    CHECK(!marking || stats.skipped > 10, "%" PRIu64 " stretches were skipped", stats.skipped);
    CHECK(!stats.refused || options.fail_copies, "%u copies were refused", stats.refused);
    timeline_close(line);
    tf_reader_close(r.reader);
    free(states);
    return 0;
}
