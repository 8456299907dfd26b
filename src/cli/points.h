/* points.h - events with the moment and the place in the program where they happened. */
#ifndef RRL_POINTS_H
#define RRL_POINTS_H

#include "trace-format/trace.h"

struct points_options {
    uint64_t first, last; /* events to print */
    int json, hex;
};

/* Replays the trace and prints its events as `dump` does, each with where it happened. Two
 * readers of it: one for the replay, one for everything else. Says what goes wrong, and
 * returns the exit code. */
int points_print(struct tf_reader *replayed, struct tf_reader *read, const char *name,
                 const struct points_options *options);

#endif
