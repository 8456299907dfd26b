/*
 * strace_names_process.c - names of flags and enumerations of process and scheduler calls.
 */
#include "strace_print.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const struct name wait_list[] = {
    NAME(WNOHANG), NAME(WUNTRACED),   NAME(WEXITED), NAME(WCONTINUED),
    NAME(WNOWAIT), NAME(__WNOTHREAD), NAME(__WALL),  NAME(__WCLONE),
};
const struct name_set names_wait = NAME_SET(wait_list, "W???");

static const struct name waitid_list[] = {
    NAME(WNOHANG), NAME(WSTOPPED),    NAME(WEXITED), NAME(WCONTINUED),
    NAME(WNOWAIT), NAME(__WNOTHREAD), NAME(__WALL),  NAME(__WCLONE),
};
const struct name_set names_waitid = NAME_SET(waitid_list, "W???");

static const struct name idtype_list[] = {
    NAME(P_ALL),
    NAME(P_PID),
    NAME(P_PGID),
    NAME_AS("P_PIDFD", 3),
};
const struct name_set names_idtype = NAME_SET(idtype_list, "P_???");

static const struct name futex2_list[] = {
    NAME_AS("FUTEX2_SIZE_U16", 1),
    NAME_AS("FUTEX2_SIZE_U32", 2),
    NAME_AS("FUTEX2_NUMA", 4),
    NAME_AS("FUTEX2_PRIVATE", 128),
};
const struct name_set names_futex2 = NAME_SET(futex2_list, "FUTEX2_???");

static const struct name priority_list[] = {
    NAME(PRIO_PROCESS),
    NAME(PRIO_PGRP),
    NAME(PRIO_USER),
};
const struct name_set names_priority = NAME_SET(priority_list, "PRIO_???");

static const struct name sched_policy_list[] = {
    NAME(SCHED_OTHER),
    NAME(SCHED_FIFO),
    NAME(SCHED_RR),
    NAME(SCHED_BATCH),
    NAME_AS("SCHED_ISO", 4),
    NAME(SCHED_IDLE),
    NAME_AS("SCHED_DEADLINE", 6),
    NAME_AS("SCHED_EXT", 7),
    NAME(SCHED_RESET_ON_FORK),
};
const struct name_set names_sched_policy = NAME_SET(sched_policy_list, "SCHED_???");

static const struct name sched_flags_list[] = {
    NAME_AS("SCHED_FLAG_RESET_ON_FORK", 1),   NAME_AS("SCHED_FLAG_RECLAIM", 2),
    NAME_AS("SCHED_FLAG_DL_OVERRUN", 4),      NAME_AS("SCHED_FLAG_KEEP_POLICY", 8),
    NAME_AS("SCHED_FLAG_KEEP_PARAMS", 16),    NAME_AS("SCHED_FLAG_UTIL_CLAMP_MIN", 32),
    NAME_AS("SCHED_FLAG_UTIL_CLAMP_MAX", 64),
};
const struct name_set names_sched_flags = NAME_SET(sched_flags_list, "SCHED_FLAG_???");

static const struct name rlimit_list[] = {
    NAME(RLIMIT_CPU),      NAME(RLIMIT_FSIZE), NAME(RLIMIT_DATA),   NAME(RLIMIT_STACK),
    NAME(RLIMIT_CORE),     NAME(RLIMIT_RSS),   NAME(RLIMIT_NPROC),  NAME(RLIMIT_NOFILE),
    NAME(RLIMIT_MEMLOCK),  NAME(RLIMIT_AS),    NAME(RLIMIT_LOCKS),  NAME(RLIMIT_SIGPENDING),
    NAME(RLIMIT_MSGQUEUE), NAME(RLIMIT_NICE),  NAME(RLIMIT_RTPRIO), NAME_AS("RLIMIT_RTTIME", 15),
};
const struct name_set names_rlimit = NAME_SET(rlimit_list, "RLIMIT_???");

static const struct name rusage_list[] = {
    NAME(RUSAGE_SELF),
    NAME(RUSAGE_CHILDREN),
    NAME_AS("RUSAGE_BOTH", -2),
    NAME(RUSAGE_THREAD),
};
const struct name_set names_rusage = NAME_SET(rusage_list, "RUSAGE_???");

