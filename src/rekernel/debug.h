/*
 * debug.h - replay under a debugger (abi.h, struct rk_debug), and the reports that say
 * where events happened and which files were mapped then.
 *
 * Nothing here is part of the guest's state: stops, breakpoints and reports change nothing
 * that the guest can see, so that a replay with them is as faithful as one without.
 */
#ifndef RRL_RK_DEBUG_H
#define RRL_RK_DEBUG_H

#include "base.h"
#include "platform.h"

/* Before the first event. */
void debug_boot(void);
/* A debugger gives commands: debug_run takes the place of running the guest. */
bool debug_attached(void);
/* Runs the guest, translated, to its next kernel entry or recorded signal; stops and waits
 * for commands on the way, as commanded. As vcpu_run: VCPU->exit says why it returned. */
void debug_run(void);
/* The guest has left its own code for the kernel; and: it has been served. */
void debug_enter(void);
void debug_leave(void);
/* The count instructions at pc + off[i] have been translated and may run. */
void debug_translated(u64 pc, const u16 *off, u32 count);
/* What is mapped at [addr, addr+len) changes. */
void debug_remapped(u64 addr, u64 len);
/* Replay: the next event is there and fits, and is about to be taken. */
void debug_before_event(void);
/* A signal is about to be acted on: its handler runs next, or the program dies. */
struct sig_info;
void debug_signal(const struct sig_info *info);
/* The machine is about to end (enum rk_debug_reason): lets a debugger look. */
void debug_end(u32 reason, s64 status);

/* debug_threads.c: answers the question in port->command; false: it is none. */
bool debug_answer(struct rk_debug *port);
/* The vector state that VCPU->xstate (or the processor) holds; it is in memory then. */
void debug_tell_vector_state(struct rk_debug_stop *s);

#endif
