/*
 * recording.h - what `record` and `trace PROG` have in common: from a command line to a
 * recorded run.
 */
#ifndef RRL_RECORDING_H
#define RRL_RECORDING_H

#include "recorder/recorder.h"

struct recording {
    const char *command; /* "record" or "trace", for messages */
    char **argv;         /* program and arguments, NULL ended */
    const char *output;  /* -o; NULL: a new name in the trace directory */
    int no_trace;        /* keep none at all */
    int no_cache;
    enum rk_vcpu_mode vcpu_mode;
    uint32_t flags;  /* RK_CTL_* */
    const char *cpu; /* policy; NULL: host */
    uint64_t max_size;
    uint64_t timeout_ns;     /* --timeout; 0: none */
    uint32_t cores;          /* --cores; 0: the default */
    int chaos;               /* --chaos */
    const char *chaos_seed;  /* NULL: a random one */
    void (*report)(void *ctx, const struct rk_report *report, size_t len);
    void *ctx;
};

/* Options that both commands understand; for getopt_long. Values are those of
 * recording_option(), above every character. */
enum {
    OPT_VCPU = 0x100,
    OPT_CPU,
    OPT_MAX_SIZE,
    OPT_NO_SUD,
    OPT_NO_PATCH,
    OPT_NO_CACHE,
    OPT_CHAOS,
    OPT_CORES,
    OPT_TIMEOUT,
    OPT_OWN, /* first value for a command's own options */
};
#define RECORDING_OPTIONS \
    {"output", required_argument, NULL, 'o'}, {"vcpu", required_argument, NULL, OPT_VCPU}, \
        {"cpu", required_argument, NULL, OPT_CPU}, \
        {"max-size", required_argument, NULL, OPT_MAX_SIZE}, \
        {"no-sud", no_argument, NULL, OPT_NO_SUD}, {"no-patch", no_argument, NULL, OPT_NO_PATCH}, \
        {"chaos", optional_argument, NULL, OPT_CHAOS}, \
        {"cores", required_argument, NULL, OPT_CORES}, \
        {"timeout", required_argument, NULL, OPT_TIMEOUT}, \
    { \
        "no-cache", no_argument, NULL, OPT_NO_CACHE \
    }

/* Takes one result of getopt_long (not -1) into *r. 0, or an exit code after saying why. */
int recording_option(struct recording *r, int option, char **argv);
/* Records; says where the trace is. Returns the exit code of the whole command. */
int recording_run(const struct recording *r);

#endif
