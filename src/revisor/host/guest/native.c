/*
 * native.c - native mode: the guest's own instructions on the processor, and every way
 * out of them: Syscall User Dispatch (or the seccomp fallback), faults, trapped
 * rdtsc and cpuid, host signals.
 *
 * A handler that finds the guest interrupted copies the whole state into the vCPU block
 * and leaves through native_leave, on the rekernel's stack: the signal frame is dead
 * then. No sigreturn is needed because no mask changes while a handler runs.
 */
#include "host.h"
#include "x86/sigframe.h"
#include "vcpu_offsets.h"
#include "vcpu_mode.h"
#include "xlate/xlate.h"

#include <asm/prctl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/signal.h>

_Static_assert(RK_LOW_BASE == V_BASE, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, rip) == V_RIP, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, resume) == V_RESUME, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, kernel_sp) == V_KERNEL_SP, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, fast_tail) == V_FAST_TAIL, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, exit) == V_EXIT, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, attention) == V_ATTENTION, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, in_guest) == V_IN_GUEST, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, native_entry) == V_NATIVE_ENTRY, "vcpu_offsets.h");

_Static_assert(V_BASE + offsetof(struct vcpu, pkru_native) == V_PKRU_NATIVE, "vcpu_offsets.h");
_Static_assert(V_BASE + offsetof(struct vcpu, pkru_translated) == V_PKRU_TRANSLATED,
               "vcpu_offsets.h");
_Static_assert(RK_LOW_OPEN == V_OPEN_RAX, "vcpu_offsets.h");

_Static_assert(EXIT_SYSCALL == VCPU_EXIT_SYSCALL, "vcpu_offsets.h");
_Static_assert(EXIT_INTERRUPTED == VCPU_EXIT_INTERRUPTED, "vcpu_offsets.h");

extern const char rk_syscall_text[], rk_syscall_text_end[];
extern const char host_call_window[], host_call_window_end[], host_call_cancelled[];
extern const char native_enter_window[], native_enter_window_end[], native_abort[];
extern const char __executable_start[], etext[];
extern struct guard *guard_current;
void host_sigreturn(void);
void guard_resume(void);
void native_enter(void);
void native_leave(void) __attribute__((noreturn));
void host_signal(int signo, struct sig_info *info, struct sig_ucontext *uc);
void host_signal_keys(int signo, struct sig_info *info, struct sig_ucontext *uc);

struct host_sigaction {
    void (*handler)(int, struct sig_info *, struct sig_ucontext *);
    u64 flags;
    void (*restorer)(void);
    u64 mask;
};

#define ALT_STACK_SIZE 131072
static u8 alt_stack[ALT_STACK_SIZE] __attribute__((aligned(RK_PAGE)));

/* Host signals that came and were not yet taken by plat_next_signal. */
static u64 pending_signals;
static struct sig_info pending_info[33];
/* Real-time signals queue: all that came, in no order; handlers may nest. */
#define QUEUED_MAX 512
static struct queued {
    _Atomic u32 state; /* 0 free, 1 being filled, 2 holds one */
    u64 order;
    struct sig_info info;
} queued[QUEUED_MAX];
static _Atomic u64 queued_order;

void guard_clear(void)
{
    guard_current = NULL;
}

static bool in_text(u64 pc, const char *begin, const char *end)
{
    return pc >= (u64)begin && pc < (u64)end;
}

static void copy_gprs(const struct sig_mcontext *m)
{
    struct vcpu *v = VCPU;
    v->gpr[RAX] = m->rax, v->gpr[RCX] = m->rcx, v->gpr[RDX] = m->rdx, v->gpr[RBX] = m->rbx;
    v->gpr[RSP] = m->rsp, v->gpr[RBP] = m->rbp, v->gpr[RSI] = m->rsi, v->gpr[RDI] = m->rdi;
    v->gpr[R8] = m->r8, v->gpr[R9] = m->r9, v->gpr[R10] = m->r10, v->gpr[R11] = m->r11;
    v->gpr[R12] = m->r12, v->gpr[R13] = m->r13, v->gpr[R14] = m->r14, v->gpr[R15] = m->r15;
    v->rip = m->rip;
    v->rflags = m->rflags & ~0x10000ull; /* RF is the fault's, not the guest's */
}

