/*
 * sched.c - the scheduler (sched.h).
 */
#include "sched.h"
#include "block.h"
#include "capture.h"
#include "futex.h"
#include "chaos.h"
#include "cputime.h"
#include "door.h"
#include "vcpu_mode.h"

#include <linux/poll.h>

#define ENTRY_COST 64 /* ticks that a kernel entry counts for, so that calls use up slices */
#define CHAOS_ENTRY_COST 2
#define CHAOS_ENTRY_TIME 512   /* ticks that pass meanwhile, for who is set aside */
#define CHAOS_YIELD_TIME 16384 /* who yields in a loop has nothing to do until another runs */
#define CHAOS_ASK_TICKS 100000 /* short slices do not ask the world each time */
#define CHAOS_WAIT_NS 50000000 /* longest idle wait while tasks are set aside */
#define POLL_UNION_MAX 4096

static struct task first_task;
static struct process the_process;
struct task *current_task;
static struct task *tasks; /* in order of creation */
static u32 task_count;
static s32 last_tid;
static bool yield_wanted;
static bool slicing; /* the stretch now running has an end */
static u64 slice_used, slice_length;
static u32 slice_steps;  /* single instructions that the slice ends with */
static bool slice_ended; /* found at a kernel entry */
static enum chaos_why slice_why;
static u64 passed_ticks, passed_pc; /* the moment that sched_passing() saw last */
static u64 asked_at;                /* chaos: its clock when the world was asked last */
static s64 known_now; /* the clock as it was asked since the program ran last; 0: it was not */

bool sched_multi(void)
{
    return task_count > 1 || (current_task && current_task->resumed);
}

bool sched_ever_multi(void)
{
    return last_tid != plat_boot()->pid;
}

u32 sched_task_count(void)
{
    return task_count;
}

struct task *sched_find(s32 tid)
{
    for (struct task *t = tasks; t; t = t->next)
        if (t->tid == tid)
            return t;
    return NULL;
}

struct task *sched_first(void)
{
    return tasks;
}

void sched_each(void (*fn)(struct task *t))
{
    for (struct task *t = tasks; t; t = t->next)
        fn(t);
}

static void set_slice(struct chaos_slice s)
{
    slice_length = s.ticks;
    slice_steps = s.steps;
}

/* Slices are of uneven length, half to one and a half of what was asked for: with even
 * ones a loop that takes a lock and gives it back could hold it at the end of each, for
 * ever. The sequence is always the same, so replay has it too. */
static void new_slice(void)
{
    static u64 state;
    u64 mean = plat_boot()->slice_ticks;
    slice_used = 0;
    slice_ended = false;
    slice_why = CHAOS_SLICE_OVER;
    if (chaos_on()) {
        set_slice(chaos_new_slice());
        return;
    }
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    slice_length = MAX(mean / 2 + (state >> 33) % (mean + 1), 1ull);
}

/* ------------------------------------------------------------------- tasks */
void task_boot(void)
{
    const struct rk_boot *b = plat_boot();
    the_process = (struct process){.pid = b->pid, .ppid = b->ppid};
    first_task = (struct task){.proc = &the_process, .tid = b->pid};
    first_task.xstate = kalloc(VCPU_XSTATE_MAX);
    RK_CHECK(((u64)first_task.xstate & 63) == 0 && vcpu_xstate_size() <= VCPU_XSTATE_MAX,
             first_task.xstate, vcpu_xstate_size());
    current_task = tasks = &first_task;
    task_count = 1;
    chaos_boot();
    chaos_new_task(&first_task);
    new_slice();
    last_tid = b->pid;
    VCPU->xstate = first_task.xstate;
}

/* Code that was translated before there were places must be translated again. */
static void begin_chaos(struct task *t)
{
    if (task_count == 2) {
        chaos_begin();
        vcpu_retranslate();
    }
    chaos_born(t);
}

struct task *sched_new_task(struct task *parent)
{
    struct task *t = kalloc(sizeof *t), **at = &tasks;
    t->proc = parent->proc;
    t->tid = ++last_tid;
    t->sigmask = parent->sigmask;
    t->xstate = kalloc(VCPU_XSTATE_MAX);
    while (*at)
        at = &(*at)->next;
    *at = t;
    task_count++;
    if (chaos_on())
        begin_chaos(t);
    return t;
}

