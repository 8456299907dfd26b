/* branch.c - the control transfer at the end of a block. */
#include "unit.h"

/* A call comes back to pc: worth translating before it does. */
static void will_return(struct unit *u, uint64_t pc)
{
    if (u->sure && u->returns < UNIT_RETURNS_MAX)
        u->return_to[u->returns++] = pc;
}

/* Behind a conditional branch that was not taken: a tick counted for it did not happen. */
static void not_taken(struct unit *u)
{
    if (u->counted)
        em_uncount(&u->e);
    u->sure = 0;
}

/* How a conditional transfer counts its tick: where it is taken, in a stub. */
static enum link_tick conditional_tick(const struct unit *u, uint64_t pc, uint64_t target)
{
    return target <= pc && !u->counted ? TICK_TO_COUNT : TICK_NONE;
}

static int branch_jcc(struct unit *u, const struct insn *in, uint64_t pc, uint64_t *next)
{
    uint64_t target = insn_target(in, pc);
    em_bytes(&u->e, 0x800f | (in->opcode & 15u) << 8, 2);
    unit_rel32_link(u, target, conditional_tick(u, pc, target));
    not_taken(u);
    *next = pc + in->len;
    return 1;
}

/* loopne, loope, loop, jrcxz, jecxz exist with a short displacement only. */
static int branch_loop(struct unit *u, const struct insn *in, uint64_t pc, uint64_t *next)
{
    uint64_t target = insn_target(in, pc);
    if (in->pfx67)
        em8(&u->e, 0x67);
    uint8_t *taken = em_short(&u->e, in->opcode);
    uint8_t *over = em_short(&u->e, 0xeb);
    em_here(&u->e, taken);
    em8(&u->e, 0xe9);
    unit_rel32_link(u, target, conditional_tick(u, pc, target));
    em_here(&u->e, over);
    not_taken(u);
    *next = pc + in->len;
    return 1;
}

/* A direct jump. Forward ones need no code: translation goes on at the target. */
static int branch_jmp(struct unit *u, uint64_t pc, uint64_t target, uint64_t *next)
{
    if (target > pc) {
        *next = target;
        return 1;
    }
    int counts_here = !u->counted && !u->once;
    if (counts_here)
        em_count(&u->e);
    em8(&u->e, 0xe9);
    unit_rel32_link(u, target, counts_here ? TICK_COUNTED : u->once ? TICK_TO_COUNT : TICK_NONE);
    return 0;
}

/* push imm32 sign-extends: one instruction for addresses below 2 GiB. */
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

static int branch_call(struct unit *u, const struct insn *in, uint64_t pc, uint64_t *next)
{
    uint64_t back = pc + in->len;
    will_return(u, back);
    push_return(u, back);
    unit_map(u, in->len, unit_state(u) | (fits_i32(back) ? 0 : ST_SPILLED(RDX)));
    if (!fits_i32(back))
        em_load(&u->e, RDX, V_GPR(RDX));
    return branch_jmp(u, pc, insn_target(in, pc), next);
}

/* An indirect transfer under way: where its test of the counter jumps from, if any, and
 * whether rcx is lost by it. */
struct indirect {
    uint8_t *none, *late;
    unsigned state;
};

