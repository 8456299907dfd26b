/*
 * watch.c - looking for accesses to watched memory. In front of each instruction that may
 * touch it, code compares the address with a few ranges, and leaves the cache when it is near one;
 * whether watched bytes are really touched is for the caller of xl_run to find out. What is
 * not worth such code, because it is rare or long, always leaves.
 *
 * The comparison changes no flags, because the instruction may fault: the address is shifted so
 * far that the whole range, rounded up to a power of two, becomes one number, and jrcxz tests
 * for that. The short way (rorx) takes rcx alone, the long one (shrx) rcx and rdx; they are put
 * away in VCPU.
 */
#include "unit.h"

void xl_watch(const struct xl_watched *ranges, unsigned count, unsigned has)
{
    CTL->watch_count = count;
    CTL->watch_kinds = 0;
    CTL->watch_has = (uint8_t)has;
    for (unsigned i = 0; i < count; i++) {
        CTL->watch[i] = ranges[i];
        CTL->watch_kinds |= (uint8_t)ranges[i].kinds;
    }
    xl_pages_reset();
    xl_cache_reset();
}

/* An access to check: where, how long, of which kinds. */
struct check {
    uint32_t size, kinds;
    int reg; /* base register alone with disp, or -1: ModRM's operand */
    int32_t disp;
};

/* ------------------------------------------------------------------ leaving */
void unit_leave(struct unit *u, enum exit_kind kind, uint64_t pc, uint32_t stub, unsigned state)
{
    uint32_t id;
    struct emit *e = &u->e;
    xl_exit_new(kind, pc, &id)->tick = (int8_t)(u->counted ? -1 : 0);
    if (u->window) {
        unit_map(u, 0, state);
        if (u->written)
            em_store(e, R11, V_GPR(R11));
        em_load(e, R11, AT_COUNTER);
        unit_map(u, 0, state);
    }
    em_bytes(e, 0x2504c7, 3); /* mov dword ptr [exit_id], id */
    em32(e, AT_EXIT_ID);
    em32(e, id);
    em_jmp(e, stub);
    unit_map(u, 0, u->window ? state & ~(ST_COUNTER_MEM | ST_GUEST_R11) : state);
}

void xl_watch_stub(void)
{
    struct emit e = {(uint8_t *)(uintptr_t)XL_STUB_WATCH};
    em_load(&e, RCX, V_GPR(RCX));
    em_load(&e, RDX, V_GPR(RDX));
    em_jmp(&e, XL_STUB_EXIT);
}

/* -------------------------------------------------------------- comparing */
/* Address of the range's first byte that an access of this size can begin at and touch it, and
 * the shift that makes all of them zero. */
static uint64_t first_start(const struct xl_watched *w, uint32_t size)
{
    return w->start - (size - 1);
}

static unsigned shift_of(const struct xl_watched *w, uint32_t size)
{
    uint64_t span = w->end - w->start + size - 1;
    unsigned shift = 0;
    while (shift < 63 && 1ull << shift < span)
        shift++;
    return shift;
}

/* lea rdx, [operand] */
static void emit_operand(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc)
{
    struct emit *e = &u->e;
    int64_t disp = insn_displacement(in, bytes);
    if (in->flags & INSN_F_RIPREL) {
        em_mov_imm(e, RDX, pc + in->len + (uint64_t)disp);
        return;
    }
    unsigned mod = in->modrm >> 6, rm = in->modrm & 7;
    em8(e, 0x48 | (in->rex & 3));
    em8(e, 0x8d);
    if (mod == 1 && disp != in->disp) { /* scaled: no 8-bit one any more */
        em8(e, 0x80 | RDX << 3 | rm);
        if (rm == 4)
            em8(e, in->sib);
        em32(e, (uint32_t)disp);
        return;
    }
    em8(e, (in->modrm & 0xc7) | RDX << 3);
    uint32_t from = in->modrm_off + 1u, len = (rm == 4) + (uint32_t)in->disp_size;
    memcpy(e->p, bytes + from, len);
    e->p += len;
}

