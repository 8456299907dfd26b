/*
 * session.h - a replay that stops where it is told: for debuggers, tools and tests.
 *
 * A session begins stopped before the guest's first instruction. The functions that run
 * the guest feed it from the trace until it stops, and return
 *   0           it has stopped: replay_session_where says where and why;
 *   -ETIMEDOUT  it still runs after timeout_ms: wait again, or interrupt;
 *   -EINTR      the same, because a signal came to this process;
 *   -EBUSY      it was running already (after one of the two above): nothing was done;
 *   -ESRCH      it is at its end: nothing more can be run (but memory can be read);
 *   -EIO        the guest process died, or the trace is damaged: *result says more.
 * A session belongs to one thread. Several sessions of one trace need a reader each.
 */
#ifndef RRL_SESSION_H
#define RRL_SESSION_H

#include "replayer.h"

#include <sys/types.h>

struct replay_session;

/* Starts a session; vcpu_mode is ignored (translated), RK_CTL_DEBUG is added to flags.
 * reader, options and result stay the caller's and must live as long as the session;
 * *result says how the replay ended once it has. 0 and *out; or -1 and *result says why. */
int replay_session_open(struct replay_session **out, struct tf_reader *reader,
                        const struct replay_options *options, struct replay_result *result);
/* A copy of a session that has stopped between two instructions: it stands at the same moment,
 * has no breakpoints, and runs and is closed on its own. fresh: neither has executed anything
 * yet, as replay_session_cover sees it. The two share reader (see
 * replay_options.reader_at, which must be set) and result. 0 and *out, or -errno: -EOPNOTSUPP where
 * the guest's state cannot be copied, others when this system refuses. */
int replay_session_copy(struct replay_session *s, int fresh, struct replay_session **out);
/* Ends the guest and frees all. */
void replay_session_close(struct replay_session *s);

/* Where the guest is stopped, with all registers: valid until it runs again. NULL while it
 * runs. */
const struct rk_debug_stop *replay_session_where(const struct replay_session *s);
/* a before b: < 0, the same moment: 0, a after b: > 0. */
int replay_compare(const struct rk_position *a, const struct rk_position *b);

/* To a point: stops there (RK_STOP_REACHED), or at the first moment after it when there is
 * no such moment or it has gone by (RK_STOP_PASSED), or at a breakpoint or watch on the way. */
int replay_session_run_until(struct replay_session *s, const struct rk_position *point,
                             int timeout_ms);
/* The same by single steps; the moments that it stood at can be read afterwards: the last of
 * them, at most max (and RK_DEBUG_TRAIL_MAX), the newest last. */
int replay_session_trail(struct replay_session *s, const struct rk_position *point, int timeout_ms);
size_t replay_session_trail_read(struct replay_session *s, struct rk_position *out, size_t max);
/* To a point without stopping at breakpoints and watches; then *out is the last one of them before
 * the point (inclusive: a breakpoint at it counts, too), count 0: none. */
int replay_session_run_last(struct replay_session *s, const struct rk_position *point,
                            int inclusive, int timeout_ms);
int replay_session_last(struct replay_session *s, struct rk_debug_last *out);
/* What the session did lately, as sets of bits that may hold more than they should. */
struct replay_footprint {
    struct rk_position executed_from, written_from; /* from there to where it stands */
    struct rk_debug_footprint did;             /* since executed_from */
    uint64_t written[RK_DEBUG_PAGE_BITS / 64]; /* memory, by rk_page_bit and page_bit2 (pages.h) */
};
void replay_session_footprint(struct replay_session *s, struct replay_footprint *out);
/* Until event `number` (from 1) is about to be taken; in_kernel is set then. */
int replay_session_run_event(struct replay_session *s, uint64_t number, int timeout_ms);
/* To the next breakpoint or watch, or to the end. */
int replay_session_continue(struct replay_session *s, int timeout_ms);
/* `count` instructions, at most to a breakpoint or watch. */
int replay_session_step(struct replay_session *s, uint64_t count, int timeout_ms);
/* Goes on waiting for a guest that still runs. */
int replay_session_wait(struct replay_session *s, int timeout_ms);
/* Stops a running guest between two instructions and waits for that. */
int replay_session_interrupt(struct replay_session *s, int timeout_ms);
/* Without breakpoints and watches to the end; then *result is final. 0, or as above. */
int replay_session_finish(struct replay_session *s, int timeout_ms);

