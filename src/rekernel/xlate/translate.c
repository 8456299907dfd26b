/* translate.c - guest blocks into cache blocks: layout, entries, stubs. */
#include "unit.h"

static struct xl_gather gather;
static struct unit unit;

static const struct gather_limits usual = {.max_insns = XL_MAX_INSNS, .stop_pc = 0};
static const struct gather_limits wary = {
    .max_insns = XL_MAX_INSNS, .stop_pc = 0, .stop_after_store = 1};

void xl_patch(uint32_t rel32_at, uint32_t target)
{
    uint32_t rel = target - (rel32_at + 4);
    __builtin_memcpy((void *)(uintptr_t)rel32_at, &rel, 4);
}

/* ------------------------------------------------------------------- map */
void unit_map(struct unit *u, uint32_t guest_len, unsigned state)
{
    struct xl_imap *m = &XL_IMAP[u->block->imap + u->block->imap_count++];
    m->guest_len = (uint8_t)guest_len;
    m->host_len = (uint8_t)(em_at(&u->e) - u->mapped);
    m->state = (uint8_t)state;
    u->mapped = em_at(&u->e);
}

void unit_window_open(struct unit *u)
{
    if (u->window)
        return;
    em_store(&u->e, R11, AT_COUNTER);
    unit_map(u, 0, 0);
    em_load(&u->e, R11, V_GPR(R11));
    unit_map(u, 0, ST_COUNTER_MEM);
    u->window = 1;
    u->written = 0;
}

void unit_window_close(struct unit *u)
{
    if (!u->window)
        return;
    if (u->written)
        em_store(&u->e, R11, V_GPR(R11));
    em_load(&u->e, R11, AT_COUNTER);
    unit_map(u, 0, ST_COUNTER_MEM | ST_GUEST_R11);
    u->window = 0;
}

/* ----------------------------------------------------------------- stubs */
struct pending *unit_rel32_exit(struct unit *u, enum exit_kind kind, uint64_t pc)
{
    struct pending *s = &u->stub[u->stubs++];
    *s = (struct pending){.pc = pc, .at = em_at(&u->e), .kind = (uint8_t)kind};
    s->tick = kind == EXIT_EXPIRED_DIRTY ? -1 : 0;
    em32(&u->e, 0);
    return s;
}

/* Where a direct transfer to pc can go at once; 0: nowhere yet. */
static uint32_t link_now(uint64_t pc, int tick, int untested)
{
    struct xl_block *b = xl_lookup(pc);
    if (!b || (b->flags & BLOCK_CHECKED) || (untested && !(b->flags & BLOCK_TESTS)))
        return 0;
    return tick ? b->tick : b->main;
}

void unit_rel32_link(struct unit *u, uint64_t pc, enum link_tick how)
{
    int tick = how == TICK_TO_COUNT, untested = how != TICK_NONE && !u->once;
    uint32_t entry = u->once ? 0 : link_now(pc, tick, untested);
    if (entry) {
        em_rel32(&u->e, entry);
        return;
    }
    struct pending *s = unit_rel32_exit(u, EXIT_LINK, pc);
    s->tick = (int8_t)tick;
    s->untested = (uint8_t)untested;
}

/* mov dword ptr [exit_id], id; jmp exit */
static uint32_t emit_exit(struct emit *e, uint32_t id)
{
    uint32_t at = em_at(e);
    em_bytes(e, 0x2504c7, 3);
    em32(e, AT_EXIT_ID);
    em32(e, id);
    em_jmp(e, XL_STUB_EXIT);
    return at;
}

static uint32_t emit_pending(struct unit *u, struct emit *e, const struct pending *s)
{
    uint32_t id;
    struct xl_exit *x = xl_exit_new(s->kind, s->pc, &id);
    x->patch = s->kind == EXIT_LINK && !u->once ? s->at : 0;
    x->tick = s->tick;
    x->untested = s->untested;
    return emit_exit(e, id);
}

