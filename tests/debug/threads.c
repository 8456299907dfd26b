/* threads.c - what a stopped guest tells of its threads, memory and signals. */
#include "harness.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define SIGSEGV_CODE (128 + SIGSEGV)

static void open_at(struct run *r, const char *mode, const char *function)
{
    record_guest(mode, 0);
    run_open(r);
    CHECK(!replay_session_break_add(r->session, guest_function(function)), "add");
    CHECK(!replay_session_continue(r->session, WAIT_MS), "continue");
    CHECK(run_where(r)->reason == RK_STOP_BREAKPOINT, "%u", run_where(r)->reason);
    CHECK(!replay_session_break_del(r->session, guest_function(function)), "del");
}

static const struct rk_debug_thread *threads_of(struct run *r, size_t *count)
{
    const struct rk_debug_thread *list;
    int err = replay_session_threads(r->session, &list, count);
    CHECK(!err, "threads: %d", err);
    return list;
}

static void list(void)
{
    struct run r;
    size_t count, current = 0, named = 0;
    open_at(&r, "threads", "hit_me");
    const struct rk_debug_thread *t = threads_of(&r, &count);
    CHECK(count >= 2 && count <= 5, "%zu threads", count);
    for (size_t i = 0; i < count; i++) {
        CHECK(!i || t[i].tid > t[i - 1].tid, "order of creation");
        named += !strncmp(t[i].name, "worker-", 7);
        current += t[i].state == RK_THREAD_CURRENT;
        CHECK((t[i].state == RK_THREAD_CURRENT) == (t[i].tid == run_where(&r)->tid), "current");
    }
    CHECK(current == 1 && named >= 1, "%zu current, %zu named", current, named);
    CHECK(!strcmp(t[0].name, "debug_guest"), "the first is %s", t[0].name);
    run_finish(&r);
}

/* ---------------------------------------------------------------- registers */
static int same_regs(const struct rk_debug_stop *a, const struct rk_debug_stop *b)
{
    return a->tid == b->tid && !memcmp(a->gpr, b->gpr, sizeof(a->gpr)) && a->rip == b->rip &&
           a->rflags == b->rflags && a->fs_base == b->fs_base && a->gs_base == b->gs_base &&
           a->xstate_size == b->xstate_size && !memcmp(a->xstate, b->xstate, a->xstate_size);
}

static struct rk_debug_stop told[16];
static size_t told_count;

/* Registers of all threads that could run, as told now. */
static void note_all(struct run *r)
{
    size_t count;
    const struct rk_debug_thread *t = threads_of(r, &count);
    told_count = 0;
    for (size_t i = 0; i < count && told_count < 16; i++)
        if (t[i].state == RK_THREAD_READY &&
            !replay_session_thread_regs(r->session, t[i].tid, &told[told_count]))
            told_count++;
}

static const struct rk_debug_stop *told_of(int32_t tid)
{
    for (size_t i = 0; i < told_count; i++)
        if (told[i].tid == tid)
            return &told[i];
    return NULL;
}

/* From a stop of another session on, step by step: the thread that gets the processor has the
 * registers that it was told to have before. 1: it was among those told of. */
static int check_switch(struct run *r, const struct rk_position *from)
{
    CHECK(!replay_session_run_until(r->session, from, WAIT_MS), "run");
    int32_t tid = run_where(r)->tid;
    while (run_where(r)->tid == tid) {
        note_all(r);
        CHECK(!replay_session_step(r->session, 1, WAIT_MS), "step");
        CHECK(!RK_STOP_IS_END(run_where(r)->reason), "%u", run_where(r)->reason);
    }
    const struct rk_debug_stop *s = run_where(r), *was = told_of(s->tid);
    CHECK(!was || same_regs(was, s), "thread %d at %#" PRIx64, s->tid, s->rip);
    return was != NULL;
}

/* One session looks for switches, another one for what is told right before them. */
static void registers(void)
{
    struct run r, closer;
    struct rk_debug_stop none;
    int switches = 0;
    open_at(&r, "threads", "hit_me");
    run_open(&closer);
    for (;;) {
        struct rk_debug_stop before = *run_where(&r);
        CHECK(!replay_session_step(r.session, 100, WAIT_MS), "step");
        if (RK_STOP_IS_END(run_where(&r)->reason))
            break;
        if (run_where(&r)->tid != before.tid)
            switches += check_switch(&closer, &before.at);
    }
    CHECK(switches > 2, "%d switches", switches);
    CHECK(replay_session_thread_regs(closer.session, 1, &none) == -ESRCH, "no such thread");
    run_finish(&closer);
    run_finish(&r);
}

/* More threads than one answer holds, all of them waiting for the same thing. */
static void crowd(void)
{
    struct run r;
    size_t count;
    struct rk_debug_stop regs;
    open_at(&r, "crowd", "hit_me");
    const struct rk_debug_thread *t = threads_of(&r, &count);
    CHECK(count == 701, "%zu threads", count);
    for (size_t i = 1; i < count; i++) {
        CHECK(t[i].state == RK_THREAD_WAITS && t[i].nr == 202, "%u in %u", t[i].state, t[i].nr);
        CHECK(!replay_session_thread_regs(r.session, t[i].tid, &regs), "registers");
        CHECK(regs.in_kernel && regs.fs_base, "waits");
    }
    run_finish(&r);
}

