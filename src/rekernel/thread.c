/*
 * thread.c - making and ending threads; what a new process would need is refused.
 */
#include "companion.h"
#include "futex.h"
#include "sched.h"
#include "syscall.h"

#include <linux/sched.h>

#define THREAD_FLAGS (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#define KNOWN_FLAGS                                                                      \
    (THREAD_FLAGS | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SETTLS |              \
     CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_DETACHED |  \
     CLONE_IO)

struct clone_request {
    u64 flags, stack, parent_tid, child_tid, tls;
    int exit_signal;
};

static s64 no_processes(const char *call)
{
    notice_once(NOTICE_KEY(NG_CLONE, 0),
                "the program wants a new process (%s): not supported yet (ENOSYS)", call);
    return -ENOSYS;
}

static s64 make_thread(struct task *parent, const struct clone_request *c)
{
    struct task *t = sched_new_task(parent);
    s32 tid = t->tid;
    schedattr_inherit(t, parent);
    vcpu_save_xstate();
    memcpy(t->xstate, VCPU->xstate, VCPU_XSTATE_MAX);
    memcpy(t->gpr, VCPU->gpr, sizeof t->gpr);
    vcpu_get_bases(&t->fs_base, &t->gs_base);
    t->gpr[RAX] = 0;
    t->gpr[RSP] = c->stack ? c->stack : t->gpr[RSP];
    t->rip = VCPU->rip;
    t->rflags = VCPU->rflags;
    if (c->flags & CLONE_SETTLS)
        t->fs_base = c->tls;
    if (c->flags & CLONE_CHILD_CLEARTID)
        t->clear_child_tid = c->child_tid;
    str_copy(t->comm, task_comm(parent), sizeof t->comm);
    if (c->flags & CLONE_PARENT_SETTID)
        copy_to_guest(c->parent_tid, &tid, 4);
    if (c->flags & CLONE_CHILD_SETTID)
        copy_to_guest(c->child_tid, &tid, 4);
    return tid;
}

static s64 make_companion(struct task *parent, const struct clone_request *c, const char *name)
{
    if (!companion_wanted(c->flags))
        return no_processes(name);
    s64 tid = make_thread(parent, c);
    companion_begin(sched_find((s32)tid), c->exit_signal);
    return tid;
}

static s64 clone_common(struct task *t, const struct clone_request *c, const char *name)
{
    if (companion_is(t) || !(c->flags & (CLONE_THREAD | CLONE_VM)))
        return no_processes(name);
    if (!(c->flags & CLONE_THREAD))
        return make_companion(t, c, name);
    if ((c->flags & THREAD_FLAGS) != THREAD_FLAGS || c->flags & ~(u64)KNOWN_FLAGS)
        return -EINVAL;
    if (c->flags & CLONE_SETTLS && c->tls >= RK_GUEST_END)
        return -EPERM;
    return make_thread(t, c);
}

s64 sys_clone(struct task *t, const u64 a[6])
{
    struct clone_request c = {a[0] & ~0xffull, a[1], a[2], a[3], a[4], a[0] & 0xff};
    return clone_common(t, &c, "clone");
}

s64 sys_clone3(struct task *t, const u64 a[6])
{
    u64 v[8]; /* flags pidfd child_tid parent_tid exit_signal stack stack_size tls */
    if (a[1] < sizeof v)
        return -EINVAL;
    if (copy_from_guest(v, a[0], sizeof v))
        return -EFAULT;
    struct clone_request c = {v[0], v[5] + v[6], v[3], v[2], v[7], (int)v[4]};
    return clone_common(t, &c, "clone3");
}

s64 sys_fork(struct task *t, const u64 a[6])
{
    return no_processes("fork");
}

s64 sys_vfork(struct task *t, const u64 a[6])
{
    return no_processes("vfork");
}

static u32 tasks_of(const struct process *p)
{
    u32 n = 0;
    for (struct task *t = sched_first(); t; t = t->next)
        n += t->proc == p;
    return n;
}

/* The last thread's exit is the process's. */
s64 sys_exit(struct task *t, const u64 a[6])
{
    u32 zero = 0;
    int status = (int)(a[0] & 0xff) << 8;
    if (!companion_is(t) && tasks_of(t->proc) == 1)
        process_exit(status);
    futex_exit(t);
    if (t->clear_child_tid) {
        copy_to_guest(t->clear_child_tid, &zero, 4);
        futex_wake(t->clear_child_tid, 1, ~0u);
    }
    if (companion_is(t))
        companion_end(t, status);
    else
        sched_exit_current();
    return 0;
}

s64 sys_exit_group(struct task *t, const u64 a[6])
{
    if (companion_is(t)) /* it has one task */
        return sys_exit(t, a);
    process_exit((int)(a[0] & 0xff) << 8);
}