/* Saves rcx, tests the counter where nothing did before. keep: rcx is still needed. */
static struct indirect indirect_begin(struct unit *u, int keep)
{
    struct emit *e = &u->e;
    struct indirect i = {NULL, NULL, unit_state(u)};
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

/* The way out when the counter was zero. window: as it was at indirect_begin. */
static void indirect_none(struct unit *u, const struct indirect *i, uint64_t pc, int window)
{
    if (!i->none)
        return;
    unit_map(u, 0, 0);
    em_here(&u->e, i->none);
    if (i->late)
        em_here(&u->e, i->late);
    em_load(&u->e, RCX, V_GPR(RCX));
    u->window = window;
    unit_expire(u, EXIT_EXPIRED, pc);
    u->window = 0;
}

/* Leaves the instruction's pc where the dispatcher finds it: an address that cannot be is the
 * fault of the instruction that went there, not of the one that would be there. rdx is free. */
static void note_source(struct emit *e, uint64_t pc)
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

/* Goes where rcx says: by the table, or in a one-shot block by the dispatcher. */
static void indirect_end(struct unit *u, uint64_t pc)
{
    em_store(&u->e, RDX, V_GPR(RDX));
    note_source(&u->e, pc);
    if (!u->counted)
        em_count(&u->e);
    if (u->once) {
        em_jmp(&u->e, XL_STUB_MISS);
        return;
    }
    em_bytes(&u->e, 0xd1b70f, 3); /* movzx edx, cx */
    em_bytes(&u->e, 0xd524ff, 3); /* jmp [table + rdx * 8] */
    em32(&u->e, XL_TABLE_AT);
}

static int branch_ret(struct unit *u, const struct insn *in, uint64_t pc)
{
    struct indirect i = indirect_begin(u, 0);
    em8(&u->e, 0x59); /* pop rcx */
    unit_map(u, in->len, i.state);
    if (in->imm_size) {
        em_bytes(&u->e, 0x24a48d48, 4); /* lea rsp, [rsp + imm] */
        em32(&u->e, (uint32_t)in->imm & 0xffff);
    }
    indirect_end(u, pc);
    indirect_none(u, &i, pc, 0);
    return 0;
}

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

static int branch_indirect(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc)
{
    if ((in->gpr_read | in->gpr_write) & 1u << R11)
        unit_window_open(u);
    int window = u->window;
    struct indirect i = indirect_begin(u, in->gpr_read >> RCX & 1);
    load_operand(u, in, bytes, pc, i.state);
    unit_window_close(u);
    if (in->cls == INSN_CALL_IND) {
        uint64_t back = pc + in->len;
        will_return(u, back);
        push_return(u, back);
        unit_map(u, in->len, unit_state(u) | (fits_i32(back) ? ST_SPILLED(RCX) : ST_SPILLED_CX_DX));
        if (!fits_i32(back))
            em_load(&u->e, RDX, V_GPR(RDX));
    }
    indirect_end(u, pc);
    indirect_none(u, &i, pc, window);
    return 0;
}

static int branch_exit(struct unit *u, enum exit_kind kind, uint64_t pc)
{
    em8(&u->e, 0xe9);
    unit_rel32_exit(u, kind, pc);
    return 0;
}

/* What popf pops goes to the dispatcher, which decides about it (single-stepping!). */
static int branch_popf(struct unit *u, const struct insn *in, uint64_t pc)
{
    struct emit *e = &u->e;
    em_store(e, RCX, V_GPR(RCX));
    unit_map(u, 0, 0);
    if (in->opsize == 2)
        em8(e, 0x66);
    em8(e, 0x59); /* pop rcx */
    unit_map(u, in->len, 0);
    em_store(e, RCX, AT_TARGET);
    em_load(e, RCX, V_GPR(RCX));
    return branch_exit(u, in->opsize == 2 ? EXIT_POPFW : EXIT_POPF, pc + in->len);
}

int unit_branch(struct unit *u, const struct insn *in, const uint8_t *bytes, uint64_t pc,
                uint64_t *next)
{
    if (in->cls == INSN_JMP_IND || in->cls == INSN_CALL_IND)
        return branch_indirect(u, in, bytes, pc);
    unit_window_close(u);
    switch (in->cls) {
    case INSN_JCC:
        return branch_jcc(u, in, pc, next);
    case INSN_LOOP:
        return branch_loop(u, in, pc, next);
    case INSN_JMP:
        return branch_jmp(u, pc, insn_target(in, pc), next);
    case INSN_CALL:
        return branch_call(u, in, pc, next);
    case INSN_RET:
        return branch_ret(u, in, pc);
    case INSN_SYSCALL:
        return branch_exit(u, EXIT_SYSCALL, pc + in->len);
    case INSN_INVALID:
    case INSN_UD:
        return branch_exit(u, EXIT_UD, pc);
    case INSN_PLAIN:
        return branch_popf(u, in, pc);
    default:
        return branch_exit(u, EXIT_TRAP, pc);
    }
}
