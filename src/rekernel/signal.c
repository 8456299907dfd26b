/*
 * signal.c - the guest's signals: queues, masks, delivery to handlers, return from them.
 * Frames are laid out as Linux does (x86/sigframe.h).
 */
#include "chaos.h"
#include "companion.h"
#include "debug.h"
#include "sched.h"
#include "moment.h"
#include "syscall.h"

#include <linux/signal.h>

#define SA_HANDLER_DFL 0
#define SA_HANDLER_IGN 1
#define UNBLOCKABLE (SIG_BIT(SIGKILL) | SIG_BIT(SIGSTOP))
#define SYNCHRONOUS \
    (SIG_BIT(SIGSEGV) | SIG_BIT(SIGBUS) | SIG_BIT(SIGILL) | SIG_BIT(SIGTRAP) | SIG_BIT(SIGFPE) | \
     SIG_BIT(SIGSYS))
#define IGNORED_BY_DEFAULT \
    (SIG_BIT(SIGCHLD) | SIG_BIT(SIGCONT) | SIG_BIT(SIGURG) | SIG_BIT(SIGWINCH))
#define STOPS_BY_DEFAULT (SIG_BIT(SIGSTOP) | SIG_BIT(SIGTSTP) | SIG_BIT(SIGTTIN) | SIG_BIT(SIGTTOU))
#define QUEUE_MOST 65536u

/* Linux drops the others, so that a program can ask what is supported. */
#define SA_KNOWN                                                                              \
    (u64)(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER |   \
          SA_RESETHAND | SA_RESTORER | 0x800 /* SA_EXPOSE_TAGBITS */)

static u64 queued_total;
static u64 fault_error, fault_trap, fault_cr2; /* of the last fault, for frames */

/* ------------------------------------------------------------------------ queues */
static void queue_put(struct sig_pending *p, const struct sig_info *info)
{
    struct sig_queued *q = kalloc(sizeof *q);
    q->info = *info;
    q->next = NULL;
    if (!p->head)
        p->tail = &p->head;
    *p->tail = q;
    p->tail = &q->next;
    p->set |= SIG_BIT(info->signo);
    queued_total++;
    signalfd_refresh();
}

static bool dequeue(struct sig_pending *p, int signo, struct sig_info *info)
{
    bool found = false;
    if (!(p->set & SIG_BIT(signo)))
        return false;
    p->set &= ~SIG_BIT(signo);
    for (struct sig_queued **at = &p->head, *q; (q = *at);) {
        if (q->info.signo == signo && found) {
            p->set |= SIG_BIT(signo); /* one more waits */
            break;
        }
        if (q->info.signo != signo) {
            at = &q->next;
            continue;
        }
        *info = q->info;
        *at = q->next;
        kfree(q, sizeof *q);
        queued_total--;
        found = true;
    }
    p->tail = &p->head;
    while (*p->tail)
        p->tail = &(*p->tail)->next;
    return found;
}

static bool queue_take(struct sig_pending *p, int signo, struct sig_info *info)
{
    bool found = dequeue(p, signo, info);
    if (found)
        signalfd_refresh();
    if (found && info->code == SI_TIMER)
        timer_delivered(info);
    return found;
}

static bool ignored(const struct task *t, int signo)
{
    u64 h = t->proc->actions[signo].handler;
    return h == SA_HANDLER_IGN || (h == SA_HANDLER_DFL && IGNORED_BY_DEFAULT & SIG_BIT(signo));
}

static u64 queue_limit;

void signal_limit_changed(void)
{
    queue_limit = 0;
}

/* RLIMIT_SIGPENDING: how many signals of any kind may wait. */
static bool queue_full(void)
{
    u64 lim[2] = {1024, 0};
    if (!queue_limit) {
        door_call_out(__NR_prlimit64, 0, 11, 0, (u64)lim, lim, sizeof lim);
        queue_limit = MIN(lim[0], QUEUE_MOST) + 1;
    }
    return queued_total >= queue_limit - 1;
}

/* A stop signal and SIGCONT undo each other while they wait. */
static void cancel_opposite(struct process *p, int signo)
{
    u64 gone = signo == SIGCONT ? STOPS_BY_DEFAULT : STOPS_BY_DEFAULT & SIG_BIT(signo) ? SIG_BIT(SIGCONT) : 0;
    struct sig_info drop;
    for (int s = 1; gone && s <= SIG_COUNT; s++)
        while (gone & SIG_BIT(s) && (queue_take(&current()->pending, s, &drop) ||
                                     queue_take(&p->pending, s, &drop)))
            ;
}

