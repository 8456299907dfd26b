/*
 * calls.c - calls and returns. The processor predicts a return by the call that it belongs to, if
 * both are its own: so the guest's calls call and its returns return. What that leaves on the
 * guest's stack is put right at once. A call pushes the address of the landing behind it, and the
 * guest's return address is stored over that. A return finds the landing by the address that it
 * reads, in a table where the last call to come back there wrote it, puts it on the stack and
 * returns to it; the landing stores the address back and checks that it is the one that it stands
 * for.
 */
#include "unit.h"

/* An instruction's call in the cache. It is made once and shared by all blocks that hold the
 * instruction: of several landings for one address the table knows one, and returns to the others
 * would go wrong, each with all that were called around it. */
struct call_site {
    uint64_t pc, back, callee; /* callee of an indirect one: 0 */
    uint32_t at;
    uint8_t indirect;
    uint8_t counted; /* its tick is counted in front of it */
};

/* The call that is being translated. */
struct call {
    struct call_site site;
    uint32_t len;
    unsigned state; /* of the map, where the push may fault */
    int ticks;
};

static int same_call(const struct call_site *a, const struct call_site *b)
{
    return a->pc == b->pc && a->back == b->back && a->callee == b->callee &&
           a->indirect == b->indirect;
}

/* The entry for this call, or the free one where it belongs. Neighbours in code are neighbours
 * here. */
static uint32_t *call_slot(const struct call_site *s)
{
    uint32_t i = (uint32_t)((s->back >> 2) + (s->back >> 19) * 0x9e3779b1u) & (XL_CALLS_SIZE - 1);
    while (XL_CALLS[i] && !same_call((struct call_site *)(uintptr_t)XL_CALLS[i], s))
        i = (i + 1) & (XL_CALLS_SIZE - 1);
    return &XL_CALLS[i];
}

/* The records lie in the cold part of the cache. */
static void remember(const struct call_site *s, uint32_t *slot)
{
    if (CTL->call_count >= XL_CALLS_SIZE / 2)
        return;
    uint32_t page = (uint32_t)(slot - XL_CALLS) / (RK_PAGE / sizeof(*slot));
    CTL->call_count++;
    CTL->calls_touched[page / 64] |= 1ull << page % 64;
    CTL->cold_end = (CTL->cold_end + 7) & ~7u;
    memcpy((void *)(uintptr_t)CTL->cold_end, s, sizeof(*s));
    *slot = CTL->cold_end;
    CTL->cold_end += sizeof(*s);
}

void xl_calls_reset(void)
{
    for (uint32_t page = 0; page < 128; page++)
        if (CTL->calls_touched[page / 64] >> page % 64 & 1)
            memset((void *)(uintptr_t)(XL_CALLS_AT + page * RK_PAGE), 0, RK_PAGE);
    CTL->calls_touched[0] = CTL->calls_touched[1] = 0;
    CTL->call_count = 0;
    for (uint32_t i = 0; i < XL_TABLE_SIZE; i++)
        XL_RETURNS[i] = XL_STUB_RETURN;
}
_Static_assert(XL_CALLS_SIZE * sizeof(uint32_t) == 128 * RK_PAGE, "calls_touched");

/* A call comes back to pc: worth translating before it does. */
static void will_return(struct unit *u, uint64_t pc)
{
    if (u->sure && u->returns < UNIT_RETURNS_MAX)
        u->return_to[u->returns++] = pc;
}

/* ------------------------------------------------------------------ calls */
/* Where a return to `back` lands: rcx holds what it read, rdx where it stands; both are put away.
 */
