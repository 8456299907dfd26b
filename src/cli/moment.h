/* moment.h - how users name a moment of a recording. */
#ifndef RRL_MOMENT_H
#define RRL_MOMENT_H

#include "revisor/abi.h"

enum moment_kind {
    MOMENT_START, /* "start": before the first instruction */
    MOMENT_END,   /* "end": where the program died or exited */
    MOMENT_EVENT, /* "123": before event 123 is taken */
    MOMENT_POINT, /* "40:17:0x10001139": kernel entries, ticks and pc, as `dump --points` tells */
};

struct moment {
    enum moment_kind kind;
    uint64_t event;
    struct rk_position point;
};

/* 0 or -EINVAL. */
int moment_parse(const char *text, struct moment *out);

#endif
