/*
 * timeline.h - a recording as a line to walk on in both directions.
 *
 * A timeline stands at one moment of the recording, the present. All moments are totally
 * ordered (struct timeline_mark); running forward and backward visits exactly the same
 * ones, however one came there. Behind it are replays (session.h) and copies of them:
 * checkpoints are made by themselves during forward runs, so that going back is quick; where
 * the system refuses copies everything works still, from the beginning each time.
 *
 * The functions that move return when the guest has stopped, and answer
 *   0       timeline_where says where and why;
 *   -EIO    the guest process died or the trace is damaged: the result given to
 *           timeline_open says more; the present is lost, another seek may still work;
 *   -EBUSY  a diversion is open.
 * At either end of history they stop at once: reason RK_STOP_START at the beginning, one of
 * the ends (RK_STOP_IS_END) at the end. Stops of a timeline are between two instructions,
 * except those at the end of history, which lie inside the last kernel entry.
 *
 * Output of the program is printed the first time that a stretch is passed, and not again.
 *
 * A timeline belongs to one thread; only timeline_interrupt may be called from elsewhere.
 */
#ifndef RRL_TIMELINE_H
#define RRL_TIMELINE_H

#include "session.h"

struct timeline;
struct diversion;

/* A moment. Between two instructions in_kernel is 0; events order moments inside one kernel
 * entry. */
struct timeline_mark {
    struct rk_position at;
    uint64_t event;     /* number of the event last taken */
    uint32_t in_kernel; /* 1: inside the kernel entry made by the instruction at at.pc */
    uint32_t signal;    /* that is about to be acted on there, or 0 */
};

struct timeline_options {
    uint32_t flags; /* RK_CTL_* */
    /* One sentence for the user, without prefix or newline; may be NULL. */
    void (*say)(void *ctx, const char *text);
    /* Called some times a second while something runs; non-zero: interrupt it. May be NULL. */
    int (*interrupted)(void *ctx);
    void *ctx;
    uint32_t checkpoints_max; /* kept at a time; 0: as seems good (96) */
    uint32_t checkpoint_ms;   /* processor time of the guest between two of them at least; 0: 50 */
    uint64_t checkpoint_bytes; /* memory they may take in all; 0: a quarter of this
                                  machine's */
    uint32_t fail_copies;      /* for tests: refuse every n-th copy; 1: all, 0: none */
    int no_debug_registers;    /* watch without them, even where the system has them */
};

/* Opens at the beginning, before the guest's first instruction. reader, its event cursor and
 * result stay the timeline's until it is closed; options are copied. 0, or -1 and *result
 * says why. */
int timeline_open(struct timeline **out, struct tf_reader *reader,
                  const struct timeline_options *options, struct replay_result *result);
void timeline_close(struct timeline *t);

/* ------------------------------------------------------------------ looking */
/* Where and why it stopped, with all registers: valid until it moves. NULL after -EIO. */
const struct rk_debug_stop *timeline_where(const struct timeline *t);
struct timeline_mark timeline_here(const struct timeline *t);
/* a before b: < 0, the same moment: 0, a after b: > 0. */
int timeline_compare(const struct timeline_mark *a, const struct timeline_mark *b);
/* Guest memory: bytes read (fewer at the edge of what is mapped) or -errno. */
ssize_t timeline_read(struct timeline *t, uint64_t addr, void *buf, size_t len);
/* File mappings, sorted by address; valid until it moves. */
const struct rk_map *timeline_maps(const struct timeline *t, size_t *count);
/* The replay that stands at the present, to be looked at only: never run or write it. Another
 * one after each move. For what session.h can tell and this file does not. */
struct replay_session *timeline_session(struct timeline *t);

/* ------------------------------------------------------------------- moving */
/* To the next breakpoint or watchpoint, or to the end. */
int timeline_continue(struct timeline *t);
/* The same, at most to where thread tid gets the processor from another (RK_STOP_THREAD; a
 * breakpoint there comes first). */
int timeline_continue_to_thread(struct timeline *t, int32_t tid);
/* `count` instructions as the whole process runs them, at most to a breakpoint or watchpoint. A
 * system call, the delivery of a signal, a repeated string instruction are one each. */
int timeline_step(struct timeline *t, uint64_t count);
/* Back to the last moment before the present at which a breakpoint's instruction had not run
 * yet (RK_STOP_BREAKPOINT), or before an instruction that a watchpoint tells of
 * (RK_STOP_WATCH: memory is as before it), or to the beginning (RK_STOP_START, also with a
 * breakpoint there: runs forward do not stop there either). */
int timeline_reverse_continue(struct timeline *t);
/* The same, at most to the last moment before the present at which thread tid lost the processor:
 * what it did last has been done, its next instruction (a system call that waits, maybe) has not
 * (RK_STOP_THREAD). */
int timeline_reverse_to_thread(struct timeline *t, int32_t tid);
/* `count` instructions back, at most to a breakpoint or watchpoint. Moments are those of
 * timeline_step. */
int timeline_reverse_step(struct timeline *t, uint64_t count);

/* Seeks go in either direction and heed no breakpoint. RK_STOP_REACHED; RK_STOP_PASSED: there
 * is no such moment, this is the first one after it; or an end. */