static const struct name membarrier_list[] = {
    NAME_AS("MEMBARRIER_CMD_QUERY", 0),
    NAME_AS("MEMBARRIER_CMD_GLOBAL", 1),
    NAME_AS("MEMBARRIER_CMD_GLOBAL_EXPEDITED", 2),
    NAME_AS("MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED", 4),
    NAME_AS("MEMBARRIER_CMD_PRIVATE_EXPEDITED", 8),
    NAME_AS("MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED", 16),
    NAME_AS("MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE", 32),
    NAME_AS("MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE", 64),
    NAME_AS("MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ", 128),
    NAME_AS("MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ", 256),
    NAME_AS("MEMBARRIER_CMD_GET_REGISTRATIONS", 512),
};
const struct name_set names_membarrier = NAME_SET(membarrier_list, "MEMBARRIER_CMD_???");

static const struct name rseq_list[] = {
    NAME_AS("RSEQ_FLAG_UNREGISTER", 1),
};
const struct name_set names_rseq = NAME_SET(rseq_list, "RSEQ_FLAG_???");

static const struct name ioprio_list[] = {
    NAME_AS("IOPRIO_WHO_PROCESS", 1),
    NAME_AS("IOPRIO_WHO_PGRP", 2),
    NAME_AS("IOPRIO_WHO_USER", 3),
};
const struct name_set names_ioprio = NAME_SET(ioprio_list, "IOPRIO_WHO_???");

static const struct name cap_version_list[] = {
    NAME_AS("_LINUX_CAPABILITY_VERSION_1", 0x19980330),
    NAME_AS("_LINUX_CAPABILITY_VERSION_2", 0x20071026),
    NAME_AS("_LINUX_CAPABILITY_VERSION_3", 0x20080522),
};
const struct name_set names_cap_version =
    NAME_SET(cap_version_list, "_LINUX_CAPABILITY_VERSION_???");

static const struct name pidfd_list[] = {
    NAME_AS("PIDFD_NONBLOCK", 04000),
    NAME_AS("PIDFD_THREAD", 0200),
};
const struct name_set names_pidfd = NAME_SET(pidfd_list, "PIDFD_???");

static const struct name getrandom_list[] = {
    NAME_AS("GRND_NONBLOCK", 1),
    NAME_AS("GRND_RANDOM", 2),
    NAME_AS("GRND_INSECURE", 4),
};
const struct name_set names_getrandom = NAME_SET(getrandom_list, "GRND_???");

static const struct name arch_prctl_list[] = {
    NAME_AS("ARCH_SET_GS", 0x1001),
    NAME_AS("ARCH_SET_FS", 0x1002),
    NAME_AS("ARCH_GET_FS", 0x1003),
    NAME_AS("ARCH_GET_GS", 0x1004),
    NAME_AS("ARCH_GET_CPUID", 0x1011),
    NAME_AS("ARCH_SET_CPUID", 0x1012),
    NAME_AS("ARCH_GET_XCOMP_SUPP", 0x1021),
    NAME_AS("ARCH_GET_XCOMP_PERM", 0x1022),
    NAME_AS("ARCH_REQ_XCOMP_PERM", 0x1023),
    NAME_AS("ARCH_GET_XCOMP_GUEST_PERM", 0x1024),
    NAME_AS("ARCH_REQ_XCOMP_GUEST_PERM", 0x1025),
    NAME_AS("ARCH_MAP_VDSO_X32", 0x2001),
    NAME_AS("ARCH_MAP_VDSO_32", 0x2002),
    NAME_AS("ARCH_MAP_VDSO_64", 0x2003),
    NAME_AS("ARCH_GET_UNTAG_MASK", 0x4001),
    NAME_AS("ARCH_ENABLE_TAGGED_ADDR", 0x4002),
    NAME_AS("ARCH_GET_MAX_TAG_BITS", 0x4003),
    NAME_AS("ARCH_FORCE_TAGGED_SVA", 0x4004),
    NAME_AS("ARCH_SHSTK_ENABLE", 0x5001),
    NAME_AS("ARCH_SHSTK_DISABLE", 0x5002),
    NAME_AS("ARCH_SHSTK_LOCK", 0x5003),
    NAME_AS("ARCH_SHSTK_UNLOCK", 0x5004),
    NAME_AS("ARCH_SHSTK_STATUS", 0x5005),
};
const struct name_set names_arch_prctl = NAME_SET(arch_prctl_list, "ARCH_???");