/* lea rdx, [reg + disp] */
static void emit_based(struct emit *e, unsigned reg, int32_t disp)
{
    em_bytes(e, 0x908d48 | (uint64_t)(reg & 7) << 16, 3);
    if ((reg & 7) == RSP)
        em8(e, 0x24);
    em32(e, (uint32_t)disp);
}

/* rdx += v */
static void emit_add(struct emit *e, uint64_t v)
{
    if (fits_i32(v)) {
        em_bytes(e, 0x928d48, 3); /* lea rdx, [rdx + v] */
        em32(e, (uint32_t)v);
        return;
    }
    em_mov_imm(e, RCX, v);
    em_bytes(e, 0x0a148d48, 4); /* lea rdx, [rdx + rcx] */
}

static void emit_segment(struct emit *e, unsigned seg)
{
    if (!seg)
        return;
    /* rdfsbase rcx, rdgsbase rcx */
    em_bytes(e, seg == 0x64 ? 0xc1ae0f48f3 : 0xc9ae0f48f3, 5);
    em_bytes(e, 0x0a148d48, 4);
}

/* rdx holds the address: rcx becomes zero, and a jump is taken, near one of the ranges. Returns
 * how many jumps there are. */
static unsigned emit_compare(struct emit *e, const struct check *c, uint8_t *jump[XL_WATCH_MAX])
{
    uint64_t at = 0;
    unsigned n = 0;
    for (unsigned i = 0; i < CTL->watch_count; i++) {
        const struct xl_watched *w = &CTL->watch[i];
        if (!(w->kinds & c->kinds))
            continue;
        emit_add(e, at - first_start(w, c->size));
        at = first_start(w, c->size);
        em_mov_imm(e, RCX, shift_of(w, c->size));
        em_bytes(e, 0xcaf7f3e2c4, 5);  /* shrx rcx, rdx, rcx */
        jump[n++] = em_short(e, 0xe3); /* jrcxz */
    }
    return n;
}

static void emit_check(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc,
                       const struct check *c)
{
    struct emit *e = &u->e;
    uint8_t *near[XL_WATCH_MAX];
    em_store(e, RCX, V_GPR(RCX));
    em_store(e, RDX, V_GPR(RDX));
    unit_map(u, 0, unit_state(u));
    if (c->reg >= 0)
        emit_based(e, (unsigned)c->reg, c->disp);
    else
        emit_operand(u, in, bytes, pc);
    if (c->reg < 0)
        emit_segment(e, in->seg);
    unsigned n = emit_compare(e, c, near);
    uint8_t *far = em_short(e, 0xeb);
    for (unsigned i = 0; i < n; i++)
        em_here(e, near[i]);
    unit_map(u, 0, unit_state_both(u));
    unit_leave(u, EXIT_WATCH, pc, XL_STUB_WATCH, unit_state_both(u));
    em_here(e, far);
    em_load(e, RCX, V_GPR(RCX));
    em_load(e, RDX, V_GPR(RDX));
    unit_map(u, 0, unit_state_both(u));
}

/* ------------------------------------------------------------ the short way */
/* With rcx alone, for an address that one lea computes: what is left of it above the low bits
 * of the range (rorx takes them away), 32 bits of that, minus those of the range. An address that
 * has the same 32 bits by chance is one more exit in vain. */
#define SHORT_SHIFT_MAX 30