/* ------------------------------------------------------- memory and process */
static void areas(void)
{
    struct run r;
    size_t count, heap = 0, stack = 0, code = 0;
    const struct rk_map *a;
    char byte;
    open_at(&r, "threads", "hit_me");
    CHECK(!replay_session_areas(r.session, &a, &count), "areas");
    for (size_t i = 0; i < count; i++) {
        CHECK(a[i].start < a[i].end && (!i || a[i].start >= a[i - 1].end), "order");
        CHECK(!(a[i].prot & PROT_READ) ||
                  replay_session_read(r.session, a[i].start, &byte, 1) == 1 || a[i].object,
              "%#" PRIx64, a[i].start);
        heap += (a[i].flags & RK_MAP_HEAP) != 0;
        stack += (a[i].flags & RK_MAP_STACK) != 0;
        code += a[i].object && a[i].prot & PROT_EXEC && a[i].start <= run_where(&r)->rip &&
                run_where(&r)->rip < a[i].end;
    }
    CHECK(heap == 1 && stack == 1 && code == 1, "%zu heap, %zu stack, %zu code", heap, stack, code);
    run_finish(&r);
}

static void process(void)
{
    struct run r;
    struct rk_debug_process p;
    uint64_t auxv[64] = {0}, entry = 0;
    open_at(&r, "threads", "hit_me");
    CHECK(!replay_session_process(r.session, &p), "process");
    CHECK(strstr(p.exe, "/debug_guest") && !strcmp(p.name, "debug_guest"), "%s", p.exe);
    CHECK(p.pid > 0 && p.threads >= 2 && p.brk > p.brk_start, "%d", p.pid);
    CHECK(p.auxv_size > 100 && p.auxv_size < sizeof(auxv), "%" PRIu64, p.auxv_size);
    CHECK(replay_session_read(r.session, p.auxv, auxv, p.auxv_size) == (ssize_t)p.auxv_size,
          "auxv");
    for (size_t i = 0; i < 64 && auxv[i]; i += 2)
        entry = auxv[i] == AT_ENTRY ? auxv[i + 1] : entry;
    CHECK(entry == p.entry, "%#" PRIx64 " %#" PRIx64, entry, p.entry);
    run_finish(&r);
}

/* ------------------------------------------------------------------- signals */
static const siginfo_t *info_of(const struct rk_debug_stop *s)
{
    static siginfo_t info;
    memcpy(&info, s->siginfo, sizeof(info));
    return &info;
}

/* One stop for each signal, right before its handler. */
static void signals(void)
{
    struct run r;
    unsigned stops = 0;
    record_guest("signals", 0);
    run_open(&r);
    CHECK(!replay_session_stop_signals(r.session, 1ull << (SIGUSR1 - 1)), "set");
    for (;; stops++) {
        CHECK(!replay_session_continue(r.session, WAIT_MS), "continue");
        const struct rk_debug_stop *s = run_where(&r);
        if (RK_STOP_IS_END(s->reason))
            break;
        CHECK(s->reason == RK_STOP_SIGNAL && s->status == SIGUSR1 && s->signal == SIGUSR1, "%u",
              s->reason);
        CHECK(info_of(s)->si_signo == SIGUSR1 && info_of(s)->si_code == SI_TKILL, "siginfo");
        CHECK(s->in_kernel, "in the kernel");
        if (stops % 3)
            continue;
        CHECK(!replay_session_step(r.session, 1, WAIT_MS), "step");
        CHECK(run_where(&r)->rip == guest_function("on_signal"), "the handler is next");
        CHECK(!run_where(&r)->signal, "it is delivered");
    }
    CHECK(stops == 20, "%u stops", stops);
    run_finish(&r);
}

/* Right before the program dies, and after it: the registers of the fault, and its siginfo. */
static void crash(void)
{
    struct run r;
    size_t count;
    record_guest_ending("crash", 0, SIGSEGV_CODE);
    run_open(&r);
    CHECK(!replay_session_stop_signals(r.session, 1ull << (SIGSEGV - 1)), "set");
    for (int i = 0; i < 2; i++) {
        CHECK(!replay_session_continue(r.session, WAIT_MS), "continue");
        const struct rk_debug_stop *s = run_where(&r);
        CHECK(s->reason == (i ? RK_STOP_EXIT : RK_STOP_SIGNAL), "%u", s->reason);
        CHECK(s->signal == SIGSEGV && info_of(s)->si_signo == SIGSEGV, "%u", s->signal);
        CHECK(info_of(s)->si_addr == (void *)0x123, "%p", info_of(s)->si_addr);
        CHECK(s->rip > guest_function("crash") && s->rip < guest_function("crash") + 200, "rip");
        CHECK(threads_of(&r, &count)->state == RK_THREAD_CURRENT && count == 1, "threads");
    }
    CHECK(WTERMSIG((int)run_where(&r)->status) == SIGSEGV, "status");
    run_finish(&r);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {{"list", list},       {"registers", registers}, {"crowd", crowd}, {"areas", areas},
                 {"process", process}, {"signals", signals},     {"crash", crash}};
    for (size_t i = 0; argc > 1 && i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (!strcmp(argv[1], tests[i].name)) {
            tests[i].run();
            return 0;
        }
    }
    CHECK(0, "usage: %s TEST", argv[0]);
}
