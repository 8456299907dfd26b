/* watch.c - watches and conditions of breakpoints, through sessions. */
#include "harness.h"

#include "rekernel/agent.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Continues to the next stop by a watch, or returns NULL at the end. */
static const struct rk_debug_stop *next_hit(struct run *r)
{
    CHECK(!replay_session_continue(r->session, WAIT_MS), "continue");
    const struct rk_debug_stop *s = run_where(r);
    if (RK_STOP_IS_END(s->reason))
        return NULL;
    CHECK(s->reason == RK_STOP_WATCH, "%u at %#" PRIx64, s->reason, s->rip);
    CHECK(s->hit.watches && !(s->hit.changed & ~s->hit.watches), "no watch");
    CHECK(replay_compare(&s->hit.at, &s->at) < 0, "the access comes after the stop");
    return s;
}

static uint64_t read_word(struct run *r, uint64_t addr)
{
    uint64_t v = 0;
    CHECK(replay_session_read(r->session, addr, &v, 8) == 8, "%#" PRIx64, addr);
    return v;
}

/* The sum that 1000 calls add to: each store is seen, with the sum before and after it. */
static void writes(void)
{
    struct run r;
    uint64_t at = guest_function("sink"), last = 0;
    unsigned hits = 0, changed = 0;
    record_guest("loops", 0);
    run_open(&r);
    CHECK(!replay_session_watch_add(r.session, at, 8, RK_WATCH_WRITE), "add");
    CHECK(replay_session_watch_add(r.session, at, 8, RK_WATCH_WRITE) == -EEXIST, "twice");
    CHECK(replay_session_watch_add(r.session, at, 0, RK_WATCH_WRITE) == -EINVAL, "empty");
    for (const struct rk_debug_stop *s; (s = next_hit(&r)); hits++) {
        uint64_t now = read_word(&r, at);
        CHECK(s->hit.addr == at && s->hit.len == 8 && (s->hit.kind & RK_WATCH_WRITE), "access");
        CHECK((now != last) == (s->hit.changed == 1), "changed");
        changed += now != last;
        last = now;
    }
    CHECK(hits == 1000 && changed > 800, "%u hits, %u changes", hits, changed);
    run_finish(&r);
}

/* ----------------------------------------------------------------- accesses */
#define R RK_WATCH_READ
#define W RK_WATCH_WRITE

/* What the guest does in mode `accesses`, by offset in `watched`. */
static const struct {
    unsigned at, len, kind, in_kernel;
} made[] = {{61, 8, W, 0},   {4000, 1, W, 0},  {128, 4, R | W, 0}, {200, 100, W, 0},
            {6003, 1, W, 0}, {6000, 4, R, 0},  {7, 400, W, 0},     {512, 16, R, 0},
            {528, 16, W, 0}, {6992, 8, W, 0},  {6992, 8, R, 0},    {8188, 4, R, 0},
            {1000, 5, W, 1}, {2000, 16, W, 1}, {1000, 1, R, 0}};
#define MADE (sizeof(made) / sizeof(made[0]))

static struct rk_debug_watch asked[RK_DEBUG_WATCHES];
static unsigned asked_count;

static void ask(struct run *r, uint64_t addr, uint64_t len, uint32_t kind)
{
    int err = replay_session_watch_add(r->session, addr, len, kind);
    CHECK(!err || err == -EEXIST, "%d", err);
    if (!err)
        asked[asked_count++] = (struct rk_debug_watch){addr, len, kind, 0};
}

/* The watches that access i touches. */
static uint64_t touched_by(unsigned i, uint64_t base)
{
    uint64_t mask = 0, from = base + made[i].at, to = from + made[i].len;
    for (unsigned k = 0; k < asked_count; k++)
        if ((asked[k].kind & made[i].kind) && asked[k].addr < to &&
            asked[k].addr + asked[k].len > from)
            mask |= 1ull << k;
    return mask;
}

/* Every access is found, none else, and it names the right watches. */
static unsigned expect_accesses(struct run *r, uint64_t base)
{
    unsigned found = 0;
    for (unsigned i = 0; i < MADE; i++) {
        uint64_t mask = touched_by(i, base);
        if (!mask)
            continue;
        const struct rk_debug_stop *s = next_hit(r);
        CHECK(s, "access %u not found", i);
        CHECK(s->hit.watches == mask, "access %u: watches %#" PRIx64 ", not %#" PRIx64, i,
              s->hit.watches, mask);
        CHECK(s->hit.addr == base + made[i].at && s->hit.len == made[i].len, "access %u: %+d, %d",
              i, (int)(s->hit.addr - base), (int)s->hit.len);
        CHECK(s->hit.kind == made[i].kind && s->hit.in_kernel == made[i].in_kernel, "access %u: %u",
              i, s->hit.kind);
        CHECK(made[i].kind & W || !s->hit.changed, "access %u changes something", i);
        CHECK(i != 1 || !s->hit.changed, "0 where 0 was is a change");
        found++;
    }
    CHECK(!next_hit(r), "one access too many, at %#" PRIx64, run_where(r)->hit.addr);
    return found;
}

