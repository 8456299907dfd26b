/* backtrace_internal.h - what the files of the backtrace share. */
#ifndef RRL_BACKTRACE_INTERNAL_H
#define RRL_BACKTRACE_INTERNAL_H

#include "backtrace.h"
#include "unwind/unwind.h"

/* A thread and its stack. */
struct stack {
    const struct rk_debug_thread *thread;
    const struct rk_debug_stop *regs;
    const struct unwind_frame *frame; /* innermost first */
    size_t count;
    enum unwind_end end;
};

/* Of `count` frames only the first `head` and, behind a gap, the last ones are shown. */
struct shown {
    size_t head, tail;
};
struct shown backtrace_shown(size_t count, size_t limit);

/* Where a frame is in the program: that of a caller is its call, which lies before pc;
 * nobody called the code that ends a signal's handler. */
uint64_t backtrace_address(const struct unwind_frame *frame);
/* A sentence on how the stack ended, NULL: properly. */
const char *backtrace_end_text(const struct stack *s);
/* "runs", "waits in futex" ...; in buf. */
const char *backtrace_state(const struct stack *s, char *buf, size_t size);

struct place_finder {
    struct whereis *whereis;
    struct maplist maps; /* the session's */
};

/* The functions of one frame as the source has them, innermost first: all but the last were put
 * into the next one by the compiler. */
#define LEVELS_MAX 32
struct level {
    const char *function; /* NULL: not known */
    const char *file;     /* NULL: not known */
    unsigned line;
    int inlined;
};
struct levels {
    struct level level[LEVELS_MAX];
    size_t count; /* at least 1 */
    struct whereis_place place;
};
void backtrace_levels(const struct place_finder *f, const struct unwind_frame *frame,
                      struct levels *out);
void backtrace_text(FILE *out, const struct place_finder *f, const struct stack *s, size_t limit);
void backtrace_json(FILE *out, const struct place_finder *f, const struct stack *s, size_t limit);

#endif