/* Before XSAVE (2008; some virtual machines still) there are x87 and SSE state only, and no
 * header that says so: it is made up. */
static bool has_xsave, has_rdtscp;

static void add_xsave_header(u8 *x)
{
    u64 used = 3;
    memset(x + 512, 0, 64);
    memcpy(x + 512, &used, 8);
}

/* The host kernel saved the vector state into the frame and reset the registers. */
static void copy_xstate(const struct sig_mcontext *m)
{
    struct vcpu *v = VCPU;
    const struct sig_fp_sw *sw = (const void *)(m->fpstate + SIG_FP_SW_OFFSET);
    u64 size = sw->magic1 == SIG_FP_MAGIC1 ? sw->xstate_size : 512;
    memcpy(v->xstate, (const void *)m->fpstate, MIN(size, VCPU_XSTATE_MAX));
    if (size == 512)
        add_xsave_header(v->xstate);
    v->xstate_live = 0;
}

static void leave_guest(enum vcpu_exit exit, const struct sig_ucontext *uc)
{
    copy_gprs(&uc->mc);
    copy_xstate(&uc->mc);
    VCPU->exit = exit;
    native_leave();
}

static void enqueue(const struct sig_info *info)
{
    for (u32 i = 0; i < QUEUED_MAX; i++) {
        u32 empty = 0;
        if (!atomic_compare_exchange_strong(&queued[i].state, &empty, 1))
            continue;
        queued[i].order = atomic_fetch_add(&queued_order, 1);
        queued[i].info = *info;
        atomic_store(&queued[i].state, 2);
        return;
    }
}

/* Takes the oldest of a signal; false: none waits. */
static bool unqueue(int signo, u8 siginfo[128])
{
    struct queued *oldest = NULL;
    for (u32 i = 0; i < QUEUED_MAX; i++)
        if (atomic_load(&queued[i].state) == 2 && queued[i].info.signo == signo &&
            (!oldest || queued[i].order < oldest->order))
            oldest = &queued[i];
    if (!oldest)
        return false;
    __builtin_memcpy(siginfo, &oldest->info, 128);
    atomic_store(&oldest->state, 0);
    return true;
}

static void note_pending(int signo, const struct sig_info *info)
{
    if (signo > 32)
        enqueue(info);
    else if (!(pending_signals & 1ull << (signo - 1)))
        pending_info[signo] = *info;
    __atomic_or_fetch(&pending_signals, 1ull << (signo - 1), __ATOMIC_SEQ_CST);
    atomic_store(&VCPU->attention, 1);
}

u64 plat_signals_pending(void)
{
    return pending_signals;
}

void plat_defer_signals(void)
{
    atomic_store(&VCPU->attention, 0);
}

/* The set's bit goes first: what comes meanwhile sets it again. A queued signal keeps it
 * until its queue is found empty. */
int plat_next_signal(u8 siginfo[128])
{
    int signo;
    bool found = false;
    /* What comes behind this look raises attention, which is looked at again on the way out. */
    if (!__atomic_load_n(&pending_signals, __ATOMIC_RELAXED) &&
        !atomic_load_explicit(&VCPU->attention, memory_order_relaxed))
        return 0;
    atomic_store(&VCPU->attention, 0);
    while (!found) {
        if (!pending_signals)
            return 0;
        signo = __builtin_ctzll(pending_signals) + 1;
        if (signo <= 32)
            __builtin_memcpy(siginfo, &pending_info[signo], 128);
        __atomic_and_fetch(&pending_signals, ~(1ull << (signo - 1)), __ATOMIC_SEQ_CST);
        found = signo <= 32 || unqueue(signo, siginfo);
        if (found && signo > 32)
            __atomic_or_fetch(&pending_signals, 1ull << (signo - 1), __ATOMIC_SEQ_CST);
    }
    if (pending_signals)
        atomic_store(&VCPU->attention, 1);
    return signo;
}

