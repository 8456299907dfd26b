/*
 * main.c - the rekernel's loop: run the guest until it enters the kernel, serve it, let
 * signals through, go on.
 */
#include "debug.h"
#include "moment.h"
#include "points.h"
#include "sched.h"
#include "syscall.h"
#include "vcpu_mode.h"
#include "xlate/xlate.h"

/* Where the stretch that runs now began; fresh: it has not begun yet. */
static u64 stretch_start;
static bool stretch_fresh = true;

static void begin_stretch(void)
{
    if (stretch_fresh) {
        stretch_start = VCPU->rip;
        sched_begin_stretch();
    }
    stretch_fresh = false;
}

static void end_stretch(void)
{
    moment_walk_off();
    VCPU->ticks = 0; /* they count from the last kernel entry */
    stretch_fresh = true;
}

/* A signal that was taken between two instructions counts as a kernel entry of its own:
 * the handler's address may be lower than the interrupted one, and positions must grow. */
static void serve_between(struct task *t)
{
    u64 before = door_events(), ticks = VCPU->ticks, rip = VCPU->rip;
    sched_passing(ticks, rip);
    if (ticks == RK_TICKS_UNKNOWN)
        signal_interrupt(t);
    else
        signal_deliver();
    if (door_events() == before && !sched_slice_over(ticks))
        return;
    /* Before the first instruction it is the end of the last kernel entry still: replay
     * takes such a signal there. Native code has no ticks to tell: then it always counts. */
    if (ticks || rip != stretch_start || door_signal_by_state()) {
        sched_account(ticks);
        door_count_entry();
    }
    end_stretch();
}

static void serve(struct task *t)
{
    u64 ticks = VCPU->ticks;
    door_serving(VCPU->exit != VCPU_EXIT_INTERRUPTED && VCPU->exit != VCPU_EXIT_STOP);
    switch (VCPU->exit) {
    case VCPU_EXIT_SYSCALL:
        door_count_entry();
        points_entry();
        syscall_dispatch(t);
        break;
    case VCPU_EXIT_FAULT:
        door_count_entry();
        t->in_syscall = false;
        fault_dispatch(t);
        break;
    case VCPU_EXIT_TRAP:
        door_count_entry();
        t->in_syscall = false;
        trap_dispatch(t);
        break;
    default: /* between two instructions */
        t->in_syscall = false;
        serve_between(t);
        return;
    }
    door_serving(false);
    sched_account(ticks);
    end_stretch();
    signal_deliver();
}

/* Native where nothing can need an exact stop and all code has been looked at, unless the
 * user chose. */
static enum vcpu_mode choose_mode(void)
{
    if (plat_control()->vcpu_mode == RK_VCPU_TRANSLATED)
        return VCPU_TRANSLATED;
    if (VCPU->rflags & 0x100 /* TF */)
        return VCPU_TRANSLATED; /* the trap would hit the rekernel's own entry code */
    if (plat_control()->vcpu_mode == RK_VCPU_NATIVE)
        return VCPU_NATIVE;
    return signal_timer_armed() || mm_unseen_code() ? VCPU_TRANSLATED : VCPU_NATIVE;
}

/* Replay: goes to the first moment since the last kernel entry that is the recorded one
 * in every respect. A kernel entry on the way ends the search: a divergence. */
static void run_to_moment(u64 pc, u64 regs, const struct moment *m)
{
    VCPU->exit = VCPU_EXIT_STOP;
    moment_seek(pc, m);
    while (VCPU->exit == VCPU_EXIT_STOP && !moment_is(pc, regs, m))
        vcpu_run(VCPU_TRANSLATED, NULL);
    moment_seek(0, NULL);
    if (VCPU->exit == VCPU_EXIT_STOP)
        door_found_moment();
}

/* Record: on the way to a moment that has a name. What interrupts it may be the end of the guest. */
static void walk(void)
{
    struct xl_stop step = {.flags = XL_STOP_STEP};
    for (VCPU->exit = VCPU_EXIT_STOP; VCPU->exit == VCPU_EXIT_STOP && moment_walking();) {
        moment_step();
        vcpu_run(VCPU_TRANSLATED, &step);
    }
}

/* The end of a slice, one instruction at a time. Signals from outside wait until it is over,
 * so that an instruction is either run or not. */
static void finish_slice(void)
{
    struct xl_stop step = {.flags = XL_STOP_STEP};
    while ((VCPU->exit == VCPU_EXIT_STOP || VCPU->exit == VCPU_EXIT_INTERRUPTED) &&
           sched_step_due(VCPU->ticks)) {
        u64 ticks = VCPU->ticks, pc = VCPU->rip;
        vcpu_run(VCPU_TRANSLATED, &step);
        if (VCPU->ticks != ticks || VCPU->rip != pc)
            sched_stepped();
    }
}

static void run_slice(u64 ticks)
{
    struct xl_stop stop = {.ticks = ticks, .flags = XL_STOP_TICKS};
    VCPU->exit = VCPU_EXIT_STOP;
    if (!sched_step_due(VCPU->ticks))
        vcpu_run(VCPU_TRANSLATED, &stop);
    finish_slice();
}

static void run(void)
{
    struct xl_stop stop;
    u64 pc, regs;
    u64 slice = sched_slice_left();
    const struct moment *m = door_next_moment(&pc, &regs);
    if (m) {
        run_to_moment(pc, regs, m);
    } else if (moment_walking()) {
        walk();
    } else if (door_next_stop(&stop.ticks, &stop.pc) && stop.ticks < slice) {
        stop.flags = XL_STOP_POINT;
        vcpu_run(VCPU_TRANSLATED, &stop);
    } else if (slice != SCHED_NO_END) {
        run_slice(slice);
    } else if (points_due()) {
        points_run();
    } else {
        vcpu_run(choose_mode(), NULL);
    }
}

void rk_main(void)
{
    debug_boot();
    task_boot();
    mm_boot();
    signal_boot();
    fd_boot();
    exec_boot();
    for (;;) {
        door_check_end();
        begin_stretch();
        if (debug_attached())
            debug_run();
        else
            run();
        debug_enter();
        serve(current());
        while (sched_choose())
            signal_deliver();
        debug_leave();
    }
}
