/* debug.c - the launcher's side of the debug port (abi.h, struct rk_debug). */
#include "host.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A stop often follows within microseconds; sleeping and being woken costs tens of them. */
#define SPINS 100
/* How long a question may take; far more than it does. */
#define ANSWER_MS 100
#define ANSWER_TRIES 100

int machine_debug_present(struct machine *m)
{
    return m->debug->version == RK_DEBUG_VERSION;
}

int machine_debug_stopped(struct machine *m)
{
    return atomic_load(&m->debug->turn) == RK_TURN_LAUNCHER;
}

int machine_debug_wait(struct machine *m, int timeout_ms)
{
    struct timespec t = {.tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000L};
    for (int i = 0; i < SPINS; i++) {
        if (machine_debug_stopped(m))
            return 0;
        __builtin_ia32_pause();
    }
    uint32_t turn = atomic_load(&m->debug->turn);
    if (turn != RK_TURN_LAUNCHER && syscall(SYS_futex, &m->debug->turn, FUTEX_WAIT, turn, &t) &&
        errno == EINTR)
        return -EINTR;
    return machine_debug_stopped(m) ? 0 : -ETIMEDOUT;
}

int machine_debug_regs(struct machine *m, struct rk_debug_stop *stop)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    *stop = m->debug->stop;
    if (!stop->reason || stop->reason > RK_STOP_PANIC || stop->xstate_size > sizeof(stop->xstate))
        return -EPROTO;
    return 0;
}

/* ---------------------------------------------------------------- commands */
static int may_command(struct machine *m)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    return RK_STOP_IS_END(m->debug->stop.reason) ? -ESRCH : 0;
}

void host_give_turn(struct machine *m, enum rk_debug_command command)
{
    m->debug->command = command;
    atomic_store(&m->debug->interrupt, 0);
    atomic_store(&m->debug->turn, RK_TURN_GUEST);
    syscall(SYS_futex, &m->debug->turn, FUTEX_WAKE, 1);
}

static int command_number(struct machine *m, enum rk_debug_command command, uint64_t number)
{
    int err = may_command(m);
    if (err)
        return err;
    m->debug->number = number;
    host_give_turn(m, command);
    return 0;
}

int machine_debug_run_until(struct machine *m, const struct rk_position *point)
{
    int err = may_command(m);
    if (err)
        return err;
    m->debug->goal = *point;
    host_give_turn(m, RK_DEBUG_RUN_POINT);
    return 0;
}

int machine_debug_trail(struct machine *m, const struct rk_position *point)
{
    int err = may_command(m);
    if (err)
        return err;
    m->debug->goal = *point;
    host_give_turn(m, RK_DEBUG_TRAIL);
    return 0;
}

size_t machine_debug_trail_read(struct machine *m, struct rk_position *out, size_t max)
{
    uint64_t count = m->debug->trail_count;
    size_t n = count < RK_DEBUG_TRAIL_MAX ? (size_t)count : RK_DEBUG_TRAIL_MAX;
    n = n < max ? n : max;
    for (size_t i = 0; i < n; i++)
        out[i] = m->debug->trail[(count - n + i) % RK_DEBUG_TRAIL_MAX];
    return n;
}

int machine_debug_run_last(struct machine *m, const struct rk_position *point, int inclusive)
{
    int err = may_command(m);
    if (err)
        return err;
    m->debug->goal = *point;
    m->debug->number = !inclusive;
    host_give_turn(m, RK_DEBUG_RUN_LAST);
    return 0;
}

int machine_debug_last(struct machine *m, struct rk_debug_last *out)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    *out = m->debug->last;
    int known = out->reason == RK_STOP_BREAKPOINT || out->reason == RK_STOP_WATCH ||
                out->reason == RK_STOP_SYSCALL || out->reason == RK_STOP_SYSCALL_END ||
                out->reason == RK_STOP_THREAD;
    return out->count && !known ? -EPROTO : 0;
}

void machine_debug_footprint(struct machine *m, struct rk_debug_footprint *out)
{
    *out = m->debug->footprint;
}

int machine_debug_run_event(struct machine *m, uint64_t number)
{
    return command_number(m, RK_DEBUG_RUN_EVENT, number);
}

int machine_debug_continue(struct machine *m)
{
    return command_number(m, RK_DEBUG_CONTINUE, 0);
}

int machine_debug_step(struct machine *m, uint64_t count)
{
    return command_number(m, RK_DEBUG_STEP, count);
}

/* Answers come at once, unless the guest process is dead or frozen. */
static int wait_for_answer(struct machine *m)
{
    int status, err = -ETIMEDOUT;
    for (int i = 0; err && i < ANSWER_TRIES; i++) {
        err = machine_debug_wait(m, ANSWER_MS);
        if (err && machine_wait(m, &status) != -EAGAIN)
            return -EIO;
    }
    return err ? -EIO : 0;
}

int64_t machine_debug_ask(struct machine *m, enum rk_debug_command question, uint64_t number,
                          void *buf, size_t size, size_t max, int *more)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    m->debug->number = number;
    host_give_turn(m, question);
    int err = wait_for_answer(m);
    if (err)
        return err;
    uint32_t count = m->debug->answer_count;
    if (count > RK_DEBUG_ANSWER_MAX / size || count > max)
        return -EPROTO;
    memcpy(buf, m->debug->answer, count * size);
    if (more)
        *more = m->debug->answer_more != 0;
    return count;
}

int machine_debug_divert(struct machine *m)
{
    int err = may_command(m);
    if (err)
        return err;
    host_give_turn(m, RK_DEBUG_DIVERT);
    return wait_for_answer(m);
}

int machine_debug_set_regs(struct machine *m, const struct rk_debug_stop *regs)
{
    struct rk_debug_stop *s = &m->debug->stop;
    int err = may_command(m);
    if (err)
        return err;
    memcpy(s->gpr, regs->gpr, sizeof(s->gpr));
    s->rip = regs->rip;
    s->rflags = regs->rflags;
    s->fs_base = regs->fs_base;
    s->gs_base = regs->gs_base;
    s->xstate_size = regs->xstate_size;
    memcpy(s->xstate, regs->xstate, sizeof(s->xstate));
    host_give_turn(m, RK_DEBUG_SET_REGS);
    return wait_for_answer(m);
}

int machine_debug_stop_signals(struct machine *m, uint64_t set)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    m->debug->stop_signals = set;
    return 0;
}

int machine_debug_stop_calls(struct machine *m, const uint64_t *set)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    memcpy(m->debug->stop_calls, set, sizeof(m->debug->stop_calls));
    return 0;
}

int machine_debug_stop_thread(struct machine *m, int32_t tid)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    m->debug->stop_thread = tid;
    return 0;
}

int machine_debug_end(struct machine *m)
{
    if (!machine_debug_stopped(m))
        return -EBUSY;
    host_give_turn(m, RK_DEBUG_END);
    return 0;
}

int machine_debug_interrupt(struct machine *m)
{
    if (machine_debug_stopped(m))
        return 0;
    atomic_store(&m->debug->interrupt, 1);
    return kill(m->pid, SIGURG) ? -errno : 0;
}
