/*
 * task.h - threads (tasks) and the process that owns them.
 *
 * One process with its threads; they run one at a time (sched.h).
 */
#ifndef RRL_RK_TASK_H
#define RRL_RK_TASK_H

#include "base.h"
#include "platform.h"
#include "x86/sigframe.h"

struct fd_table;
struct mm;
struct pollfd;

#define SIG_COUNT 64
#define SIG_BIT(s) (1ull << ((s)-1))

/* Kernel form of struct sigaction. */
struct sig_action {
    u64 handler; /* 0 default, 1 ignore */
    u64 flags;
    u64 restorer;
    u64 mask;
};

/* Pending signals: one info for a standard signal, a queue for the real-time ones. */
struct sig_queued {
    struct sig_queued *next;
    struct sig_info info;
};
struct sig_pending {
    u64 set;
    struct sig_queued *head, **tail;
};

/* struct sched_attr, as schedattr.c keeps it. */
struct sched_attr_kept {
    u32 size, policy;
    u64 flags;
    s32 nice;
    u32 priority;
    u64 runtime, deadline, period;
    u32 util_min, util_max;
};

struct process {
    s32 pid, ppid;
    struct sig_action actions[SIG_COUNT + 1];
    struct sig_pending pending;
    struct fd_table *fds;
    struct mm *mm;
    char *exe;  /* absolute path of the executed file */
    char comm[16];
    u64 arg_start, arg_end, env_start, env_end; /* guest addresses, for /proc/self */
    u64 stack_start, auxv_addr, auxv_size;
    u64 start_code, end_code, entry;
    bool dumpable_off;
    u32 personality;
    s32 death_signal;
    u32 membarriers; /* commands that were registered */
    /* of a companion (companion.h) */
    struct process *parent, *next;
    int exit_signal, wait_status;
    bool ended;
};

struct task {
    struct task *next; /* all tasks, in order of creation */
    struct process *proc;
    s32 tid;
    u64 gpr[16], rip, rflags, ticks; /* while another task runs */
    u64 fs_base, gs_base;
    void *xstate; /* VCPU_XSTATE_MAX bytes, 64-byte aligned */
    u64 sigmask;
    u64 saved_mask; /* of sigsuspend and the like, valid when restore_mask */
    bool restore_mask;
    struct sig_pending pending;
    struct sig_stack altstack;
    u64 clear_child_tid, robust_list, robust_len;
    u64 syscall_pc; /* of the syscall being served */
    u32 syscall_nr;
    bool in_syscall; /* cleared when registers were replaced (sigreturn, exec) */
    bool restartable; /* the interrupted call may be restarted after SA_RESTART handlers */
    bool tsc_off;     /* prctl(PR_SET_TSC) */
    char comm[16];    /* of a thread; the first one's is the process's */
    /* waiting (sched.c): parked at its syscall, which is made again or given a result */
    bool parked;
    bool called_again; /* the wait is over; the call is made again when t runs next */
    bool resumed; /* it was parked, and its call, made again, goes on as it began */
    bool has_deadline, expired;
    s64 deadline; /* CLOCK_MONOTONIC, ns */
    u64 futex, futex_ticket;
    u32 futex_bits;
    u32 futex_count;     /* futex_waitv: addresses waited for, instead of futex */
    u64 *futexes;
    u64 futex_target;    /* FUTEX_WAIT_REQUEUE_PI: the lock that the wait shall end in */
    bool futex_lock;     /* waits for a lock with priority inheritance */
    bool restart_always; /* the call is restarted after any handler */
    u32 fd_count;
    struct pollfd *fds; /* host descriptors waited for */
    u64 io_done;        /* bytes that a transfer in pieces has moved */
    u64 io_items;       /* messages that a sendmmsg or recvmmsg has moved */
    s64 retry_ns;       /* pause before the call is tried again (block.h), 0: none yet */
    s64 give_up;        /* while it is tried again: when to stop, CLOCK_MONOTONIC (ipc.c, sockmsg.c) */
    int held_fd;        /* host descriptor that the parked call keeps, plus 1; 0: none */
    bool timed_wait;    /* the call has a time-out: SA_RESTART does not restart it */
    bool resume_timed;  /* the interrupted call, made again, keeps its deadline */
    u64 wait_set;       /* signals waited for (sigtimedwait) */
    bool sleep_interrupted; /* a sleep was cut by a signal without handler: sleep_left */
    s64 sleep_left[2];      /* seconds, nanoseconds */
    struct process *tracer; /* who attached: the task does not run (ptrace.c) */
    bool stop_untold;       /* the tracer has not waited for the stop yet */
    struct sched_attr_kept attr;
    s32 io_priority;
    u64 cpus; /* processors that it asked to run on, a bit each; 0: all */
    u64 cpu_work; /* ticks, while slices were counted (cputime.c) */
    s64 cpu_ns;
    /* the call that it left for and has not come back from (debug_calls.c) */
    bool calls;
    u32 call_nr;
    u64 call_pc; /* of the instruction: a call that is made again comes back there */
    /* chaos (chaos.c) */
    u32 priority;
    u64 aside_until; /* does not run before this many ticks, if others can */
    u64 holds;       /* the word of the lock that it took last, 0: none */
};