/* lea rcx, [operand + more] or [reg + disp + more] */
static void emit_address(struct emit *e, const struct insn *in, const uint8_t *bytes,
                         const struct check *c, int64_t more)
{
    unsigned rm = c->reg < 0 ? in->modrm & 7u : (unsigned)c->reg;
    int64_t disp = more + (c->reg < 0 ? insn_displacement(in, bytes) : c->disp);
    int no_base = c->reg < 0 && in->modrm >> 6 == 0 && rm == 4 && (in->sib & 7) == 5;
    int small = disp == (int8_t)disp && !no_base;
    em8(e, 0x48 | (c->reg < 0 ? in->rex & 3 : 0));
    em8(e, 0x8d);
    em8(e, (no_base ? 0 : small ? 0x40 : 0x80) | RCX << 3 | (rm & 7));
    if (rm == RSP)
        em8(e, c->reg < 0 ? in->sib : 0x24);
    if (small)
        em8(e, (uint8_t)disp);
    else
        em32(e, (uint32_t)disp);
}

/* rcx = 0 when near the range; jrcxz. */
static uint8_t *emit_short_compare(struct emit *e, const struct insn *in, const uint8_t *bytes,
                                   const struct check *c, const struct xl_watched *w)
{
    unsigned shift = shift_of(w, c->size);
    uint64_t first = first_start(w, c->size), low = first & ((1ull << shift) - 1);
    emit_address(e, in, bytes, c, -(int64_t)low);
    em_bytes(e, 0xc9f0fbe3c4 | (uint64_t)shift << 40, 6); /* rorx rcx, rcx, shift */
    em_bytes(e, 0x898d, 2);                               /* lea ecx, [rcx - tag] */
    em32(e, -(uint32_t)((first - low) >> shift));
    return em_short(e, 0xe3);
}

/* Can the short way be gone? The displacement must fit for each range. */
static int is_short(const struct insn *in, const uint8_t *bytes, const struct check *c)
{
    int64_t disp = c->reg < 0 ? insn_displacement(in, bytes) : c->disp;
    if (c->reg < 0 && (in->seg || disp < INT32_MIN + (1ll << SHORT_SHIFT_MAX)))
        return 0;
    for (unsigned i = 0; i < CTL->watch_count; i++)
        if (shift_of(&CTL->watch[i], c->size) > SHORT_SHIFT_MAX)
            return 0;
    return 1;
}

static void emit_short_check(struct unit *u, const struct insn *in, const uint8_t *bytes,
                             uint64_t pc, const struct check *c)
{
    struct emit *e = &u->e;
    uint8_t *near[XL_WATCH_MAX];
    unsigned n = 0, spilled = unit_state(u) | ST_SPILLED(RCX);
    em_store(e, RCX, V_GPR(RCX));
    unit_map(u, 0, unit_state(u));
    for (unsigned i = 0; i < CTL->watch_count; i++) {
        if (!(CTL->watch[i].kinds & c->kinds))
            continue;
        if (n && (c->reg < 0))
            em_load(e, RCX, V_GPR(RCX));
        near[n++] = emit_short_compare(e, in, bytes, c, &CTL->watch[i]);
    }
    uint8_t *far = em_short(e, 0xeb);
    for (unsigned i = 0; i < n; i++)
        em_here(e, near[i]);
    unit_map(u, 0, spilled);
    em_load(e, RCX, V_GPR(RCX));
    unit_map(u, 0, spilled);
    unit_leave(u, EXIT_WATCH, pc, XL_STUB_EXIT, unit_state(u));
    em_here(e, far);
    em_load(e, RCX, V_GPR(RCX));
    unit_map(u, 0, spilled);
}

/* ---------------------------------------------------------------- which ones */
/* The operand's address is known already: is it near a range? */
static int near_range(const struct check *c, uint64_t addr)
{
    for (unsigned i = 0; i < CTL->watch_count; i++)
        if ((CTL->watch[i].kinds & c->kinds) && addr < CTL->watch[i].end &&
            addr + c->size > CTL->watch[i].start)
            return 1;
    return 0;
}

/* One check, in the cheapest way there is. */
static void look_out(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc,
                     const struct check *c)
{
    if (c->reg < 0 && (in->flags & INSN_F_RIPREL) && !in->seg) {
        uint64_t addr = pc + in->len + (uint64_t)insn_displacement(in, bytes);
        if (!near_range(c, addr))
            return;
        unit_map(u, 0, unit_state(u));
        unit_leave(u, EXIT_WATCH, pc, XL_STUB_EXIT, unit_state(u));
    } else if (is_short(in, bytes, c)) {
        emit_short_check(u, in, bytes, pc, c);
    } else {
        emit_check(u, in, bytes, pc, c);
    }
}