/* A signal that came while the rekernel ran: close the gaps, else just note it. */
static void signal_in_kernel(struct sig_ucontext *uc)
{
    u64 pc = uc->mc.rip;
    if (in_text(pc, host_call_window, host_call_window_end)) {
        uc->mc.rip = (u64)host_call_cancelled;
    } else if (in_text(pc, native_enter_window, native_enter_window_end)) {
        uc->mc.rip = (u64)native_abort;
        uc->mc.rsp = VCPU->kernel_sp;
    }
}

static void fault_in_kernel(int signo, struct sig_info *info, struct sig_ucontext *uc)
{
    if (guard_current) {
        uc->mc.rdi = (u64)guard_current;
        uc->mc.rip = (u64)guard_resume;
        guard_current = NULL;
        return;
    }
    char buf[200];
    struct text t = {buf, sizeof buf, 0};
    text_add(&t, "signal %d at pc %x, address %x inside the rekernel, guest rip %x", (s64)signo,
             uc->mc.rip, info->addr, VCPU->rip);
    rk_panic(buf, uc->mc.rip, info->addr);
}

void native_handler_stack(u64 *addr, u64 *size)
{
    *addr = (u64)alt_stack;
    *size = sizeof alt_stack;
}

static bool pc_in_stubs(u64 pc)
{
    return pc >= RK_LOW_STUBS && pc < RK_LOW_STUBS_END;
}

static bool is_fault(int signo, const struct sig_info *info)
{
    bool kind = signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL ||
                signo == SIGTRAP;
    return kind && info->code > 0;
}

static void take_syscall(struct sig_info *info, struct sig_ucontext *uc)
{
    struct vcpu *v = VCPU;
    copy_gprs(&uc->mc);
    copy_xstate(&uc->mc);
    v->gpr[RCX] = v->rip;
    v->gpr[R11] = v->rflags;
    if (info->sys.arch != AUDIT_ARCH_X86_64) { /* int 0x80: the trap class of core code */
        v->rip -= 2;
        v->exit = VCPU_EXIT_TRAP;
        native_leave();
    }
    v->exit = VCPU_EXIT_SYSCALL;
    if (!(plat_control()->flags & RK_CTL_NO_PATCH))
        patch_site(v->rip - 2);
    native_leave();
}

/* Translated code and its entry: the handler changes the context and returns, which
 * brings the vector state back by itself. */
static void load_ctx(struct host_ctx *c, const struct sig_mcontext *m)
{
    *c = (struct host_ctx){{m->rax, m->rcx, m->rdx, m->rbx, m->rsp, m->rbp, m->rsi, m->rdi, m->r8,
                            m->r9, m->r10, m->r11, m->r12, m->r13, m->r14, m->r15},
                           m->rip, m->rflags};
}

static void store_ctx(const struct host_ctx *c, struct sig_mcontext *m)
{
    const u64 *g = c->gpr;
    m->rax = g[RAX], m->rcx = g[RCX], m->rdx = g[RDX], m->rbx = g[RBX], m->rsp = g[RSP];
    m->rbp = g[RBP], m->rsi = g[RSI], m->rdi = g[RDI], m->r8 = g[R8], m->r9 = g[R9];
    m->r10 = g[R10], m->r11 = g[R11], m->r12 = g[R12], m->r13 = g[R13], m->r14 = g[R14];
    m->r15 = g[R15], m->rip = c->rip, m->rflags = c->rflags;
}

#define FAULT_UNMAPPED 1 /* SEGV_MAPERR */
#define PF_PRESENT 0x1   /* bits of the page fault's error code */
#define PF_KEY 0x20

static void note_fault(int signo, const struct sig_info *info, const struct sig_mcontext *m)
{
    struct vcpu *v = VCPU;
    v->fault_signo = (u32)signo;
    v->fault_code = info->code;
    v->fault_addr = info->addr;
    v->fault_err = m->err;
    v->fault_trapno = m->trapno;
    /* For the guest nothing is mapped where our memory is. */
    if (signo == SIGSEGV && info->code != SI_KERNEL && plat_owns(info->addr, 1)) {
        v->fault_code = FAULT_UNMAPPED;
        v->fault_err &= ~(u64)(PF_PRESENT | PF_KEY);
    }
}