/* A timer has one signal waiting at most; what comes meanwhile is counted there. */
static bool overran(struct sig_pending *p, const struct sig_info *info)
{
    for (struct sig_queued *q = p->head; q && info->code == SI_TIMER; q = q->next)
        if (q->info.code == SI_TIMER && q->info.timer.timer_id == info->timer.timer_id) {
            q->info.timer.overrun += 1 + info->timer.overrun;
            return true;
        }
    return false;
}

s64 signal_post(struct task *t, const struct sig_info *info, bool whole_process)
{
    struct sig_pending *p = whole_process ? &t->proc->pending : &t->pending;
    int signo = info->signo;
    cancel_opposite(t->proc, signo);
    if (ignored(t, signo) && !((t->sigmask | t->wait_set) & SIG_BIT(signo)))
        return 0;
    if (overran(p, info) || (signo < 32 && p->set & SIG_BIT(signo)))
        return 0;
    if (signo >= 32 && info->code < 0 && info->code != SI_TKILL && info->code != SI_TIMER && queue_full())
        return -EAGAIN;
    queue_put(p, info);
    sched_signals_changed();
    return 0;
}

static u64 deliverable(const struct task *t)
{
    return (t->pending.set | t->proc->pending.set) & ~t->sigmask;
}

bool signal_pending(const struct task *t)
{
    return deliverable(t) != 0;
}

/* To the process, or to the thread that a timer was made for. */
static void post_host(struct task *t, const struct sig_info *info)
{
    struct task *to = timer_target(info);
    while (!to && companion_is(t)) /* the world means the program */
        t = t->next ? t->next : sched_first();
    signal_post(to ? to : t, info, !to);
}

void signal_take_host(struct task *t)
{
    struct sig_info info;
    int signo;
    while ((signo = door_signal((u8 *)&info))) {
        info.signo = signo;
        post_host(t, &info);
    }
}

static int next_signal(struct task *t, struct sig_info *info)
{
    struct sig_pending *p = t->pending.set & ~t->sigmask ? &t->pending : &t->proc->pending;
    u64 set = p->set & ~t->sigmask;
    if (!set)
        return 0;
    if (set & SYNCHRONOUS)
        set &= SYNCHRONOUS;
    int signo = __builtin_ctzll(set) + 1;
    queue_take(p, signo, info);
    return signo;
}

/* ---------------------------------------------------------------------- delivery */
static bool on_altstack(const struct task *t, u64 sp)
{
    return !(t->altstack.flags & SS_AUTODISARM) && t->altstack.size &&
           sp - t->altstack.sp - 1 < t->altstack.size;
}

static void fill_mcontext(struct sig_mcontext *m)
{
    const struct vcpu *v = VCPU;
    const u64 *g = v->gpr;
    *m = (struct sig_mcontext){
        .r8 = g[R8], .r9 = g[R9], .r10 = g[R10], .r11 = g[R11], .r12 = g[R12], .r13 = g[R13],
        .r14 = g[R14], .r15 = g[R15], .rdi = g[RDI], .rsi = g[RSI], .rbp = g[RBP], .rbx = g[RBX],
        .rdx = g[RDX], .rax = g[RAX], .rcx = g[RCX], .rsp = g[RSP], .rip = v->rip,
        .rflags = v->rflags | 0x202, .cs = 0x33, .ss = 0x2b,
        .err = fault_error, .trapno = fault_trap, .cr2 = fault_cr2,
    };
}

/* The vector state in the frame is made canonical: which components the processor
 * happened to track as unused must not be visible. */
void xstate_canonical(u8 *x)
{
    u64 mask = vcpu_xstate_mask();
    memcpy(x + 512, &mask, 8);
    memset(x + 8, 0, 16); /* x87's last instruction and operand: the code cache's, maybe */
    memset(x + 520, 0, 56);
}

