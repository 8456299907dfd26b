/* points.c - breakpoints and watchpoints of the client. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- breakpoints */
static size_t find_break(const struct debugger *d, uint64_t addr)
{
    size_t i = 0;
    while (i < d->break_count && d->breaks[i].addr != addr)
        i++;
    return i;
}

/* Each expression with its length in front. */
static int pack(struct debugger_break *b, const void *const *conditions, const size_t *lengths,
                size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] > UINT16_MAX)
            return -EINVAL;
        size += 2 + lengths[i];
    }
    if (!size)
        return 0;
    unsigned char *to = b->conditions = malloc(size);
    if (!to)
        return -ENOMEM;
    b->size = size;
    for (size_t i = 0; i < count; i++) {
        uint16_t len = (uint16_t)lengths[i];
        memcpy(to, &len, 2);
        memcpy(to + 2, conditions[i], len);
        to += 2 + len;
    }
    return 0;
}

static int arm(struct debugger *d, const struct debugger_break *b)
{
    struct timeline_condition condition = {b->conditions, b->size};
    int err = timeline_break_add(d->timeline, b->addr, b->size ? &condition : NULL);
    /* Without its condition the breakpoint stops too often: the client looks again. */
    return err == -EOPNOTSUPP ? timeline_break_add(d->timeline, b->addr, NULL) : err;
}

int points_break_add(void *t, uint64_t addr, const void *const *conditions, const size_t *lengths,
                     size_t count)
{
    struct debugger *d = t;
    struct debugger_break b = {.addr = addr};
    size_t i = find_break(d, addr);
    int err = i == RK_DEBUG_BREAKS ? -ENOSPC : pack(&b, conditions, lengths, count);
    if (err)
        return err;
    if (i < d->break_count)
        timeline_break_del(d->timeline, addr);
    err = arm(d, &b);
    if (err) {
        free(b.conditions);
        if (i < d->break_count)
            arm(d, &d->breaks[i]); /* it stays as it was */
        return err;
    }
    if (i < d->break_count)
        free(d->breaks[i].conditions);
    else if (d->diversion)
        diversion_break_add(d->diversion, addr);
    d->breaks[i] = b;
    d->break_count += i == d->break_count;
    return 0;
}

int points_break_del(void *t, uint64_t addr)
{
    struct debugger *d = t;
    size_t i = find_break(d, addr);
    if (i == d->break_count)
        return -ENOENT;
    free(d->breaks[i].conditions);
    d->breaks[i] = d->breaks[--d->break_count];
    if (d->diversion)
        diversion_break_del(d->diversion, addr);
    return timeline_break_del(d->timeline, addr);
}

void points_clear(struct debugger *d)
{
    while (d->break_count)
        points_break_del(d, d->breaks[0].addr);
}

/* --------------------------------------------------------------- watchpoints */
static enum timeline_access access_of(enum target_watch kind)
{
    return kind == TARGET_WATCH_WRITE  ? TIMELINE_WRITE
           : kind == TARGET_WATCH_READ ? TIMELINE_READ
                                       : TIMELINE_ACCESS;
}

int points_watch_add(void *t, uint64_t addr, uint64_t len, enum target_watch kind)
{
    struct debugger *d = t;
    if (d->watch_count == DEBUGGER_WATCHES)
        return -ENOSPC;
    int err = timeline_watch_add(d->timeline, addr, len, access_of(kind));
    if (!err)
        d->watches[d->watch_count++] = (struct debugger_watch){addr, len, kind};
    return err;
}

int points_watch_del(void *t, uint64_t addr, uint64_t len, enum target_watch kind)
{
    struct debugger *d = t;
    for (size_t i = 0; i < d->watch_count; i++) {
        struct debugger_watch *w = &d->watches[i];
        if (w->addr != addr || w->len != len || w->kind != kind)
            continue;
        memmove(w, w + 1, (--d->watch_count - i) * sizeof(*w));
        return timeline_watch_del(d->timeline, addr, len, access_of(kind));
    }
    return -ENOENT;
}

static void arm_calls(struct debugger *d)
{
    uint64_t set[RK_DEBUG_CALLS / 64];
    memcpy(set, d->calls, sizeof(set));
    for (uint32_t n = 0; d->exec_events && n < RK_DEBUG_CALLS; n++)
        if (exec_is_call(n))
            set[n / 64] |= 1ull << n % 64;
    timeline_stop_calls(d->timeline, set);
}

int points_catch_syscalls(void *t, int on, const uint32_t *numbers, size_t count)
{
    struct debugger *d = t;
    memset(d->calls, on && !count ? 0xff : 0, sizeof(d->calls));
    for (size_t i = 0; on && i < count; i++)
        if (numbers[i] < RK_DEBUG_CALLS)
            d->calls[numbers[i] / 64] |= 1ull << numbers[i] % 64;
    arm_calls(d);
    return 0;
}

void points_exec_events(void *t, int on)
{
    struct debugger *d = t;
    d->exec_events = on;
    exec_know(d);
    arm_calls(d);
}

int points_pass_signals(void *t, uint64_t mask)
{
    struct debugger *d = t;
    d->passed = mask;
    timeline_stop_signals(d->timeline, ~mask);
    return 0;
}

/* ----------------------------------------------------------------- last write */
static void disarm_all(struct debugger *d)
{
    for (size_t i = 0; i < d->break_count; i++)
        timeline_break_del(d->timeline, d->breaks[i].addr);
    for (size_t i = 0; i < d->watch_count; i++)
        timeline_watch_del(d->timeline, d->watches[i].addr, d->watches[i].len,
                           access_of(d->watches[i].kind));
}

static void arm_all(struct debugger *d)
{
    for (size_t i = 0; i < d->break_count; i++)
        arm(d, &d->breaks[i]);
    for (size_t i = 0; i < d->watch_count; i++)
        timeline_watch_add(d->timeline, d->watches[i].addr, d->watches[i].len,
                           access_of(d->watches[i].kind));
}

/* Backward with this one watchpoint only. 0 when it was hit. */
int points_last_write(struct debugger *d, uint64_t addr, uint64_t len)
{
    struct timeline *t = d->timeline;
    const struct rk_debug_stop *stop;
    disarm_all(d);
    int err = timeline_watch_add(t, addr, len, TIMELINE_WRITE);
    if (!err) {
        err = timeline_reverse_continue(t);
        timeline_watch_del(t, addr, len, TIMELINE_WRITE);
    }
    arm_all(d);
    stop = timeline_where(t);
    return err ? err : stop && stop->reason == RK_STOP_WATCH ? 0 : -ENOENT;
}
