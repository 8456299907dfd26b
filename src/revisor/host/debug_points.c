/*
 * debug_points.c - the launcher's lists of breakpoints, their conditions and watches. They are
 * copied into the debug area after each change, and never read back from there.
 */
#include "host.h"

#include <errno.h>
#include <string.h>

static void share(struct machine *m)
{
    memcpy(m->debug->breaks, m->breaks, sizeof(m->breaks));
    memcpy(m->debug->watches, m->watches, sizeof(m->watches));
    memcpy(m->debug->conds, m->conds, m->cond_size);
    m->debug->break_count = m->break_count;
    m->debug->watch_count = m->watch_count;
    m->debug->cond_size = m->cond_size;
}

/* ------------------------------------------------------------- breakpoints */
static uint32_t find_break(const struct machine *m, uint64_t pc)
{
    uint32_t i = 0;
    while (i < m->break_count && m->breaks[i].pc != pc)
        i++;
    return i;
}

/* Takes the condition away and closes the gap that it leaves. */
static void drop_condition(struct machine *m, struct rk_debug_break *b)
{
    uint32_t end = b->cond_offset + b->cond_size;
    if (!b->cond_size)
        return;
    memmove(m->conds + b->cond_offset, m->conds + end, m->cond_size - end);
    m->cond_size -= b->cond_size;
    for (uint32_t i = 0; i < m->break_count; i++)
        if (m->breaks[i].cond_size && m->breaks[i].cond_offset >= end)
            m->breaks[i].cond_offset -= b->cond_size;
    b->cond_offset = b->cond_size = 0;
}

static void add_condition(struct machine *m, struct rk_debug_break *b, const void *conds,
                          uint32_t size)
{
    b->cond_offset = size ? m->cond_size : 0;
    b->cond_size = size;
    if (size)
        memcpy(m->conds + m->cond_size, conds, size);
    m->cond_size += size;
}

int machine_debug_break_if(struct machine *m, uint64_t pc, const void *conds, uint32_t size)
{
    uint32_t i = find_break(m, pc);
    if (!machine_debug_stopped(m))
        return -EBUSY;
    if (size > RK_DEBUG_CONDS)
        return -EINVAL;
    uint32_t held = i < m->break_count ? m->breaks[i].cond_size : 0;
    if (i >= RK_DEBUG_BREAKS || m->cond_size - held + size > RK_DEBUG_CONDS)
        return -ENOSPC;
    if (i == m->break_count)
        m->breaks[m->break_count++] = (struct rk_debug_break){.pc = pc};
    drop_condition(m, &m->breaks[i]);
    add_condition(m, &m->breaks[i], conds, size);
    share(m);
    return 0;
}

int machine_debug_break_add(struct machine *m, uint64_t pc)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    if (find_break(m, pc) < m->break_count)
        return -EEXIST;
    return machine_debug_break_if(m, pc, NULL, 0);
}

int machine_debug_break_del(struct machine *m, uint64_t pc)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    uint32_t i = find_break(m, pc);
    if (i >= m->break_count)
        return -ENOENT;
    drop_condition(m, &m->breaks[i]);
    m->breaks[i] = m->breaks[--m->break_count];
    share(m);
    return 0;
}

int machine_debug_break_clear(struct machine *m)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    m->break_count = m->cond_size = 0;
    share(m);
    return 0;
}

/* ------------------------------------------------------------------ watches */
static uint32_t find_watch(const struct machine *m, uint64_t addr, uint64_t len, uint32_t kind)
{
    uint32_t i = 0;
    for (; i < m->watch_count; i++)
        if (m->watches[i].addr == addr && m->watches[i].len == len && m->watches[i].kind == kind)
            break;
    return i;
}

int machine_debug_watch_add(struct machine *m, uint64_t addr, uint64_t len, uint32_t kind)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    if (!len || addr + len < addr || !kind || (kind & ~RK_WATCH_ACCESS))
        return -EINVAL;
    if (find_watch(m, addr, len, kind) < m->watch_count)
        return -EEXIST;
    if (m->watch_count >= RK_DEBUG_WATCHES)
        return -ENOSPC;
    m->watches[m->watch_count++] = (struct rk_debug_watch){addr, len, kind, 0};
    share(m);
    return 0;
}

int machine_debug_watch_del(struct machine *m, uint64_t addr, uint64_t len, uint32_t kind)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    uint32_t i = find_watch(m, addr, len, kind);
    if (i >= m->watch_count)
        return -ENOENT;
    m->watch_count--;
    memmove(&m->watches[i], &m->watches[i + 1], (m->watch_count - i) * sizeof(m->watches[0]));
    share(m);
    return 0;
}

int machine_debug_watch_clear(struct machine *m)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    m->watch_count = 0;
    share(m);
    return 0;
}