/* A fault in translated code; false: not there. */
static bool take_translated_fault(int signo, struct sig_info *info, struct sig_ucontext *uc)
{
    struct host_ctx c;
    load_ctx(&c, &uc->mc);
    if (!vcpu_translating() || !xl_fault_state(&c, VCPU))
        return false;
    if (signo == SIGSEGV && uc->mc.err & 2 && xl_write_fault(info->addr)) {
        xl_leave(&c, VCPU_EXIT_NONE);
    } else {
        note_fault(signo, info, &uc->mc);
        if (signo == SIGFPE || signo == SIGILL || signo == SIGTRAP)
            VCPU->fault_addr = signo == SIGTRAP ? info->addr : VCPU->rip;
        xl_leave(&c, VCPU_EXIT_FAULT);
    }
    store_ctx(&c, &uc->mc);
    return true;
}

static void interrupt_translated(struct sig_ucontext *uc)
{
    struct host_ctx c;
    if (!vcpu_translating())
        return;
    load_ctx(&c, &uc->mc);
    xl_interrupt(&c);
    store_ctx(&c, &uc->mc);
}

static void take_fault(int signo, struct sig_info *info, struct sig_ucontext *uc)
{
    u64 guest_pc = patch_guest_pc(uc->mc.rip);
    if (guest_pc)
        uc->mc.rip = guest_pc;
    if (signo == SIGSEGV && uc->mc.err & 2 && vcpu_write_fault(info->addr))
        return; /* a page whose code was translated: the store is repeated */
    note_fault(signo, info, &uc->mc);
    /* A jump into the bytes that a rewritten site displaced: go on in the stub. */
    if (signo == SIGILL && patch_inside(uc->mc.rip)) {
        uc->mc.rip = patch_tail(uc->mc.rip);
        return;
    }
    if (guest_pc && signo != SIGSEGV && signo != SIGBUS)
        VCPU->fault_addr = guest_pc;
    leave_guest(VCPU_EXIT_FAULT, uc);
}

void host_signal(int signo, struct sig_info *info, struct sig_ucontext *uc)
{
    u64 pc = uc->mc.rip;
    bool kernel = in_text(pc, __executable_start, etext);
    if (signo == SIGSYS && info->code == 2 /* SYS_USER_DISPATCH */ && !kernel)
        take_syscall(info, uc);
    if (signo == SIGSYS && info->code == 1 /* SYS_SECCOMP */ && !kernel)
        take_syscall(info, uc);
    if (is_fault(signo, info)) {
        if (take_translated_fault(signo, info, uc))
            return;
        if (kernel)
            fault_in_kernel(signo, info, uc);
        else
            take_fault(signo, info, uc);
        return;
    }
    note_pending(signo, info);
    interrupt_translated(uc);
    if (vcpu_translating() && xl_in_cache(pc)) {
        return; /* leaves at the next tick */
    } else if (kernel) {
        signal_in_kernel(uc);
    } else if (pc_in_stubs(pc) && !patch_guest_pc(pc)) {
        return; /* on its way into the rekernel */
    } else {
        u64 guest_pc = patch_guest_pc(pc);
        if (guest_pc)
            uc->mc.rip = guest_pc;
        leave_guest(VCPU_EXIT_INTERRUPTED, uc);
    }
}

#define FAULT_SIGNALS                                                             \
    (1ull << (SIGSEGV - 1) | 1ull << (SIGBUS - 1) | 1ull << (SIGFPE - 1) |         \
     1ull << (SIGILL - 1) | 1ull << (SIGTRAP - 1) | 1ull << (SIGSYS - 1))

static void catch(int signo)
{
    struct host_sigaction sa = {keys_in_use() ? host_signal_keys : host_signal, 0x4 | 0x08000000 | 0x04000000 | 0x40000000,
                                host_sigreturn, 0}; /* SIGINFO ONSTACK RESTORER NODEFER */
    HOST4(__NR_rt_sigaction, signo, &sa, 0, 8);
}

static void leave_to_host(int signo, u64 handler)
{
    struct host_sigaction sa = {(void *)handler, 0x04000000, host_sigreturn, 0};
    HOST4(__NR_rt_sigaction, signo, &sa, 0, 8);
}