static void emit_stubs(struct unit *u, struct emit *e)
{
    for (uint32_t i = 0; i < u->stubs; i++) {
        const struct pending *s = &u->stub[i];
        uint32_t entry = 0;
        if (s->kind == EXIT_LINK && !u->once)
            entry = link_now(s->pc, s->tick, s->untested);
        xl_patch(s->at, entry ? entry : emit_pending(u, e, s));
    }
    u->stubs = 0;
}

uint32_t xl_dead_stub(uint64_t pc)
{
    struct emit e = {(uint8_t *)(uintptr_t)CTL->cold_end};
    uint32_t id;
    xl_exit_new(EXIT_LINK, pc, &id);
    uint32_t at = emit_exit(&e, id);
    CTL->cold_end = em_at(&e);
    return at;
}

/* --------------------------------------------------------------- entries */
#define IND_ENTRY_MAX 64

/* Is the target (in rcx) pc? Not: to the dispatcher. Returns the entry's address; the way to
 * the dispatcher lies in front of it. The flags stay, even where this block overwrites them:
 * the block that was meant shares the table's slot, and may need them. */
static uint32_t emit_ind_entry(struct emit *e, uint64_t pc, uint32_t miss)
{
    uint8_t *other = e->p;
    em_add_rcx(e, pc);
    em_jmp(e, miss);
    uint32_t entry = em_at(e);
    em_add_rcx(e, 1 - pc);
    em8(e, 0xe2); /* loop: rcx is target - pc then */
    em8(e, (unsigned)(other - e->p - 1));
    em_load(e, RCX, V_GPR(RCX));
    em_load(e, RDX, V_GPR(RDX));
    return entry;
}

uint32_t xl_tick_entry(struct xl_block *b)
{
    if (!b->tick) {
        struct emit e = {(uint8_t *)(uintptr_t)CTL->cold_end};
        b->tick = em_at(&e);
        em_count(&e);
        em_jmp(&e, b->main);
        CTL->cold_end = em_at(&e);
    }
    return b->tick;
}

/* Goes to b with a tick if one is left, else to the dispatcher; counted: it has been counted
 * already. Flags stay: rcx is put away, and the counter tested by jrcxz. */
static uint32_t tested_link(struct xl_block *b, int counted)
{
    uint32_t id;
    struct emit e = {(uint8_t *)(uintptr_t)CTL->cold_end};
    uint32_t at = em_at(&e);
    em_store(&e, RCX, V_GPR(RCX));
    if (counted)
        em_bytes(&e, 0x014b8d49, 4); /* lea rcx, [r11 + 1] */
    else
        em_bytes(&e, 0xd9894c, 3); /* mov rcx, r11 */
    uint8_t *none = em_short(&e, 0xe3);
    em_load(&e, RCX, V_GPR(RCX));
    if (!counted)
        em_count(&e);
    em_jmp(&e, b->main);
    em_here(&e, none);
    em_load(&e, RCX, V_GPR(RCX));
    xl_exit_new(EXIT_LINK, b->pc, &id)->tick = !counted;
    emit_exit(&e, id);
    CTL->cold_end = em_at(&e);
    return at;
}

uint32_t xl_link_entry(const struct xl_exit *x, struct xl_block *b)
{
    if (x->untested && !(b->flags & BLOCK_TESTS))
        return tested_link(b, !x->tick);
    return x->tick ? xl_tick_entry(b) : b->main;
}

struct xl_block *xl_retranslate(struct xl_block *b)
{
    uint64_t bad, pc = b->pc;
    xl_block_kill(b);
    struct xl_block *again = xl_translate(pc, REACHED_UNTESTED, &bad);
    return again ? again : b;
}

static uint32_t ind_entry(struct xl_block *b)
{
    if (!b->ind) {
        struct emit e = {(uint8_t *)(uintptr_t)CTL->code_end};
        b->ind = emit_ind_entry(&e, b->pc, XL_STUB_SECOND);
        em_jmp(&e, b->main);
        CTL->code_end = em_at(&e);
    }
    return b->ind;
}

static uint32_t ind2_entry(struct xl_block *b)
{
    if (!b->ind2) {
        struct emit e = {(uint8_t *)(uintptr_t)CTL->code_end};
        b->ind2 = emit_ind_entry(&e, b->pc, XL_STUB_MISS);
        em_jmp(&e, b->main);
        CTL->code_end = em_at(&e);
    }
    return b->ind2;
}

