/* replaying.h - from a trace and options to a replay and its outcome, for `replay` and
 * `trace TRACE`. */
#ifndef RRL_REPLAYING_H
#define RRL_REPLAYING_H

#include "replayer/replayer.h"

struct replaying {
    const char *path; /* NULL: the latest trace */
    enum rk_vcpu_mode vcpu_mode;
    int vcpu_given;
    uint32_t flags;
    int verbose;  /* say also that it was faithful */
    int progress; /* show progress on stderr */
    void (*report)(void *ctx, const struct rk_report *report, size_t len);
    void *ctx;
};

/* Replays to the end, says how it went, returns the exit code. */
int replaying_run(const struct replaying *r);

/* The exit code for a replay that ended so. */
int replaying_code(enum replay_end end);
/* Says that a replay did not get where it should, and why; what: the replay, as in "the replay
 * that ..."; name: the trace's, as shown. Returns the exit code. */
int replaying_failed(const char *name, const char *what, const struct replay_result *result);
/* Says how a replay ended; name: the trace's, as shown. Returns the exit code. */
int replaying_tell(const struct replaying *r, struct tf_reader *reader, const char *name,
                   const struct replay_result *result);

#endif
