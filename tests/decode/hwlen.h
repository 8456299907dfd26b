/*
 * hwlen.h - asks the processor itself how long an instruction is.
 *
 * The instruction's first k bytes are laid against the end of an executable page; the
 * next page cannot be executed. When the processor needs more than k bytes, its fetch
 * faults at the boundary with rip still at the start; when k bytes suffice, anything
 * else happens: the instruction runs and the next fetch faults, or it faults itself. So
 * lengths are measured for privileged and faulting instructions, too.
 *
 * The instruction really runs, in this process: all registers point nowhere, so that
 * it cannot store anywhere, and system calls have a number that does not exist. Not
 * thread-safe; takes the handlers of SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE,
 * SIGVTALRM.
 */
#ifndef RRL_TEST_HWLEN_H
#define RRL_TEST_HWLEN_H

#include <stdint.h>

enum hw_outcome {
    HW_SHORT, /* needs more bytes */
    HW_UD,    /* invalid opcode */
    HW_RAN,   /* ran, or raised another exception than #UD */
    HW_STUCK, /* did not end within some milliseconds (a jump to itself) */
};

struct hw_probe {
    enum hw_outcome outcome;
    unsigned trap; /* exception number: 6 #UD, 13 #GP, 14 #PF ... */
};

/* General registers by hardware number, and rflags. */
struct hw_state {
    uint64_t gpr[16];
    uint64_t flags;
};

/* Returns 0, or -errno when the pages cannot be had. */
int hw_init(void);
/* Runs the first k (1..15) bytes of code. */
struct hw_probe hw_probe(const uint8_t *code, unsigned k);
/* Smallest number of bytes at which the processor decides, 1..15; *last: what it
 * decided. 0 when 15 bytes are not enough. guess: where to begin to look, or 0. */
unsigned hw_length(const uint8_t *code, unsigned guess, struct hw_probe *last);

/* Runs len bytes, one whole instruction, from a state. Returns 1 and the state after it
 * when it fell through, 0 when it did anything else. Vector, mask and x87 registers are
 * the same at each run. A state must have no register that points into memory. */
int hw_run(const uint8_t *code, unsigned len, const struct hw_state *before,
           struct hw_state *after);

#endif
