/*
 * points.c - a signal from outside at an exact point (points.h).
 */
#include "points.h"
#include "door.h"
#include "vcpu_mode.h"
#include "xlate/xlate.h"

#include <asm/unistd.h>

static u64 left; /* instructions; 0: no signal is to come */
static u64 wanted;

void points_entry(void)
{
    const u64 *g = VCPU->gpr;
    if (!(plat_control()->flags & RK_CTL_POINTS) || !recording())
        return;
    if (g[RAX] != __NR_sched_yield || g[RDI] != RK_POINTS_MAGIC)
        return;
    left = g[RSI];
    wanted = g[RDX];
}

bool points_due(void)
{
    return left != 0;
}

static void pass(void)
{
    u64 a[6] = {(u64)plat_boot()->pid, wanted};
    if (!--left)
        plat_world(__NR_kill, a);
}

void points_world_call(void)
{
    if (left)
        pass();
}

void points_run(void)
{
    struct xl_stop step = {.flags = XL_STOP_STEP};
    VCPU->exit = VCPU_EXIT_STOP;
    while (left && VCPU->exit == VCPU_EXIT_STOP) {
        u64 ticks = VCPU->ticks, pc = VCPU->rip;
        vcpu_run(VCPU_TRANSLATED, &step);
        if (VCPU->exit == VCPU_EXIT_STOP && (VCPU->ticks != ticks || VCPU->rip != pc))
            pass();
    }
}
