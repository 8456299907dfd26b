/*
 * ptrace.c - as much of ptrace as a companion (companion.h) needs that looks at the program's
 * threads: attach, registers, memory, detach. With one vCPU a thread that is attached to has
 * stopped already; its state is what sched.c saved.
 */
#include "companion.h"
#include "sched.h"
#include "syscall.h"

#include <asm/ptrace.h>
#include <linux/elf.h>
#include <linux/ptrace.h>
#include <linux/signal.h>

#define FP_SIZE 512u /* struct user_fpregs_struct */

/* struct user_regs_struct. */
struct user_regs {
    u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs,
        eflags, rsp, ss, fs_base, gs_base, ds, es, fs, gs;
};

static struct user_regs regs_of(const struct task *o)
{
    const u64 *g = o->gpr;
    return (struct user_regs){
        .r15 = g[R15],
        .r14 = g[R14],
        .r13 = g[R13],
        .r12 = g[R12],
        .rbp = g[RBP],
        .rbx = g[RBX],
        .r11 = g[R11],
        .r10 = g[R10],
        .r9 = g[R9],
        .r8 = g[R8],
        .rax = g[RAX],
        .rcx = g[RCX],
        .rdx = g[RDX],
        .rsi = g[RSI],
        .rdi = g[RDI],
        .orig_rax = o->parked ? o->syscall_nr : ~0ull,
        .rip = o->rip,
        .cs = 0x33,
        .eflags = o->rflags | 0x202,
        .rsp = g[RSP],
        .ss = 0x2b,
        .fs_base = o->fs_base,
        .gs_base = o->gs_base,
    };
}

/* The iovec's length becomes what was written. */
static s64 put_set(u64 iov_addr, const void *set, u64 size)
{
    u64 iov[2];
    if (copy_from_guest(iov, iov_addr, sizeof iov))
        return -EFAULT;
    iov[1] = MIN(iov[1], size);
    return copy_to_guest(iov[0], set, iov[1]) || copy_to_guest(iov_addr, iov, sizeof iov) ? -EFAULT
                                                                                          : 0;
}

static s64 get_set(const struct task *o, u64 type, u64 iov_addr)
{
    static u8 vectors[VCPU_XSTATE_MAX];
    struct user_regs regs = regs_of(o);
    memcpy(vectors, o->xstate, vcpu_xstate_size());
    xstate_canonical(vectors);
    switch ((u32)type) {
    case NT_PRSTATUS:
        return put_set(iov_addr, &regs, sizeof regs);
    case NT_PRFPREG:
        return put_set(iov_addr, vectors, FP_SIZE);
    case NT_X86_XSTATE:
        return put_set(iov_addr, vectors, vcpu_xstate_size());
    default:
        return -EINVAL;
    }
}

static s64 peek(u64 from, u64 to)
{
    u64 word;
    if (copy_from_guest(&word, from, sizeof word))
        return -EIO;
    return copy_to_guest(to, &word, sizeof word) ? -EFAULT : 0;
}

static s64 attach(const struct task *t, struct task *o)
{
    if (!o || o->proc == t->proc || o->tracer)
        return -EPERM;
    o->tracer = t->proc;
    o->stop_untold = true;
    return 0;
}

static s64 let_go(struct task *o, u64 signo)
{
    struct sig_info info = {.signo = (s32)signo, .code = SI_KERNEL};
    if (signo > SIG_COUNT)
        return -EIO;
    o->tracer = NULL;
    if (signo)
        signal_post(o, &info, false);
    return 0;
}

static s64 request(struct task *o, const u64 a[6])
{
    struct user_regs regs;
    switch (a[0]) {
    case PTRACE_PEEKTEXT:
    case PTRACE_PEEKDATA:
        return peek(a[2], a[3]);
    case PTRACE_POKETEXT:
    case PTRACE_POKEDATA:
        return copy_to_guest(a[2], &a[3], 8) ? -EIO : 0;
    case PTRACE_GETREGS:
        regs = regs_of(o);
        return copy_to_guest(a[3], &regs, sizeof regs) ? -EFAULT : 0;
    case PTRACE_GETREGSET:
        return get_set(o, a[2], a[3]);
    case PTRACE_SETOPTIONS:
        return 0;
    case PTRACE_CONT: /* nothing would stop it again */
    case PTRACE_DETACH:
        return let_go(o, a[3]);
    case PTRACE_KILL:
        return let_go(o, SIGKILL);
    default:
        return -EIO;
    }
}

/* Other processes, and being traced by others, would be the host's business. */
s64 sys_ptrace(struct task *t, const u64 a[6])
{
    struct task *o = sched_find((s32)a[1]);
    if (a[0] == PTRACE_TRACEME)
        return -EPERM;
    if (a[0] == PTRACE_ATTACH)
        return attach(t, o);
    return o && o->tracer == t->proc ? request(o, a) : -ESRCH;
}
