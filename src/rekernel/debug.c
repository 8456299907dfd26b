/*
 * debug.c - the guest's side of the debug port: where to stop, what to tell, what to do next.
 */
#include "debug.h"
#include "breakpoints.h"
#include "debug_calls.h"
#include "door.h"
#include "maps.h"
#include "mm.h"
#include "moment.h"
#include "sched.h"
#include "task.h"
#include "watch.h"
#include "vcpu_mode.h"
#include "xlate/xlate.h"

/* Offsets in an XSAVE image: x87 instruction pointer, set of components. */
#define XSTATE_FIP 8
#define XSTATE_BV 512

static struct rk_debug *area; /* NULL: no debugger */
static bool points;           /* RK_CTL_REPORT_POINTS */
static bool started;          /* the first stop has been made */
static bool ending;
static bool moved;                      /* the guest has come on since the last stop */
static bool in_kernel;                  /* the guest is being served */
static struct rk_position entered;      /* valid while in_kernel: the instruction served */
static struct rk_position last_entered; /* where the last counted entry was made */
static bool interrupted;
static bool at_call;      /* stands before a system call to stop at */
static s32 entered_by;    /* thread that `entered` is about */
static s32 switched_from; /* the last kernel entry took the processor from this thread; 0: no */

/* The command being carried out. */
static u32 command;
static struct rk_position goal;
static u64 number;                 /* event, or steps left */
static struct sig_info signal_now; /* being acted on; signo 0: none */
static u64 looked_for; /* number of the event whose moment is looked for; 0: none */

void debug_boot(void)
{
    struct rk_control *c = plat_control();
    if (c->mode != RK_MODE_REPLAY)
        return;
    points = c->flags & RK_CTL_REPORT_POINTS;
    if (!(c->flags & RK_CTL_DEBUG) || !c->debug_offset)
        return;
    area = (void *)((u8 *)c + c->debug_offset);
    area->version = RK_DEBUG_VERSION;
    debug_calls_boot(area);
}

bool debug_attached(void)
{
    return area != NULL;
}

/* --------------------------------------------------------------- positions */
static struct rk_position position_now(void)
{
    return (struct rk_position){door_entries(), VCPU->ticks, VCPU->rip};
}

/* < 0: a before b; 0: the same; > 0: a after b. */
static int compare(const struct rk_position *a, const struct rk_position *b)
{
    if (a->entries != b->entries)
        return a->entries < b->entries ? -1 : 1;
    if (a->ticks != b->ticks)
        return a->ticks < b->ticks ? -1 : 1;
    return a->pc < b->pc ? -1 : a->pc > b->pc;
}

static void note_thread(s32 tid)
{
    if (area)
        area->footprint.ran |= 1ull << rk_thread_bit(tid);
}

static void advance(void)
{
    moved = true;
    if (command == RK_DEBUG_STEP && number)
        number--;
}

void debug_enter(void)
{
    if (!area && !points)
        return;
    entered = position_now();
    entered_by = current_tid();
    note_thread(entered_by);
    if (VCPU->exit == VCPU_EXIT_SYSCALL)
        entered.pc -= 2;
    in_kernel = true;
}

void debug_leave(void)
{
    if (!area && !points)
        return;
    in_kernel = false;
    signal_now.signo = 0;
    if (door_entries() != entered.entries)
        last_entered = entered;
    watch_served(&entered);
    switched_from = current_tid() != entered_by ? entered_by : 0;
    advance();
}

/* ------------------------------------------------------------------- stops */
/* The image always comes from the processor: what memory holds for a component that is
 * marked as unused need not be its contents. Which ones the processor tracks as unused is its
 * own affair, and so is where the code cache held the last x87 instruction. */
void debug_tell_vector_state(struct rk_debug_stop *s)
{
    if (!VCPU->xstate_live)
        plat_restore_xstate();
    vcpu_save_xstate();
    s->xstate_size = (u32)MIN(vcpu_xstate_size(), sizeof s->xstate);
    s->xstate_mask = vcpu_xstate_mask();
    memcpy(s->xstate, VCPU->xstate, s->xstate_size);
    memset(s->xstate + XSTATE_FIP, 0, 8);
    memcpy(s->xstate + XSTATE_BV, &s->xstate_mask, 8);
    memset(s->xstate + XSTATE_BV + 8, 0, 56);
}

/* What ended the program from outside came without details. */
static void tell_signal(struct rk_debug_stop *s)
{
    bool killed = (s->reason == RK_STOP_EXIT || s->reason == RK_STOP_LOG_END) && s->status & 0x7f;
    if (!signal_now.signo && killed)
        signal_now.signo = (s32)(s->status & 0x7f);
    s->signal = (u32)signal_now.signo;
    memcpy(s->siginfo, &signal_now, sizeof s->siginfo);
}