static void free_task(struct task *t)
{
    struct task **at = &tasks;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    task_count--;
    kfree(t->fds, t->fd_count * sizeof *t->fds);
    kfree(t->xstate, VCPU_XSTATE_MAX);
    if (t != &first_task)
        kfree(t, sizeof *t);
}

static void save_current(void)
{
    struct task *t = current_task;
    memcpy(t->gpr, VCPU->gpr, sizeof t->gpr);
    t->rip = VCPU->rip;
    t->rflags = VCPU->rflags;
    vcpu_save_xstate();
    vcpu_get_bases(&t->fs_base, &t->gs_base);
}

static void load(struct task *t)
{
    memcpy(VCPU->gpr, t->gpr, sizeof t->gpr);
    VCPU->rip = t->rip;
    VCPU->rflags = t->rflags;
    VCPU->xstate = t->xstate;
    VCPU->xstate_live = 0;
    vcpu_set_bases(t->fs_base, t->gs_base);
    current_task = t;
}

static void switch_to(struct task *t)
{
    new_slice();
    if (t == current_task)
        return;
    cputime_switch(current_task);
    save_current();
    load(t);
    signalfd_refresh(); /* it tells the signals of who runs */
}

void sched_kill_others(void)
{
    for (struct task *t = tasks, *next; t; t = next) {
        next = t->next;
        if (t != current_task)
            free_task(t);
    }
}

/* ------------------------------------------------------------------ waiting */
u64 *sched_regs(struct task *t)
{
    return t == current_task ? VCPU->gpr : t->gpr;
}

static u64 *saved_rip(struct task *t)
{
    return t == current_task ? &VCPU->rip : &t->rip;
}

s64 sched_park(struct task *t)
{
    t->parked = t->resumed = true;
    return SYS_PARKED;
}

s64 sched_park_poll(struct task *t, const struct pollfd *fds, u32 n)
{
    kfree(t->fds, t->fd_count * sizeof *t->fds);
    t->fds = n ? memcpy(kalloc(n * sizeof *fds), fds, n * sizeof *fds) : NULL;
    t->fd_count = n;
    return sched_park(t);
}

s64 sched_park_fd(struct task *t, int host_fd, short events)
{
    struct pollfd p = {host_fd, events, 0};
    return sched_park_poll(t, &p, 1);
}

static s64 poll_world(struct pollfd *fds, u32 n, s64 *timeout, u32 flags)
{
    struct out o[2] = {{.addr = (u64)fds, .cap = n * sizeof *fds, .rule = OUT_FULL, .kernel = 1},
                       {.addr = (u64)timeout, .cap = 16, .rule = OUT_ALWAYS, .kernel = 1}};
    struct world w = {__NR_ppoll, WORLD_INTERNAL | flags, {(u64)fds, n, (u64)timeout, 0, 8}, 0, 0,
                      o};
    if (!n)
        o[0] = o[1];
    w.nout = (n ? 1u : 0u) + (timeout ? 1u : 0u);
    return door_world(&w);
}

s64 sched_poll_now(int host_fd, short events)
{
    struct pollfd p = {host_fd, events, 0};
    s64 zero[2] = {0, 0};
    return poll_world(&p, 1, zero, 0);
}

s64 sched_now(void)
{
    s64 ts[2] = {0, 0};
    door_call_out(__NR_clock_gettime, 1, (u64)ts, 0, 0, ts, sizeof ts);
    return known_now = ts[0] * 1000000000 + ts[1];
}

void sched_deadline(struct task *t, s64 deadline_ns)
{
    if (!t->has_deadline)
        t->deadline = deadline_ns;
    t->has_deadline = true;
}

void sched_deadline_in(struct task *t, s64 ns)
{
    if (!t->has_deadline)
        sched_deadline(t, sched_now() + ns);
}

static void end_wait(struct task *t)
{
    chaos_ready(t);
    t->parked = false;
    futex_forget(t);
    t->wait_set = 0;
    kfree(t->fds, t->fd_count * sizeof *t->fds);
    t->fds = NULL;
    t->fd_count = 0;
}

void sched_wake(struct task *t)
{
    end_wait(t);
    t->called_again = true;
}

void sched_wake_result(struct task *t, s64 result)
{
    t->called_again = false;
    capture_woken(t, sched_regs(t), result);
    end_wait(t);
    t->has_deadline = t->expired = t->resumed = false;
    t->io_done = t->io_items = 0;
    t->retry_ns = 0;
    sched_regs(t)[RAX] = (u64)result;
    *saved_rip(t) += 2;
}

