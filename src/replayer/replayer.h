/*
 * replayer.h - runs a trace again and checks every event.
 *
 * A library: it prints nothing and does not exit. What the program wrote to its standard
 * output and error is printed by the machine itself, unless RK_CTL_NO_CONSOLE is set.
 */
#ifndef RRL_REPLAYER_H
#define RRL_REPLAYER_H

#include "revisor/abi.h"
#include "revisor/machine.h"
#include "trace-format/trace.h"

#include <stddef.h>
#include <stdint.h>

struct replay_options {
    enum rk_vcpu_mode vcpu_mode; /* RK_VCPU_AUTO: as recorded, unless ... */
    int vcpu_given;              /* ... that is what the user asked for */
    uint32_t flags;              /* RK_CTL_* */
    /* One sentence for the user, without prefix or newline. */
    void (*say)(void *ctx, const char *text);
    /* Every report that the replayer has no use for itself; may be NULL. */
    void (*report)(void *ctx, const struct rk_report *report, size_t len);
    /* Called some times a second; may be NULL. */
    void (*progress)(void *ctx, uint64_t done, uint64_t total);
    void *ctx;
    /* Several replays that share a reader: number of the event that its cursor is at, theirs in
     * common; any value but 0 at first is right after a seek to it. NULL: the reader is this
     * replay's alone. */
    uint64_t *reader_at;
};

enum replay_end {
    REPLAY_FAITHFUL,    /* to the program's recorded end, every event as recorded */
    REPLAY_CUT,         /* faithful up to where the recording was interrupted */
    REPLAY_KILLED,      /* faithful up to where something killed the program from outside */
    REPLAY_DIVERGED,    /* the program did something else */
    REPLAY_GUEST_DIED,  /* the guest process ended unexpectedly */
    REPLAY_PANIC,       /* a broken invariant of the rekernel */
    REPLAY_BAD_TRACE,   /* damaged, or of another version: error says what */
    REPLAY_NO_STOPS,    /* its rekernel knows another debug port: it replays to the end only */
    REPLAY_CPU,         /* this processor lacks what text names */
    REPLAY_HOST_FAILED, /* error is -errno: this host cannot make the machine */
};

struct replay_result {
    enum replay_end end;
    int error;                     /* TF_E_* or -errno, 0 when it says nothing more */
    int wait_status;               /* of the program, or of the guest process that died */
    uint64_t events;               /* replayed */
    uint64_t total_events;         /* in the trace */
    uint64_t at_event;             /* REPLAY_DIVERGED: the event that differs */
    struct rk_event expected, got; /* REPLAY_DIVERGED */
    char text[512];                /* REPLAY_DIVERGED, _PANIC, _CPU, _BAD_TRACE: details */
};

/* Replays the trace that `reader` has open, from its first event to its end. The reader
 * stays the caller's; its cursor moves. Always fills *result. */
void replay_run(struct tf_reader *reader, const struct replay_options *options,
                struct replay_result *result);

#endif