int timeline_seek(struct timeline *t, const struct rk_position *at);
int timeline_seek_mark(struct timeline *t, const struct timeline_mark *mark);
/* Before the instruction that takes event `number` (1 ..) runs. */
int timeline_seek_event(struct timeline *t, uint64_t number);
int timeline_seek_begin(struct timeline *t);
int timeline_seek_end(struct timeline *t);

/* Stops what runs, soon: reason RK_STOP_INTERRUPTED. Forward it stands where it came to,
 * backward it stays where it was. Safe in signal handlers and other threads. */
void timeline_interrupt(struct timeline *t);

/* ---------------------------------------------------- breakpoints and watchpoints */
/* Hold for all moves until deleted. A condition may be NULL: agent expressions, each with its
 * length (uint16_t, little-endian) in front (abi.h, struct rk_debug_break); it is copied. 0,
 * -EEXIST, -ENOENT, -ENOSPC, -EINVAL (malformed), -ENOMEM. */
struct timeline_condition {
    const void *code;
    size_t len;
};
int timeline_break_add(struct timeline *t, uint64_t pc, const struct timeline_condition *condition);
int timeline_break_del(struct timeline *t, uint64_t pc);
enum timeline_access { TIMELINE_WRITE = 1, TIMELINE_READ = 2, TIMELINE_ACCESS = 3 };
int timeline_watch_add(struct timeline *t, uint64_t addr, uint64_t len, enum timeline_access kind);
int timeline_watch_del(struct timeline *t, uint64_t addr, uint64_t len, enum timeline_access kind);
/* Do reverse runs look for what is watched now by the processor's debug registers? 0: yes, where
 * the system lets them; or why not: -E2BIG (too much is watched), -ECANCELED (the options say so),
 * others when the system refuses. It makes no difference but in time. */
int timeline_counts(const struct timeline *t);
/* Signals (bit n-1) before which runs forward stop: RK_STOP_SIGNAL, inside a kernel entry. */
void timeline_stop_signals(struct timeline *t, uint64_t set);
/* System calls (a bit for each of RK_DEBUG_CALLS numbers) at which runs in both directions stop:
 * before the instruction (RK_STOP_SYSCALL) and where its thread goes on (RK_STOP_SYSCALL_END); the
 * stop's status is the number. */
void timeline_stop_calls(struct timeline *t, const uint64_t set[RK_DEBUG_CALLS / 64]);

/* ---------------------------------------------------------- checkpoints of the user */
struct timeline_checkpoint {
    uint32_t id; /* from 1, never used again */
    int32_t tid;
    struct timeline_mark mark;
};
/* Remembers the present: its id, or -ENOMEM. */
int timeline_checkpoint_add(struct timeline *t);
int timeline_checkpoint_delete(struct timeline *t, uint32_t id);  /* 0 or -ENOENT */
int timeline_checkpoint_restart(struct timeline *t, uint32_t id); /* as a seek; -ENOENT */
/* All of them, by id; valid until one is added or deleted. */
const struct timeline_checkpoint *timeline_checkpoints(const struct timeline *t, size_t *count);

/* ---------------------------------------------------------------- diversions */
/* A throw-away copy of the present, in which memory and registers can be written and code
 * run: none of it touches the timeline. What runs in it does so without the recording: system calls
 * to the outside answer -ENOSYS, but for writes to standard output and error, which are
 * printed; no other thread runs. One at a time. 0, -EBUSY, or -errno of why there is none. */
int diversion_begin(struct diversion **out, struct timeline *t);
void diversion_end(struct diversion *d);
const struct rk_debug_stop *diversion_where(const struct diversion *d);
ssize_t diversion_read(struct diversion *d, uint64_t addr, void *buf, size_t len);
ssize_t diversion_write(struct diversion *d, uint64_t addr, const void *buf, size_t len);
/* Sets gpr, rip, rflags, fs_base, gs_base and the vector image (xstate_size bytes; 0: leave
 * it) from *regs; its other fields are ignored. 0 or -errno. */
int diversion_set_regs(struct diversion *d, const struct rk_debug_stop *regs);
/* 0, -EEXIST, -ENOENT, -ENOSPC. The timeline's breakpoints do not hold in it. */
int diversion_break_add(struct diversion *d, uint64_t pc);
int diversion_break_del(struct diversion *d, uint64_t pc);
/* As timeline_continue and _step; interrupted in the same ways. */
int diversion_continue(struct diversion *d);
int diversion_step(struct diversion *d, uint64_t count);

/* -------------------------------------------------------------------- figures */
struct timeline_stats {
    uint32_t checkpoints;       /* kept now; the user's are moments and not counted */
    uint32_t copies, refused;   /* made so far; not made because the system said no */
    uint64_t checkpoint_bytes;  /* memory that they hold for themselves; an estimate */
    uint64_t restarts;          /* replays begun from the beginning */
    uint64_t searched, skipped; /* stretches between checkpoints, of reverse runs */
    uint64_t counted;           /* of those searched: first at full speed, see timeline_counts */
};
void timeline_stats(struct timeline *t, struct timeline_stats *out);

#endif