void sched_interrupt(struct task *t)
{
    u64 moved = t->io_items ? t->io_items : t->io_done;
    if (t->held_fd)
        door_call(__NR_close, (u64)t->held_fd - 1, 0, 0, 0);
    t->held_fd = 0;
    if (moved) { /* a transfer that got somewhere says how far */
        sched_wake_result(t, (s64)moved);
        return;
    }
    block_interrupted(t);
    t->resume_timed = t->has_deadline && !t->retry_ns;
    sched_wake_result(t, -EINTR);
    t->in_syscall = true;
    t->restartable = true;
}

static void interrupt_if_due(struct task *t)
{
    if (t->parked && signal_pending(t))
        sched_interrupt(t);
    else if (t->parked && t->wait_set & (t->pending.set | t->proc->pending.set))
        sched_wake(t);
}

void sched_signals_changed(void)
{
    sched_each(interrupt_if_due);
}

/* What a call answers when its time is over; polls are made again to say it. */
static void expire(struct task *t)
{
    switch (t->syscall_nr) {
    case __NR_futex:
    case __NR_futex_waitv:
        sched_wake_result(t, -ETIMEDOUT);
        break;
    case __NR_nanosleep:
    case __NR_clock_nanosleep:
        sched_wake_result(t, 0);
        break;
    default:
        t->expired = true;
        sched_wake(t);
    }
}

/* -------------------------------------------------------- asking the world */
static struct pollfd all_fds[POLL_UNION_MAX];

static u32 collect_fds(void)
{
    u32 n = 0;
    for (struct task *t = tasks; t; t = t->next)
        for (u32 i = 0; t->parked && i < t->fd_count && n < POLL_UNION_MAX; i++)
            all_fds[n++] = t->fds[i];
    return n;
}

static bool earliest(s64 *deadline)
{
    bool any = false;
    for (struct task *t = tasks; t; t = t->next)
        if (t->parked && t->has_deadline && (!any || t->deadline < *deadline)) {
            *deadline = t->deadline;
            any = true;
        }
    return any;
}

static void wake_ready(u32 count)
{
    u32 n = 0;
    for (struct task *t = tasks; t; t = t->next) {
        bool ready = false;
        for (u32 i = 0, fds = t->parked ? t->fd_count : 0; i < fds && n < count; i++)
            ready |= all_fds[n++].revents != 0;
        if (ready)
            sched_wake(t);
    }
}

static void wake_expired(s64 now)
{
    for (struct task *t = tasks; t; t = t->next)
        if (t->parked && t->has_deadline && t->deadline <= now)
            expire(t);
}

/* Waits for what parked tasks wait for; block: until something of it happened, or longest
 * nanoseconds. */
static void ask_world_for(bool block, s64 longest)
{
    s64 first = 0, timeout[2] = {0, 0};
    u32 n = collect_fds();
    bool timed = earliest(&first);
    asked_at = chaos_clock();
    if (!block && !n && !timed)
        return;
    s64 left = 0;
    if (block && timed) { /* a moment ago will do: the wait only gets longer by it */
        left = first - (known_now ? known_now : sched_now());
        left = left > 0 ? MIN(left, longest) : 0;
        timeout[0] = left / 1000000000, timeout[1] = left % 1000000000;
    }
    s64 r = poll_world(all_fds, n, block && !timed ? NULL : timeout, block ? WORLD_BLOCKS : 0);
    if (r > 0)
        wake_ready(n);
    if (r == -EINTR || r == PLAT_CANCELLED)
        signal_take_host(current_task);
    bool whole = block && r == 0 && left < longest; /* the wait was */
    known_now = 0;
    if (earliest(&first))
        wake_expired(whole ? first : sched_now());
}

static void ask_world(bool block)
{
    ask_world_for(block, INT64_MAX);
}

static bool world_waits(void)
{
    for (struct task *t = tasks; t; t = t->next)
        if (t->parked && (t->fd_count || t->has_deadline))
            return true;
    return false;
}

/* ----------------------------------------------------------------- choosing */
static struct task *next_runnable(void)
{
    struct task *t = current_task;
    for (u32 i = 0; i < task_count; i++) {
        t = t->next ? t->next : tasks;
        if (task_ready(t))
            return t;
    }
    return NULL;
}

