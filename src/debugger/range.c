/*
 * range.c - stepping through a range of addresses at full speed.
 *
 * A client that steps a line says which addresses it has. A loop on that line may go round
 * millions of times, too often for single steps. So breakpoints are put where the thread can leave
 * the range: at the targets of direct transfers that lie outside, right behind its last
 * instruction, and at each instruction inside whose target nobody knows before it runs, or that
 * goes away to come back (calls).
 */
#include "internal.h"
#include "../rekernel/x86/decode.h"

#include <errno.h>

#define RANGE_MAX 4096u
#define EXITS_MAX 32

struct exits {
    uint64_t at[EXITS_MAX];
    size_t count;
};

static int add_exit(struct exits *e, uint64_t at)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->at[i] == at)
            return 0;
    if (e->count == EXITS_MAX)
        return -ENOSPC;
    e->at[e->count++] = at;
    return 0;
}

/* Where the instruction at pc leads out of the range. */
static int exit_of(struct exits *e, const struct insn *in, uint64_t pc,
                   const struct target_run *how)
{
    uint64_t to;
    switch (in->cls) {
    case INSN_JCC:
    case INSN_LOOP:
    case INSN_JMP:
        to = insn_target(in, pc);
        return to >= how->start && to < how->end ? 0 : add_exit(e, to);
    case INSN_CALL:
    case INSN_JMP_IND:
    case INSN_CALL_IND:
    case INSN_RET:
    case INSN_FAR:
    case INSN_INVALID:
        return add_exit(e, pc);
    default:
        return 0;
    }
}

/* 0, or -errno: such a range has to be stepped. */
static int find_exits(struct debugger *d, const struct target_run *how, struct exits *e)
{
    uint8_t code[RANGE_MAX];
    uint64_t size = how->end - how->start, at = 0;
    struct insn in;
    e->count = 0;
    if (size > sizeof(code))
        return -E2BIG;
    if (timeline_read(d->timeline, how->start, code, size) != (ssize_t)size)
        return -EFAULT;
    while (at < size) {
        if (insn_decode(&in, code + at, (uint32_t)(size - at)))
            return -EINVAL;
        int err = exit_of(e, &in, how->start + at, how);
        if (err)
            return err;
        at += in.len;
    }
    return add_exit(e, how->end);
}

static void disarm(struct debugger *d, const struct exits *e, size_t count)
{
    for (size_t i = 0; i < count; i++)
        timeline_break_del(d->timeline, e->at[i]);
}

/* Where the client has a breakpoint, its condition may not hold: then the range is stepped. */
static int arm(struct debugger *d, const struct exits *e)
{
    for (size_t i = 0; i < e->count; i++) {
        int err = timeline_break_add(d->timeline, e->at[i], NULL);
        if (err) {
            disarm(d, e, i);
            return err;
        }
    }
    return 0;
}

static int is_exit(const struct exits *e, uint64_t pc)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->at[i] == pc)
            return 1;
    return 0;
}

/* At one of our own breakpoints: whoever came there. */
static int at_exit(const struct debugger *d, const struct exits *e)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    return stop && stop->reason == RK_STOP_BREAKPOINT && is_exit(e, stop->rip);
}

int range_run(struct debugger *d, const struct target_run *how)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    struct exits e;
    /* The instruction that it stands at is not stopped at again. */
    if (!stop || stop->tid != how->tid || find_exits(d, how, &e) || is_exit(&e, stop->rip) ||
        arm(d, &e))
        return -EOPNOTSUPP;
    int err;
    do {
        err = timeline_continue(d->timeline);
        stop = timeline_where(d->timeline);
    } while (!err && at_exit(d, &e) && stop->tid != how->tid && !how->interrupted(how->arg));
    int there = at_exit(d, &e);
    disarm(d, &e, e.count);
    return err ? err : there;
}
