/*
 * syscall.c - the table and the dispatcher.
 */
#include "syscall.h"
#include "capture.h"
#include "sched.h"


#define A_(...) {__VA_ARGS__}
#define SYSCALL(number, sname, shandler, slevel, sret, snargs, sargs, note) \
    [number] = {#sname, sys_##shandler, slevel, sret, snargs, A_ sargs},

const struct syscall_row syscall_table[SYSCALL_MAX] = {
#include "syscalls.def"
};

#undef SYSCALL

static const u16 sizes[] = {
    0,
#define STRUCT(name, size) size,
#include "structs.def"
#undef STRUCT
};

u64 struct_size(u32 id)
{
    return id < ARRAY_LEN(sizes) ? sizes[id] : 0;
}

s64 sys_world(struct task *t, const u64 a[6])
{
    return world_generic(t, t->syscall_nr, a, WORLD_BLOCKS);
}

s64 sys_none(struct task *t, const u64 a[6])
{
    notice_once(NOTICE_KEY(NG_SYSCALL, t->syscall_nr), "syscall %s is not supported (ENOSYS)",
                syscall_table[t->syscall_nr].name);
    return -ENOSYS;
}

static s64 unknown(u64 nr)
{
    notice_once(NOTICE_KEY(NG_SYSCALL, nr), "unknown syscall %d (ENOSYS)", (s64)nr);
    return -ENOSYS;
}

void syscall_dispatch(struct task *t)
{
    struct vcpu *v = VCPU;
    u64 a[6] = {v->gpr[RDI], v->gpr[RSI], v->gpr[RDX], v->gpr[R10], v->gpr[R8], v->gpr[R9]};
    u64 nr = (u64)(s64)(s32)v->gpr[RAX]; /* Linux looks at 32 bits of it */
    t->syscall_nr = (u32)nr;
    t->syscall_pc = v->rip - 2;
    t->in_syscall = true;
    t->called_again = false;
    t->restartable = t->timed_wait = t->restart_always = false;
    const struct syscall_row *row = nr < SYSCALL_MAX ? &syscall_table[nr] : NULL;
    bool trace = plat_control()->flags & RK_CTL_TRACE_SYSCALLS;
    if (trace)
        capture_entry(t, row, a);
    s64 r = row && row->handler ? row->handler(t, a) : unknown(nr);
    if (current() != t)
        return; /* its thread has ended */
    if (r == SYS_PARKED) { /* made again, or given its result, when the wait is over */
        v->rip -= 2;
        t->in_syscall = false;
        return;
    }
    t->has_deadline = t->expired = t->resumed = false;
    t->io_done = t->io_items = 0;
    t->retry_ns = 0;
    if (r == PLAT_CANCELLED && t->in_syscall) {
        v->rip -= 2; /* a signal came first: the call is made again after it */
        t->in_syscall = false;
    } else if (t->in_syscall) {
        v->gpr[RAX] = (u64)r;
    }
    if (trace)
        capture_exit(t, row, a, r);
}
