/*
 * unseen.h - executable memory that native mode must not run.
 *
 * Instructions that leak the machine (cpuid, rdrand ...) are found in program files when those
 * are mapped. Code that a program makes itself is looked at here: memory that can be written
 * and executed at once is never safe; what becomes executable later is searched for the bytes
 * of such instructions when the guest is about to run natively. While there is a hit, the guest
 * runs translated.
 */
#ifndef RRL_RK_UNSEEN_H
#define RRL_RK_UNSEEN_H

#include "base.h"

enum unseen_state {
    UNSEEN_UNKNOWN, /* cannot be written; not searched yet */
    UNSEEN_UNSAFE,
};

/* Ranges of one address space; a zeroed one is empty. */
struct unseen {
    struct unseen_range *v;
    u32 count, cap;
};

/* [start, end) is no longer executable, or its bytes are known. */
void unseen_drop(struct unseen *u, u64 start, u64 end);
/* [start, end) is executable now. */
void unseen_add(struct unseen *u, u64 start, u64 end, enum unseen_state state);
/* Is there code that must run translated? Searches what has not been. */
bool unseen_code(struct unseen *u);

#endif
