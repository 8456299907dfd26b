/* run.c - the dispatcher: enters the cache, handles its exits, stops where asked. */
#include "emit.h"

#define SIGILL_ 4
#define SIGTRAP_ 5
#define SIGSEGV_ 11
#define ILL_ILLOPN_ 2
#define SI_KERNEL_ 0x80
#define TRAP_TRACE_ 2
#define SEGV_MAPERR_ 1

#define FLAG_TF 0x100u
/* What popf may change in user mode: CF PF AF ZF SF TF DF OF NT AC ID. */
#define POPF_FLAGS 0x244dd5u
#define BUDGET_MAX (1ull << 62)

/* State of one xl_run. */
struct run {
    struct vcpu *v;
    const struct xl_stop *stop;
    enum vcpu_exit reason; /* VCPU_EXIT_NONE: go on */
    uint32_t link;         /* exit whose rel32 can be pointed to the next block, or 0 */
    uint32_t site;         /* indirect transfer whose guess can be set to the next block, or 0 */
    int indirect;          /* the next block was reached by an indirect transfer */
    int step;              /* the next instruction must run alone */
    int moved;             /* something has run */
    int watched;           /* what comes next may touch what is watched */
    int sought;            /* xl_seek's tests hold */
};

static void add_ticks(struct vcpu *v, uint64_t n)
{
    if (v->ticks != RK_TICKS_UNKNOWN)
        v->ticks += n;
}

static void fault(struct run *r, uint32_t signo, int32_t code, uint64_t addr, uint64_t trapno)
{
    r->v->fault_signo = signo;
    r->v->fault_code = code;
    r->v->fault_addr = addr;
    r->v->fault_err = trapno == 14 ? 0x14 : 0; /* user, instruction fetch */
    r->v->fault_trapno = trapno;
    r->reason = VCPU_EXIT_FAULT;
}

/* ----------------------------------------------------------------- exits */
static void do_popf(struct vcpu *v, uint64_t mask)
{
    v->rflags = (v->rflags & ~mask) | (CTL->target & mask);
    CTL->trap_flag = (uint32_t)v->rflags & FLAG_TF;
}

static uint64_t lost[2]; /* by the last syscall instruction: rcx, r11 */

void xl_before_syscall(uint64_t *rcx, uint64_t *r11)
{
    *rcx = lost[0];
    *r11 = lost[1];
}

static void do_syscall(struct run *r, uint64_t next)
{
    lost[0] = r->v->gpr[RCX];
    lost[1] = r->v->gpr[R11];
    r->v->gpr[RCX] = next;
    r->v->gpr[R11] = r->v->rflags;
    r->reason = VCPU_EXIT_SYSCALL;
}

static void handle_exit(struct run *r, uint32_t id)
{
    const struct xl_exit *x = &XL_EXITS[id];
    r->v->rip = x->pc;
    add_ticks(r->v, (uint64_t)x->tick);
    switch (x->kind) {
    case EXIT_LINK:
        r->link = x->patch ? id : 0;
        break;
    case EXIT_EXPIRED_DIRTY:
        r->step = 1;
        break;
    case EXIT_SYSCALL:
        do_syscall(r, x->pc);
        break;
    case EXIT_TRAP:
        if (!CTL->env->trap || !CTL->env->trap())
            r->reason = VCPU_EXIT_TRAP;
        break;
    case EXIT_UD:
        fault(r, SIGILL_, ILL_ILLOPN_, x->pc, 6);
        break;
    case EXIT_WATCH:
        r->watched = 1;
        break;
    case EXIT_SOUGHT:
        r->sought = 1;
        break;
    case EXIT_POPF:
        do_popf(r->v, POPF_FLAGS);
        break;
    case EXIT_POPFW:
        do_popf(r->v, POPF_FLAGS & 0xffff);
        break;
    default:
        break;
    }
}

static int canonical(uint64_t addr)
{
    return (uint64_t)((int64_t)(addr << 16) >> 16) == addr;
}

/* The processor refuses such a target with the registers as they were before the instruction
 * (SDM volume 2, RET, CALL, JMP: #GP); what a call pushed lies below the stack pointer. */