/* What is left of a time-out (seconds, nanoseconds) when the host was interrupted by a signal
 * that the guest does not see: kept by save, and in its place again after load (time.c). */
void left_load(struct task *t, s64 left[2]);
void left_save(struct task *t, s64 result, const s64 left[2]);

extern struct task *current_task; /* set by sched.c alone; NULL before the first task */
static inline struct task *current(void)
{
    return current_task;
}
static inline s32 current_tid(void)
{
    return current_task ? current_task->tid : plat_boot()->pid;
}
/* Nothing that it waits for keeps the task from running. */
static inline bool task_ready(const struct task *t)
{
    return !t->parked && !t->tracer;
}

/* The thread's name: 16 bytes, NUL ended. */
char *task_comm(struct task *t);
void task_set_comm(struct task *t, const char *name);
void task_boot(void);
/* t, a new task, gets its parent's scheduling policy. */
void schedattr_inherit(struct task *t, const struct task *parent);

/* Signals (signal.c). */
void signal_boot(void);
/* Queues a signal to the process or one task; honours ignored dispositions. 0, or -EAGAIN:
 * as many wait as RLIMIT_SIGPENDING allows. */
s64 signal_post(struct task *t, const struct sig_info *info, bool whole_process);
/* Delivers what is pending and not masked, at a kernel exit; may end the machine. */
void signal_deliver(void);
void signal_interrupt(struct task *t);
/* True while a timer of the program may send it a signal. */
bool signal_timer_armed(void);
/* RLIMIT_SIGPENDING was set. */
void signal_limit_changed(void);
/* Record: tells the host what the guest does with the signals of job control; before calls
 * that may block and at kernel exits. */
void signal_tell_host(void);
/* The signal of a POSIX timer is taken now. */
void timer_delivered(const struct sig_info *info);
/* The thread that a POSIX timer's signal is meant for, or NULL. */
struct task *timer_target(const struct sig_info *info);
/* A synchronous fault of the current task: delivered even when blocked (then fatally). */
void signal_fault(int signo, int code, u64 addr);
bool signal_pending(const struct task *t);
/* Queues the host signals that are due. */
void signal_take_host(struct task *t);
/* Takes a pending signal out of set; 0: none. */
int signal_take_from(struct task *t, u64 set, struct sig_info *info);
/* Waits until a host signal comes or the time is over (0); PLAT_CANCELLED and -EINTR
 * mean that there is something to look at. timeout (seconds, nanoseconds; or NULL) is
 * updated. */
s64 signal_wait(s64 *timeout);
/* Pending signals changed: signalfds may have become readable or not (signalfd.c). */
void signalfd_refresh(void);
/* True when a handler or a default action would act on a signal that is pending. */
s64 sys_rt_sigreturn(struct task *t, const u64 a[6]);
void signal_exec_reset(struct process *p);
/* Without what depends on the processor's whim or on where code runs. */
void xstate_canonical(u8 *x);
/* Vector state as at a program's start, in memory. */
void xstate_init(u8 *x);

/* Guest memory: 0, or the number of bytes not copied (never 0 then). */
u64 copy_from_guest(void *dst, u64 src, u64 len);
u64 copy_to_guest(u64 dst, const void *src, u64 len);
/* The source may be guest or rekernel memory that is known to be meant. */
u64 copy_from_guest_or_kernel(void *dst, const void *src, u64 len);
/* Copies a NUL ended string: its length, -EFAULT or -ENAMETOOLONG. */
s64 copy_string(char *dst, u64 src, u64 cap);
/* True when [addr, addr+len) is guest space (mapped or not). */
bool guest_range(u64 addr, u64 len);
/* hash_bytes over guest memory; 0 when unreadable. */
u64 hash_guest(u64 seed, u64 addr, u64 len);

/* Something unsupported: logged, and named once per key on stderr. */
void notice_once(u32 key, const char *format, ...);
#define NOTICE_KEY(group, n) ((u32)(group) << 24 | ((u32)(n)&0xffffff))
enum notice_group { NG_SYSCALL = 1, NG_OPTION, NG_IOCTL, NG_OTHER, NG_CLONE };

/* Entry points of the pieces. */
void syscall_dispatch(struct task *t);
void trap_dispatch(struct task *t); /* VCPU_EXIT_TRAP and trapped SIGSEGVs */
void fault_dispatch(struct task *t);
/* Carries out the instruction at VCPU->rip if the guest is to notice no kernel entry, because
 * Linux or the processor answers it in native mode: sgdt and its kind. fault: native code was
 * stopped by the fault in VCPU; else the instruction has been decoded as one that traps. */
bool trap_quietly(bool fault);
_Noreturn void process_exit(int wait_status);
s64 exec_image(struct task *t, const char *path, u64 argc, char *const *argv, u64 envc,
               char *const *envp, u32 depth);
void exec_boot(void);
_Noreturn void rk_main(void);

#endif
