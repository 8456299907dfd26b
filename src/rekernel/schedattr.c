/*
 * schedattr.c - scheduling policy, priority and nice value of each thread. The host has one
 * thread: it says whether a change is allowed; what each thread was given is kept here. Until
 * something was changed all threads have what the host says.
 */
#include "sched.h"
#include "syscall.h"

#define RESET_ON_FORK 1u             /* SCHED_FLAG_RESET_ON_FORK */
#define RESET_ON_FORK_BIT 0x40000000 /* the same, in sched_setscheduler's policy */
#define WHO_PROCESS_PRIORITY 0       /* PRIO_PROCESS */
#define WHO_PROCESS_IO 1             /* IOPRIO_WHO_PROCESS */
#define POLICY_FIRST_SIZE 48u        /* SCHED_ATTR_SIZE_VER0 */

static bool known;

static bool host_attr(struct sched_attr_kept *out)
{
    return door_call_out(__NR_sched_getattr, 0, (u64)out, sizeof *out, 0, out, sizeof *out) == 0;
}

/* Before the first change: it must not be seen by the threads that it is not for. */
static void remember(void)
{
    struct sched_attr_kept now = {0};
    if (known || !host_attr(&now))
        return;
    s64 io = door_call(__NR_ioprio_get, WHO_PROCESS_IO, 0, 0, 0);
    known = true;
    for (struct task *t = sched_first(); t; t = t->next)
        t->attr = now, t->io_priority = io < 0 ? 0 : (s32)io;
}

void schedattr_inherit(struct task *t, const struct task *parent)
{
    t->attr = parent->attr;
    t->io_priority = parent->io_priority;
    t->cpus = parent->cpus;
    if (!(t->attr.flags & RESET_ON_FORK))
        return;
    t->attr.flags &= ~(u64)RESET_ON_FORK;
    t->attr.nice = MAX(t->attr.nice, 0);
    if (t->attr.policy == 1 || t->attr.policy == 2) /* SCHED_FIFO, SCHED_RR */
        t->attr.policy = t->attr.priority = 0;
}

/* The thread of ours that a call is about; NULL: the host's business. */
static struct task *named(struct task *t, u64 pid)
{
    return (s32)pid ? sched_find((s32)pid) : t;
}

/* The vCPU's own policy stays what it was: one thread's must not hold up the recorder. */
static void restore(const struct sched_attr_kept *was)
{
    struct sched_attr_kept now = *was;
    now.size = POLICY_FIRST_SIZE;
    door_call(__NR_sched_setattr, 0, (u64)&now, 0, 0);
}

/* A change that the host allowed: what it made of it is kept. */
static s64 change(struct task *t, u32 nr, const u64 a[6], bool nice_too)
{
    struct task *of = named(t, nr == __NR_setpriority ? a[1] : a[0]);
    struct sched_attr_kept was = {0}, now = {0};
    if (!of)
        return world_generic(t, nr, a, 0);
    remember();
    bool readable = host_attr(&was);
    s64 r = world_generic(t, nr, a, 0);
    if (r < 0 || !readable || !host_attr(&now))
        return r;
    now.nice = nice_too ? now.nice : of->attr.nice;
    if (nr == __NR_setpriority)
        of->attr.nice = now.nice;
    else
        of->attr = now;
    if (now.policy != was.policy)
        restore(&was);
    return r;
}

s64 sys_sched_setscheduler(struct task *t, const u64 a[6])
{
    return change(t, __NR_sched_setscheduler, a, false);
}

s64 sys_sched_setattr(struct task *t, const u64 a[6])
{
    return change(t, __NR_sched_setattr, a, true);
}

s64 sys_setpriority(struct task *t, const u64 a[6])
{
    if ((s32)a[0] != WHO_PROCESS_PRIORITY)
        return world_generic(t, __NR_setpriority, a, 0);
    return change(t, __NR_setpriority, a, true);
}

/* The priority belongs to the thread's policy, which the host's thread may not have. */
s64 sys_sched_setparam(struct task *t, const u64 a[6])
{
    struct task *of = named(t, a[0]);
    if (!of || !known || !a[1])
        return of ? change(t, __NR_sched_setparam, a, false)
                  : world_generic(t, __NR_sched_setparam, a, 0);
    u64 policy = of->attr.policy | (of->attr.flags & RESET_ON_FORK ? RESET_ON_FORK_BIT : 0);
    u64 b[6] = {a[0], policy, a[1], 0, 0, 0};
    return change(t, __NR_sched_setscheduler, b, false);
}

/* ----------------------------------------------------------------------- questions */
static const struct sched_attr_kept *kept(struct task *t, u64 pid)
{
    struct task *of = known ? named(t, pid) : NULL;
    return of ? &of->attr : NULL;
}

s64 sys_sched_getscheduler(struct task *t, const u64 a[6])
{
    const struct sched_attr_kept *k = kept(t, a[0]);
    if (!k)
        return world_generic(t, __NR_sched_getscheduler, a, 0);
    return k->policy | (k->flags & RESET_ON_FORK ? RESET_ON_FORK_BIT : 0);
}

s64 sys_sched_getparam(struct task *t, const u64 a[6])
{
    const struct sched_attr_kept *k = kept(t, a[0]);
    if (!k || !a[1])
        return world_generic(t, __NR_sched_getparam, a, 0);
    return copy_to_guest(a[1], &k->priority, 4) ? -EFAULT : 0;
}

s64 sys_sched_getattr(struct task *t, const u64 a[6])
{
    const struct sched_attr_kept *k = kept(t, a[0]);
    u32 size = (u32)a[2];
    if (!k || !a[1] || a[3] || size < POLICY_FIRST_SIZE || size > RK_PAGE)
        return world_generic(t, __NR_sched_getattr, a, 0);
    struct sched_attr_kept out = *k;
    out.size = MIN(size, (u32)sizeof out);
    return copy_to_guest(a[1], &out, out.size) ? -EFAULT : 0;
}

s64 sys_getpriority(struct task *t, const u64 a[6])
{
    const struct sched_attr_kept *k = (s32)a[0] == WHO_PROCESS_PRIORITY ? kept(t, a[1]) : NULL;
    return k ? 20 - k->nice : world_generic(t, __NR_getpriority, a, 0);
}

s64 sys_ioprio_set(struct task *t, const u64 a[6])
{
    struct task *of = (s32)a[0] == WHO_PROCESS_IO ? named(t, a[1]) : NULL;
    if (of)
        remember();
    s64 r = world_generic(t, __NR_ioprio_set, a, 0);
    if (of && r == 0)
        of->io_priority = (s32)a[2];
    return r;
}

s64 sys_ioprio_get(struct task *t, const u64 a[6])
{
    struct task *of = known && (s32)a[0] == WHO_PROCESS_IO ? named(t, a[1]) : NULL;
    return of ? of->io_priority : world_generic(t, __NR_ioprio_get, a, 0);
}
