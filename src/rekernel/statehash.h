/* statehash.h - see statehash.c. */
#ifndef RRL_RK_STATEHASH_H
#define RRL_RK_STATEHASH_H

#include "base.h"

/* Hash of rip, registers, vector state and writable memory of the stopped guest. */
u64 state_hash(void);

#endif
