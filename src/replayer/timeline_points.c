/* timeline_points.c - breakpoints and watchpoints of a timeline. */
#include "rekernel/agent.h"
#include "timeline_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t find_break(const struct timeline *t, uint64_t pc)
{
    uint32_t i = 0;
    while (i < t->break_count && t->breaks[i].pc != pc)
        i++;
    return i;
}

int points_break_at(const struct timeline *t, uint64_t pc)
{
    return find_break(t, pc) < t->break_count;
}

static int arm_break(struct replay_session *s, const struct timeline_break *b)
{
    if (b->conds)
        return replay_session_break_if(s, b->pc, b->conds, b->size);
    return replay_session_break_add(s, b->pc);
}

static const uint64_t no_calls[RK_DEBUG_CALLS / 64];

int points_arm(struct timeline *t, struct replay_session *s, enum points which)
{
    int err = replay_session_break_clear(s);
    if (!err)
        err = replay_session_watch_clear(s);
    for (uint32_t i = 0; !err && which && i < t->break_count; i++)
        err = arm_break(s, &t->breaks[i]);
    for (uint32_t i = 0; !err && which == POINTS_ALL && i < t->watch_count; i++)
        err =
            replay_session_watch_add(s, t->watches[i].addr, t->watches[i].len, t->watches[i].kind);
    if (!err)
        err = replay_session_stop_calls(s, which ? t->stop_calls : no_calls);
    if (!err)
        err = replay_session_stop_thread(s, which ? t->stop_thread : 0);
    return err ? err : replay_session_stop_signals(s, 0);
}

/* Conditions of all breakpoints together must fit into the debug port. */
static int room_for(const struct timeline *t, size_t size)
{
    for (uint32_t i = 0; i < t->break_count; i++)
        size += t->breaks[i].size;
    return size <= RK_DEBUG_CONDS;
}

int timeline_break_add(struct timeline *t, uint64_t pc, const struct timeline_condition *condition)
{
    struct timeline_break b = {.pc = pc, .size = condition ? condition->len : 0};
    if (find_break(t, pc) < t->break_count)
        return -EEXIST;
    if (t->break_count == TIMELINE_BREAKS || !room_for(t, b.size))
        return -ENOSPC;
    if (b.size) {
        if (agent_check_list(condition->code, (uint32_t)b.size))
            return -EINVAL;
        b.conds = malloc(b.size);
        if (!b.conds)
            return -ENOMEM;
        memcpy(b.conds, condition->code, b.size);
    }
    t->breaks[t->break_count++] = b;
    return 0;
}

int timeline_break_del(struct timeline *t, uint64_t pc)
{
    uint32_t i = find_break(t, pc);
    if (i == t->break_count)
        return -ENOENT;
    free(t->breaks[i].conds);
    t->breaks[i] = t->breaks[--t->break_count];
    return 0;
}

/* -------------------------------------------------------------- watchpoints */
static uint32_t kind_of(enum timeline_access kind)
{
    return (kind & TIMELINE_WRITE ? RK_WATCH_WRITE : 0) |
           (kind & TIMELINE_READ ? RK_WATCH_READ : 0);
}

static uint32_t find_watch(const struct timeline *t, uint64_t addr, uint64_t len, uint32_t kind)
{
    uint32_t i = 0;
    while (i < t->watch_count &&
           (t->watches[i].addr != addr || t->watches[i].len != len || t->watches[i].kind != kind))
        i++;
    return i;
}

int timeline_watch_add(struct timeline *t, uint64_t addr, uint64_t len, enum timeline_access kind)
{
    struct timeline_watch w = {addr, len, kind_of(kind)};
    if (!len || addr + len < addr || !w.kind)
        return -EINVAL;
    if (find_watch(t, addr, len, w.kind) < t->watch_count)
        return -EEXIST;
    if (t->watch_count == TIMELINE_WATCHES)
        return -ENOSPC;
    t->watches[t->watch_count++] = w;
    return 0;
}

/* Those behind it move up: stops name watches by their place. */
int timeline_watch_del(struct timeline *t, uint64_t addr, uint64_t len, enum timeline_access kind)
{
    uint32_t i = find_watch(t, addr, len, kind_of(kind));
    if (i == t->watch_count)
        return -ENOENT;
    t->watch_count--;
    memmove(&t->watches[i], &t->watches[i + 1], (t->watch_count - i) * sizeof(t->watches[0]));
    return 0;
}

void timeline_stop_signals(struct timeline *t, uint64_t set)
{
    t->stop_signals = set;
}

void timeline_stop_calls(struct timeline *t, const uint64_t set[RK_DEBUG_CALLS / 64])
{
    memcpy(t->stop_calls, set, sizeof(t->stop_calls));
    t->stops_at_calls = memcmp(t->stop_calls, no_calls, sizeof(no_calls)) != 0;
}

void points_free(struct timeline *t)
{
    while (t->break_count)
        free(t->breaks[--t->break_count].conds);
}
