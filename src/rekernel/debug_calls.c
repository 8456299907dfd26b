/*
 * debug_calls.c - stops of the debug port at system calls.
 *
 * Both stops lie between two instructions, as all that a debugger can go back to: before the
 * syscall instruction, and where its thread goes on. The first is undone work: the guest has
 * left for the call already and is put back.
 *
 * Which calls threads are in is known whether or not they are stopped at: searches begin in
 * the middle of calls, and must find where those come back.
 */
#include "debug_calls.h"
#include "revisor/abi.h"
#include "task.h"
#include "vcpu.h"
#include "xlate/xlate.h"

#define SYSCALL_SIZE 2

static const u64 *wanted; /* a bit for each of RK_DEBUG_CALLS */
static u64 *called;
static u32 number;

void debug_calls_boot(struct rk_debug *area)
{
    wanted = area->stop_calls;
    called = area->footprint.called;
}

static bool is_wanted(u32 nr)
{
    return nr < RK_DEBUG_CALLS && wanted[nr / 64] >> nr % 64 & 1;
}

static void note(u32 nr)
{
    if (nr < RK_DEBUG_CALLS)
        called[nr / 64] |= 1ull << nr % 64;
}

static bool is_made_again(const struct task *t, u64 pc)
{
    return t->calls && t->call_pc == pc;
}

bool debug_calls_before(bool on_the_way)
{
    struct task *t = current();
    u32 nr = (u32)VCPU->gpr[RAX];
    u64 pc = VCPU->rip - SYSCALL_SIZE;
    note(nr);
    if (is_wanted(nr) && on_the_way && !is_made_again(t, pc)) {
        number = nr;
        VCPU->rip = pc;
        xl_before_syscall(&VCPU->gpr[RCX], &VCPU->gpr[R11]);
        return true;
    }
    t->calls = true;
    t->call_nr = nr;
    t->call_pc = pc;
    return false;
}

bool debug_calls_next(void)
{
    static const u8 syscall_insn[SYSCALL_SIZE] = {0x0f, 0x05};
    u8 insn[SYSCALL_SIZE];
    u32 nr = (u32)VCPU->gpr[RAX];
    if (!current() || copy_from_guest(insn, VCPU->rip, sizeof insn) != 0 ||
        memcmp(insn, syscall_insn, sizeof insn) != 0)
        return false;
    note(nr);
    number = nr;
    return is_wanted(nr) && !is_made_again(current(), VCPU->rip);
}

bool debug_calls_behind(void)
{
    struct task *t = current();
    if (!t || !t->calls || VCPU->rip == t->call_pc)
        return false;
    t->calls = false;
    number = t->call_nr;
    note(number);
    return is_wanted(number);
}

u32 debug_calls_number(void)
{
    return number;
}
