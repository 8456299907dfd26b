/* harness.h - records tests/debug/guest and opens sessions on the trace. */
#ifndef RRL_TEST_DEBUG_HARNESS_H
#define RRL_TEST_DEBUG_HARNESS_H

#include "replayer/session.h"

#include <stdio.h>
#include <stdlib.h>

/* Ends the test with a message when cond does not hold. */
#define CHECK(cond, ...) \
    do { \
        if (!(cond)) { \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #cond); \
            fprintf(stderr, __VA_ARGS__); \
            putc('\n', stderr); \
            exit(1); \
        } \
    } while (0)

#define WAIT_MS 20000

/* Records `guest mode`, in translated mode if so asked; the trace is removed at exit. */
void record_guest(const char *mode, int translated);
/* The same for a guest that makes `rr-like record` exit with this code. */
void record_guest_ending(const char *mode, int translated, int code);

/* One replay of the trace. */
struct run {
    struct tf_reader *reader;
    struct replay_result result;
    struct replay_options options;
    struct replay_session *session;
};
/* The reader alone. */
void run_reader(struct run *r);
void run_open(struct run *r);
/* Finishes, which must be faithful, and closes. */
void run_finish(struct run *r);
void run_close(struct run *r);
/* The current stop; fails when the guest runs. */
const struct rk_debug_stop *run_where(const struct run *r);
/* Address of a function of the guest. */
uint64_t guest_function(const char *name);

void seed_random(uint64_t seed);
uint64_t next_random(void);

#endif