/* Who came first keeps the place in the first table: two that share it would take turns. */
void xl_ind_publish(struct xl_block *b)
{
    uint64_t *first = xl_ind_slot(b->pc);
    if (*first == XL_STUB_SECOND)
        *first = ind_entry(b);
    else if (*first != b->ind)
        *xl_ind_slot2(b->pc) = ind2_entry(b);
}

/* The entry in front of the first block of a unit; main ends up on a multiple of 16. */
static void emit_entries(struct emit *e, struct xl_block *b, int indirect)
{
    uint8_t probe[IND_ENTRY_MAX];
    struct emit measure = {probe};
    if (indirect)
        emit_ind_entry(&measure, b->pc, XL_STUB_SECOND);
    while ((em_at(e) + (uint32_t)(measure.p - probe)) & 15)
        em8(e, 0xcc);
    if (indirect)
        b->ind = emit_ind_entry(e, b->pc, XL_STUB_SECOND);
}

/* ------------------------------------------------------------------ body */
/* A backward transfer leads here that did not test the counter itself: leaves when that
 * has counted too many. The flags are free to lose here. */
static void emit_late_test(struct unit *u, uint64_t pc)
{
    if (!u->window) {
        em_bytes(&u->e, 0xdb854d, 3); /* test r11, r11 */
        em_bytes(&u->e, 0x8c0f, 2);   /* jl */
        unit_rel32_exit(u, EXIT_EXPIRED_DIRTY, pc)->tick = 0;
        unit_map(u, 0, 0);
        return;
    }
    em_bytes(&u->e, 0x253c8348, 4); /* cmp qword ptr [counter], 0 */
    em32(&u->e, AT_COUNTER);
    em8(&u->e, 0);
    uint8_t *some = em_short(&u->e, 0x7d); /* jge */
    unit_expire(u, EXIT_EXPIRED_DIRTY, pc)->tick = 0;
    em_here(&u->e, some);
}

/* Counts the tick at the end of the block beforehand; leaves when none is left. The flags are
 * free to lose here. */
static void emit_check(struct unit *u, uint64_t pc)
{
    if (!u->window) {
        em_bytes(&u->e, 0x01eb8349, 4); /* sub r11, 1 */
        em_bytes(&u->e, 0x8c0f, 2);     /* jl */
        unit_rel32_exit(u, EXIT_EXPIRED_DIRTY, pc);
        unit_map(u, 0, 0);
    } else {
        em_bytes(&u->e, 0x252c8348, 4); /* sub qword ptr [counter], 1 */
        em32(&u->e, AT_COUNTER);
        em8(&u->e, 1);
        uint8_t *some = em_short(&u->e, 0x7d); /* jge */
        unit_expire(u, EXIT_EXPIRED_DIRTY, pc);
        em_here(&u->e, some);
    }
    u->counted = 1;
}

struct pending *unit_expire(struct unit *u, enum exit_kind kind, uint64_t pc)
{
    int window = u->window;
    unit_map(u, 0, unit_state(u));
    unit_window_close(u);
    em8(&u->e, 0xe9);
    struct pending *exit = unit_rel32_exit(u, kind, pc);
    unit_map(u, 0, 0);
    u->window = window;
    return exit;
}

/* Does this block end in something that counts a tick? */
static int may_tick(const struct xl_gather *g)
{
    const struct insn *in = &g->insn[g->count - 1];
    uint64_t pc = g->pc + g->off[g->count - 1];
    switch (in->cls) {
    case INSN_JCC:
    case INSN_LOOP:
    case INSN_JMP:
    case INSN_CALL:
        return insn_target(in, pc) <= pc;
    case INSN_JMP_IND:
    case INSN_CALL_IND:
    case INSN_RET:
        return 1;
    default:
        return 0;
    }
}

/* An indirect transfer tests the counter itself (branch.c); told so, also for one too few. */
static int ends_indirectly(const struct xl_gather *g)
{
    unsigned cls = g->insn[g->count - 1].cls;
    return g->ends && (cls == INSN_JMP_IND || cls == INSN_CALL_IND || cls == INSN_RET);
}

