/*
 * cputime.c - processor time of each thread (cputime.h). Who never asks pays nothing: reading
 * the host's clock at each change of threads begins with the first question.
 */
#include "cputime.h"
#include "sched.h"
#include "syscall.h"

#define PROCESS_CLOCK 2 /* CLOCK_PROCESS_CPUTIME_ID */
#define WORK_BITS 20    /* of the sum that shares are computed with, so that they do not overflow */

static bool asked;
static s64 charged; /* the host's clock when it was read last */

void cputime_work(struct task *t, u64 ticks)
{
    t->cpu_work += ticks;
}

s64 cputime_process(void)
{
    s64 ts[2] = {0, 0};
    door_call_out(__NR_clock_gettime, PROCESS_CLOCK, (u64)ts, 0, 0, ts, sizeof ts);
    return ts[0] * 1000000000 + ts[1];
}

static void charge(struct task *t)
{
    s64 now = cputime_process();
    t->cpu_ns += now - charged;
    charged = now;
}

static void divide(void)
{
    u64 sum = 0, total;
    u32 shift = 0;
    asked = true;
    charged = cputime_process();
    total = (u64)charged;
    for (const struct task *t = sched_first(); t; t = t->next)
        sum += t->cpu_work + 1;
    while (sum >> shift >> WORK_BITS)
        shift++;
    for (struct task *t = sched_first(); t; t = t->next)
        t->cpu_ns = (s64)(total * ((t->cpu_work + 1) >> shift) / (sum >> shift));
}

void cputime_switch(struct task *from)
{
    if (asked)
        charge(from);
}

s64 cputime_of(struct task *t)
{
    if (asked)
        charge(current());
    else
        divide();
    return t->cpu_ns;
}

/* --------------------------------------------------------------------- getrusage */
#define RUSAGE_SELF_ 0
#define RUSAGE_THREAD_ 1

/* A thread's time of its own; the other figures are the process's. */
s64 sys_getrusage(struct task *t, const u64 a[6])
{
    u64 b[6] = {a[0], a[1], 0, 0, 0, 0};
    if ((s32)a[0] != RUSAGE_THREAD_)
        return world_generic(t, __NR_getrusage, a, 0);
    s64 ns = cputime_of(t);
    if (!sched_ever_multi()) /* the host's thread is the one */
        return world_generic(t, __NR_getrusage, a, 0);
    s64 times[4] = {ns / 1000000000, ns % 1000000000 / 1000, 0, 0}; /* user, system */
    b[0] = RUSAGE_SELF_;
    s64 r = world_generic(t, __NR_getrusage, b, 0);
    return r == 0 && copy_to_guest(a[1], times, sizeof times) ? -EFAULT : r;
}
