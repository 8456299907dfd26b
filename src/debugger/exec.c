/*
 * exec.c - the process becomes another program, or going back the one before.
 *
 * gdb reads the symbols of a program when it is told of such an event, and goes on by itself. So
 * the event comes between two moves, and never in place of another stop: runs stop at the system
 * call (behind it forward, before it backward) and not later.
 */
#include "internal.h"

#include <string.h>
#include <sys/syscall.h>

int exec_is_call(uint64_t number)
{
    return number == SYS_execve || number == SYS_execveat;
}

/* "" when nobody knows. */
static void read_exe(const struct debugger *d, char *exe, size_t cap)
{
    struct rk_debug_process process;
    struct replay_session *s = debugger_session(d);
    exe[0] = 0;
    if (s && !replay_session_process(s, &process)) {
        size_t len = strnlen(process.exe, cap - 1);
        memcpy(exe, process.exe, len);
        exe[len] = 0;
    }
}

void exec_know(struct debugger *d)
{
    read_exe(d, d->exe, sizeof(d->exe));
}

static int is_another(const struct debugger *d)
{
    char exe[sizeof(d->exe)];
    read_exe(d, exe, sizeof(exe));
    return exe[0] && strcmp(exe, d->exe) != 0;
}

static int stands_at_exec(const struct rk_debug_stop *stop)
{
    return stop && (stop->reason == RK_STOP_SYSCALL || stop->reason == RK_STOP_SYSCALL_END) &&
           exec_is_call(stop->status);
}

/* A program may execute itself. */
static int has_executed(const struct debugger *d, enum target_direction direction)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    return direction == TARGET_FORWARD && stands_at_exec(stop) &&
           stop->reason == RK_STOP_SYSCALL_END && stop->gpr[0] == 0;
}

int exec_is_own_stop(const struct debugger *d, enum target_direction direction)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    if (!d->exec_events || !stands_at_exec(stop) ||
        d->calls[stop->status / 64] >> stop->status % 64 & 1)
        return 0;
    return !has_executed(d, direction) && !is_another(d);
}

int exec_note(struct debugger *d, enum target_direction direction)
{
    const struct rk_debug_stop *stop = timeline_where(d->timeline);
    if (!d->exec_events || !stop || (!has_executed(d, direction) && !is_another(d)))
        return 0;
    exec_know(d);
    d->stop = (struct target_stop){.reason = TARGET_EXEC, .tid = stop->tid, .text = d->exe};
    return 1;
}