static void refuse_target(struct run *r)
{
    struct insn in;
    uint8_t code[X86_INSN_MAX];
    int n = CTL->env->fetch(CTL->source, code, sizeof code);
    if (n > 0 && insn_decode(&in, code, (unsigned)n) == 0 && in.cls == INSN_RET)
        r->v->gpr[RSP] -= 8 + (in.imm_size ? (uint64_t)in.imm & 0xffff : 0);
    else if (n > 0 && in.cls == INSN_CALL_IND)
        r->v->gpr[RSP] += 8;
    add_ticks(r->v, (uint64_t)-1);
    fault(r, SIGSEGV_, SI_KERNEL_, 0, 13);
    r->v->rip = CTL->source;
}

static void handle(struct run *r, uint32_t id)
{
    switch (id) {
    case XL_ID_NOT_ENTERED:
        break;
    case XL_ID_INDIRECT:
        r->v->rip = CTL->target;
        r->indirect = 1;
        r->site = (uint32_t)CTL->site;
        CTL->site = 0;
        if (!canonical(CTL->target))
            refuse_target(r);
        break;
    case XL_ID_LEFT:
        r->reason = (enum vcpu_exit)CTL->left;
        r->step = r->reason == VCPU_EXIT_NONE;
        break;
    default:
        handle_exit(r, id);
    }
}

/* Runs the cache from entry with so many ticks to spend. */
static void enter(struct run *r, uint32_t entry, uint64_t budget)
{
    CTL->entry = entry;
    CTL->counter = CTL->budget = budget;
    CTL->deferred = 0;
    CTL->stats.exits++;
    uint32_t id = xl_enter();
    add_ticks(r->v, CTL->budget - CTL->counter - CTL->deferred);
    CTL->budget = CTL->counter = CTL->deferred = 0;
    r->moved |= id != XL_ID_NOT_ENTERED;
    handle(r, id);
}

/* ---------------------------------------------------------------- blocks */
static int bytes_changed(const struct xl_block *b)
{
    const uint8_t *copy = (const uint8_t *)(uintptr_t)b->bytes;
    uint8_t now[128];
    for (uint32_t at = 0; at < b->len;) {
        uint64_t pc = b->pc + at;
        uint32_t len = (uint32_t)(RK_PAGE - pc % RK_PAGE);
        len = len < sizeof(now) ? len : (uint32_t)sizeof(now);
        len = len < b->len - at ? len : b->len - at;
        if (CTL->env->fetch(pc, now, len) != (int)len || memcmp(now, copy + at, len) != 0)
            return 1;
        at += len;
    }
    return 0;
}

static struct xl_block *find_block(uint64_t pc)
{
    struct xl_block *b = xl_lookup(pc);
    if (!b || !(b->flags & BLOCK_CHECKED))
        return b;
    if (bytes_changed(b)) {
        xl_block_kill(b);
        return NULL;
    }
    return xl_pages_calm(pc) ? NULL : b;
}

static void make_room(struct run *r)
{
    int pair = !CTL->paired && CTL->block_count > CTL->env->pair_after;
    CTL->paired |= (uint32_t)pair;
    if (xl_pages_full())
        xl_pages_forget(1);
    else if (xl_cache_room() && !pair) {
        xl_cache_ahead();
        return;
    } else
        xl_pages_reset();
    xl_cache_reset();
    r->link = r->site = 0;
}

static void forget_way(struct run *r)
{
    r->link = r->site = 0;
    r->indirect = 0;
}

/* Points what led here straight to b, or to a better block of the same pc: returned. */
static struct xl_block *connect(struct run *r, struct xl_block *b)
{
    const struct xl_exit *x = &XL_EXITS[r->link];
    if (r->link && x->untested && (b->flags & BLOCK_CAN_TEST))
        b = xl_retranslate(b);
    if (!(b->flags & (BLOCK_CHECKED | BLOCK_DEAD))) {
        if (r->link)
            xl_patch(x->patch, xl_link_entry(x, b));
        if (r->indirect)
            xl_ind_publish(b);
        if (r->site)
            xl_site_fill(r->site, b);
    }
    forget_way(r);
    return b;
}