static const struct name prctl_list[] = {
    NAME_AS("PR_SET_PDEATHSIG", 1),
    NAME_AS("PR_GET_PDEATHSIG", 2),
    NAME_AS("PR_GET_DUMPABLE", 3),
    NAME_AS("PR_SET_DUMPABLE", 4),
    NAME_AS("PR_GET_UNALIGN", 5),
    NAME_AS("PR_SET_UNALIGN", 6),
    NAME_AS("PR_GET_KEEPCAPS", 7),
    NAME_AS("PR_SET_KEEPCAPS", 8),
    NAME_AS("PR_GET_FPEMU", 9),
    NAME_AS("PR_SET_FPEMU", 10),
    NAME_AS("PR_GET_FPEXC", 11),
    NAME_AS("PR_SET_FPEXC", 12),
    NAME_AS("PR_GET_TIMING", 13),
    NAME_AS("PR_SET_TIMING", 14),
    NAME_AS("PR_SET_NAME", 15),
    NAME_AS("PR_GET_NAME", 16),
    NAME_AS("PR_GET_ENDIAN", 19),
    NAME_AS("PR_SET_ENDIAN", 20),
    NAME_AS("PR_GET_SECCOMP", 21),
    NAME_AS("PR_SET_SECCOMP", 22),
    NAME_AS("PR_CAPBSET_READ", 23),
    NAME_AS("PR_CAPBSET_DROP", 24),
    NAME_AS("PR_GET_TSC", 25),
    NAME_AS("PR_SET_TSC", 26),
    NAME_AS("PR_GET_SECUREBITS", 27),
    NAME_AS("PR_SET_SECUREBITS", 28),
    NAME_AS("PR_SET_TIMERSLACK", 29),
    NAME_AS("PR_GET_TIMERSLACK", 30),
    NAME_AS("PR_TASK_PERF_EVENTS_DISABLE", 31),
    NAME_AS("PR_TASK_PERF_EVENTS_ENABLE", 32),
    NAME_AS("PR_MCE_KILL", 33),
    NAME_AS("PR_MCE_KILL_GET", 34),
    NAME_AS("PR_SET_MM", 35),
    NAME_AS("PR_SET_CHILD_SUBREAPER", 36),
    NAME_AS("PR_GET_CHILD_SUBREAPER", 37),
    NAME_AS("PR_SET_NO_NEW_PRIVS", 38),
    NAME_AS("PR_GET_NO_NEW_PRIVS", 39),
    NAME_AS("PR_GET_TID_ADDRESS", 40),
    NAME_AS("PR_SET_THP_DISABLE", 41),
    NAME_AS("PR_GET_THP_DISABLE", 42),
    NAME_AS("PR_CAP_AMBIENT", 47),
    NAME_AS("PR_GET_SPECULATION_CTRL", 52),
    NAME_AS("PR_SET_SPECULATION_CTRL", 53),
    NAME_AS("PR_SET_TAGGED_ADDR_CTRL", 55),
    NAME_AS("PR_GET_TAGGED_ADDR_CTRL", 56),
    NAME_AS("PR_SET_IO_FLUSHER", 57),
    NAME_AS("PR_GET_IO_FLUSHER", 58),
    NAME_AS("PR_SET_SYSCALL_USER_DISPATCH", 59),
    NAME_AS("PR_SCHED_CORE", 62),
    NAME_AS("PR_SET_MDWE", 65),
    NAME_AS("PR_GET_MDWE", 66),
    NAME_AS("PR_SET_MEMORY_MERGE", 67),
    NAME_AS("PR_GET_MEMORY_MERGE", 68),
    NAME_AS("PR_SET_VMA", 0x53564d41),
    NAME_AS("PR_SET_PTRACER", 0x59616d61),
};
const struct name_set names_prctl = NAME_SET(prctl_list, "PR_???");

/* ------------------------------------------------------------------- clone */
static const struct name clone_list[] = {
    NAME_AS("CLONE_VM", 0x100),
    NAME_AS("CLONE_FS", 0x200),
    NAME_AS("CLONE_FILES", 0x400),
    NAME_AS("CLONE_SIGHAND", 0x800),
    NAME_AS("CLONE_PIDFD", 0x1000),
    NAME_AS("CLONE_PTRACE", 0x2000),
    NAME_AS("CLONE_VFORK", 0x4000),
    NAME_AS("CLONE_PARENT", 0x8000),
    NAME_AS("CLONE_THREAD", 0x10000),
    NAME_AS("CLONE_NEWNS", 0x20000),
    NAME_AS("CLONE_SYSVSEM", 0x40000),
    NAME_AS("CLONE_SETTLS", 0x80000),
    NAME_AS("CLONE_PARENT_SETTID", 0x100000),
    NAME_AS("CLONE_CHILD_CLEARTID", 0x200000),
    NAME_AS("CLONE_DETACHED", 0x400000),
    NAME_AS("CLONE_UNTRACED", 0x800000),
    NAME_AS("CLONE_CHILD_SETTID", 0x1000000),
    NAME_AS("CLONE_NEWCGROUP", 0x2000000),
    NAME_AS("CLONE_NEWUTS", 0x4000000),
    NAME_AS("CLONE_NEWIPC", 0x8000000),
    NAME_AS("CLONE_NEWUSER", 0x10000000),
    NAME_AS("CLONE_NEWPID", 0x20000000),
    NAME_AS("CLONE_NEWNET", 0x40000000),
    NAME_AS("CLONE_IO", 0x80000000),
    NAME_AS("CLONE_CLEAR_SIGHAND", 0x100000000),
    NAME_AS("CLONE_INTO_CGROUP", 0x200000000),
};
static const struct name_set clone_flags = NAME_SET(clone_list, "CLONE_???");

