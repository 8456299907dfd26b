/*
 * report.h - takes reports out of a machine's report ring, checked.
 */
#ifndef RRL_REPORT_H
#define RRL_REPORT_H

#include "machine.h"

#define REPORT_MAX (256u * 1024u) /* bytes of one report */

/* Receives one report: `len` bytes at `report`, header included; a private copy that is
 * valid during the call. */
typedef void report_fn(void *ctx, const struct rk_report *report, size_t len);

/* Hands all reports that are there to fn. Returns their number, or -EPROTO when the ring
 * holds nonsense (the guest damaged it): then no later report can be found either. */
int report_drain(struct machine *m, report_fn *fn, void *ctx);

/* The text payload of a notice or panic, as a NUL ended string of printable characters
 * (others become '?'); written to text[cap]. `skip` bytes of payload come before it. */
void report_text(const struct rk_report *report, size_t len, size_t skip, char *text, size_t cap);

#endif
