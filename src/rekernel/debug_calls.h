/*
 * debug_calls.h - stops of the debug port at system calls: before the instruction, and behind it.
 */
#ifndef RK_DEBUG_CALLS_H
#define RK_DEBUG_CALLS_H

#include "base.h"

struct rk_debug;

/* Where the calls to stop at are told, and calls are noted. */
void debug_calls_boot(struct rk_debug *area);
/* The guest has just left for a call. True: it stands before the instruction again, and is to
 * be stopped there (RK_STOP_SYSCALL). on_the_way: it was not there when the command began. */
bool debug_calls_before(bool on_the_way);
/* The guest stands between two instructions, and the next one makes a call: it is noted. True: one
 * to stop at. */
bool debug_calls_next(void);
/* True once, when the current thread has come back from a call to stop at (RK_STOP_SYSCALL_END). */
bool debug_calls_behind(void);
/* The call that the last of these was about. */
u32 debug_calls_number(void);

#endif
