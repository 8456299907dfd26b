/*
 * companion.c - processes that share the program's memory (companion.h): their making and end,
 * and waiting for them.
 */
#include "companion.h"
#include "sched.h"
#include "syscall.h"

#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/wait.h>

#define SHARED (CLONE_VM | CLONE_FS | CLONE_FILES)
#define POSSIBLE \
    (SHARED | CLONE_SIGHAND | CLONE_SYSVSEM | CLONE_IO | CLONE_UNTRACED | CLONE_SETTLS | \
     CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID)
#define CLD_EXITED_CODE 1
#define STOPPED_BY(signo) ((signo) << 8 | 0x7f)

static struct process *companions; /* running, or ended and not waited for */

bool companion_wanted(u64 flags)
{
    return (flags & SHARED) == SHARED && !(flags & ~(u64)POSSIBLE);
}

bool companion_is(const struct task *t)
{
    return t->proc->parent != NULL;
}

void companion_begin(struct task *t, int exit_signal)
{
    struct process *p = kalloc(sizeof *p);
    *p = *t->proc;
    p->parent = t->proc;
    p->pid = t->tid;
    p->ppid = t->proc->pid;
    p->pending = (struct sig_pending){0};
    p->exit_signal = exit_signal;
    p->death_signal = 0;
    p->next = companions;
    companions = p;
    t->proc = p;
}

static struct task *any_task_of(const struct process *p)
{
    struct task *t = sched_find(p->pid);
    for (struct task *o = sched_first(); o && !t; o = o->next)
        if (o->proc == p)
            t = o;
    return t;
}

static void wake_waiter(struct task *t)
{
    if (t->parked && t->syscall_nr == __NR_wait4)
        sched_wake(t);
}

static void tell_parent(const struct process *p)
{
    struct task *t = any_task_of(p->parent);
    struct sig_info info = {.signo = p->exit_signal,
                            .code = CLD_EXITED_CODE,
                            .rt = {p->pid, plat_boot()->uid, (u64)p->wait_status >> 8}};
    if (t && p->exit_signal)
        signal_post(t, &info, true);
}

void companion_end(struct task *t, int wait_status)
{
    t->proc->ended = true;
    t->proc->wait_status = wait_status;
    for (struct task *o = sched_first(); o; o = o->next)
        if (o->tracer == t->proc)
            o->tracer = NULL;
    tell_parent(t->proc);
    sched_each(wake_waiter);
    sched_exit_current();
}

/* ---------------------------------------------------------------------- waiting */
struct wait {
    s32 pid; /* as wait4 is given it */
    u32 options;
};

/* Children that do not end with SIGCHLD are waited for on request only. */
static bool waits_for(const struct wait *w, const struct process *p, const struct process *parent)
{
    bool clone = p->exit_signal != SIGCHLD;
    if (p->parent != parent || (w->pid > 0 && w->pid != p->pid))
        return false;
    return w->options & __WALL || (w->options & __WCLONE ? clone : !clone);
}

static s64 report(const u64 a[6], s32 pid, s32 status)
{
    u8 usage[144] = {0};
    if ((a[1] && copy_to_guest(a[1], &status, 4)) ||
        (a[3] && copy_to_guest(a[3], usage, sizeof usage)))
        return -EFAULT;
    return pid;
}

static s64 reap(struct process *p, const u64 a[6])
{
    s64 r = report(a, p->pid, p->wait_status);
    struct process **at = &companions;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    kfree(p, sizeof *p);
    return r;
}

/* A task that t's process has attached to has stopped at once: that is told one time. */
static struct task *newly_stopped(const struct task *t, s32 pid)
{
    for (struct task *o = sched_first(); o; o = o->next)
        if (o->tracer == t->proc && o->stop_untold && (pid <= 0 || pid == o->tid))
            return o;
    return NULL;
}

s64 sys_wait4(struct task *t, const u64 a[6])
{
    struct wait w = {(s32)a[0], (u32)a[2]};
    bool any = false;
    if (a[2] & ~0xe000000bull)
        return -EINVAL;
    struct task *stopped = newly_stopped(t, w.pid);
    if (stopped) {
        stopped->stop_untold = false;
        return report(a, stopped->tid, STOPPED_BY(SIGSTOP));
    }
    for (struct process *p = companions; p; p = p->next) {
        if (!waits_for(&w, p, t->proc))
            continue;
        if (!p->ended && !sched_find(p->pid)) /* an exec took it along */
            p->ended = true, p->wait_status = SIGKILL;
        if (p->ended)
            return reap(p, a);
        any = true;
    }
    if (!any)
        return -ECHILD;
    t->restartable = true;
    return w.options & WNOHANG ? 0 : sched_park(t);
}