/* In replay host signals are not the guest's: those that end a process still end it,
 * what the console's reader does must not. A debugger interrupts by SIGURG. */
static void replay_disposition(int signo)
{
    leave_to_host(signo, signo == SIGPIPE || signo == SIGXFSZ);
}

void plat_disposition(int signo, enum host_disposition how)
{
    if (how == HOST_CATCHES)
        catch(signo);
    else
        leave_to_host(signo, how == HOST_IGNORES);
}

/* SIGKILL and SIGSTOP cannot be caught; what stops and continues is left to the host until
 * the guest asks for it (signal_tell_host). */
static void install_handlers(void)
{
    struct sig_stack ss = {(u64)alt_stack, 0, 0, sizeof alt_stack};
    HOST2(__NR_sigaltstack, &ss, 0);
    bool record = plat_control()->mode == RK_MODE_RECORD;
    u64 ours = FAULT_SIGNALS | (plat_control()->flags & RK_CTL_DEBUG ? 1ull << (SIGURG - 1) : 0);
    for (int s = 1; s <= 64; s++)
        if (!record && !(ours & 1ull << (s - 1)))
            replay_disposition(s);
        else if (s != SIGKILL && (s < SIGCONT || s > SIGTTOU)) /* SIGCONT STOP TSTP TTIN TTOU */
            catch(s);
    u64 none = 0;
    HOST4(__NR_rt_sigprocmask, SIG_SETMASK, &none, 0, 8);
}

