/*
 * unit.h - one run of the translator: blocks laid out one after another, and the stubs
 * that they need, which follow them.
 */
#ifndef RRL_XLATE_UNIT_H
#define RRL_XLATE_UNIT_H

#include "emit.h"

#define UNIT_BLOCKS_MAX 8
/* Of all the chains of blocks that one call of the translator makes. */
#define UNIT_TOTAL_MAX 16
#define UNIT_RETURNS_MAX 4
#define UNIT_STUBS_MAX (UNIT_TOTAL_MAX * 7)

/* A rel32 in the code that waits for an exit stub (or for a block made meanwhile). */
struct pending {
    uint64_t pc;
    uint32_t at;  /* the rel32 */
    uint8_t kind; /* enum exit_kind */
    int8_t tick;
    uint8_t untested;
};

struct unit {
    struct emit e;
    struct xl_block *block; /* being translated */
    struct xl_gather *g;
    int hidden;      /* the first block is not to be found by its pc */
    int once;        /* one-shot: no links, no ticks */
    int window;      /* r11 holds the guest's r11, the counter is in memory */
    int written;     /* ... and an instruction in the window may have changed it */
    int tested;      /* the block leaves before its end when no tick is left */
    int counted;     /* ... and did, and has counted the tick at its end */
    int late;        /* the counter may be one too low already: test for that, too */
    uint32_t mapped; /* cache address up to which the map reaches */
    int sure;        /* no conditional branch yet: what is translated will run */
    uint32_t returns;
    uint64_t return_to[UNIT_RETURNS_MAX]; /* where calls that will run come back to */
    uint32_t stubs;
    struct pending stub[UNIT_STUBS_MAX];
};

/* Adds a map entry for the code since the last one, which ran guest_len bytes. */
void unit_map(struct unit *u, uint32_t guest_len, unsigned state);
/* Writes a rel32 that leads to an exit of this kind. */
struct pending *unit_rel32_exit(struct unit *u, enum exit_kind kind, uint64_t pc);
/* What a direct transfer does about its tick. */
enum link_tick {
    TICK_NONE,    /* it is none, or was tested and counted */
    TICK_COUNTED, /* counted without a test */
    TICK_TO_COUNT,
};
/* Writes a rel32 that leads to the block at pc. */
void unit_rel32_link(struct unit *u, uint64_t pc, enum link_tick tick);
/* Where the guest's r11 and the counter are. Flags stay. */
void unit_window_open(struct unit *u);
void unit_window_close(struct unit *u);
/* Code that leaves with r11 put right; what follows it is as before. */
struct pending *unit_expire(struct unit *u, enum exit_kind kind, uint64_t pc);
/* Map state of ordinary instructions here. */
static inline unsigned unit_state(const struct unit *u)
{
    return (u->window ? ST_COUNTER_MEM | ST_GUEST_R11 : 0) | (u->counted ? ST_COUNTED : 0);
}
/* The same with rcx and rdx put away in VCPU. */
static inline unsigned unit_state_both(const struct unit *u)
{
    return (unit_state(u) & ~(unsigned)ST_SPILL_BITS) | ST_SPILLED_CX_DX;
}
/* Copies the instruction with its operands re-based; maps it. */
void unit_copy(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc);

/* stolen.c: copies an instruction that names r11, outside a window; returns 0 when it needs
 * one. */
int unit_copy_r11(struct unit *u, const struct insn *in, const uint8_t *bytes);

/* An indirect transfer under way: where its test of the counter jumps from, if any, and
 * whether rcx is lost by it. */
struct indirect {
    uint8_t *none, *late; /* its jumps */
    uint32_t relay;       /* end of a long jump that they lead to; 0: none */
    int window;           /* as it was there */
    unsigned state;
};

/* indirect.c: saves rcx, tests the counter where nothing did before. keep: rcx is still needed. */
struct indirect unit_indirect_begin(struct unit *u, int keep);
/* Goes where rcx says: by the table, or in a one-shot block by the dispatcher. guess: what it
 * says is nearly always the same. */
void unit_indirect_end(struct unit *u, uint64_t pc, int guess);
/* The way out when the counter was zero. */
void unit_indirect_none(struct unit *u, const struct indirect *i, uint64_t pc);
/* Here, where nothing else comes, is a jump to that way out, which is too far for the test's. */
void unit_indirect_relay(struct unit *u, struct indirect *i);
/* Leaves the instruction's pc where the dispatcher finds it: an address that cannot be is the
 * fault of the instruction that went there, not of the one that would be there. rdx is free. */
void unit_note_source(struct emit *e, uint64_t pc);
int unit_indirect(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc);

/* calls.c: as unit_branch. */
int unit_call(struct unit *u, const struct insn *in, uint64_t pc, uint64_t *next);
int unit_ret(struct unit *u, const struct insn *in, uint64_t pc);
/* Pushes what a call pushes whose target is in rcx. Returns 1 when the transfer itself must follow.
 */
int unit_call_indirect(struct unit *u, const struct insn *in, uint64_t pc, struct indirect *i);

/* watch.c: code in front of an instruction that may touch watched memory. */
void unit_watch(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc);
/* Code that leaves before the instruction at pc, through a stub that puts rcx and rdx back if
 * state says that they are put away. */
void unit_leave(struct unit *u, enum exit_kind kind, uint64_t pc, uint32_t stub, unsigned state);

/* seek.c: code in front of the instruction at CTL->seek_pc. */
void unit_seek(struct unit *u, uint64_t pc);

/* branch.c: a direct jump, or what is left of a direct call. As unit_branch. */
int unit_jmp(struct unit *u, uint64_t pc, uint64_t target, uint64_t *next);
/* branch.c: the control transfer at the end of a block. Sets *next and returns 1 when
 * translation may go on inline at *next, else 0. */
int unit_branch(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc,
                uint64_t *next);

#endif