static void tell(u32 reason, s64 status)
{
    struct rk_debug_stop *s = &area->stop;
    s->reason = reason;
    s->tid = current_tid();
    s->at = in_kernel ? entered : position_now();
    s->event = door_events();
    s->status = status;
    memcpy(s->gpr, VCPU->gpr, sizeof s->gpr);
    s->rip = VCPU->rip;
    s->rflags = VCPU->rflags;
    vcpu_get_bases(&s->fs_base, &s->gs_base);
    s->in_kernel = in_kernel;
    s->entered = last_entered;
    debug_tell_vector_state(s);
    tell_signal(s);
}

static void take_command(void)
{
    command = area->command;
    goal = area->goal;
    number = area->number;
    moved = interrupted = at_call = false;
    switched_from = 0;
    note_thread(current_tid());
    if (command == RK_DEBUG_TRAIL)
        area->trail_count = 0;
    if (command == RK_DEBUG_RUN_LAST)
        area->last = (struct rk_debug_last){0};
    breakpoints_take(area);
    watch_take(area);
    if (command == RK_DEBUG_END)
        plat_exit(0);
}

static void give_turn(void)
{
    atomic_store(&area->turn, RK_TURN_LAUNCHER);
    plat_word_wake(&area->turn);
    while (atomic_load(&area->turn) == RK_TURN_LAUNCHER)
        plat_word_wait(&area->turn, RK_TURN_LAUNCHER);
}

/* A copy waits for commands of its own after it, in its own area. */
static s64 make_copy(void)
{
    s64 r = object_can_copy();
    if (r < 0)
        return r;
    if (area->number) {
        vcpu_forget_blocks();
        memset(&area->footprint, 0, sizeof area->footprint);
    }
    r = plat_clone();
    if (r >= 0)
        object_copied(r == 0);
    return r;
}

#define FLAGS_SETTABLE 0x240cd5u /* arithmetic, direction, nested task, alignment, id */

static void set_regs(struct rk_debug_stop *s)
{
    memcpy(VCPU->gpr, s->gpr, sizeof s->gpr);
    VCPU->rip = s->rip;
    VCPU->rflags = (VCPU->rflags & ~(u64)FLAGS_SETTABLE) | (s->rflags & FLAGS_SETTABLE);
    vcpu_set_bases(s->fs_base, s->gs_base);
    if (s->xstate_size >= vcpu_xstate_size()) {
        memcpy(VCPU->xstate, s->xstate, vcpu_xstate_size());
        VCPU->xstate_live = 0;
    }
    tell(s->reason, s->status);
}

/* The guest stays where it is. False: it is a command that runs it. */
static bool stayed(void)
{
    switch (area->command) {
    case RK_DEBUG_CLONE:
        area->copy = (s32)make_copy();
        return true;
    case RK_DEBUG_DIVERT:
        door_divert();
        return true;
    case RK_DEBUG_SET_REGS:
        set_regs(&area->stop);
        return true;
    default:
        return debug_answer(area);
    }
}

static void stop_here(u32 reason, s64 status)
{
    maps_report();
    tell(reason, status);
    if (!in_kernel && !ending)
        debug_calls_next(); /* where a stretch ends, a stop at its end is noted, too */
    do
        give_turn();
    while (stayed());
    take_command();
}

void debug_signal(const struct sig_info *info)
{
    if (!area)
        return;
    signal_now = *info;
    if (started && !ending && area->stop_signals & SIG_BIT(info->signo))
        stop_here(RK_STOP_SIGNAL, info->signo);
}

void debug_end(u32 reason, s64 status)
{
    if (!area || ending)
        return;
    ending = true;
    for (;;)
        stop_here(reason, status);
}

static bool runs_to_goal(void)
{
    return command == RK_DEBUG_RUN_POINT || command == RK_DEBUG_TRAIL ||
           command == RK_DEBUG_RUN_LAST;
}

/* Why to stop where the guest is, or 0. Asked again after each command: what is true already
 * needs no step of the guest. */
static u32 due(const struct rk_position *now)
{
    if (runs_to_goal() && compare(now, &goal) >= 0)
        return compare(now, &goal) ? RK_STOP_PASSED : RK_STOP_REACHED;
    if (command == RK_DEBUG_RUN_EVENT && door_events() >= number)
        return RK_STOP_PASSED;
    if (command == RK_DEBUG_STEP && !number)
        return RK_STOP_STEP;
    return 0;
}

