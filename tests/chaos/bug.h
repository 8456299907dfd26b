/*
 * bug.h - what the programs with a bug share. Each has one bug in its threads whose window is
 * a few instructions wide, and which the usual timing of its threads keeps shut: natively it
 * ends with 0 in at least 999 of 1,000 runs. When the bug shows it aborts or hangs.
 */
#ifndef RRL_BUG_H
#define RRL_BUG_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define US 200u /* rounds of work() that take about a microsecond */

/* Computing that takes its time; the result is of use to nobody. */
static inline uint32_t work(uint32_t rounds)
{
    volatile uint32_t h = 1;
    for (uint32_t i = 0; i < rounds; i++)
        h = h * 2654435761u + i;
    return h;
}

static inline void start(pthread_t *t, void *(*fn)(void *), void *arg)
{
    if (pthread_create(t, NULL, fn, arg)) {
        fputs("no thread can be made\n", stderr);
        exit(77);
    }
}

static inline void bug(const char *what)
{
    fprintf(stderr, "bug: %s\n", what);
    abort();
}

#endif