static void put_landing(struct unit *u, uint64_t back)
{
    struct emit *e = &u->e;
    int wide = !fits_i32(1 - back) || !fits_i32(back);
    em_bytes(e, 0xf8244c8948, 5); /* mov [rsp - 8], rcx */
    if (wide)
        em_store(e, RDX, AT_SOURCE);
    em_add_rcx(e, 1 - back);
    uint8_t *other = em_short(e, 0xe2); /* loop: rcx is target - back then */
    em_load(e, RCX, V_GPR(RCX));
    em_load(e, RDX, V_GPR(RDX));
    em8(e, 0xe9);
    unit_rel32_link(u, back, TICK_NONE);
    em_here(e, other);
    em_add_rcx(e, back);
    em_jmp(e, wide ? XL_STUB_RETURN_NOTED : XL_STUB_RETURN);
}

/* Behind the call: what it pushed becomes what the guest pushes. */
static void put_return_address(struct emit *e, uint64_t back, uint32_t landing)
{
    if (fits_i32(back)) {
        em_bytes(e, 0x2404c748, 4); /* mov qword [rsp], imm32 */
        em32(e, (uint32_t)back);
    } else {
        em_store(e, RDX, V_GPR(RDX));
        em_mov_imm(e, RDX, back);
        em_bytes(e, 0x24148948, 4); /* mov [rsp], rdx */
        em_load(e, RDX, V_GPR(RDX));
    }
    em_bytes(e, 0x2504c7, 3); /* mov dword [returns + back * 4], landing */
    em32(e, XL_RETURNS_AT + 4 * (uint32_t)(back & (XL_TABLE_SIZE - 1)));
    em32(e, landing);
}

/* A new call. What follows it in the cache is what it leads to. i: the test of the counter in front
 * of it, or NULL. */
static void make_call(struct unit *u, struct call *c, uint32_t *slot, struct indirect *i)
{
    struct emit *e = &u->e;
    /* The jump that unlinks the block must not tear it: others come here. */
    while (em_at(e) < u->block->main + 5)
        em8(e, 0x90);
    c->site.at = em_at(e);
    remember(&c->site, slot);
    em8(e, 0xe8);
    em32(e, 0);
    unit_map(u, c->len, c->state);
    uint32_t landing = em_at(e);
    put_landing(u, c->site.back);
    unit_indirect_relay(u, i);
    xl_patch(landing - 4, em_at(e));
    unit_map(u, 0, unit_state(u));
    put_return_address(e, c->site.back, landing);
    unit_map(u, 0, unit_state(u));
}

/* Goes to the call that another block has made; that one's way of counting holds. */
static void share_call(struct unit *u, const struct call *c, const struct call_site *s)
{
    struct indirect i = {0};
    if (c->ticks && u->counted && !s->counted)
        em_uncount(&u->e);
    if (c->ticks && !u->counted && s->counted) {
        if (!s->indirect)
            i = unit_indirect_begin(u, 1);
        em_count(&u->e);
    }
    em_jmp(&u->e, s->at);
    unit_map(u, c->len, c->state);
    unit_indirect_none(u, &i, c->site.pc);
}

/* Returns 1 when the rest of the call must follow, 0 when another block has it. */
static int pair_call(struct unit *u, struct call *c, struct indirect *i)
{
    uint32_t *slot = call_slot(&c->site);
    c->site.counted = (uint8_t)u->counted;
    if (*slot) {
        share_call(u, c, (struct call_site *)(uintptr_t)*slot);
        return 0;
    }
    make_call(u, c, slot, i);
    return 1;
}

/* Calls of one-shot blocks and of small programs only push. push imm32 sign-extends: one
 * instruction for addresses below 2 GiB. */
static void push_return(struct unit *u, uint64_t pc)
{
    struct emit *e = &u->e;
    if (fits_i32(pc)) {
        em8(e, 0x68);
        em32(e, (uint32_t)pc);
        return;
    }
    em_store(e, RDX, V_GPR(RDX));
    em_mov_imm(e, RDX, pc);
    em8(e, 0x52); /* push rdx */
}