static void leave_trail(const struct rk_position *now)
{
    u64 n = area->trail_count;
    if (n && !compare(&area->trail[(n - 1) % RK_DEBUG_TRAIL_MAX], now))
        return;
    area->trail[n % RK_DEBUG_TRAIL_MAX] = *now;
    area->trail_count = n + 1;
}

/* A search backward wants to know where the thread stood before others ran, a run forward where it
 * goes on. */
static bool lost_processor(void)
{
    return command == RK_DEBUG_RUN_LAST && switched_from && switched_from == area->stop_thread;
}

static bool got_processor(void)
{
    return command != RK_DEBUG_RUN_LAST && switched_from && current_tid() == area->stop_thread;
}

/* What has just been touched is told first; and a breakpoint where the command ends is a
 * breakpoint first. A loss of the processor was before all that is met behind it. */
static u32 reason_here(const struct rk_position *now)
{
    if (lost_processor())
        return RK_STOP_THREAD;
    bool behind_call = debug_calls_behind();
    if (watch_hit(&area->stop.hit))
        return RK_STOP_WATCH;
    if (moved && breakpoints_hit(now->pc))
        return RK_STOP_BREAKPOINT;
    if (at_call)
        return RK_STOP_SYSCALL;
    if (moved && behind_call)
        return RK_STOP_SYSCALL_END;
    if (got_processor())
        return RK_STOP_THREAD;
    u32 reason = due(now);
    if (reason == RK_STOP_REACHED && command == RK_DEBUG_RUN_LAST && moved && debug_calls_next())
        return RK_STOP_SYSCALL;
    return reason ? reason : interrupted ? RK_STOP_INTERRUPTED : 0;
}

/* Where thread stop_thread stood when it lost the processor, if that was before the goal. */
static void note_loss(void)
{
    switched_from = 0;
    if (compare(&entered, &goal) < 0)
        area->last = (struct rk_debug_last){.count = area->last.count + 1,
                                            .reason = RK_STOP_THREAD,
                                            .event = door_events(),
                                            .at = entered};
}

/* True: the stop is none, it was noted only. */
static bool noted(u32 reason, const struct rk_position *now)
{
    bool at_call_stop = reason == RK_STOP_SYSCALL || reason == RK_STOP_SYSCALL_END;
    if (reason == RK_STOP_THREAD) {
        note_loss();
        return true;
    }
    if (reason != RK_STOP_BREAKPOINT && reason != RK_STOP_WATCH && !at_call_stop)
        return false;
    if (reason != RK_STOP_WATCH)
        moved = at_call = false; /* not this one again */
    if (reason != RK_STOP_WATCH && number && compare(now, &goal) >= 0)
        return true;
    area->last = (struct rk_debug_last){.count = area->last.count + 1,
                                        .reason = reason,
                                        .number = at_call_stop ? debug_calls_number() : 0,
                                        .event = door_events(),
                                        .at = *now,
                                        .hit = area->stop.hit};
    return true;
}

static void stop_where_due(void)
{
    u32 reason;
    if (!started) {
        started = true;
        stop_here(RK_STOP_START, 0);
    }
    for (;;) {
        struct rk_position now = position_now();
        if (command == RK_DEBUG_TRAIL)
            leave_trail(&now);
        reason = reason_here(&now);
        if (command == RK_DEBUG_RUN_LAST && noted(reason, &now))
            continue;
        if (!reason)
            return;
        stop_here(reason, reason == RK_STOP_SYSCALL || reason == RK_STOP_SYSCALL_END
                              ? debug_calls_number()
                              : 0);
    }
}

/* -------------------------------------------------------------------- cover */
void debug_translated(u64 pc, const u16 *off, u32 count)
{
    for (u32 i = 0; area && i < count; i++) {
        u64 bit = rk_cover_bit(pc + off[i]), bit2 = rk_cover_bit2(pc + off[i]);
        area->footprint.cover[bit / 64] |= 1ull << bit % 64;
        area->footprint.cover[bit2 / 64] |= 1ull << bit2 % 64;
    }
}

void debug_remapped(u64 addr, u64 len)
{
    if (!area)
        return;
    if (len > RK_DEBUG_PAGE_BITS / 4 * RK_PAGE) {
        memset(area->footprint.remapped, 0xff, sizeof area->footprint.remapped);
        return;
    }
    for (u64 at = PAGE_DOWN(addr); at < addr + len; at += RK_PAGE)
        area->footprint.remapped[rk_page_bit(at) / 64] |= 1ull << rk_page_bit(at) % 64;
}

/* --------------------------------------------------------------------- run */
/* To the goal's tick at full speed, then one by one: there need not be an instruction at the
 * goal, and what comes next (a recorded signal, maybe) must not be run over. */
