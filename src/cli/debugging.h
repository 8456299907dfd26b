/* debugging.h - a trace served to debuggers. */
#ifndef RRL_DEBUGGING_H
#define RRL_DEBUGGING_H

#include "moment.h"
#include "replaying.h"

struct debugging {
    struct replaying replay; /* path and flags of it count */
    unsigned port;           /* 0: any free one */
    /* Where it stands when the debugger comes: `at`; or at the failure, when the program died by
     * a signal, and at the start otherwise. */
    int at_given, at_failure;
    struct moment at;
    /* Called once, when the port is open and the trace stands where it shall; may be NULL. */
    void (*ready)(void *ctx, unsigned port, const char *name);
    void *ctx;
};

/* Serves one debugger after another on a port of 127.0.0.1, until one kills the program or this
 * process is asked to end. Returns the exit code. */
int debugging_run(const struct debugging *g);

#endif
