/*
 * points.c - every moment has one name, and all ways to it show the same machine.
 *
 * One replay goes step by step through stretches at random kernel entries and notes each
 * moment: its position, registers, vector state and the top of the stack. The ticks of the
 * positions are counted again here, from the instructions alone. Other replays then run to
 * random ones of these moments directly. All of them must end faithfully.
 *
 * usage: debug_points MODE [seed]
 */
#include "harness.h"
#include "../lib/ticks.h"

#include <inttypes.h>
#include <string.h>

#define STRETCHES 14
#define STRETCH_MAX 240
#define MOMENTS_MAX (STRETCHES * (STRETCH_MAX + 1))

struct moment {
    struct rk_position at;
    uint64_t general; /* hashes */
    uint64_t vector;
    uint64_t memory;
    int last; /* of its stretch: what comes next is not known */
};
static struct moment moments[MOMENTS_MAX];
static unsigned count;

static uint64_t hash(uint64_t h, const void *data, size_t len)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001b3ull;
    return h;
}

static struct moment moment_of(struct run *r)
{
    const struct rk_debug_stop *s = run_where(r);
    unsigned char top[256];
    uint64_t rsp = s->gpr[4];
    ssize_t n = replay_session_read(r->session, rsp, top, sizeof(top));
    CHECK(s->rip == s->at.pc && !s->in_kernel, "rip %#" PRIx64, s->rip);
    CHECK(s->xstate_size > 576, "%u", s->xstate_size);
    return (struct moment){.at = s->at,
                           .general = hash(hash(s->fs_base, s->gpr, sizeof(s->gpr)),
                                           (uint64_t[]){s->rip, s->rflags}, 16),
                           .vector = hash(0, s->xstate, s->xstate_size),
                           .memory = n > 0 ? hash(0, top, (size_t)n) : 0};
}

/* ----------------------------------------------------------------- stepping */
/* Ticks that the instruction at `from` made by going to `to`, by the definition. */
static unsigned ticks_of(struct run *r, const struct rk_position *from,
                         const struct rk_position *to, const unsigned char *code)
{
    struct insn in;
    CHECK(!insn_decode(&in, code, X86_INSN_MAX), "at %#" PRIx64, from->pc);
    int made = tick_made(&in, from->pc, to->pc);
    CHECK(made >= 0 || to->pc == from->pc + in.len, "%#" PRIx64 " to %#" PRIx64, from->pc, to->pc);
    return made > 0;
}

static void check_step(struct run *r, const struct moment *a, const struct moment *b,
                       const unsigned char *code)
{
    CHECK(replay_compare(&a->at, &b->at) < 0, "positions do not grow at %#" PRIx64, a->at.pc);
    if (a->at.entries != b->at.entries) {
        /* An entry, and one more for a signal that was acted on in it. */
        CHECK(b->at.entries <= a->at.entries + 2 && b->at.ticks == 0,
              "after an entry at %#" PRIx64 ": %" PRIu64, a->at.pc, b->at.ticks);
        return;
    }
    unsigned ticks = ticks_of(r, &a->at, &b->at, code);
    CHECK(b->at.ticks == a->at.ticks + ticks, "%" PRIu64 " ticks, then %" PRIu64 " at %#" PRIx64,
          a->at.ticks, b->at.ticks, a->at.pc);
}

static int step(struct run *r)
{
    unsigned char code[X86_INSN_MAX] = {0};
    struct moment *a = &moments[count - 1];
    CHECK(replay_session_read(r->session, a->at.pc, code, sizeof(code)) > 0, "%#" PRIx64, a->at.pc);
    CHECK(!replay_session_step(r->session, 1, WAIT_MS), "step at %#" PRIx64, a->at.pc);
    if (RK_STOP_IS_END(run_where(r)->reason))
        return 0;
    CHECK(run_where(r)->reason == RK_STOP_STEP, "%u", run_where(r)->reason);
    moments[count] = moment_of(r);
    check_step(r, a, &moments[count], code);
    count++;
    return 1;
}

static uint64_t entries_in_all(void)
{
    struct run r;
    run_open(&r);
    CHECK(!replay_session_continue(r.session, WAIT_MS), "continue");
    uint64_t n = run_where(&r)->at.entries;
    run_finish(&r);
    return n;
}