#define IS_VEX(in) ((in)->flags & (INSN_F_REX2_VEX | INSN_F_EVEX | INSN_F_XOP))

/* Accesses that a comparison of one address with the ranges does not do justice to. */
static int always_leaves(const struct insn *in, const uint8_t *bytes)
{
    int modrm = (in->flags & INSN_F_MODRM) && in->modrm >> 6 != 3;
    if (!(CTL->watch_has & XL_HAS_SHIFTS))
        return 1;
    if (in->map == 0 && (in->opcode == 0xc8 || in->opcode == 0x8f) && !IS_VEX(in))
        return in->opcode == 0xc8 || modrm; /* enter; pop to memory */
    if (in->pfx67 && (in->flags & INSN_F_MEM))
        return 1;
    if (in->seg && (in->flags & INSN_F_MEM) && (!(CTL->watch_has & XL_HAS_BASES) || !modrm))
        return 1;
    if (in->flags & INSN_F_STRING)
        return (in->flags & (INSN_F_REP | INSN_F_REPNE)) != 0;
    if (!modrm)
        return (in->flags & INSN_F_MEM) != 0;
    if (in->map == 1 && !IS_VEX(in) && (in->opcode & 0xe7) == 0xa3) /* bt and kin */
        return 1;
    return insn_vector_index(in) || !insn_operand_size(in, bytes) ||
           (in->map == 2 && in->opcode == 0xf8 && !IS_VEX(in)); /* movdir64b */
}

/* The accesses of an instruction that does not always leave: two at most. */
static unsigned checks_of(const struct insn *in, const uint8_t *bytes, struct check c[2])
{
    unsigned n = 0;
    uint32_t kinds = insn_kinds(in, bytes), size = in->opsize;
    if (in->flags & INSN_F_STRING) {
        int stos_scas = in->opcode >= 0xae || (in->opcode & 0xfe) == 0xaa;
        if (!stos_scas)
            c[n++] = (struct check){size, ACCESS_READ, RSI, 0};
        if ((in->opcode & 0xfe) != 0xac)
            c[n++] = (struct check){size, kinds, RDI, 0};
        return n;
    }
    if ((in->flags & INSN_F_MODRM) && in->modrm >> 6 != 3) {
        uint32_t kind = in->flags & INSN_F_STACK ? ACCESS_READ : kinds;
        c[n++] = (struct check){insn_operand_size(in, bytes), kind, -1, 0};
    }
    if (!(in->flags & INSN_F_STACK))
        return n;
    if (in->map == 0 && in->opcode == 0xc9)
        c[n++] = (struct check){size, ACCESS_READ, RBP, 0};
    else if (in->flags & INSN_F_STORE)
        c[n++] = (struct check){size, ACCESS_WRITE, RSP, -(int32_t)size};
    else
        c[n++] = (struct check){size, ACCESS_READ, RSP, 0};
    return n;
}

void unit_watch(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc)
{
    struct check c[2];
    if (u->once || !(insn_kinds(in, bytes) & CTL->watch_kinds) || !insn_may_access(in))
        return;
    if (always_leaves(in, bytes)) {
        unit_map(u, 0, unit_state(u));
        unit_leave(u, EXIT_WATCH, pc, XL_STUB_EXIT, unit_state(u));
        return;
    }
    if ((in->flags & INSN_F_MEM) && (in->gpr_read | in->gpr_write) & 1u << R11)
        unit_window_open(u);
    unsigned n = checks_of(in, bytes, c);
    for (unsigned i = 0; i < n; i++)
        if (c[i].kinds & CTL->watch_kinds)
            look_out(u, in, bytes, pc, &c[i]);
}
