/*
 * debug_calls.c - stops of the debug port at system calls.
 *
 * Both stops lie between two instructions, as all that a debugger can go back to: before the
 * syscall instruction, and where its thread goes on. The first is undone work: the guest has
 * left for the call already and is put back.
 */
#include "debug_calls.h"
#include "revisor/abi.h"
#include "task.h"
#include "vcpu.h"
#include "xlate/xlate.h"

#define WAITING_MAX 64
#define SYSCALL_SIZE 2

static u64 wanted[RK_DEBUG_CALLS / 64];
static bool wanting;
static u32 number;

/* Threads whose call was stopped at and has not come back. */
static struct {
    s32 tid;
    u32 nr;
    u64 pc; /* of the instruction: a call that is made again comes back there */
} waiting[WAITING_MAX];
static u32 waiting_count;

void debug_calls_take(const struct rk_debug *area)
{
    wanting = false;
    for (u32 i = 0; i < ARRAY_LEN(wanted); i++) {
        wanted[i] = area->stop_calls[i];
        wanting |= wanted[i] != 0;
    }
    if (!wanting)
        waiting_count = 0;
}

static u32 find_waiting(s32 tid)
{
    u32 i = 0;
    while (i < waiting_count && waiting[i].tid != tid)
        i++;
    return i;
}

/* A thread that never came back (it ended, or a handler jumped away) makes room. */
static void wait_for(s32 tid, u32 nr, u64 pc)
{
    u32 i = find_waiting(tid);
    if (i == waiting_count && waiting_count < WAITING_MAX)
        waiting_count++;
    i = MIN(i, (u32)WAITING_MAX - 1);
    waiting[i].tid = tid;
    waiting[i].nr = nr;
    waiting[i].pc = pc;
}

bool debug_calls_before(bool on_the_way)
{
    u32 nr = (u32)VCPU->gpr[RAX], i = find_waiting(current_tid());
    u64 pc = VCPU->rip - SYSCALL_SIZE;
    if (!wanting || nr >= RK_DEBUG_CALLS || !(wanted[nr / 64] >> nr % 64 & 1))
        return false;
    if (!on_the_way || (i < waiting_count && waiting[i].pc == pc)) {
        wait_for(current_tid(), nr, pc);
        return false;
    }
    number = nr;
    VCPU->rip = pc;
    xl_before_syscall(&VCPU->gpr[RCX], &VCPU->gpr[R11]);
    return true;
}

bool debug_calls_behind(void)
{
    u32 i = find_waiting(current_tid());
    if (i == waiting_count || VCPU->rip == waiting[i].pc)
        return false;
    number = waiting[i].nr;
    waiting[i] = waiting[--waiting_count];
    return true;
}

u32 debug_calls_number(void)
{
    return number;
}
