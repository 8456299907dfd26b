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

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {{"writes", writes}};
    for (size_t i = 0; argc > 1 && i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            return 0;
        }
    }
    CHECK(0, "usage: %s TEST", argv[0]);
}
