/*
 * process.c - identity, exit, per-process settings.
 */
#include "cores.h"
#include "sched.h"
#include "syscall.h"

#include <asm/prctl.h>
#include <linux/prctl.h>
#include <stdarg.h>

void process_exit(int wait_status)
{
    door_exit(wait_status, false);
}

/* -------------------------------------------------------------------- notices */
#define NOTICE_SEEN_MAX 512
static u32 notices_seen[NOTICE_SEEN_MAX];
static u32 notice_count;

void notice_once(u32 key, const char *format, ...)
{
    char buf[256];
    struct text t = {buf, sizeof buf, 0};
    va_list ap;
    for (u32 i = 0; i < notice_count; i++)
        if (notices_seen[i] == key)
            return;
    if (notice_count == NOTICE_SEEN_MAX)
        return;
    notices_seen[notice_count++] = key;
    va_start(ap, format);
    text_vadd(&t, format, ap);
    va_end(ap);
    door_notice(buf);
}

/* -------------------------------------------------------------------- identity */
s64 sys_getpid(struct task *t, const u64 a[6])
{
    return t->proc->pid;
}

s64 sys_gettid(struct task *t, const u64 a[6])
{
    return t->tid;
}

s64 sys_getppid(struct task *t, const u64 a[6])
{
    return t->proc->ppid;
}

s64 sys_set_tid_address(struct task *t, const u64 a[6])
{
    t->clear_child_tid = a[0];
    return t->tid;
}

s64 sys_set_robust_list(struct task *t, const u64 a[6])
{
    if (a[1] != 24)
        return -EINVAL;
    t->robust_list = a[0];
    t->robust_len = a[1];
    return 0;
}

s64 sys_get_robust_list(struct task *t, const u64 a[6])
{
    u64 len = 24;
    struct task *of = (s32)a[0] ? sched_find((s32)a[0]) : t;
    if (!of)
        return -ESRCH;
    return copy_to_guest(a[1], &of->robust_list, 8) || copy_to_guest(a[2], &len, 8) ? -EFAULT : 0;
}

/* -------------------------------------------------------------------- children */
s64 sys_waitid(struct task *t, const u64 a[6])
{
    s32 id = (s32)a[1];
    u64 which = a[0], known = 0xe1000000full;
    if (a[3] & ~(known & 0xffffffff) || !(a[3] & 0xe) || which > 3)
        return -EINVAL;
    if ((which == 1 && id <= 0) || (which > 1 && id < 0)) /* P_PID; P_PGID, P_PIDFD */
        return -EINVAL;
    return which == 3 ? -EBADF : -ECHILD;
}

/* ------------------------------------------------------------------- scheduling */
s64 sys_sched_yield(struct task *t, const u64 a[6])
{
    sched_yield_now();
    return 0;
}

static struct task *named(struct task *t, u64 pid)
{
    return (s32)pid ? sched_find((s32)pid) : t;
}

s64 sys_sched_getaffinity(struct task *t, const u64 a[6])
{
    const struct task *of = named(t, a[0]);
    u64 mask = of ? cores_of(of) : 0;
    if (!of)
        return -ESRCH;
    if ((u32)a[1] < 8 || a[1] & 7)
        return -EINVAL;
    return copy_to_guest(a[2], &mask, 8) ? -EFAULT : 8;
}

s64 sys_sched_setaffinity(struct task *t, const u64 a[6])
{
    struct task *of = named(t, a[0]), all = {0};
    u64 mask = 0;
    if (!of)
        return -ESRCH;
    if (copy_from_guest(&mask, a[2], MIN(a[1], 8ull)))
        return -EFAULT;
    mask &= cores_of(&all);
    if (!mask)
        return -EINVAL;
    of->cpus = mask;
    return 0;
}

s64 sys_getcpu(struct task *t, const u64 a[6])
{
    u32 zero = 0, cpu = cores_current(t);
    if ((a[0] && copy_to_guest(a[0], &cpu, 4)) || (a[1] && copy_to_guest(a[1], &zero, 4)))
        return -EFAULT;
    return 0;
}

s64 sys_rseq(struct task *t, const u64 a[6])
{
    return -ENOSYS; /* the C library does without */
}

/* No other processor runs the program: every barrier holds already. But who did not say
 * that it would use a private one is refused. */
#define MEMBARRIER_KNOWN 0x1ffu
#define MEMBARRIER_REGISTER 0x154u
#define MEMBARRIER_PRIVATE 0xa8u
#define MEMBARRIER_GET_REGISTRATIONS 0x200u

s64 sys_membarrier(struct task *t, const u64 a[6])
{
    u32 cmd = (u32)a[0];
    if ((u32)a[1] && !(cmd == 0x80 && (u32)a[1] == 1)) /* MEMBARRIER_CMD_FLAG_CPU */
        return -EINVAL;
    if (!cmd)
        return MEMBARRIER_KNOWN | MEMBARRIER_GET_REGISTRATIONS;
    if (cmd == MEMBARRIER_GET_REGISTRATIONS)
        return t->proc->membarriers;
    if (cmd & ~MEMBARRIER_KNOWN || cmd & (cmd - 1))
        return -EINVAL;
    if (cmd & MEMBARRIER_REGISTER)
        t->proc->membarriers |= cmd;
    return cmd & MEMBARRIER_PRIVATE && !(t->proc->membarriers & cmd << 1) ? -EPERM : 0;
}

