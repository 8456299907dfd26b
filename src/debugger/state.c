/* state.c - threads, registers and memory at the present. */
#include "internal.h"

#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct rk_debug_stop *debugger_where(const struct debugger *d)
{
    return d->diversion ? diversion_where(d->diversion) : timeline_where(d->timeline);
}

struct replay_session *debugger_session(const struct debugger *d)
{
    return timeline_session(d->timeline);
}

/* ------------------------------------------------------------------- threads */
int32_t debugger_pid(struct debugger *d)
{
    struct rk_debug_process process;
    struct replay_session *s = debugger_session(d);
    return s && !replay_session_process(s, &process) ? process.pid : 1;
}

int32_t state_pid(void *t)
{
    return debugger_pid(t);
}

int32_t state_current(void *t)
{
    const struct rk_debug_stop *stop = debugger_where(t);
    return stop ? stop->tid : 1;
}

static const struct rk_debug_thread *thread_list(struct debugger *d, size_t *count)
{
    const struct rk_debug_thread *list = NULL;
    struct replay_session *s = debugger_session(d);
    *count = 0;
    if (!s || replay_session_threads(s, &list, count))
        *count = 0;
    return list;
}

size_t state_threads(void *t, int32_t *tids, size_t cap)
{
    size_t count;
    const struct rk_debug_thread *list = thread_list(t, &count);
    for (size_t i = 0; i < count && i < cap; i++)
        tids[i] = list[i].tid;
    return count;
}

int state_thread_text(void *t, int32_t tid, char *text, size_t cap)
{
    size_t count;
    const struct rk_debug_thread *list = thread_list(t, &count);
    for (size_t i = 0; i < count; i++) {
        if (list[i].tid != tid)
            continue;
        snprintf(text, cap, "%.*s", (int)sizeof(list[i].name), list[i].name);
        return 0;
    }
    return -ESRCH;
}

/* ----------------------------------------------------------------- registers */
void state_layout(void *t, struct target_layout *layout)
{
    const struct rk_debug_stop *stop = debugger_where(t);
    *layout = (struct target_layout){0};
    if (!stop)
        return;
    /* The image is one of this processor, so it knows where the components are. */
    for (unsigned n = 2; n < TARGET_X_COUNT; n++) {
        unsigned size = 0, offset = 0, c, d;
        if (!(stop->xstate_mask >> n & 1) || !__get_cpuid_count(0xd, n, &size, &offset, &c, &d) ||
            !size || offset + size > stop->xstate_size)
            continue;
        layout->mask |= 1ull << n;
        layout->offset[n] = offset;
    }
    layout->mask |= stop->xstate_mask & 3;
}

/* The replay's question gives the same structure for a thread as a stop has for the current
 * one. */
static int stop_of(struct debugger *d, int32_t tid, struct rk_debug_stop *out)
{
    const struct rk_debug_stop *stop = debugger_where(d);
    struct replay_session *s = debugger_session(d);
    if (stop && stop->tid == tid) {
        *out = *stop;
        return 0;
    }
    return s ? replay_session_thread_regs(s, tid, out) : -ESRCH;
}

int state_regs_read(void *t, int32_t tid, struct target_regs *regs)
{
    struct rk_debug_stop stop;
    int err = stop_of(t, tid, &stop);
    if (err)
        return err;
    memcpy(regs->gpr, stop.gpr, sizeof(regs->gpr));
    regs->rip = stop.rip;
    regs->rflags = stop.rflags;
    regs->fs_base = stop.fs_base;
    regs->gs_base = stop.gs_base;
    regs->orig_rax = UINT64_MAX;
    regs->xstate_mask = stop.xstate_mask;
    regs->xstate_size =
        stop.xstate_size < sizeof(regs->xstate) ? stop.xstate_size : sizeof(regs->xstate);
    memcpy(regs->xstate, stop.xstate, regs->xstate_size);
    return 0;
}

/* Those of the current thread only: no other one runs in a diversion. */
int state_regs_write(void *t, int32_t tid, const struct target_regs *regs)
{
    struct debugger *d = t;
    if (tid != state_current(d))
        return -EOPNOTSUPP;
    int err = debugger_divert(d);
    if (err)
        return err;
    struct rk_debug_stop stop = *diversion_where(d->diversion);
    memcpy(stop.gpr, regs->gpr, sizeof(stop.gpr));
    stop.rip = regs->rip;
    stop.rflags = regs->rflags;
    stop.fs_base = regs->fs_base;
    stop.gs_base = regs->gs_base;
    stop.xstate_size = regs->xstate_size;
    memcpy(stop.xstate, regs->xstate, regs->xstate_size);
    return diversion_set_regs(d->diversion, &stop);
}

/* -------------------------------------------------------------------- memory */
ssize_t state_mem_read(void *t, uint64_t addr, void *buf, size_t len)
{
    struct debugger *d = t;
    if (d->diversion)
        return diversion_read(d->diversion, addr, buf, len);
    return timeline_read(d->timeline, addr, buf, len);
}

ssize_t state_mem_write(void *t, uint64_t addr, const void *buf, size_t len)
{
    struct debugger *d = t;
    int err = debugger_divert(d);
    return err ? err : diversion_write(d->diversion, addr, buf, len);
}

/* ------------------------------------------------------------------- objects */
static ssize_t copy_part(const void *from, size_t size, void *buf, size_t len, uint64_t offset)
{
    if (offset >= size)
        return 0;
    size_t n = size - (size_t)offset;
    if (n > len)
        n = len;
    memcpy(buf, (const char *)from + offset, n);
    return (ssize_t)n;
}

static ssize_t read_auxv(struct debugger *d, const struct rk_debug_process *p, void *buf,
                         size_t len, uint64_t offset)
{
    if (offset >= p->auxv_size)
        return 0;
    if (len > p->auxv_size - offset)
        len = (size_t)(p->auxv_size - offset);
    return state_mem_read(d, p->auxv + offset, buf, len);
}

ssize_t state_object(void *t, enum target_object which, void *buf, size_t len, uint64_t offset)
{
    struct debugger *d = t;
    struct rk_debug_process process;
    struct replay_session *s = debugger_session(d);
    const struct rk_debug_stop *stop = debugger_where(d);
    if (!s || !stop)
        return -EIO;
    if (which == TARGET_SIGINFO)
        return stop->signal ? copy_part(stop->siginfo, sizeof(stop->siginfo), buf, len, offset)
                            : -ENODATA;
    int err = replay_session_process(s, &process);
    if (err)
        return err;
    if (which == TARGET_AUXV)
        return read_auxv(d, &process, buf, len, offset);
    return copy_part(process.exe, strnlen(process.exe, sizeof(process.exe)), buf, len, offset);
}