static bool push_xstate(u64 fp)
{
    u64 size = vcpu_xstate_size(), mask = vcpu_xstate_mask();
    u32 magic2 = SIG_FP_MAGIC2;
    vcpu_save_xstate();
    u8 *x = VCPU->xstate;
    struct sig_fp_sw sw = {SIG_FP_MAGIC1, (u32)size + 4, mask, (u32)size, {0}};
    xstate_canonical(x);
    if (copy_to_guest(fp, x, size) || copy_to_guest(fp + SIG_FP_SW_OFFSET, &sw, sizeof sw) ||
        copy_to_guest(fp + size, &magic2, 4))
        return false;
    xstate_init(x);
    return true;
}

/* What sigaltstack says of the stack now in use. */
static struct sig_stack altstack_now(const struct task *t)
{
    struct sig_stack s = t->altstack;
    s.flags = (s.flags & (s32)SS_AUTODISARM) | (!s.size                          ? SS_DISABLE
                                           : on_altstack(t, VCPU->gpr[RSP]) ? SS_ONSTACK
                                                                            : 0);
    return s;
}

static bool push_frame(struct task *t, const struct sig_action *act, const struct sig_info *info)
{
    struct vcpu *v = VCPU;
    struct sig_frame f;
    u64 sp = v->gpr[RSP] - 128;
    if (act->flags & SA_ONSTACK && t->altstack.size && !on_altstack(t, v->gpr[RSP]))
        sp = t->altstack.sp + t->altstack.size;
    u64 fp = ALIGN_DOWN(sp - vcpu_xstate_size() - 4, 64);
    u64 at = ALIGN_DOWN(fp - sizeof f, 16) - 8;
    memset(&f, 0, sizeof f);
    f.restorer = act->restorer;
    f.uc.flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
    f.uc.stack = altstack_now(t);
    fill_mcontext(&f.uc.mc);
    f.uc.mc.fpstate = fp;
    f.uc.sigmask = f.uc.mc.oldmask = t->restore_mask ? t->saved_mask : t->sigmask;
    f.info = *info;
    if (!(act->flags & SA_RESTORER) || !push_xstate(fp) || copy_to_guest(at, &f, sizeof f))
        return false;
    if (t->altstack.flags & SS_AUTODISARM)
        t->altstack = (struct sig_stack){0};
    v->gpr[RSP] = at;
    v->gpr[RDI] = (u64)info->signo;
    v->gpr[RSI] = at + offsetof(struct sig_frame, info);
    v->gpr[RDX] = at + offsetof(struct sig_frame, uc);
    v->gpr[RAX] = 0;
    v->rip = act->handler;
    v->rflags &= ~(u64)(0x400 | 0x100 | 0x10000); /* DF, TF, RF */
    return true;
}

static bool restarts_without_handler_only(u32 nr)
{
    switch (nr) {
    case __NR_poll: case __NR_ppoll: case __NR_select: case __NR_pselect6: case __NR_epoll_wait:
    case __NR_epoll_pwait: case __NR_epoll_pwait2: case __NR_nanosleep: case __NR_clock_nanosleep:
    case __NR_pause: case __NR_rt_sigsuspend: case __NR_rt_sigtimedwait: case __NR_semop:
    case __NR_semtimedop: case __NR_msgsnd: case __NR_msgrcv:
        return true;
    default:
        return false;
    }
}

/* A call that the host interrupted: made again, unless a handler without SA_RESTART
 * is about to see it. act NULL: no handler runs. */
static void maybe_restart(struct task *t, const struct sig_action *act)
{
    struct vcpu *v = VCPU;
    if (!t->in_syscall || !t->restartable || v->gpr[RAX] != (u64)-EINTR)
        return;
    t->restartable = false;
    if (act && !t->restart_always &&
        (!(act->flags & SA_RESTART) || t->timed_wait || restarts_without_handler_only(t->syscall_nr)))
        return;
    t->has_deadline = (!act || t->restart_always) && t->resume_timed;
    v->gpr[RAX] = t->syscall_nr;
    v->rip -= 2;
    t->in_syscall = false;
}