/* --------------------------------------------------------------------- settings */
s64 sys_personality(struct task *t, const u64 a[6])
{
    u32 old = t->proc->personality;
    if ((u32)a[0] != 0xffffffff)
        t->proc->personality = (u32)a[0];
    return old;
}

s64 sys_arch_prctl(struct task *t, const u64 a[6])
{
    u64 fs, gs;
    switch (a[0]) {
    case ARCH_SET_FS:
    case ARCH_SET_GS:
        if (a[1] >= RK_GUEST_END)
            return -EPERM;
        vcpu_get_bases(&fs, &gs);
        vcpu_set_bases(a[0] == ARCH_SET_FS ? a[1] : fs, a[0] == ARCH_SET_GS ? a[1] : gs);
        return 0;
    case ARCH_GET_FS:
    case ARCH_GET_GS:
        vcpu_get_bases(&fs, &gs);
        return copy_to_guest(a[1], a[0] == ARCH_GET_FS ? &fs : &gs, 8) ? -EFAULT : 0;
    case ARCH_GET_CPUID:
        return 1;
    case ARCH_SET_CPUID:
        return a[1] ? 0 : -ENODEV;
    default:
        return -EINVAL;
    }
}

char *task_comm(struct task *t)
{
    return t->tid == t->proc->pid ? t->proc->comm : t->comm;
}

void task_set_comm(struct task *t, const char *name)
{
    str_copy(task_comm(t), name, 16);
    if (recording() && t->tid == t->proc->pid)
        plat_set_name(name);
}

static s64 task_name(struct task *t, u64 option, u64 addr)
{
    char *comm = task_comm(t);
    if (option == PR_GET_NAME)
        return copy_to_guest(addr, comm, 16) ? -EFAULT : 0;
    char name[16];
    for (u32 i = 0; i < 15; i++) {
        if (copy_from_guest(&name[i], addr + i, 1))
            return -EFAULT;
        if (!name[i])
            break;
        name[i + 1] = 0;
    }
    task_set_comm(t, name);
    return 0;
}

static s64 get_int(u64 addr, s32 v)
{
    return copy_to_guest(addr, &v, 4) ? -EFAULT : 0;
}

static s64 subreaper(const u64 a[6])
{
    struct call *c = call_scratch();
    call_init(c, __NR_prctl, a, 0);
    s64 r = a[1] ? call_out(c, a[1], 4, OUT_FULL, 1) : 0;
    return r < 0 ? r : call_make(c);
}

s64 sys_prctl(struct task *t, const u64 a[6])
{
    struct process *p = t->proc;
    switch (a[0]) {
    case PR_SET_NAME:
    case PR_GET_NAME:
        return task_name(t, a[0], a[1]);
    case PR_SET_PDEATHSIG: /* the host's is the launcher's leash: kept apart */
        p->death_signal = (s32)a[1];
        return a[1] > SIG_COUNT ? -EINVAL : 0;
    case PR_GET_PDEATHSIG:
        return get_int(a[1], p->death_signal);
    case PR_GET_DUMPABLE:
        return !p->dumpable_off;
    case PR_SET_DUMPABLE:
        p->dumpable_off = !a[1];
        return a[1] > 1 ? -EINVAL : 0;
    case PR_GET_TSC:
        return get_int(a[1], t->tsc_off ? PR_TSC_SIGSEGV : PR_TSC_ENABLE);
    case PR_SET_TSC:
        t->tsc_off = a[1] == PR_TSC_SIGSEGV;
        return a[1] == PR_TSC_SIGSEGV || a[1] == PR_TSC_ENABLE ? 0 : -EINVAL;
    case PR_GET_TIMING: /* statistical, and never anything else */
    case PR_TASK_PERF_EVENTS_DISABLE:
    case PR_TASK_PERF_EVENTS_ENABLE:
        return 0;
    case PR_SET_TIMING:
        return a[1] ? -EINVAL : 0;
    case PR_GET_TID_ADDRESS:
        return copy_to_guest(a[1], &t->clear_child_tid, 8) ? -EFAULT : 0;
    case PR_GET_CHILD_SUBREAPER:
        return subreaper(a);
    case PR_SET_PTRACER:
        if (a[1] && a[1] != ~0ull && sched_find((s32)a[1]))
            return 0; /* a companion may anyway */
        /* fall through */
    case PR_SET_SECUREBITS: case PR_MCE_KILL: case PR_MCE_KILL_GET: 
    case PR_GET_SPECULATION_CTRL: case PR_GET_IO_FLUSHER:
    case PR_CAPBSET_READ: case PR_GET_KEEPCAPS: case PR_SET_KEEPCAPS: case PR_GET_SECUREBITS:
    case PR_SET_TIMERSLACK: case PR_GET_TIMERSLACK: case PR_SET_NO_NEW_PRIVS:
    case PR_GET_NO_NEW_PRIVS: case PR_SET_CHILD_SUBREAPER: case PR_CAPBSET_DROP:
    case PR_CAP_AMBIENT: case PR_GET_THP_DISABLE: case PR_SET_THP_DISABLE:
    {
        struct call *c = call_scratch();
        call_init(c, __NR_prctl, a, 0);
        return call_make(c);
    }
    case PR_GET_SECCOMP:
        return 0;
    default:
        return -EINVAL; /* what an older kernel says */
    }
}
