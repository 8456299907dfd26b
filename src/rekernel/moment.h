/*
 * moment.h - a moment in a native stretch, which has no tick count, named by the guest's state.
 *
 * A host signal with a handler hit the guest in native code. Recording goes on translated for some
 * hundred instructions, notes which words they write, and takes the signal then. The moment is
 * named by pc, registers, these words and those on top of the stack, and a hash of all writable
 * memory. Replay goes on, translated, to the first moment since the last kernel entry that
 * has this name: equal states go on equally, so the first is as good as the recorded one.
 *
 * The words are there for speed. What a program computes with changes some register or word that it
 * writes all the time, and a test of that one word, made in the translated code itself (xl_seek),
 * passes over a place in a loop in nanoseconds; the hash is computed when everything else is equal.
 */
#ifndef RRL_RK_MOMENT_H
#define RRL_RK_MOMENT_H

#include "base.h"

#define MOMENT_WRITTEN_MAX 64u /* words that were written on the way */
#define MOMENT_STACK_MAX 128u  /* words on top of the stack */
#define MOMENT_WORDS_MAX (MOMENT_WRITTEN_MAX + MOMENT_STACK_MAX)

/* Behind the siginfo in RK_EV_SIGNAL with RK_EVF_ASYNC; words beyond count are left out. */
struct moment {
    u64 hash;  /* state_hash() */
    u64 count; /* of words; at most MOMENT_WORDS_MAX */
    u64 gpr[16];
    struct moment_word {
        u64 addr, value;
    } words[MOMENT_WORDS_MAX];
};

/* Bytes of it that are logged. */
static inline u64 moment_size(const struct moment *m)
{
    return offsetof(struct moment, words) + m->count * sizeof m->words[0];
}

/* Record. A signal is to be taken soon: moment_walking() is true from now on, until the walk is
 * over (moment_reached() is true then) or the guest enters the kernel (moment_walk_off). */
void moment_walk(void);
void moment_walk_off(void);
bool moment_walking(void);
bool moment_reached(void);
/* Before each instruction of the walk, which is run alone. */
void moment_step(void);
/* The name of the moment at which the walk is over; owned by moment.c, until the next walk. */
const struct moment *moment_here(void);

/* Replay. The translator stops at pc where the stopped guest may be at the moment; NULL: nowhere.
 */
void moment_seek(u64 pc, const struct moment *m);
/* The stopped guest is at this pc, with this hash of registers, at the moment sought. If it is not,
 * the next search will pass over what is alike more cheaply. */
bool moment_is(u64 pc, u64 regs, const struct moment *m);

#endif
