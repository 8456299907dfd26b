/*
 * breakpoints.h - the breakpoints of a debugger and their conditions (abi.h, struct rk_debug),
 * which are evaluated here, where the guest is: a miss costs no round trip.
 */
#ifndef RRL_RK_BREAKPOINTS_H
#define RRL_RK_BREAKPOINTS_H

#include "base.h"
#include "revisor/abi.h"

/* Takes over the lists of the debug area. The guest is stopped. */
void breakpoints_take(const struct rk_debug *area);
/* The guest is before the instruction at pc: is a breakpoint there, and does its condition
 * hold? */
bool breakpoints_hit(u64 pc);

#endif
