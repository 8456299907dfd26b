/* backtrace.h - the stacks of all threads of a stopped replay, as text or JSON. */
#ifndef RRL_BACKTRACE_H
#define RRL_BACKTRACE_H

#include "replayer/session.h"
#include "whereis.h"

#include <stdio.h>

struct backtrace_options {
    int32_t tid;  /* only this thread; 0: all */
    size_t limit; /* frames printed of one thread; 0: all */
    int json;
};

/* Prints the stacks at the stop of `session`. `whereis` reads from another reader than the
 * session. 0; -ESRCH: there is no such thread; or another negative error. */
int backtrace_print(FILE *out, struct replay_session *session, struct whereis *whereis,
                    const struct backtrace_options *options);

#endif
