/*
 * report_builder.h - makes the report of a native system call, as a rekernel would: by the
 * argument kinds of the table. It makes no system call of its own between entry and exit,
 * so that a tracer sees only the call in question.
 */
#ifndef RRL_REPORT_BUILDER_H
#define RRL_REPORT_BUILDER_H

#include "revisor/abi.h"

#include <stddef.h>
#include <stdint.h>

/* Where the next report is put; both ends 8-byte aligned. */
struct builder {
    uint8_t *at, *end;
    struct rk_report *report; /* the one under construction */
};

void builder_entry(struct builder *b, uint32_t nr, const uint64_t args[6]);
/* Completes b->report and moves b->at behind it. */
void builder_exit(struct builder *b, int64_t result);

/* Adds one capture by hand (before builder_exit). */
void builder_capture(struct builder *b, unsigned arg, unsigned flags, uint64_t addr,
                     const void *data, size_t len, uint64_t full);

#endif