/* The low byte is the signal that the parent gets when the child ends. */
static void print_clone_flags(struct printer *p, uint64_t value)
{
    uint64_t flags = value & ~(uint64_t)0xff;
    if (flags != 0)
        print_flags(p, &clone_flags, flags);
    if (flags != 0 && (value & 0xff) != 0)
        text_char(p->out, '|');
    if (flags == 0 || (value & 0xff) != 0)
        print_signal(p, value & 0xff);
}
const struct name_set names_clone = NAME_SET_FN(print_clone_flags);

/* ------------------------------------------------------------------- futex */
static const struct name futex_list[] = {
    NAME_AS("FUTEX_WAIT", 0),
    NAME_AS("FUTEX_WAKE", 1),
    NAME_AS("FUTEX_FD", 2),
    NAME_AS("FUTEX_REQUEUE", 3),
    NAME_AS("FUTEX_CMP_REQUEUE", 4),
    NAME_AS("FUTEX_WAKE_OP", 5),
    NAME_AS("FUTEX_LOCK_PI", 6),
    NAME_AS("FUTEX_UNLOCK_PI", 7),
    NAME_AS("FUTEX_TRYLOCK_PI", 8),
    NAME_AS("FUTEX_WAIT_BITSET", 9),
    NAME_AS("FUTEX_WAKE_BITSET", 10),
    NAME_AS("FUTEX_WAIT_REQUEUE_PI", 11),
    NAME_AS("FUTEX_CMP_REQUEUE_PI", 12),
    NAME_AS("FUTEX_LOCK_PI2", 13),
};
static const struct name_set futex_ops = NAME_SET(futex_list, "FUTEX_???");

/* An operation and two flags: FUTEX_WAIT_PRIVATE, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME. */
static void print_futex_op(struct printer *p, uint64_t value)
{
    print_enum(p, &futex_ops, value & ~(uint64_t)(128 | 256));
    if ((value & 128) != 0)
        text_str(p->out, "_PRIVATE");
    if ((value & 256) != 0)
        text_str(p->out, "|FUTEX_CLOCK_REALTIME");
}
const struct name_set names_futex = NAME_SET_FN(print_futex_op);

/* ------------------------------------------------------------- personality */
static const struct name persona_list[] = {
    NAME_AS("UNAME26", 0x20000),
    NAME_AS("ADDR_NO_RANDOMIZE", 0x40000),
    NAME_AS("FDPIC_FUNCPTRS", 0x80000),
    NAME_AS("MMAP_PAGE_ZERO", 0x100000),
    NAME_AS("ADDR_COMPAT_LAYOUT", 0x200000),
    NAME_AS("READ_IMPLIES_EXEC", 0x400000),
    NAME_AS("ADDR_LIMIT_32BIT", 0x800000),
    NAME_AS("SHORT_INODE", 0x1000000),
    NAME_AS("WHOLE_SECONDS", 0x2000000),
    NAME_AS("STICKY_TIMEOUTS", 0x4000000),
    NAME_AS("ADDR_LIMIT_3GB", 0x8000000),
};
static const struct name_set persona_flags = NAME_SET(persona_list, NULL);

static void print_personality(struct printer *p, uint64_t value)
{
    uint32_t persona = (uint32_t)value;
    if (persona == 0xffffffff) {
        text_str(p->out, "0xffffffff");
        return;
    }
    if ((persona & 0xff) == 0)
        text_str(p->out, "PER_LINUX");
    else if ((persona & 0xff) == 8)
        text_str(p->out, "PER_LINUX32");
    else
        text_printf(p->out, "%#x /* PER_??? */", persona & 0xff);
    if ((persona & ~0xffu) != 0) {
        text_char(p->out, '|');
        print_flags(p, &persona_flags, persona & ~0xffu);
    }
}
const struct name_set names_personality = NAME_SET_FN(print_personality);