/* While stopped. 0, -EBUSY, -EEXIST, -ENOENT or -ENOSPC (RK_DEBUG_BREAKS of them). */
int replay_session_break_add(struct replay_session *s, uint64_t pc);
int replay_session_break_del(struct replay_session *s, uint64_t pc);
int replay_session_break_clear(struct replay_session *s);
/* Breakpoint with a condition: agent expressions, each with its length (uint16_t, little-endian)
 * in front (abi.h, struct rk_debug_break; src/rekernel/agent.h). The guest evaluates them, and
 * stops when one is not zero or fails. A breakpoint that exists gets this condition instead of its
 * own; size 0: none. 0, -EBUSY, -ENOSPC, or -EINVAL for what is malformed. */
int replay_session_break_if(struct replay_session *s, uint64_t pc, const void *conds, size_t size);

/* Watches: any address and length, kind RK_WATCH_*. A stop (RK_STOP_WATCH) comes after the
 * instruction that touched watched bytes, or after the kernel entry that wrote them; its `hit`
 * names the watches by their place in the list: order of addition, those behind a deleted one
 * move up. 0, -EBUSY, -EEXIST, -ENOENT, -EINVAL or -ENOSPC (RK_DEBUG_WATCHES of them). */
int replay_session_watch_add(struct replay_session *s, uint64_t addr, uint64_t len, uint32_t kind);
int replay_session_watch_del(struct replay_session *s, uint64_t addr, uint64_t len, uint32_t kind);
int replay_session_watch_clear(struct replay_session *s);

/* Signals (bit n-1) before which the guest stops (RK_STOP_SIGNAL) from the next command on; none
 * at first. 0 or -EBUSY. */
int replay_session_stop_signals(struct replay_session *s, uint64_t set);
/* System calls (bits of RK_DEBUG_CALLS numbers) before and behind which it stops from the next
 * command on (RK_STOP_SYSCALL, _END); none at first. 0 or -EBUSY. */
int replay_session_stop_calls(struct replay_session *s, const uint64_t *set);
/* A thread: from the next command on it stops where the processor goes from another thread to
 * this one (RK_STOP_THREAD), and replay_session_run_last tells where this one lost it; 0 at
 * first: none. 0 or -EBUSY. */
int replay_session_stop_thread(struct replay_session *s, int32_t tid);

/* Output of the program is printed only from after event `event` on. */
void replay_session_print_after(struct replay_session *s, uint64_t event);

/* For throw-away copies: leaves the recorded course for good (abi.h, RK_DEBUG_DIVERT); and sets
 * registers: gpr, rip, rflags, bases and, unless xstate_size is 0, the vector image. 0, -EBUSY,
 * -ESRCH, -EIO. */
int replay_session_divert(struct replay_session *s);
int replay_session_set_regs(struct replay_session *s, const struct rk_debug_stop *regs);

/* Guest memory: bytes moved (fewer at the edge of what is mapped) or -errno. What is written
 * makes the replay another one: only for throw-away sessions. */
ssize_t replay_session_read(struct replay_session *s, uint64_t addr, void *buf, size_t len);
ssize_t replay_session_write(struct replay_session *s, uint64_t addr, const void *buf, size_t len);

/* How long the guest has run from the beginning of its history to here, in processor time: its own
 * runs and those of the sessions that it is a copy of. */
uint64_t replay_session_ran_ns(const struct replay_session *s);

/* Processor time that the last copy of it has cost, an estimate: the copy itself, and the pages that
 * have been touched since then and so became the process's own. */
uint64_t replay_session_copy_cost(const struct replay_session *s);

/* The guest's process: it has one thread only. */
pid_t replay_session_pid(const struct replay_session *s);
/* Bytes of memory that its guest holds; see pages.h. */
uint64_t replay_session_held(const struct replay_session *s);

/* File mappings at the last stop, sorted by address; *count of them. Valid until the guest
 * runs again. Object ids and generations are those of tf_reader_object. */
const struct rk_map *replay_session_maps(const struct replay_session *s, size_t *count);

/* ------------------------------------------------------------------ questions
 * While stopped, also at the end. 0; -EBUSY: the guest runs; -EIO: the guest process died;
 * -EPROTO, -ENOMEM. Lists are the session's: valid until the same question is asked again. */
/* All threads, in order of creation. */
int replay_session_threads(struct replay_session *s, const struct rk_debug_thread **out,
                           size_t *count);
/* As replay_session_where, with tid and registers of any thread; `at`, event, reason and status
 * are the stop's. in_kernel: it waits in a system call, which it will make again at rip or
 * which will be given its result. -ESRCH: there is no such thread. */
int replay_session_thread_regs(struct replay_session *s, int32_t tid, struct rk_debug_stop *out);
/* All memory of the guest by address, anonymous memory (object 0) too. */
int replay_session_areas(struct replay_session *s, const struct rk_map **out, size_t *count);
int replay_session_process(struct replay_session *s, struct rk_debug_process *out);

#endif
