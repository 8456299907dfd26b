/*
 * recorder.h - runs a program in a machine and keeps what the world told it.
 *
 * A library: it prints nothing and does not exit; what the user should know goes through
 * the callbacks below.
 */
#ifndef RRL_RECORDER_H
#define RRL_RECORDER_H

#include "revisor/abi.h"
#include "revisor/machine.h"

#include <stddef.h>
#include <stdint.h>

struct record_options {
    struct rk_boot *boot; /* from boot_build(); pid and the like are filled in */
    enum rk_vcpu_mode vcpu_mode;
    uint32_t flags;             /* RK_CTL_* */
    struct machine_image image; /* data NULL: the built-in image */
    /* Where the trace goes: an empty file, open for writing, taken over. -1: none is
     * kept, the program only runs. */
    int trace_fd;
    uint64_t max_size;      /* cap of the trace in bytes; 0: none */
    uint64_t timeout_ns;    /* SIGTERM to the program after that time; 0: none */
    const char *cache_dir;  /* for compressed file contents; NULL: no cache */
    const char *tool;       /* name and version, for the header */
    const char *cpu_policy; /* as the user wrote it, for the header */
    /* One sentence for the user, without prefix or newline; each is said once. */
    void (*say)(void *ctx, const char *text);
    /* Every report but notices and panics; may be NULL. */
    void (*report)(void *ctx, const struct rk_report *report, size_t len);
    void *ctx;
};

struct record_result {
    int wait_status; /* of the program, as wait() would give it */
    int started;     /* the program ran */
    int failed;      /* the recording itself broke (and said so): exit 125 */
    int cut;         /* the trace ends before the program did (and said so) */
    uint64_t events, entries, trace_bytes, wall_ns;
};

/* Records until the program has ended. 0 or -errno; a negative result with
 * result->started 0 means that nothing ran (and said is why). */
int record_run(const struct record_options *options, struct record_result *result);

#endif
