/*
 * signal_send.c - calls that send signals. To the program itself they are queued here;
 * other processes are the host's.
 */
#include "sched.h"
#include "syscall.h"

#include <linux/signal.h>

static bool valid_signal(u64 signo)
{
    return (u32)signo <= SIG_COUNT;
}

static s64 send_self(struct task *t, const struct sig_info *info, bool whole)
{
    if (!valid_signal((u32)info->signo))
        return -EINVAL;
    return info->signo ? signal_post(t, info, whole) : 0;
}

static struct sig_info info_of(struct task *t, u64 signo, int code)
{
    return (struct sig_info){.signo = (s32)signo, .code = code, .rt = {t->proc->pid, plat_boot()->uid, 0}};
}

/* The number of any of its threads names the program. */
static bool names_us(const struct task *t, s64 pid)
{
    return pid == t->proc->pid || (pid > 0 && sched_find((s32)pid));
}

s64 sys_kill(struct task *t, const u64 a[6])
{
    struct sig_info info = info_of(t, a[1], SI_USER);
    struct task *to = (s32)a[0] > 0 ? sched_find((s32)a[0]) : NULL;
    if (names_us(t, (s32)a[0]))
        return send_self(to ? to : t, &info, true);
    return door_call(__NR_kill, a[0], a[1], 0, 0);
}

s64 sys_tgkill(struct task *t, const u64 a[6])
{
    struct sig_info info = info_of(t, a[2], SI_TKILL);
    s32 tgid = (s32)a[0], tid = (s32)a[1];
    if (tid <= 0 || tgid <= 0)
        return -EINVAL;
    if (tgid != t->proc->pid && !sched_find(tgid))
        return door_call(__NR_tgkill, a[0], a[1], a[2], 0);
    struct task *to = sched_find(tid);
    return to && to->proc->pid == tgid ? send_self(to, &info, false) : -ESRCH;
}

s64 sys_tkill(struct task *t, const u64 a[6])
{
    struct sig_info info = info_of(t, a[1], SI_TKILL);
    struct task *to = sched_find((s32)a[0]);
    if ((s32)a[0] <= 0)
        return -EINVAL;
    return to ? send_self(to, &info, false) : door_call(__NR_tkill, a[0], a[1], 0, 0);
}

/* Nobody may claim to be the kernel, or kill, towards another process. */
static bool forged(const struct sig_info *info)
{
    return info->code >= 0 || info->code == SI_TKILL;
}

s64 sys_rt_sigqueueinfo(struct task *t, const u64 a[6])
{
    struct sig_info info;
    if (copy_from_guest(&info, a[2], sizeof info))
        return -EFAULT;
    info.signo = (s32)a[1];
    if (forged(&info) && (s32)a[0] != t->proc->pid && (s32)a[0] != t->tid)
        return -EPERM;
    if (!names_us(t, (s32)a[0]))
        return door_call(__NR_rt_sigqueueinfo, a[0], a[1], a[2], 0);
    return send_self(t, &info, true);
}

s64 sys_rt_tgsigqueueinfo(struct task *t, const u64 a[6])
{
    struct sig_info info;
    s32 tgid = (s32)a[0], tid = (s32)a[1];
    if (copy_from_guest(&info, a[3], sizeof info))
        return -EFAULT;
    info.signo = (s32)a[2];
    if (tgid <= 0 || tid <= 0)
        return -EINVAL;
    if (forged(&info) && tid != t->tid)
        return -EPERM;
    if (tgid != t->proc->pid)
        return door_call(__NR_rt_tgsigqueueinfo, a[0], a[1], a[2], a[3]);
    struct task *to = sched_find(tid);
    return to ? send_self(to, &info, false) : -ESRCH;
}
