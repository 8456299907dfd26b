/*
 * compare.h - one instruction, as the decoder and as capstone see it.
 */
#ifndef RRL_TEST_COMPARE_H
#define RRL_TEST_COMPARE_H

#include "rekernel/x86/decode.h"

#include <capstone/capstone.h>

enum difference {
    DIFF_LENGTH,      /* both know the instruction; the lengths differ */
    DIFF_CLASS,       /* same length, another class */
    DIFF_WE_REJECT,   /* INSN_INVALID here, an instruction there */
    DIFF_THEY_REJECT, /* the other way round */
    DIFF_READ_LESS,   /* a general register that only capstone says is read */
    DIFF_READ_MORE,
    DIFF_WRITE_LESS,
    DIFF_WRITE_MORE,
    DIFF_FLAGS_READ_LESS,
    DIFF_FLAGS_READ_MORE,
    DIFF_FLAGS_WRITE_LESS,
    DIFF_FLAGS_WRITE_MORE,
    DIFF_KINDS,
};
extern const char *const difference_names[DIFF_KINDS];

/* The differences in length and class, as bits 1 << DIFF_*. cs: NULL when capstone
 * knows no instruction here. */
unsigned compare_shape(const struct insn *in, const cs_insn *cs);

/* What differs in registers and flags; needs an instruction with details. */
struct detail_difference {
    unsigned kinds;          /* bits 1 << DIFF_* */
    uint16_t of[DIFF_KINDS]; /* the registers or flags in question */
};
struct detail_difference compare_detail(csh handle, const struct insn *in, const cs_insn *cs);

/* Why a difference is as it should be: a sentence, or NULL when nothing explains it. cs
 * may be NULL; mask: the registers or flags, 0 for shapes. */
const char *explain(enum difference kind, const struct insn *in, const uint8_t *code,
                    const cs_insn *cs, unsigned mask);

#endif
