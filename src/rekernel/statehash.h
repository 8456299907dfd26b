/* statehash.h - see statehash.c. */
#ifndef RRL_RK_STATEHASH_H
#define RRL_RK_STATEHASH_H

#include "base.h"

/* Hash of rip, registers, vector state and writable memory of the stopped guest. */
u64 state_hash(void);
/* A cheap part of it: differs only if the state does. */
u64 state_witness(void);
/* The stopped guest is at this pc, with this hash of registers and {state_hash, state_witness};
 * the cheap tests come first. */
bool state_is(u64 pc, u64 regs, const u64 state[2]);

#endif