static void note_stretch(struct run *r, const struct rk_position *begin)
{
    const struct rk_debug_stop *s = run_where(r);
    if (RK_STOP_IS_END(s->reason) || replay_compare(begin, &s->at) <= 0)
        return;
    CHECK(!replay_session_run_until(r->session, begin, WAIT_MS), "entry %" PRIu64, begin->entries);
    if (RK_STOP_IS_END(run_where(r)->reason))
        return;
    CHECK(run_where(r)->reason == RK_STOP_PASSED, "%u", run_where(r)->reason);
    moments[count++] = moment_of(r);
    for (unsigned i = 0; i < STRETCH_MAX && step(r); i++)
        ;
    moments[count - 1].last = 1;
}

/* Around the signals that came between two instructions; returns their number. */
static unsigned note_signals(struct run *r, struct tf_reader *events)
{
    const void *data;
    size_t len;
    unsigned found = 0;
    CHECK(!tf_reader_seek(events, 1), "seek");
    while (found < STRETCHES && tf_reader_next(events, &data, &len) == 1) {
        const struct rk_event *e = data;
        if (e->kind != RK_EV_SIGNAL || e->ticks == RK_TICKS_UNKNOWN || e->ticks < 3)
            continue;
        note_stretch(r, &(struct rk_position){e->check, e->ticks - 2, 0});
        found++;
    }
    return found;
}

/* In all of the run, also deep inside of what lies between two kernel entries. */
static void note_anywhere(struct run *r, uint64_t entries)
{
    uint64_t gap = entries / STRETCHES + 1;
    for (uint64_t e = 0; e < entries; e += gap) {
        uint64_t ticks = next_random() % (1u << next_random() % 14);
        note_stretch(r, &(struct rk_position){e + next_random() % gap, ticks, 0});
    }
}

static void note_moments(uint64_t entries, int timer)
{
    struct run r, other;
    run_open(&r);
    run_open(&other); /* for its reader */
    if (timer)
        CHECK(note_signals(&r, other.reader) > 2, "no signals between two instructions");
    else
        note_anywhere(&r, entries);
    run_close(&other);
    run_finish(&r);
}

/* ------------------------------------------------------------------ running */
static void same(const struct moment *a, const struct moment *b)
{
    CHECK(a->general == b->general, "registers differ at %" PRIu64 ":%" PRIu64 ":%#" PRIx64,
          a->at.entries, a->at.ticks, a->at.pc);
    CHECK(a->vector == b->vector, "vector state differs at %" PRIu64 ":%" PRIu64 ":%#" PRIx64,
          a->at.entries, a->at.ticks, a->at.pc);
    CHECK(a->memory == b->memory, "memory differs at %" PRIu64 ":%" PRIu64 ":%#" PRIx64,
          a->at.entries, a->at.ticks, a->at.pc);
}

/* A point one byte on is no moment of its own unless an instruction begins there. */
static unsigned pass_over(struct run *r, unsigned i)
{
    struct rk_position p = moments[i].at;
    if (moments[i].last || moments[i + 1].at.pc == p.pc + 1)
        return i;
    p.pc++;
    CHECK(!replay_session_run_until(r->session, &p, WAIT_MS), "%#" PRIx64, p.pc);
    const struct rk_debug_stop *s = run_where(r);
    if (RK_STOP_IS_END(s->reason))
        return count;
    CHECK(s->reason == RK_STOP_PASSED && replay_compare(&s->at, &p) > 0, "%u", s->reason);
    while (i < count && replay_compare(&moments[i].at, &s->at) < 0)
        i++;
    return i;
}

/* Runs to random moments, `gap` apart on average; returns how many. */
static unsigned visit(unsigned gap)
{
    struct run r;
    unsigned visited = 0;
    run_open(&r);
    for (unsigned i = next_random() % gap; i < count; i += 1 + next_random() % (2 * gap - 1)) {
        CHECK(!replay_session_run_until(r.session, &moments[i].at, WAIT_MS), "moment %u", i);
        CHECK(run_where(&r)->reason == RK_STOP_REACHED, "moment %u: %u, %s", i,
              run_where(&r)->reason, r.result.text);
        struct moment here = moment_of(&r);
        same(&moments[i], &here);
        visited++;
        if (next_random() % 8 == 0)
            i = pass_over(&r, i);
    }
    run_finish(&r);
    return visited;
}

int main(int argc, char **argv)
{
    CHECK(argc > 1, "usage: %s MODE [seed]", argv[0]);
    seed_random(argc > 2 ? strtoul(argv[2], NULL, 0) : 1);
    record_guest(argv[1], !strcmp(argv[1], "timer"));
    uint64_t entries = entries_in_all();
    note_moments(entries, !strcmp(argv[1], "timer"));
    unsigned visited = visit(1) + visit(4) + visit(40);
    printf("%s: %" PRIu64 " kernel entries, %u moments, %u visits\n", argv[1], entries, count,
           visited);
    return 0;
}
