/*
 * debugger.h - a recording as a target of the GDB stub.
 *
 * The target walks on a timeline (replayer/timeline.h). What a client writes into memory or
 * registers goes into a diversion, a throw-away copy of the present: it runs there while its
 * registers differ from the recording's (a call made by the debugger), and is forgotten when
 * the client runs on with the registers as recorded, or goes backward.
 *
 * A library: it prints nothing and does not exit.
 */
#ifndef RRL_DEBUGGER_H
#define RRL_DEBUGGER_H

#include "gdbstub/target.h"
#include "replayer/timeline.h"

struct debugger;

struct debugger_options {
    struct timeline_options timeline; /* interrupted and its ctx are the debugger's own */
    /* One sentence for the user, without prefix or newline; may be NULL. */
    void (*say)(void *ctx, const char *text);
    /* One event of the trace as a line of text with its newline: 0, or not 0 when there is none.
     * May be NULL. */
    int (*event_text)(void *ctx, uint64_t number, char *text, size_t cap);
    void *ctx;
};

/* Opens the trace at its beginning. Two readers of the same trace: one belongs to the replay,
 * files are read from the other; both and *result stay the caller's and must live as long as
 * the debugger. 0, or -1 and *result says why. */
int debugger_open(struct debugger **out, struct tf_reader *events, struct tf_reader *files,
                  const struct debugger_options *options, struct replay_result *result);
void debugger_close(struct debugger *d);

/* What the stub serves. */
struct target debugger_target(struct debugger *d);
/* For those who move it without a client, and say so then; a client that is there would not
 * notice. */
struct timeline *debugger_timeline(struct debugger *d);
void debugger_moved(struct debugger *d);

#endif
