/*
 * tally.h - counts differences by kind, reason and opcode.
 */
#ifndef RRL_TEST_TALLY_H
#define RRL_TEST_TALLY_H

#include "compare.h"

#include <stdio.h>

/* Counts one difference. reason: NULL when it is not explained. */
void tally_add(enum difference kind, const char *reason, const struct insn *in, const uint8_t *code,
               const cs_insn *cs, unsigned mask);
/* Prints the table, most frequent first. */
void tally_print(FILE *to);
/* Differences that nothing explained. */
uint64_t tally_unexplained(void);

#endif