/* Everybody who could run is set aside: time may pass first, as on a loaded machine. */
static struct task *next_in_chaos(void)
{
    struct task *t = chaos_pick(tasks, current_task);
    s64 first;
    if (t || (earliest(&first) && chaos_patient()))
        return t;
    return chaos_call_back(tasks, current_task);
}

static bool any_runnable(void)
{
    for (struct task *t = tasks; t; t = t->next)
        if (task_ready(t))
            return true;
    return false;
}

/* The task that runs next; waits until there is one. */
static struct task *next_task(void)
{
    struct task *t;
    while (!(t = chaos_on() ? next_in_chaos() : next_runnable()))
        ask_world_for(true, any_runnable() ? CHAOS_WAIT_NS : INT64_MAX);
    return t;
}

void sched_yield_now(void)
{
    if (chaos_on())
        chaos_spend(CHAOS_YIELD_TIME);
    yield_wanted = true;
}

bool sched_choose(void)
{
    struct task *was = current_task, *t;
    if (!sched_multi() && !was->parked)
        return false;
    bool over = slice_ended;
    if (over && (!chaos_on() || chaos_clock() - asked_at >= CHAOS_ASK_TICKS))
        ask_world(false);
    bool waited = was->parked;
    if (!waited && !over && !yield_wanted)
        return false;
    if (chaos_on() && !was->parked)
        chaos_preempted(was, yield_wanted ? CHAOS_YIELDED : slice_why);
    t = next_task();
    yield_wanted = false;
    switch_to(t);
    return t != was || waited;
}

/* Another task could use the vCPU, now or when the world answers. */
static bool slices_needed(void)
{
    u32 runnable = 0;
    for (struct task *t = tasks; t && runnable < 2; t = t->next)
        runnable += task_ready(t);
    return runnable > 1 || world_waits();
}

u64 sched_slice_left(void)
{
    slicing = sched_multi() && slices_needed() && !door_diverted();
    if (!slicing) {
        slice_used = 0;
        return SCHED_NO_END;
    }
    /* A stretch that could not move would never end. */
    if (slice_used >= slice_length && !slice_steps)
        return 1;
    return slice_used < slice_length ? slice_length - slice_used : 0;
}

void sched_begin_stretch(void)
{
    known_now = 0;
    passed_ticks = 0;
    passed_pc = VCPU->rip;
}

bool sched_step_due(u64 ticks)
{
    return slicing && slice_steps && slice_used + ticks >= slice_length;
}

void sched_stepped(void)
{
    slice_steps--;
}

void sched_passing(u64 ticks, u64 pc)
{
    if (!slicing || (ticks == passed_ticks && pc == passed_pc))
        return;
    passed_ticks = ticks;
    passed_pc = pc;
    if (!chaos_place(pc) || !chaos_visit(current_task, pc))
        return;
    set_slice((struct chaos_slice){slice_used + ticks, 0});
    slice_why = CHAOS_AT_PLACE;
}

bool sched_slice_over(u64 ticks)
{
    return slicing && slice_used + ticks >= slice_length && !slice_steps;
}

/* A kernel entry is where threads meet: a good moment to change them, or to do so soon. */
static void disturb(void)
{
    struct chaos_slice soon;
    enum chaos_entry what = chaos_at_entry(tasks, current_task, &soon);
    slice_ended = what == CHAOS_SWITCH || what == CHAOS_STAY;
    if (what == CHAOS_STAY)
        slice_why = CHAOS_AT_PLACE;
    if (what == CHAOS_SOON)
        set_slice((struct chaos_slice){slice_used + soon.ticks, soon.steps});
}

void sched_account(u64 ticks)
{
    u64 cost =
        (ticks == RK_TICKS_UNKNOWN ? 0 : ticks) + (chaos_on() ? CHAOS_ENTRY_COST : ENTRY_COST);
    if (slicing) {
        slice_used += cost;
        cputime_work(current_task, cost);
        slice_ended |= slice_used >= slice_length;
        chaos_spend(cost + CHAOS_ENTRY_TIME);
    }
    if (chaos_on() && sched_multi() && !slice_ended)
        disturb();
}

void sched_exit_current(void)
{
    struct task *gone = current_task;
    gone->parked = true;
    gone->has_deadline = false;
    switch_to(next_task());
    free_task(gone);
}
