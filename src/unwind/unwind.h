/*
 * unwind.h - the frames of a thread's stack, from its registers and memory.
 *
 * Works on anything that can tell memory and which ELF file lies where: it knows neither traces
 * nor replay. Call frame information comes from the program's own memory (.eh_frame), or from
 * .debug_frame of the file or of its separate debug information. Where there is none, frame
 * pointers are followed as long as they make sense. A stack may be damaged in any way: unwinding
 * always ends.
 */
#ifndef RRL_UNWIND_H
#define RRL_UNWIND_H

#include "symbols/symbols.h"

#include <sys/types.h>

/* Whom to ask. The functions get ctx as their first argument. */
struct unwind_target {
    /* Bytes read, fewer at the edge of what is mapped, or negative. */
    ssize_t (*read)(void *ctx, uint64_t addr, void *buf, size_t len);
    /* The ELF file that is mapped at addr, NULL: none; *bias: what to add to the file's own
     * addresses, [*start, *end): where the whole file lies. It stays the caller's. */
    struct symbols *(*file_at)(void *ctx, uint64_t addr, uint64_t *bias, uint64_t *start,
                               uint64_t *end);
    /* 1: addr can be executed. */
    int (*executable)(void *ctx, uint64_t addr);
    void *ctx;
};

#define UNWIND_EXACT \
    1u                   /* pc is the next instruction, not a return address: the innermost frame, \
                            and one that a signal interrupted */
#define UNWIND_SIGNAL 2u /* the frame of a signal's delivery: its caller was interrupted */
#define UNWIND_GUESSED 4u /* found by frame pointer, for lack of better information */

struct unwind_frame {
    uint64_t pc, sp; /* stack pointer as this frame has it */
    uint32_t flags;  /* UNWIND_* */
};

enum unwind_end {
    UNWIND_COMPLETE,  /* the outermost frame is there */
    UNWIND_NO_INFO,   /* the last frame has no unwind information, and no sound frame pointer */
    UNWIND_BAD_STACK, /* the stack leads nowhere: unreadable memory, or to no code */
    UNWIND_LOOP,      /* the stack leads back to itself */
    UNWIND_TOO_DEEP,  /* more than the limit */
    UNWIND_NO_MEMORY,
};

/* General registers in the order of the processor's numbers, and rip. */
struct unwind_regs {
    uint64_t gpr[16], rip;
};

struct unwinder;
/* target is copied. NULL: no memory. */
struct unwinder *unwinder_new(const struct unwind_target *target);
void unwinder_free(struct unwinder *u);
/* Memory or mappings have changed since the last call. */
void unwinder_forget(struct unwinder *u);
/* At most `limit` frames, innermost first; always at least one. The array is the unwinder's until
 * the next call. */
enum unwind_end unwinder_run(struct unwinder *u, const struct unwind_regs *regs, size_t limit,
                             const struct unwind_frame **frames, size_t *count);

#endif