static enum reached how_reached(const struct run *r)
{
    if (r->indirect)
        return REACHED_INDIRECT;
    return r->link && XL_EXITS[r->link].untested ? REACHED_UNTESTED : REACHED_DIRECT;
}

static void run_fast(struct run *r, uint64_t budget)
{
    uint64_t bad = 0;
    make_room(r);
    struct xl_block *b = find_block(r->v->rip);
    if (!b)
        b = xl_translate(r->v->rip, how_reached(r), &bad);
    if (!b) {
        fault(r, SIGSEGV_, SEGV_MAPERR_, bad, 14);
        return;
    }
    b = connect(r, b);
    enter(r, b->main, budget);
}

/* From a breakpoint on at full speed. Returns 0 when that cannot be. */
static int run_over_break(struct run *r, uint64_t budget)
{
    int at = xl_break_at(r->v->rip);
    make_room(r);
    if (at < 0 || !budget)
        return 0;
    struct xl_block *b = &XL_BLOCKS[CTL->over[at]];
    if (!CTL->over[at] || (b->flags & BLOCK_DEAD))
        b = xl_translate_hidden(r->v->rip);
    if (!b)
        return 0;
    CTL->over[at] = (uint32_t)(b - XL_BLOCKS);
    forget_way(r);
    enter(r, b->main, budget);
    return 1;
}

/* Runs at most `insns` instructions, up to the next control transfer, not past stop_pc. */
static void run_once(struct run *r, uint32_t insns, uint64_t stop_pc)
{
    struct gather_limits limits = {.max_insns = insns, .stop_pc = stop_pc, .stop_after_store = 1};
    uint64_t bad = 0;
    make_room(r);
    uint32_t exits = CTL->exit_count;
    forget_way(r);
    if (xl_translate_once(r->v->rip, &limits, &bad) < 0) {
        fault(r, SIGSEGV_, SEGV_MAPERR_, bad, 14);
        return;
    }
    uint32_t made = CTL->exit_count;
    enter(r, XL_ONESHOT->main, 0);
    /* A store may have dropped blocks, whose exits came behind ours and stay. */
    if (CTL->exit_count == made)
        CTL->exit_count = exits;
}

/* One instruction with rflags.TF set: the trap comes after it. */
static void run_trapped(struct run *r)
{
    CTL->trap_flag = FLAG_TF;
    r->v->rflags &= ~(uint64_t)FLAG_TF;
    run_once(r, 1, 0);
    r->v->rflags |= CTL->trap_flag;
    CTL->trap_flag = 0;
    r->step = 0;
    if (r->reason == VCPU_EXIT_NONE && r->moved)
        fault(r, SIGTRAP_, TRAP_TRACE_, r->v->rip, 1);
}

/* ----------------------------------------------------------------- stops */
static int reached(const struct run *r)
{
    const struct xl_stop *s = r->stop;
    const struct vcpu *v = r->v;
    if (r->sought || (r->moved && (xl_is_break(v->rip) || xl_seek_holds(v))))
        return 1;
    if (!s)
        return 0;
    if ((s->flags & XL_STOP_STEP) && r->moved)
        return 1;
    if ((s->flags & XL_STOP_TICKS) && v->ticks >= s->ticks)
        return 1;
    if (s->flags & XL_STOP_POINT)
        return v->ticks > s->ticks || (v->ticks == s->ticks && v->rip >= s->pc);
    return 0;
}

/* Ticks that may be spent at full speed. The last one is watched one block at a time, and
 * translated code may count one more than it was given. */
static uint64_t budget_of(const struct run *r)
{
    const struct xl_stop *s = r->stop;
    if (!s || !(s->flags & (XL_STOP_TICKS | XL_STOP_POINT)))
        return BUDGET_MAX;
    uint64_t left = s->ticks - r->v->ticks;
    return left > BUDGET_MAX ? BUDGET_MAX : left > 2 ? left - 2 : 0;
}

/* Watching: must the caller look at the next instruction first? */
static int to_be_seen(const struct run *r)
{
    return CTL->watch_kinds && r->moved && (r->watched || !budget_of(r));
}