static void run_handler(struct task *t, int signo, const struct sig_info *info)
{
    struct sig_action act = t->proc->actions[signo];
    if (t->called_again) /* its state must not reach the handler's calls */
        sched_interrupt(t);
    maybe_restart(t, &act);
    t->sleep_interrupted = t->resume_timed = false;
    if (!push_frame(t, &act, info))
        process_exit(SIGSEGV);
    if (act.flags & SA_RESETHAND)
        t->proc->actions[signo].handler = SA_HANDLER_DFL;
    t->sigmask |= act.mask | (act.flags & SA_NODEFER ? 0 : SIG_BIT(signo));
    t->sigmask &= ~UNBLOCKABLE;
    t->restore_mask = false;
    t->in_syscall = false;
    fault_error = fault_trap = fault_cr2 = 0;
}

static void report_signal(const struct sig_info *info)
{
    struct {
        struct rk_report r;
        struct sig_info info;
    } m = {{sizeof m, RK_REPORT_SIGNAL, 0, current_tid(), (u32)info->signo, 0, 0}, *info};
    if (plat_control()->flags & RK_CTL_TRACE_SYSCALLS)
        plat_report(&m, sizeof m);
}

/* Job control is the host's as long as the guest does not handle or block its signals: a stop
 * is not seen by who is stopped. Background jobs that ignore or block SIGTTIN and SIGTTOU are
 * treated otherwise by the terminal, which looks at what the host knows. */
static enum host_disposition wanted(const struct task *t, int signo)
{
    u64 h = t->proc->actions[signo].handler;
    bool blocked = t->sigmask & SIG_BIT(signo), tty = signo == SIGTTIN || signo == SIGTTOU;
    if (h == SA_HANDLER_IGN || (blocked && tty))
        return HOST_IGNORES;
    return blocked || h != SA_HANDLER_DFL ? HOST_CATCHES : HOST_DEFAULT;
}

/* All that wanted() depends on is what it was the last time: this is asked at each kernel exit. */
static bool job_control_changed(const struct task *t)
{
    static u64 mask, cont, tstp, ttin, ttou;
    const struct sig_action *a = t->proc->actions;
    if (!((t->sigmask ^ mask) | (a[SIGCONT].handler ^ cont) | (a[SIGTSTP].handler ^ tstp) |
          (a[SIGTTIN].handler ^ ttin) | (a[SIGTTOU].handler ^ ttou)))
        return false;
    mask = t->sigmask, cont = a[SIGCONT].handler, tstp = a[SIGTSTP].handler;
    ttin = a[SIGTTIN].handler, ttou = a[SIGTTOU].handler;
    return true;
}

void signal_tell_host(void)
{
    static const u8 signals[] = {SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU};
    static u8 told[ARRAY_LEN(signals)];
    if (!job_control_changed(current()))
        return;
    for (u32 i = 0; i < ARRAY_LEN(signals) && recording(); i++) {
        enum host_disposition want = wanted(current(), signals[i]);
        if (told[i] != want)
            plat_disposition(signals[i], want);
        told[i] = (u8)want;
    }
}

/* Sent again, to be acted on by the host: it knows whether a shell is there to go on with
 * the job (an orphaned one is not stopped). Returns when the job goes on. */
static void stop(struct task *t, int signo)
{
    signal_tell_host();
    door_call(__NR_kill, (u64)t->proc->pid, (u64)signo, 0, 0);
}

/* True: the debugger has left the recorded course at this signal, to run code of its own: that the
 * recording has a signal here, deadly maybe, is not its business. */
static bool left_at(const struct sig_info *info)
{
    bool before = door_diverted();
    debug_signal(info);
    return door_diverted() && !before;
}

static void act_on(struct task *t, int signo, const struct sig_info *info)
{
    u64 h = t->proc->actions[signo].handler;
    report_signal(info);
    if (!ignored(t, signo) && left_at(info))
        return;
    if (h > SA_HANDLER_IGN)
        run_handler(t, signo, info);
    else if (ignored(t, signo))
        return;
    else if (STOPS_BY_DEFAULT & SIG_BIT(signo))
        stop(t, signo);
    else
        process_exit(signo);
}

void signal_deliver(void)
{
    struct task *t = current();
    struct sig_info info;
    int signo;
    signal_take_host(t);
    if (t->parked)
        return; /* what it waits for decides */
    while ((signo = next_signal(t, &info))) {
        act_on(t, signo, &info);
        /* What comes from outside now comes after this: a stop ends so, and the handler's
         * address tells no order. Replay must not take it together with what came before. */
        door_count_entry();
        signal_take_host(t);
    }
    maybe_restart(t, NULL);
    if (t->restore_mask) {
        t->sigmask = t->saved_mask;
        t->restore_mask = false;
    }
    signal_tell_host();
}