int unit_call(struct unit *u, const struct insn *in, uint64_t pc, uint64_t *next)
{
    struct call c = {.site = {.pc = pc, .back = pc + in->len, .callee = insn_target(in, pc)},
                     .len = in->len,
                     .state = unit_state(u)};
    c.ticks = c.site.callee <= pc;
    will_return(u, c.site.back);
    if (!u->once && CTL->paired)
        return pair_call(u, &c, NULL) && unit_jmp(u, pc, c.site.callee, next);
    push_return(u, c.site.back);
    unit_map(u, in->len, unit_state(u) | (fits_i32(c.site.back) ? 0 : ST_SPILLED(RDX)));
    if (!fits_i32(c.site.back))
        em_load(&u->e, RDX, V_GPR(RDX));
    return unit_jmp(u, pc, c.site.callee, next);
}

int unit_call_indirect(struct unit *u, const struct insn *in, uint64_t pc, struct indirect *i)
{
    struct call c = {.site = {.pc = pc, .back = pc + in->len, .indirect = 1},
                     .len = in->len,
                     .state = unit_state(u) | ST_SPILLED(RCX),
                     .ticks = 1};
    int wide = !fits_i32(c.site.back);
    will_return(u, c.site.back);
    if (!u->once && CTL->paired)
        return pair_call(u, &c, i);
    push_return(u, c.site.back);
    unit_map(u, in->len, unit_state(u) | (wide ? ST_SPILLED_CX_DX : ST_SPILLED(RCX)));
    if (wide)
        em_load(&u->e, RDX, V_GPR(RDX));
    return 1;
}

/* ---------------------------------------------------------------- returns */
/* As any indirect transfer. */
static void plain_return(struct unit *u, const struct insn *in, uint64_t pc, unsigned state)
{
    em8(&u->e, 0x59); /* pop rcx */
    unit_map(u, in->len, state);
    if (in->imm_size) {
        em_bytes(&u->e, 0x24a48d48, 4); /* lea rsp, [rsp + imm] */
        em32(&u->e, (uint32_t)in->imm & 0xffff);
    }
    unit_indirect_end(u, pc, 0);
}

static void paired_return(struct unit *u, const struct insn *in, uint64_t pc, unsigned state)
{
    struct emit *e = &u->e;
    em_bytes(e, 0x240c8b48, 4); /* mov rcx, [rsp] */
    unit_map(u, 0, state);
    em_store(e, RDX, V_GPR(RDX));
    em_bytes(e, 0xd1b70f, 3); /* movzx edx, cx */
    em_bytes(e, 0x95148b, 3); /* mov edx, [returns + rdx * 4] */
    em32(e, XL_RETURNS_AT);
    unit_map(u, 0, unit_state(u));
    em_bytes(e, 0x24148948, 4); /* mov [rsp], rdx */
    unit_map(u, in->len, unit_state(u) | ST_OWN_STORE);
    em_mov_imm(e, RDX, pc);
    if (!u->counted)
        em_count(e);
    em8(e, 0xc3);
}

int unit_ret(struct unit *u, const struct insn *in, uint64_t pc)
{
    struct indirect i = unit_indirect_begin(u, 0);
    if (u->once || !CTL->paired || in->imm_size)
        plain_return(u, in, pc, i.state);
    else
        paired_return(u, in, pc, i.state);
    unit_indirect_none(u, &i, pc);
    return 0;
}

/* The table names no landing for what the return read, or another one's: that goes back to its
 * place, and on as any indirect transfer. */
void xl_return_stub(void)
{
    struct emit e = {(uint8_t *)(uintptr_t)XL_STUB_RETURN};
    em_store(&e, RDX, AT_SOURCE);
    em_bytes(&e, 0xf8244c8948, 5); /* mov [rsp - 8], rcx */
    em_bytes(&e, 0xd1b70f, 3);     /* movzx edx, cx */
    em_bytes(&e, 0xd524ff, 3);     /* jmp [table + rdx * 8] */
    em32(&e, XL_TABLE_AT);
}
