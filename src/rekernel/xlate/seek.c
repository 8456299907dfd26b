/*
 * seek.c - a breakpoint with a cheap condition: the state that is looked for passes a few
 * tests of registers and words of memory, made in the translated code itself, so that a place that
 * is passed a billion times costs nanoseconds each time.
 *
 * No flags change: the difference of two numbers is taken with lea, and jrcxz looks at it. rcx and
 * rdx are put away in VCPU meanwhile.
 */
#include "unit.h"

void xl_seek(uint64_t pc, const struct xl_test *tests, unsigned count)
{
    if (CTL->seeking)
        xl_pages_drop(CTL->seek_pc, 1);
    CTL->seek_pc = pc;
    CTL->seeking = pc != 0;
    CTL->seek_count = count;
    for (unsigned i = 0; i < count; i++)
        CTL->seek[i] = tests[i];
    if (pc)
        xl_pages_drop(pc, 1);
}

int xl_seek_holds(const struct vcpu *v)
{
    if (!xl_is_sought(v->rip))
        return 0;
    for (unsigned i = 0; i < CTL->seek_count; i++) {
        const struct xl_test *t = &CTL->seek[i];
        uint64_t value = t->where < 16 ? v->gpr[t->where] : *(const uint64_t *)t->where;
        if (value != t->value)
            return 0;
    }
    return 1;
}

/* mov rdx, what is tested */
static void emit_value(struct unit *u, const struct xl_test *t)
{
    struct emit *e = &u->e;
    unsigned reg = (unsigned)t->where;
    if (t->where >= 16) {
        em_mov_imm(e, RDX, t->where);
        em_bytes(e, 0x128b48, 3); /* mov rdx, [rdx] */
    } else if (reg == RCX || reg == RDX || (reg == R11 && !u->window)) {
        em_load(e, RDX, V_GPR(reg));
    } else {
        em_bytes(e, 0xc28948 | (reg >> 3) << 2 | (uint64_t)(reg & 7) << 19, 3); /* mov rdx, reg */
    }
}

/* Goes on behind itself when the test holds; otherwise jumps to where the rel32 returned will lead.
 */
static uint8_t *emit_test(struct unit *u, const struct xl_test *t)
{
    struct emit *e = &u->e;
    emit_value(u, t);
    em_mov_imm(e, RCX, -t->value);
    em_bytes(e, 0x110c8d48, 4);         /* lea rcx, [rcx + rdx] */
    uint8_t *holds = em_short(e, 0xe3); /* jrcxz */
    em8(e, 0xe9);
    em32(e, 0);
    uint8_t *after = e->p;
    em_here(e, holds);
    unit_map(u, 0, unit_state_both(u));
    return after;
}

static void emit_put_back(struct emit *e)
{
    em_load(e, RCX, V_GPR(RCX));
    em_load(e, RDX, V_GPR(RDX));
}

void unit_seek(struct unit *u, uint64_t pc)
{
    struct emit *e = &u->e;
    uint8_t *fails[XL_SEEK_MAX];
    em_store(e, RCX, V_GPR(RCX));
    em_store(e, RDX, V_GPR(RDX));
    unit_map(u, 0, unit_state(u));
    for (unsigned i = 0; i < CTL->seek_count; i++)
        fails[i] = emit_test(u, &CTL->seek[i]);
    unit_leave(u, EXIT_SOUGHT, pc, XL_STUB_WATCH, unit_state_both(u));
    for (unsigned i = 0; i < CTL->seek_count; i++)
        xl_patch((uint32_t)(uintptr_t)fails[i] - 4, em_at(e));
    emit_put_back(e);
    unit_map(u, 0, unit_state_both(u));
}
