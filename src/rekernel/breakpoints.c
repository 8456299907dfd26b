/*
 * breakpoints.c - see breakpoints.h. The lists are copied: the debug area can be reached by
 * stray stores of the guest.
 */
#include "breakpoints.h"
#include "agent.h"
#include "task.h"
#include "vcpu_mode.h"

static struct rk_debug_break breaks[RK_DEBUG_BREAKS];
static u32 break_count;
static u8 conds[RK_DEBUG_CONDS];
static u32 cond_size;

static const struct rk_debug_break *find(const struct rk_debug_break *list, u32 n, u64 pc)
{
    for (u32 i = 0; i < n; i++)
        if (list[i].pc == pc)
            return &list[i];
    return NULL;
}

void breakpoints_take(const struct rk_debug *area)
{
    struct rk_debug_break want[RK_DEBUG_BREAKS];
    u32 n = 0, count = MIN(area->break_count, (u32)RK_DEBUG_BREAKS);
    for (u32 i = 0; i < count; i++) {
        want[n] = area->breaks[i];
        if (!find(want, n, want[n].pc))
            n++;
    }
    for (u32 i = 0; i < break_count; i++)
        if (!find(want, n, breaks[i].pc))
            vcpu_break_del(breaks[i].pc);
    for (u32 i = 0; i < n; i++)
        if (!find(breaks, break_count, want[i].pc))
            vcpu_break_add(want[i].pc);
    memcpy(breaks, want, n * sizeof breaks[0]);
    break_count = n;
    cond_size = MIN(area->cond_size, (u32)RK_DEBUG_CONDS);
    memcpy(conds, area->conds, cond_size);
}

/* --------------------------------------------------------------- conditions */
static int segment_register(unsigned number, u64 *value)
{
    static const u8 selector[] = {0x33, 0x2b, 0, 0, 0, 0}; /* cs ss ds es fs gs of Linux */
    *value = selector[number - AGENT_CS];
    return 0;
}

static int base_register(unsigned number, u64 *value)
{
    u64 fs, gs;
    vcpu_get_bases(&fs, &gs);
    *value = number == AGENT_FS_BASE ? fs : gs;
    return 0;
}

static int read_register(void *ctx, unsigned number, u64 *value)
{
    static const u8 general[] = {RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP,
                                 R8,  R9,  R10, R11, R12, R13, R14, R15};
    if (number < ARRAY_LEN(general))
        *value = VCPU->gpr[general[number]];
    else if (number == AGENT_RIP)
        *value = VCPU->rip;
    else if (number == AGENT_EFLAGS)
        *value = VCPU->rflags;
    else if (number == AGENT_ORIG_RAX)
        *value = (u64)-1; /* of no system call */
    else if (number >= AGENT_CS && number <= AGENT_GS)
        return segment_register(number, value);
    else if (number == AGENT_FS_BASE || number == AGENT_GS_BASE)
        return base_register(number, value);
    else
        return -1; /* vector and x87 registers are no integers */
    return 0;
}

static int read_memory(void *ctx, u64 addr, void *buf, unsigned len)
{
    return copy_from_guest(buf, addr, len) != 0;
}

bool breakpoints_hit(u64 pc)
{
    static const struct agent_env env = {read_register, read_memory, NULL};
    const struct rk_debug_break *b = find(breaks, break_count, pc);
    if (!b)
        return false;
    if (b->cond_offset > cond_size || b->cond_size > cond_size - b->cond_offset)
        return true;
    return agent_list_holds(conds + b->cond_offset, b->cond_size, &env);
}