static bool would_handle(const struct task *t, int signo)
{
    return t->proc->actions[signo].handler > SA_HANDLER_IGN && !(t->sigmask & SIG_BIT(signo));
}

static void take_here(struct task *t)
{
    struct sig_info info;
    const struct moment *m = moment_here();
    int signo;
    while ((signo = door_signal_async((u8 *)&info, m))) {
        info.signo = signo;
        post_host(t, &info);
    }
    signal_deliver();
}

static bool would_kill(const struct task *t, int signo)
{
    return t->proc->actions[signo].handler == SA_HANDLER_DFL && !ignored(t, signo) &&
           !(t->sigmask & SIG_BIT(signo)) && !(STOPS_BY_DEFAULT & SIG_BIT(signo));
}

/* A host signal stopped the guest in a native stretch, which has no tick count. A signal
 * that ends the process is acted on now (nothing the guest did since its last kernel
 * entry could be seen); one with a handler is taken some hundred instructions later, at a moment that has a name
 * (moment.h), or at the next kernel entry if that comes first; a blocked or ignored one waits for the next kernel entry. */
void signal_interrupt(struct task *t)
{
    u64 pending = plat_signals_pending();
    for (int s = 1; s <= SIG_COUNT; s++)
        if (pending & SIG_BIT(s) && would_kill(t, s))
            door_exit(s, true);
    for (int s = 1; s <= SIG_COUNT; s++)
        if (pending & SIG_BIT(s) && would_handle(t, s)) {
            if (moment_reached()) {
                take_here(t);
                return;
            }
            if (!moment_walking())
                moment_walk();
            break;
        }
    plat_defer_signals();
}

/* A fault cannot wait: blocked or ignored, it ends the process. */
void signal_fault(int signo, int code, u64 addr)
{
    struct task *t = current();
    struct sig_info info = {.signo = signo, .code = code, .addr = addr};
    struct sig_action *act = &t->proc->actions[signo];
    fault_error = VCPU->fault_err;
    fault_trap = VCPU->fault_trapno;
    fault_cr2 = signo == SIGSEGV || signo == SIGBUS ? addr : 0;
    if (act->handler == SA_HANDLER_IGN || t->sigmask & SIG_BIT(signo)) {
        act->handler = SA_HANDLER_DFL;
        t->sigmask &= ~SIG_BIT(signo);
    }
    queue_put(&t->pending, &info);
}

void signal_exec_reset(struct process *p)
{
    for (int s = 1; s <= SIG_COUNT; s++) {
        struct sig_action *a = &p->actions[s];
        u64 keep = a->handler == SA_HANDLER_IGN ? SA_HANDLER_IGN : SA_HANDLER_DFL;
        *a = (struct sig_action){.handler = keep};
    }
}

/* What the launcher's parent left: blocked signals and ignored ones. The rekernel has
 * its own handlers installed by now, so the host tells through the boot block. */
void signal_boot(void)
{
    const struct rk_boot *b = plat_boot();
    struct task *t = current();
    t->sigmask = b->sigmask & ~UNBLOCKABLE;
    for (int s = 1; s <= SIG_COUNT; s++)
        if (b->sigignore & SIG_BIT(s))
            t->proc->actions[s].handler = SA_HANDLER_IGN;
}

/* -------------------------------------------------------------------- syscalls */
s64 sys_rt_sigaction(struct task *t, const u64 a[6])
{
    s32 signo = (s32)a[0];
    struct sig_action new;
    if (a[3] != 8 || signo < 1 || signo > SIG_COUNT)
        return -EINVAL;
    if (a[1] && (signo == SIGKILL || signo == SIGSTOP))
        return -EINVAL;
    if (a[1] && copy_from_guest(&new, a[1], sizeof new))
        return -EFAULT;
    struct sig_action *act = &t->proc->actions[signo];
    if (a[2] && copy_to_guest(a[2], act, sizeof *act))
        return -EFAULT;
    if (!a[1])
        return 0;
    *act = new;
    act->mask &= ~UNBLOCKABLE;
    act->flags &= SA_KNOWN;
    if (ignored(t, signo)) { /* POSIX: pending ones are discarded */
        struct sig_info drop;
        while (queue_take(&t->pending, signo, &drop) ||
               queue_take(&t->proc->pending, signo, &drop))
            ;
    }
    return 0;
}