/* Does the block name r11 from this instruction on? */
static int r11_from(const struct xl_gather *g, uint32_t i)
{
    for (; i < g->count; i++)
        if ((g->insn[i].gpr_read | g->insn[i].gpr_write) & 1u << R11)
            return 1;
    return 0;
}

/* What must be looked at before the block's instruction number i runs. */
static void look_first(struct unit *u, uint32_t i)
{
    const struct xl_gather *g = u->g;
    uint64_t pc = g->pc + g->off[i];
    if (xl_is_sought(pc) && !u->once)
        unit_seek(u, pc);
    if (CTL->watch_kinds)
        unit_watch(u, &g->insn[i], g->bytes + g->off[i], pc);
}

/* Translates u->g. Returns 1 when translation may go on inline at *next. */
static int emit_block(struct unit *u, uint64_t *next)
{
    const struct xl_gather *g = u->g;
    uint32_t plain = g->ends ? g->count - 1 : g->count;
    for (uint32_t i = 0; i < plain; i++) {
        uint64_t pc = g->pc + g->off[i];
        look_first(u, i); /* before the flags are lost */
        if (u->tested && g->check == (int)i) {
            /* Counting in memory would make each turn of a loop wait for it twice. */
            if (!r11_from(g, i))
                unit_window_close(u);
            if (may_tick(g))
                emit_check(u, pc);
            else
                emit_late_test(u, pc);
        }
        unit_copy(u, &g->insn[i], g->bytes + g->off[i], pc);
    }
    if (g->ends) {
        look_first(u, plain);
        return unit_branch(u, &g->insn[plain], g->bytes + g->off[plain], g->pc + g->off[plain],
                           next);
    }
    unit_window_close(u);
    *next = g->pc + g->len;
    return 1;
}

static void begin_block(struct unit *u, struct xl_block *b, int late_test)
{
    u->block = b;
    b->main = u->mapped = em_at(&u->e);
    b->imap = CTL->imap_count;
    b->len = (uint16_t)u->g->len;
    u->window = 0;
    u->counted = 0;
    u->tested = !u->once && u->g->check >= 0 && (late_test || may_tick(u->g));
    u->late = !u->once && u->g->check < 0 && late_test && ends_indirectly(u->g);
    if (u->g->check >= 0 || ends_indirectly(u->g))
        b->flags |= u->tested || u->late ? BLOCK_TESTS : BLOCK_CAN_TEST;
    CTL->stats.blocks++;
    CTL->stats.insns += u->g->count;
    if (CTL->env->translated)
        CTL->env->translated(b->pc, u->g->off, u->g->count);
}

static void end_block(struct unit *u)
{
    struct xl_block *b = u->block;
    /* Room for the jump that unlinks it (xl_block_kill). */
    while (em_at(&u->e) < b->main + 5)
        em8(&u->e, 0x90);
    b->end = u->mapped;
    CTL->imap_count += b->imap_count;
}

/* A unit that begins at this address of the cache; the stubs need no clearing. */
static void begin_unit(struct unit *u, uint32_t at)
{
    u->e.p = (uint8_t *)(uintptr_t)at;
    u->g = &gather;
    u->hidden = u->once = 0;
    u->stubs = u->returns = 0;
}

/* Reads the block at pc and protects its pages. Returns 1 when it must be a checked one. */
static int prepare(uint64_t pc)
{
    int checked = xl_pages_claim(pc, 1);
    xl_gather(&gather, pc, checked ? &wary : &usual);
    if (gather.count && !checked && xl_pages_claim(pc, gather.len)) {
        checked = 1;
        xl_gather(&gather, pc, &wary);
    }
    return checked;
}

/* A block that compares its bytes on entry keeps a copy of them in front. */
static void keep_bytes(struct unit *u, struct xl_block *b)
{
    b->flags |= BLOCK_CHECKED;
    b->bytes = em_at(&u->e);
    memcpy(u->e.p, gather.bytes, gather.len);
    u->e.p += gather.len;
}