static void accesses(void)
{
    struct run r;
    uint64_t base = guest_function("watched");
    unsigned found = 0;
    record_guest("accesses", 0);
    for (unsigned round = 0; round < 25; round++) {
        run_open(&r);
        asked_count = 0;
        unsigned want = round ? 1 + next_random() % RK_DEBUG_WATCHES : 1;
        if (!round)
            ask(&r, base, 8192, RK_WATCH_ACCESS);
        while (asked_count < want) {
            uint64_t len = 1 + next_random() % (next_random() % 2 ? 16 : 4096);
            uint64_t at = base + (made[next_random() % MADE].at + next_random() % 32) % 8192;
            uint64_t back = next_random() % len;
            at = at - back < base ? base : at - back; /* others lie in front of it and behind */
            len = at + len > base + 8192 ? base + 8192 - at : len;
            ask(&r, at, len, 1 + next_random() % 3);
        }
        found += expect_accesses(&r, base);
        run_finish(&r);
    }
    CHECK(found > 100, "%u found", found);
}

/* The access not made yet: at the position that the hit names, what was there is still there. */
static void undone(void)
{
    struct run r, other;
    uint64_t at = guest_function("sink");
    record_guest("loops", 0);
    run_open(&r);
    run_open(&other);
    CHECK(!replay_session_watch_add(r.session, at, 8, RK_WATCH_WRITE), "add");
    uint64_t last = 0;
    for (int i = 0; i < 50; i++) {
        const struct rk_debug_stop *s = next_hit(&r);
        CHECK(s, "hit %d", i);
        CHECK(!replay_session_run_until(other.session, &s->hit.at, WAIT_MS), "until");
        CHECK(run_where(&other)->reason == RK_STOP_REACHED, "%u", run_where(&other)->reason);
        CHECK(read_word(&other, at) == last, "the write is done already");
        last = read_word(&r, at);
        CHECK(!replay_session_step(other.session, 1, WAIT_MS), "step");
        CHECK(read_word(&other, at) == last, "the write is not done");
        CHECK(!replay_compare(&run_where(&other)->at, &s->at), "the stop is not one step later");
    }
    CHECK(!replay_session_watch_del(r.session, at, 8, RK_WATCH_WRITE), "del");
    CHECK(replay_session_watch_del(r.session, at, 8, RK_WATCH_WRITE) == -ENOENT, "twice");
    CHECK(!next_hit(&r), "a watch that is gone");
    run_finish(&other);
    run_finish(&r);
}

/* Hits name the thread that made the access. */
static void threads(void)
{
    struct run r;
    int32_t tids[8];
    unsigned hits = 0, known = 0;
    record_guest("threads", 0);
    run_open(&r);
    CHECK(!replay_session_watch_add(r.session, guest_function("sink"), 8, RK_WATCH_WRITE), "add");
    for (const struct rk_debug_stop *s; (s = next_hit(&r)); hits++) {
        unsigned i = 0;
        CHECK(s->hit.tid == s->tid, "another thread");
        while (i < known && tids[i] != s->hit.tid)
            i++;
        if (i == known && known < 8)
            tids[known++] = s->hit.tid;
    }
    CHECK(hits == 160 && known == 4, "%u hits of %u threads", hits, known);
    run_finish(&r);
}

/* --------------------------------------------------------------- conditions */
static unsigned hits_if(struct run *r, const void *conds, size_t size)
{
    uint64_t pc = guest_function("hit_me");
    unsigned hits = 0;
    run_open(r);
    CHECK(!replay_session_break_if(r->session, pc, conds, size), "condition");
    for (;; hits++) {
        CHECK(!replay_session_continue(r->session, WAIT_MS), "continue");
        const struct rk_debug_stop *s = run_where(r);
        if (RK_STOP_IS_END(s->reason))
            break;
        CHECK(s->reason == RK_STOP_BREAKPOINT && s->rip == pc, "%u", s->reason);
    }
    run_finish(r);
    return hits;
}

/* hit_me is called with i * j for i below 10 and j below 100. */
static void conditions(void)
{
    static const uint8_t never[] = {3, 0, 0x22, 0, 0x27};
    static const uint8_t rdi_is_891[] = {8, 0, 0x26, 0, 5, 0x23, 3, 0x7b, 0x13, 0x27};
    static const uint8_t first_or_last[] = {5,    0, 0x26, 0,    5,    0x0e, 0x27, 8,   0,
                                            0x26, 0, 5,    0x23, 0x03, 0x7b, 0x13, 0x27};
    static const uint8_t no_memory[] = {4, 0, 0x22, 0, 0x1a, 0x27};
    static const uint8_t malformed[] = {3, 0, 0x22, 0, 0x34};
    uint8_t sum_below[] = {14, 0, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x22, 1, 0x15, 0x27};
    uint64_t sink = guest_function("sink");
    struct run r;
    record_guest("loops", 0);
    for (int i = 0; i < 8; i++)
        sum_below[3 + i] = (uint8_t)(sink >> (56 - 8 * i));
    CHECK(hits_if(&r, never, sizeof(never)) == 0, "never");
    CHECK(hits_if(&r, rdi_is_891, sizeof(rdi_is_891)) == 1, "rdi");
    CHECK(hits_if(&r, first_or_last, sizeof(first_or_last)) == 110, "one or the other");
    CHECK(hits_if(&r, no_memory, sizeof(no_memory)) == 1000, "what fails stops");
    CHECK(hits_if(&r, sum_below, sizeof(sum_below)) == 102, "memory");
    CHECK(hits_if(&r, NULL, 0) == 1000, "none");
    run_open(&r);
    CHECK(replay_session_break_if(r.session, 1, malformed, 5) == -EINVAL, "malformed");
    run_finish(&r);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {{"writes", writes},
                 {"accesses", accesses},
                 {"undone", undone},
                 {"threads", threads},
                 {"conditions", conditions}};
    seed_random(3);
    for (size_t i = 0; argc > 1 && i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            return 0;
        }
    }
    CHECK(0, "usage: %s TEST", argv[0]);
}