s64 sys_rt_sigprocmask(struct task *t, const u64 a[6])
{
    u64 old = t->sigmask, set;
    if (a[3] != 8)
        return -EINVAL;
    if (a[1]) {
        if (copy_from_guest(&set, a[1], 8))
            return -EFAULT;
        set &= ~UNBLOCKABLE;
        if ((s32)a[0] == SIG_BLOCK)
            t->sigmask |= set;
        else if ((s32)a[0] == SIG_UNBLOCK)
            t->sigmask &= ~set;
        else if ((s32)a[0] == SIG_SETMASK)
            t->sigmask = set;
        else
            return -EINVAL;
    }
    return a[2] && copy_to_guest(a[2], &old, 8) ? -EFAULT : 0;
}

s64 sys_rt_sigpending(struct task *t, const u64 a[6])
{
    if (a[1] > 8)
        return -EINVAL;
    signal_take_host(t);
    u64 set = (t->pending.set | t->proc->pending.set) & t->sigmask;
    return copy_to_guest(a[0], &set, a[1]) ? -EFAULT : 0;
}

static s64 set_altstack(struct task *t, const struct sig_stack *ss)
{
    s32 mode = ss->flags & ~(s32)SS_AUTODISARM;
    if (on_altstack(t, VCPU->gpr[RSP]))
        return -EPERM;
    if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)
        return -EINVAL;
    if (mode != SS_DISABLE && ss->size < 2048)
        return -ENOMEM;
    t->altstack = mode == SS_DISABLE ? (struct sig_stack){0} : *ss;
    t->altstack.flags = ss->flags & (s32)SS_AUTODISARM;
    return 0;
}

s64 sys_sigaltstack(struct task *t, const u64 a[6])
{
    struct sig_stack old = altstack_now(t), new;
    if (a[0]) {
        if (copy_from_guest(&new, a[0], sizeof new))
            return -EFAULT;
        s64 r = set_altstack(t, &new);
        if (r < 0)
            return r;
    }
    return a[1] && copy_to_guest(a[1], &old, sizeof old) ? -EFAULT : 0;
}

/* Linux's set of flags that a program may set by sigreturn. */
#define FLAGS_USER 0x50dd5ull

static void load_mcontext(const struct sig_mcontext *m)
{
    struct vcpu *v = VCPU;
    u64 *g = v->gpr;
    g[R8] = m->r8, g[R9] = m->r9, g[R10] = m->r10, g[R11] = m->r11, g[R12] = m->r12;
    g[R13] = m->r13, g[R14] = m->r14, g[R15] = m->r15, g[RDI] = m->rdi, g[RSI] = m->rsi;
    g[RBP] = m->rbp, g[RBX] = m->rbx, g[RDX] = m->rdx, g[RAX] = m->rax, g[RCX] = m->rcx;
    g[RSP] = m->rsp;
    v->rip = m->rip;
    v->rflags = 0x202 | (m->rflags & FLAGS_USER & ~0x10000ull);
}

void xstate_init(u8 *x)
{
    u16 fcw = 0x37f;
    u32 mxcsr = 0x1f80;
    memset(x, 0, VCPU_XSTATE_MAX);
    memcpy(x, &fcw, 2);
    memcpy(x + 24, &mxcsr, 4);
    VCPU->xstate_live = 0;
}

/* The guest may have written anything there: header and MXCSR are made harmless, the
 * rest cannot fault. */
static bool load_xstate(u64 fp)
{
    u8 *x = VCPU->xstate;
    struct sig_fp_sw sw;
    u64 mask = vcpu_xstate_mask(), bv, size = vcpu_xstate_size();
    u32 mxcsr;
    if (!fp) {
        xstate_init(x);
        return true;
    }
    if (copy_from_guest(&sw, fp + SIG_FP_SW_OFFSET, sizeof sw))
        return false;
    bool extended = sw.magic1 == SIG_FP_MAGIC1 && sw.xstate_size >= 576 && sw.xstate_size <= size;
    xstate_init(x);
    if (copy_from_guest(x, fp, extended ? sw.xstate_size : 512))
        return false;
    memcpy(&mxcsr, x + 24, 4);
    mxcsr &= 0xffff;
    memcpy(x + 24, &mxcsr, 4);
    memcpy(&bv, x + 512, 8);
    bv = extended ? bv & mask : 3;
    memcpy(x + 512, &bv, 8);
    memset(x + 520, 0, 56);
    memset(x + SIG_FP_SW_OFFSET, 0, 48);
    return true;
}

