/*
 * indirect.c - indirect jumps and calls. Nearly all go through the table of targets. Those
 * that read their target from a place named by the instruction alone (the tables of a dynamic
 * linker) nearly always read the same one: they compare with a guess and jump directly.
 */
#include "unit.h"

struct indirect unit_indirect_begin(struct unit *u, int keep)
{
    struct emit *e = &u->e;
    struct indirect i = {.state = unit_state(u), .window = u->window};
    em_store(e, RCX, V_GPR(RCX));
    if (!u->counted && !u->once) {
        if (u->window)
            em_load(e, RCX, AT_COUNTER);
        else
            em_bytes(e, 0xd9894c, 3); /* mov rcx, r11 */
        i.none = em_short(e, 0xe3);
        if (u->late) {
            em_bytes(e, 0x01498d48, 4); /* lea rcx, [rcx + 1] */
            i.late = em_short(e, 0xe3);
        }
        if (keep)
            em_load(e, RCX, V_GPR(RCX));
        else
            i.state |= ST_SPILLED(RCX);
    }
    unit_map(u, 0, unit_state(u));
    return i;
}

/* Where the test jumps to. */
static void lands_here(struct unit *u, const struct indirect *i)
{
    unit_map(u, 0, 0);
    em_here(&u->e, i->none);
    if (i->late)
        em_here(&u->e, i->late);
}

void unit_indirect_relay(struct unit *u, struct indirect *i)
{
    if (!i || !i->none)
        return;
    lands_here(u, i);
    em8(&u->e, 0xe9);
    em32(&u->e, 0);
    i->relay = em_at(&u->e);
    unit_map(u, 0, i->window ? ST_COUNTER_MEM | ST_GUEST_R11 : 0);
}

void unit_indirect_none(struct unit *u, const struct indirect *i, uint64_t pc)
{
    if (!i->none)
        return;
    if (i->relay) {
        unit_map(u, 0, 0);
        xl_patch(i->relay - 4, em_at(&u->e));
    } else {
        lands_here(u, i);
    }
    em_load(&u->e, RCX, V_GPR(RCX));
    u->window = i->window;
    unit_expire(u, EXIT_EXPIRED, pc);
    u->window = 0;
}

void unit_note_source(struct emit *e, uint64_t pc)
{
    if (!fits_i32(pc)) {
        em_mov_imm(e, RDX, pc);
        em_store(e, RDX, AT_SOURCE);
        return;
    }
    em_bytes(e, 0x2504c748, 4); /* mov qword [source], imm32 */
    em32(e, AT_SOURCE);
    em32(e, (uint32_t)pc);
}

/* ----------------------------------------------------------------- guesses
 * Layout of such a transfer, from the first displacement on. The guess is in both: 1 - target
 * and target. */
#define SITE_JUMP 15 /* rel32 to the block that is guessed */
#define SITE_UNDO 22 /* second displacement */
#define SITE_TAIL 46 /* to the dispatcher; once two guesses were made, by the table */

static void put_table_jump(struct emit *e)
{
    em_bytes(e, 0xd1b70f, 3); /* movzx edx, cx */
    em_bytes(e, 0xd524ff, 3); /* jmp [table + rdx * 8] */
    em32(e, XL_TABLE_AT);
}

/* The first guess is the pc 1, which is as good as none. */
static void put_guess(struct unit *u, uint64_t pc)
{
    struct emit *e = &u->e;
    em_bytes(e, 0x898d48, 3); /* lea rcx, [rcx + 0] */
    uint32_t site = em_at(e);
    em32(e, 0);
    uint8_t *other = em_short(e, 0xe2); /* loop: rcx is target - guess then */
    em_load(e, RCX, V_GPR(RCX));
    em8(e, 0xe9);
    unit_rel32_exit(u, EXIT_LINK, 1);
    em_here(e, other);
    em_bytes(e, 0x898d48, 3); /* lea rcx, [rcx + 1] */
    em32(e, 1);
    em_store(e, RDX, V_GPR(RDX));
    unit_note_source(e, pc);
    em_bytes(e, 0x2504c7, 3); /* mov dword [site], imm32 */
    em32(e, AT_SITE);
    em32(e, site);
    em_jmp(e, XL_STUB_MISS);
}

/* A dynamic linker may look its target up at the first use: so the guess may change once. */
void xl_site_fill(uint32_t site, struct xl_block *b)
{
    uint32_t *first = (uint32_t *)(uintptr_t)site;
    struct emit tail = {(uint8_t *)(uintptr_t)(site + SITE_TAIL)};
    int again = *first != 0;
    if (again || !fits_i32(1 - b->pc))
        put_table_jump(&tail);
    if (!fits_i32(1 - b->pc))
        return;
    *first = (uint32_t)(1 - b->pc);
    *(uint32_t *)(uintptr_t)(site + SITE_UNDO) = (uint32_t)b->pc;
    xl_patch(site + SITE_JUMP, b->main);
}

void unit_indirect_end(struct unit *u, uint64_t pc, int guess)
{
    if (!u->counted)
        em_count(&u->e);
    if (guess && !u->once && fits_i32(pc)) {
        put_guess(u, pc);
        return;
    }
    em_store(&u->e, RDX, V_GPR(RDX));
    unit_note_source(&u->e, pc);
    if (u->once)
        em_jmp(&u->e, XL_STUB_MISS);
    else
        put_table_jump(&u->e);
}

/* ------------------------------------------------------------------ operands */
/* mov rcx, r/m64 with the operand of jmp or call r/m64. */
static void load_operand(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc,
                         unsigned state)
{
    struct emit *e = &u->e;
    if (in->seg)
        em8(e, in->seg);
    if (in->pfx67)
        em8(e, 0x67);
    em8(e, 0x48 | (in->rex & 3));
    em8(e, 0x8b);
    if (in->flags & INSN_F_RIPREL) {
        uint64_t addr = pc + in->len + (uint64_t)in->disp;
        if (!in->pfx67 && !fits_i32(addr - (em_at(e) + 5))) {
            e->p -= 2 + (in->seg != 0);
            em_mov_imm(e, RCX, addr);
            if (in->seg)
                em8(e, in->seg);
            em_bytes(e, 0x098b48, 3); /* mov rcx, [rcx] */
            unit_map(u, 0, (state & ~(unsigned)ST_SPILL_BITS) | ST_SPILLED(RCX));
            return;
        }
        em8(e, 0x0d);
        em32(e, (uint32_t)(addr - (em_at(e) + 4)));
    } else {
        em8(e, (in->modrm & 0xc7) | RCX << 3);
        uint32_t from = in->modrm_off + 1u;
        memcpy(e->p, bytes + from, in->len - from);
        e->p += in->len - from;
    }
    unit_map(u, 0, state);
}

int unit_indirect(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc)
{
    if ((in->gpr_read | in->gpr_write) & 1u << R11)
        unit_window_open(u);
    struct indirect i = unit_indirect_begin(u, in->gpr_read >> RCX & 1);
    load_operand(u, in, bytes, pc, i.state);
    unit_window_close(u);
    if (in->cls == INSN_JMP_IND || unit_call_indirect(u, in, pc, &i))
        unit_indirect_end(u, pc, (in->flags & INSN_F_RIPREL) && !in->seg);
    unit_indirect_none(u, &i, pc);
    return 0;
}