/* Everything outside the rekernel's one stretch of host calls traps (RET_TRAP). */
static s64 install_seccomp(void)
{
    u32 hi = (u32)((u64)rk_syscall_text >> 32), lo = (u32)(u64)rk_syscall_text;
    u32 end = (u32)(u64)rk_syscall_text_end;
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, hi, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, lo, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, end, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };
    struct sock_fprog prog = {ARRAY_LEN(f), f};
    s64 r = host_call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
    return r < 0 ? r : HOST3(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

/* The legacy page of system calls at -10 MiB is no syscall instruction, but the kernel
 * asks seccomp before it serves one. It serves three: for all other numbers the answer
 * depends on nothing else, which the kernel finds out beforehand and does not run the
 * filter at our own calls. */
static void trap_vsyscalls(void)
{
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_gettimeofday, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_time, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getcpu, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffff, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {ARRAY_LEN(f), f};
    if (host_call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0) == 0)
        HOST3(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

static s64 dispatch_syscalls(void)
{
    if (plat_control()->flags & RK_CTL_NO_SUD)
        return -ENOSYS;
    return host_call(__NR_prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON,
                     (u64)rk_syscall_text, (u64)(rk_syscall_text_end - rk_syscall_text), 0, 0);
}

/* Filters, handlers and the trapping of rdtsc and cpuid go to a copy by themselves. */
void native_cloned(void)
{
    dispatch_syscalls();
}

static void trap_syscalls(void)
{
    s64 r = dispatch_syscalls(), s;
    if (r == 0)
        trap_vsyscalls();
    if (r < 0 && (s = install_seccomp()) < 0)
        host_die("this kernel offers neither Syscall User Dispatch (Linux 5.11) nor seccomp "
                 "filters; use --vcpu=translated",
                 (u64)r, (u64)s);
}

/* Asked before the instruction is made to trap. */
static void ask_processor(void)
{
    u32 a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    has_xsave = c >> 27 & 1; /* OSXSAVE */
    a = 0x80000001;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    has_rdtscp = d >> 27 & 1;
}

void native_init(void)
{
    struct vcpu *v = VCPU;
    keys_arm(v);
    v->xstate_live = 1;
    ask_processor();
    install_handlers();
    HOST2(__NR_prctl, PR_SET_TSC, PR_TSC_SIGSEGV);
    v->cpuid_faults = HOST2(__NR_arch_prctl, ARCH_SET_CPUID, 0) == 0;
    trap_syscalls();
}

u64 vcpu_xstate_mask(void)
{
    return plat_boot()->xcr0;
}

u64 vcpu_xstate_size(void)
{
    return plat_boot()->xsave_size;
}

void vcpu_save_xstate(void)
{
    struct vcpu *v = VCPU;
    u64 m = vcpu_xstate_mask();
    if (!v->xstate_live)
        return;
    v->xstate_live = 0;
    if (!has_xsave) {
        __asm__ volatile("fxsave64 (%0)" : : "r"(v->xstate) : "memory");
        add_xsave_header(v->xstate);
        return;
    }
    __asm__ volatile("xsave64 (%0)"
                     :
                     : "r"(v->xstate), "a"((u32)m), "d"((u32)(m >> 32))
                     : "memory");
}

void plat_map_cache(void)
{
    u64 len = RK_LOW_CACHE_END - RK_LOW_CACHE;
    u32 prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    s64 r = HOST6(__NR_mmap, RK_LOW_CACHE, len, prot,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    RK_CHECK(r == (s64)RK_LOW_CACHE, r, len);
    keys_cover(RK_LOW_CACHE, len, prot);
}

/* Kernels before 5.14 do not know it: their pages come by faults, as they did. */
void plat_populate(u64 addr, u64 len)
{
    HOST3(__NR_madvise, addr, len, MADV_POPULATE_WRITE);
}

/* What XRSTOR does with components that the header calls unused: their initial values. */
static void restore_legacy(u8 *x)
{
    u64 used;
    u16 fcw = 0x37f;
    memcpy(&used, x + 512, 8);
    if (!(used & 1)) {
        memset(x, 0, 24);
        memset(x + 32, 0, 128);
        memcpy(x, &fcw, 2);
    }
    if (!(used & 2))
        memset(x + 160, 0, 256);
    __asm__ volatile("fxrstor64 (%0)" : : "r"(x) : "memory");
}

/* Fails (and resets the state) when the guest's sigreturn handed over nonsense. */
void plat_restore_xstate(void)
{
    struct vcpu *v = VCPU;
    struct guard g;
    u64 m = vcpu_xstate_mask();
    if (guard_set(&g))
        memset((u8 *)v->xstate + 512, 0, 64);
    if (has_xsave)
        __asm__ volatile("xrstor64 (%0)"
                         :
                         : "r"(v->xstate), "a"((u32)m), "d"((u32)(m >> 32))
                         : "memory");
    else
        restore_legacy(v->xstate);
    guard_clear();
    v->xstate_live = 1;
}

void plat_run_native(void)
{
    struct vcpu *v = VCPU;
    if (!v->xstate_live)
        plat_restore_xstate();
    v->resume = v->rip == v->fast_rip ? v->fast_tail : v->rip;
    if (v->resume == v->rip) {
        u64 tail = patch_tail(v->rip);
        if (tail)
            v->resume = tail;
    }
    v->ticks = RK_TICKS_UNKNOWN;
    native_enter();
    if (pending_signals && v->exit != VCPU_EXIT_INTERRUPTED)
        atomic_store(&v->attention, 1);
}

void vcpu_get_bases(u64 *fs, u64 *gs)
{
    HOST2(__NR_arch_prctl, ARCH_GET_FS, fs);
    HOST2(__NR_arch_prctl, ARCH_GET_GS, gs);
}

void vcpu_set_bases(u64 fs, u64 gs)
{
    HOST2(__NR_arch_prctl, ARCH_SET_FS, fs);
    HOST2(__NR_arch_prctl, ARCH_SET_GS, gs);
}

/* rdtsc traps in the rekernel too; it is let through for one reading. */
u64 plat_tsc(u32 *aux)
{
    u32 lo, hi;
    HOST2(__NR_prctl, PR_SET_TSC, PR_TSC_ENABLE);
    *aux = 0;
    if (has_rdtscp)
        __asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(*aux));
    else
        __asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi));
    HOST2(__NR_prctl, PR_SET_TSC, PR_TSC_SIGSEGV);
    return (u64)hi << 32 | lo;
}

/* Ends this process the way the guest ended. The status has been logged and reported;
 * the exit here only has to be quick and quiet. */
void plat_exit(int status)
{
    atomic_store(&plat_control()->exited, 1);
    HOST1(__NR_exit_group, status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff);
    __builtin_unreachable();
}