/* One instruction, interrupt or not: where the flags are lost, or a store is repeated. */
static void run_step(struct run *r)
{
    uint32_t interrupted = 0;
    r->moved = 0;
    r->step = 0;
    do {
        interrupted |= CTL->interrupt;
        CTL->interrupt = 0;
        run_once(r, 1, 0);
    } while (!r->moved && r->reason == VCPU_EXIT_NONE);
    if (interrupted)
        CTL->interrupt = 1;
}

static void run_some(struct run *r)
{
    const struct xl_stop *s = r->stop;
    uint64_t budget = budget_of(r);
    int alone = (s && (s->flags & XL_STOP_STEP)) || (CTL->watch_kinds && !r->moved) ||
                (CTL->seeking && ((!r->moved && xl_is_sought(r->v->rip)) || !budget));
    int at_break = xl_is_break(r->v->rip);
    if (r->v->rflags & FLAG_TF)
        run_trapped(r);
    else if (r->step)
        run_step(r);
    else if (alone || (at_break && !run_over_break(r, budget)))
        run_once(r, 1, 0);
    else if (!at_break && budget)
        run_fast(r, budget);
    else if (!at_break)
        run_once(r, XL_MAX_INSNS,
                 (s->flags & XL_STOP_POINT) && r->v->ticks == s->ticks ? s->pc : 0);
}

enum vcpu_exit xl_run(struct vcpu *v, const struct xl_stop *stop)
{
    struct run r = {.v = v, .stop = stop};
    for (;;) {
        if (!r.step && CTL->interrupt) {
            CTL->interrupt = 0;
            return VCPU_EXIT_INTERRUPTED;
        }
        if (!r.step && (reached(&r) || to_be_seen(&r)))
            return VCPU_EXIT_STOP;
        run_some(&r);
        if (r.reason != VCPU_EXIT_NONE)
            return r.reason;
    }
}

/* ------------------------------------------------------------------ init */
static void put_jump(uint32_t at, uint32_t pointer)
{
    uint8_t *p = (uint8_t *)(uintptr_t)at;
    p[0] = 0xff; /* jmp qword ptr [pointer] */
    p[1] = 0x24;
    p[2] = 0x25;
    __builtin_memcpy(p + 3, &pointer, 4);
}

/* The target, in rcx, is not the block that the first table names: look into the second. */
static void put_second(uint32_t at)
{
    struct emit e = {(uint8_t *)(uintptr_t)at};
    em_bytes(&e, 0xc9148d48, 4); /* lea rdx, [rcx + rcx * 8]: the flags stay */
    em_bytes(&e, 0xd2148d48, 4); /* lea rdx, [rdx + rdx * 8], twice */
    em_bytes(&e, 0xd2148d48, 4);
    em_store(&e, RDX, AT_TARGET);
    em_bytes(&e, 0x2514b70f, 4); /* movzx edx, word ptr [target + 1] */
    em32(&e, AT_TARGET + 1);
    em_bytes(&e, 0xd524ff, 3); /* jmp [table2 + rdx * 8] */
    em32(&e, XL_TABLE2_AT);
}

void xl_init(const struct xl_env *env)
{
    CTL->env = env;
    CTL->exit_ptr = (uint64_t)(uintptr_t)xl_exit_entry;
    CTL->miss_ptr = (uint64_t)(uintptr_t)xl_miss_entry;
    CTL->break_count = 0;
    CTL->interrupt = 0;
    put_jump(XL_STUB_EXIT, XL_CTL + CTL_EXIT_PTR);
    put_jump(XL_STUB_MISS, XL_CTL + CTL_MISS_PTR);
    put_second(XL_STUB_SECOND);
    xl_return_stub();
    xl_watch_stub();
    CTL->watch_count = CTL->watch_kinds = 0;
    CTL->seeking = 0;
    xl_flush(0);
    memset(&CTL->stats, 0, sizeof(CTL->stats));
}

void xl_get_stats(struct xl_stats *out)
{
    *out = CTL->stats;
    out->code_bytes = CTL->code_end - XL_CODE_FIRST + CTL->cold_end - XL_COLD_AT;
}
