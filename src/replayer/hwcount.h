/*
 * hwcount.h - the processor's debug registers as counters (perf_event_open(2), breakpoint events):
 * whether a process has touched a few words, without slowing it down.
 *
 * A debug register tells of an access after it, so it cannot say what was there before, nor what
 * the kernel would say of it; but a stretch that it has seen no access in holds none, and need not
 * be looked through. It may see more than the guest's accesses: those of the rekernel, too.
 */
#ifndef RRL_HWCOUNT_H
#define RRL_HWCOUNT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HWCOUNT_SLOTS 4 /* debug registers of the processor */

struct hwcount_range {
    uint64_t addr, len;
    int reads; /* count reads, too */
};
/* What one register watches: 1, 2, 4 or 8 bytes, aligned to as many. */
struct hwcount_slot {
    uint64_t addr, len;
    int reads;
};
struct hwcount {
    pid_t pid;
    unsigned count;
    int fd[HWCOUNT_SLOTS]; /* negative: lost, nobody knows what happened */
    struct hwcount_slot slot[HWCOUNT_SLOTS];
};

/* Does this system let us count, and do counts come? Asked once; 0 or -errno. */
int hwcount_usable(void);
/* Do they fit into the slots at all? */
int hwcount_fits(const struct hwcount_range *ranges, size_t n);
/* Begins to count in the process. 0, -E2BIG: they do not fit, or -errno of the system. */
int hwcount_open(struct hwcount *c, pid_t pid, const struct hwcount_range *ranges, size_t n);
/* Has it touched one of them since this was asked last? Asked while the process waits; 1 when
 * nobody knows. */
int hwcount_touched(struct hwcount *c);
/* All zero bytes is closed, too. */
void hwcount_close(struct hwcount *c);

#endif
