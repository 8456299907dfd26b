/* branch.c - the control transfer at the end of a block. */
#include "unit.h"

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
int unit_jmp(struct unit *u, uint64_t pc, uint64_t target, uint64_t *next)
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
        return unit_indirect(u, in, bytes, pc);
    unit_window_close(u);
    switch (in->cls) {
    case INSN_JCC:
        return branch_jcc(u, in, pc, next);
    case INSN_LOOP:
        return branch_loop(u, in, pc, next);
    case INSN_JMP:
        return unit_jmp(u, pc, insn_target(in, pc), next);
    case INSN_CALL:
        return unit_call(u, in, pc, next);
    case INSN_RET:
        return unit_ret(u, in, pc);
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
