/*
 * fault.c - the translator's part in signal handlers: exact guest state at a cache
 * address, interrupts, leaving. Nothing here waits, allocates or calls out.
 */
#include "internal.h"

/* Set in the frames of faults by the processor; no state of the guest. */
#define FLAG_RF 0x10000u

static int in_code(uint64_t pc)
{
    return pc >= XL_CODE_AT && pc < XL_CODE_END;
}

int xl_in_cache(uint64_t pc)
{
    return in_code(pc) ||
           (pc >= (uint64_t)(uintptr_t)xl_asm_begin && pc < (uint64_t)(uintptr_t)xl_asm_end);
}

/* The map entry of host_pc in b; *guest = the guest instruction it belongs to. */
static const struct xl_imap *map_entry(const struct xl_block *b, uint64_t host_pc, uint64_t *guest)
{
    const struct xl_imap *m = &XL_IMAP[b->imap];
    uint64_t host = b->main;
    *guest = b->pc;
    for (uint32_t i = 0; i < b->imap_count; i++, m++) {
        host += m->host_len;
        if (host_pc < host)
            return m;
        *guest += m->guest_len;
    }
    return NULL;
}

/* Moves what is left of the budget out of reach, but for one tick. A counter of 1 is one that the
 * guest may have anywhere; with 0 behind a test and before the count that belongs to it, the
 * counter would pass by 0, and tests that keep the flags look for that alone. */
static void take(uint64_t *counter)
{
    if ((int64_t)*counter <= 1)
        return;
    CTL->deferred += *counter - 1;
    *counter = 1;
}

void xl_interrupt(struct host_ctx *ctx)
{
    CTL->interrupt = 1;
    if (in_code(ctx->rip)) {
        uint64_t guest;
        const struct xl_block *b = xl_block_at(ctx->rip);
        const struct xl_imap *m = b ? map_entry(b, ctx->rip, &guest) : NULL;
        take(m && (m->state & ST_COUNTER_MEM) ? &CTL->counter : &ctx->gpr[R11]);
    } else if (ctx->rip == (uint64_t)(uintptr_t)xl_enter_jump) {
        take(&ctx->gpr[R11]);
    } else if (ctx->rip >= (uint64_t)(uintptr_t)xl_enter_guard &&
               ctx->rip < (uint64_t)(uintptr_t)xl_enter_jump) {
        take(&CTL->counter);
    }
}

/* Registers that are in memory already: r11 but in a window, and what is spilled. */
static uint32_t registers_in_memory(unsigned state)
{
    uint32_t mask = state & ST_GUEST_R11 ? 0 : 1u << R11;
    if ((state & ST_SPILL_BITS) == ST_SPILLED_CX_DX || (state & ST_SPILL_BITS) == ST_OWN_STORE)
        mask |= 1u << RCX | 1u << RDX;
    else if (state & ST_SPILL_BITS)
        mask |= 1u << ST_SPILL_OF(state);
    return mask;
}

int xl_fault_state(const struct host_ctx *ctx, struct vcpu *v)
{
    uint64_t guest;
    const struct xl_block *b = in_code(ctx->rip) ? xl_block_at(ctx->rip) : NULL;
    const struct xl_imap *m = b ? map_entry(b, ctx->rip, &guest) : NULL;
    if (!m)
        return 0;
    uint32_t kept = registers_in_memory(m->state);
    for (unsigned i = 0; i < 16; i++)
        if (!(kept & 1u << i))
            v->gpr[i] = ctx->gpr[i];
    v->rip = guest;
    v->rflags = (ctx->rflags & ~(uint64_t)FLAG_RF) | CTL->trap_flag;
    CTL->own_store = (m->state & ST_SPILL_BITS) == ST_OWN_STORE;
    uint64_t left = m->state & ST_COUNTER_MEM ? CTL->counter : ctx->gpr[R11];
    if (v->ticks != RK_TICKS_UNKNOWN)
        v->ticks += CTL->budget - left - CTL->deferred - (m->state & ST_COUNTED ? 1 : 0);
    CTL->budget = CTL->counter = CTL->deferred = 0;
    return 1;
}

void xl_leave(struct host_ctx *ctx, enum vcpu_exit reason)
{
    CTL->exit_id = XL_ID_LEFT;
    CTL->left = reason;
    ctx->rip = (uint64_t)(uintptr_t)xl_left;
    ctx->gpr[RSP] = CTL->host_sp;
    ctx->rflags = 0x202;
}