s64 sys_rt_sigreturn(struct task *t, const u64 a[6])
{
    struct sig_frame f;
    u64 at = VCPU->gpr[RSP] - 8;
    t->in_syscall = false;
    if (copy_from_guest(&f, at, sizeof f) || !load_xstate(f.uc.mc.fpstate)) {
        struct sig_info info = {.signo = SIGSEGV, .code = 0x80};
        t->proc->actions[SIGSEGV].handler = SA_HANDLER_DFL;
        t->sigmask &= ~SIG_BIT(SIGSEGV);
        queue_put(&t->pending, &info);
        return 0;
    }
    t->sigmask = f.uc.sigmask & ~UNBLOCKABLE;
    load_mcontext(&f.uc.mc);
    if (!on_altstack(t, VCPU->gpr[RSP]))
        set_altstack(t, &f.uc.stack);
    return 0;
}

/* Waits until a host signal comes or the time is over; PLAT_CANCELLED and -EINTR both
 * mean that there is something to look at. */
s64 signal_wait(s64 *timeout)
{
    struct call *c = call_scratch();
    u64 a[6] = {0, 0, (u64)timeout, 0, 8, 0};
    call_init(c, __NR_ppoll, a, WORLD_BLOCKS | WORLD_INTERNAL);
    if (timeout)
        call_out_kernel(c, timeout, 16, OUT_ALWAYS, 1);
    return call_make(c);
}

static s64 wait_until_pending(struct task *t)
{
    while (!signal_pending(t)) {
        if (sched_multi())
            return sched_park(t);
        signal_wait(NULL);
        signal_take_host(t);
    }
    t->restartable = true;
    return -EINTR;
}

s64 sys_pause(struct task *t, const u64 a[6])
{
    return wait_until_pending(t);
}

s64 sys_rt_sigsuspend(struct task *t, const u64 a[6])
{
    u64 mask;
    if (a[1] != 8)
        return -EINVAL;
    if (copy_from_guest(&mask, a[0], 8))
        return -EFAULT;
    if (!t->restore_mask)
        t->saved_mask = t->sigmask;
    t->sigmask = mask & ~UNBLOCKABLE;
    t->restore_mask = true;
    return wait_until_pending(t);
}

int signal_take_from(struct task *t, u64 set, struct sig_info *info)
{
    struct sig_pending *p = t->pending.set & set ? &t->pending : &t->proc->pending;
    int signo = p->set & set ? __builtin_ctzll(p->set & set) + 1 : 0;
    if (signo)
        queue_take(p, signo, info);
    return signo;
}

s64 sys_rt_sigtimedwait(struct task *t, const u64 a[6])
{
    u64 set;
    s64 timeout[2] = {0, 0};
    struct sig_info info;
    if (a[3] != 8)
        return -EINVAL;
    if (copy_from_guest(&set, a[0], 8) || (a[2] && copy_from_guest(timeout, a[2], 16)))
        return -EFAULT;
    if (a[2] && (timeout[0] < 0 || (u64)timeout[1] >= 1000000000))
        return -EINVAL;
    for (;;) {
        signal_take_host(t);
        int s = signal_take_from(t, set & ~UNBLOCKABLE, &info);
        if (s)
            return a[1] && copy_to_guest(a[1], &info, sizeof info) ? -EFAULT : s;
        if (signal_pending(t))
            return -EINTR;
        if ((a[2] && !timeout[0] && !timeout[1]) || t->expired)
            return -EAGAIN;
        if (chaos_interrupted())
            return -EINTR;
        if (sched_multi()) {
            if (a[2])
                sched_deadline_in(t, timeout[0] * 1000000000 + timeout[1]);
            t->wait_set = set & ~UNBLOCKABLE;
            return sched_park(t);
        }
        if (signal_wait(a[2] ? timeout : NULL) == 0)
            timeout[0] = timeout[1] = 0;
    }
}