static struct xl_stop to_goal(const struct rk_position *now)
{
    if (now->ticks < goal.ticks)
        return (struct xl_stop){.ticks = goal.ticks, .flags = XL_STOP_TICKS};
    return (struct xl_stop){.flags = XL_STOP_STEP};
}

/* Where the log wants the guest to stop, or the debugger if that comes first. False: the
 * log's moment is now. */
static bool next_stop(struct xl_stop *stop)
{
    struct rk_position now = position_now(), log = now;
    u64 slice = sched_slice_left();
    *stop = (struct xl_stop){0};
    if (door_next_stop(&log.ticks, &log.pc)) {
        if (compare(&now, &log) >= 0)
            return false;
        *stop = (struct xl_stop){.ticks = log.ticks, .pc = log.pc, .flags = XL_STOP_POINT};
    }
    sched_passing(now.ticks, now.pc);
    if (sched_slice_over(now.ticks))
        return false;
    if (sched_step_due(now.ticks)) {
        *stop = (struct xl_stop){.flags = XL_STOP_STEP};
        return true;
    }
    if (slice != SCHED_NO_END && (!stop->flags || slice <= log.ticks)) {
        log = (struct rk_position){now.entries, slice, 0};
        *stop = (struct xl_stop){.ticks = slice, .flags = XL_STOP_TICKS};
    }
    if (runs_to_goal() && goal.entries == now.entries && (!stop->flags || compare(&goal, &log) < 0))
        *stop = to_goal(&now);
    if (command == RK_DEBUG_STEP || command == RK_DEBUG_TRAIL)
        stop->flags |= XL_STOP_STEP;
    return true;
}

static void look_for(const struct moment *m, u64 pc)
{
    u64 event = m ? door_events() + 1 : 0;
    if (looked_for == event)
        return;
    moment_seek(pc, m);
    looked_for = event;
}

/* A signal whose moment the log names by the guest's whole state: is it now? If not, the
 * guest will stop wherever it could be. */
static bool at_recorded_moment(void)
{
    u64 pc = 0, regs;
    const struct moment *m = door_next_moment(&pc, &regs);
    bool found = m && moment_is(pc, regs, m);
    if (found)
        door_found_moment();
    look_for(found ? NULL : m, pc);
    return found;
}

/* True when the guest is to be served. */
static bool run_on(void)
{
    struct xl_stop stop;
    struct rk_position before = position_now(), after;
    if (!next_stop(&stop) || at_recorded_moment()) {
        VCPU->exit = VCPU_EXIT_STOP;
        return true;
    }
    bool touches = watch_before();
    if (touches)
        stop.flags |= XL_STOP_STEP;
    vcpu_run(VCPU_TRANSLATED, &stop);
    after = position_now();
    if (VCPU->exit == VCPU_EXIT_SYSCALL) {
        after.pc -= 2;
        at_call = debug_calls_before(moved || compare(&before, &after));
        if (at_call)
            VCPU->exit = VCPU_EXIT_STOP;
    }
    if (touches)
        watch_after(&before, VCPU->exit != VCPU_EXIT_FAULT && compare(&before, &after));
    if (VCPU->exit != VCPU_EXIT_STOP && VCPU->exit != VCPU_EXIT_INTERRUPTED)
        return true;
    if (compare(&before, &after)) {
        advance();
        if (sched_step_due(before.ticks))
            sched_stepped();
    }
    if (VCPU->exit == VCPU_EXIT_INTERRUPTED && atomic_exchange(&area->interrupt, 0))
        interrupted = true;
    return false;
}

void debug_run(void)
{
    do
        stop_where_due();
    while (!run_on());
}

/* ------------------------------------------------------------------ events */
static void report_point(void)
{
    struct {
        struct rk_report r;
        struct rk_position at;
    } m = {{sizeof m, RK_REPORT_POINT, 0, current_tid(), 0, 0, door_events()},
           in_kernel ? entered : position_now()};
    plat_report(&m, sizeof m);
}

/* The guest is being served, so its point is past already. */
static u32 due_at_event(void)
{
    u64 next = door_events() + 1;
    if (command == RK_DEBUG_RUN_EVENT && next >= number)
        return next == number ? RK_STOP_REACHED : RK_STOP_PASSED;
    return command == RK_DEBUG_RUN_EVENT || moved ? 0 : due(&entered);
}

void debug_before_event(void)
{
    u32 reason;
    if (points) {
        maps_report();
        report_point();
    }
    while (area && started && !ending && (reason = due_at_event()))
        stop_here(reason, 0);
}