/* Goes on at pc while that is new and ordinary code. */
static int go_on(uint64_t pc)
{
    if (xl_is_break(pc) || xl_lookup(pc))
        return 0;
    return !prepare(pc) && gather.count;
}

/* The block and those that it goes on to inline. Returns how many. */
static uint32_t translate_chain(struct unit *u, struct xl_block *first, int late_test)
{
    uint64_t next = 0;
    uint32_t blocks = 1;
    struct xl_block *b = first;
    u->sure = !CTL->watch_kinds;
    for (;;) {
        begin_block(u, b, late_test && b == first);
        if (!u->hidden || b != first)
            xl_block_publish(b);
        xl_pages_link(b);
        int inlined = emit_block(u, &next);
        int more =
            inlined && !(b->flags & BLOCK_CHECKED) && blocks < UNIT_BLOCKS_MAX && go_on(next);
        if (inlined && !more) {
            em8(&u->e, 0xe9);
            unit_rel32_link(u, next, TICK_NONE);
        }
        end_block(u);
        if (!more)
            break;
        b = xl_block_new(next);
        blocks++;
    }
    return blocks;
}

/* Also the places where its calls come back to: else each of them would leave the cache when
 * the first return finds nothing there. */
static void translate_unit(struct unit *u, struct xl_block *first, int late_test)
{
    uint32_t blocks = translate_chain(u, first, late_test);
    u->hidden = 0;
    while (u->returns && blocks + UNIT_BLOCKS_MAX <= UNIT_TOTAL_MAX) {
        uint64_t pc = u->return_to[--u->returns];
        if (!go_on(pc))
            continue;
        struct xl_block *b = xl_block_new(pc);
        emit_entries(&u->e, b, !CTL->paired);
        blocks += translate_chain(u, b, 0);
        if (!CTL->paired && *xl_ind_slot(pc) == XL_STUB_SECOND)
            *xl_ind_slot(pc) = b->ind;
    }
    struct emit cold = {(uint8_t *)(uintptr_t)CTL->cold_end};
    emit_stubs(u, &cold);
    CTL->cold_end = em_at(&cold);
}

struct xl_block *xl_translate(uint64_t pc, enum reached reached, uint64_t *bad)
{
    xl_gather_anew(&gather);
    int checked = prepare(pc);
    if (!gather.count) {
        *bad = gather.bad;
        return NULL;
    }
    struct xl_block *b = xl_block_new(pc);
    begin_unit(&unit, CTL->code_end);
    if (checked)
        keep_bytes(&unit, b);
    emit_entries(&unit.e, b, reached == REACHED_INDIRECT);
    translate_unit(&unit, b, reached == REACHED_UNTESTED);
    CTL->code_end = em_at(&unit.e);
    return b;
}

struct xl_block *xl_translate_hidden(uint64_t pc)
{
    xl_gather_anew(&gather);
    if (prepare(pc) || !gather.count)
        return NULL;
    struct xl_block *b = xl_block_new(pc);
    begin_unit(&unit, CTL->code_end);
    unit.hidden = 1;
    translate_unit(&unit, b, 0);
    CTL->code_end = em_at(&unit.e);
    return b;
}

int xl_translate_once(uint64_t pc, const struct gather_limits *limits, uint64_t *bad)
{
    xl_gather_anew(&gather);
    xl_gather(&gather, pc, limits);
    if (!gather.count) {
        *bad = gather.bad;
        return -1;
    }
    uint64_t next;
    uint32_t imap_count = CTL->imap_count;
    struct xl_block *b = XL_ONESHOT;
    memset(b, 0, sizeof(*b));
    b->pc = pc;
    begin_unit(&unit, XL_ONESHOT_AT);
    unit.once = 1;
    begin_block(&unit, b, 0);
    if (emit_block(&unit, &next)) {
        em8(&unit.e, 0xe9);
        if (gather.ends)
            unit_rel32_link(&unit, next, TICK_NONE);
        else
            unit_rel32_exit(&unit, EXIT_STOPPED, next);
    }
    b->end = unit.mapped;
    emit_stubs(&unit, &unit.e);
    CTL->imap_count = imap_count;
    CTL->stats.one_shots++;
    return 0;
}
