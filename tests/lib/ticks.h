/* ticks.h - ticks by their definition (docs/ARCHITECTURE.md, Moments), for tests that count them
 * again. */
#ifndef RRL_TESTS_TICKS_H
#define RRL_TESTS_TICKS_H

#include "rekernel/x86/decode.h"

/* Does going from the instruction at `from` to `to` make one? -1: the instruction is no transfer of
 * control. */
static inline int tick_made(const struct insn *in, uint64_t from, uint64_t to)
{
    switch (in->cls) {
    case INSN_RET:
    case INSN_JMP_IND:
    case INSN_CALL_IND:
        return 1;
    case INSN_JCC:
    case INSN_LOOP:
    case INSN_JMP:
    case INSN_CALL:
        return to <= from;
    default:
        return -1;
    }
}

#endif
