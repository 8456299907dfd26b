/*
 * compare.c - what capstone says, in the decoder's terms.
 */
#include "compare.h"

#include <string.h>

const char *const difference_names[DIFF_KINDS] = {
    "length",         "class",          "we reject",       "they reject",
    "gpr read less",  "gpr read more",  "gpr write less",  "gpr write more",
    "flag read less", "flag read more", "flag write less", "flag write more",
};

struct id_class {
    unsigned id;
    enum insn_class cls;
};

static const struct id_class id_classes[] = {
    {X86_INS_JAE, INSN_JCC},
    {X86_INS_JA, INSN_JCC},
    {X86_INS_JBE, INSN_JCC},
    {X86_INS_JB, INSN_JCC},
    {X86_INS_JE, INSN_JCC},
    {X86_INS_JGE, INSN_JCC},
    {X86_INS_JG, INSN_JCC},
    {X86_INS_JLE, INSN_JCC},
    {X86_INS_JL, INSN_JCC},
    {X86_INS_JNE, INSN_JCC},
    {X86_INS_JNO, INSN_JCC},
    {X86_INS_JNP, INSN_JCC},
    {X86_INS_JNS, INSN_JCC},
    {X86_INS_JO, INSN_JCC},
    {X86_INS_JP, INSN_JCC},
    {X86_INS_JS, INSN_JCC},
    {X86_INS_JRCXZ, INSN_LOOP},
    {X86_INS_JECXZ, INSN_LOOP},
    {X86_INS_LOOP, INSN_LOOP},
    {X86_INS_LOOPE, INSN_LOOP},
    {X86_INS_LOOPNE, INSN_LOOP},
    {X86_INS_RET, INSN_RET},
    {X86_INS_RETF, INSN_FAR},
    {X86_INS_RETFQ, INSN_FAR},
    {X86_INS_IRET, INSN_FAR},
    {X86_INS_IRETD, INSN_FAR},
    {X86_INS_IRETQ, INSN_FAR},
    {X86_INS_LCALL, INSN_FAR},
    {X86_INS_LJMP, INSN_FAR},
    {X86_INS_SYSCALL, INSN_SYSCALL},
    {X86_INS_SYSENTER, INSN_SYSENTER},
    {X86_INS_SYSEXIT, INSN_PRIV},
    {X86_INS_SYSRET, INSN_PRIV},
    {X86_INS_INT, INSN_INT},
    {X86_INS_INT1, INSN_INT},
    {X86_INS_INT3, INSN_INT},
    {X86_INS_UD0, INSN_UD},
    {X86_INS_UD2, INSN_UD},
    {X86_INS_UD2B, INSN_UD},
    {X86_INS_RDTSC, INSN_RDTSC},
    {X86_INS_RDTSCP, INSN_RDTSCP},
    {X86_INS_CPUID, INSN_CPUID},
    {X86_INS_RDRAND, INSN_RDRAND},
    {X86_INS_RDSEED, INSN_RDSEED},
    {X86_INS_XGETBV, INSN_XGETBV},
    {X86_INS_SGDT, INSN_SYSTAB},
    {X86_INS_SIDT, INSN_SYSTAB},
    {X86_INS_SLDT, INSN_SYSTAB},
    {X86_INS_STR, INSN_SYSTAB},
    {X86_INS_SMSW, INSN_SYSTAB},
    {X86_INS_LSL, INSN_SYSTAB},
    {X86_INS_XBEGIN, INSN_XBEGIN},
    {X86_INS_XABORT, INSN_XBEGIN},
    {X86_INS_XTEST, INSN_XBEGIN},
    {X86_INS_XEND, INSN_XBEGIN},
    {X86_INS_RDPMC, INSN_RDPMC},
    {X86_INS_HLT, INSN_PRIV},
    {X86_INS_IN, INSN_PRIV},
    {X86_INS_OUT, INSN_PRIV},
    {X86_INS_INSB, INSN_PRIV},
    {X86_INS_INSW, INSN_PRIV},
    {X86_INS_INSD, INSN_PRIV},
    {X86_INS_OUTSB, INSN_PRIV},
    {X86_INS_OUTSW, INSN_PRIV},
    {X86_INS_OUTSD, INSN_PRIV},
    {X86_INS_CLI, INSN_PRIV},
    {X86_INS_STI, INSN_PRIV},
    {X86_INS_RDMSR, INSN_PRIV},
    {X86_INS_WRMSR, INSN_PRIV},
    {X86_INS_LGDT, INSN_PRIV},
    {X86_INS_LIDT, INSN_PRIV},
    {X86_INS_LLDT, INSN_PRIV},
    {X86_INS_LTR, INSN_PRIV},
    {X86_INS_LMSW, INSN_PRIV},
    {X86_INS_CLTS, INSN_PRIV},
    {X86_INS_INVD, INSN_PRIV},
    {X86_INS_WBINVD, INSN_PRIV},
    {X86_INS_INVLPG, INSN_PRIV},
    {X86_INS_INVLPGA, INSN_PRIV},
    {X86_INS_INVPCID, INSN_PRIV},
    {X86_INS_INVEPT, INSN_PRIV},
    {X86_INS_INVVPID, INSN_PRIV},
    {X86_INS_SWAPGS, INSN_PRIV},
    {X86_INS_MONITOR, INSN_PRIV},
    {X86_INS_MWAIT, INSN_PRIV},
    {X86_INS_CLAC, INSN_PRIV},
    {X86_INS_STAC, INSN_PRIV},
    {X86_INS_ENCLS, INSN_PRIV},
    {X86_INS_ENCLU, INSN_PRIV},
    {X86_INS_GETSEC, INSN_PRIV},
    {X86_INS_RSM, INSN_PRIV},
    {X86_INS_XSETBV, INSN_PRIV},
    {X86_INS_XRSTORS, INSN_PRIV},
    {X86_INS_XRSTORS64, INSN_PRIV},
    {X86_INS_XSAVES, INSN_PRIV},
    {X86_INS_XSAVES64, INSN_PRIV},
    {X86_INS_VMCALL, INSN_PRIV},
    {X86_INS_VMLAUNCH, INSN_PRIV},
    {X86_INS_VMRESUME, INSN_PRIV},
    {X86_INS_VMXOFF, INSN_PRIV},
    {X86_INS_VMXON, INSN_PRIV},
    {X86_INS_VMCLEAR, INSN_PRIV},
    {X86_INS_VMPTRLD, INSN_PRIV},
    {X86_INS_VMPTRST, INSN_PRIV},
    {X86_INS_VMREAD, INSN_PRIV},
    {X86_INS_VMWRITE, INSN_PRIV},
    {X86_INS_VMFUNC, INSN_PRIV},
    {X86_INS_VMRUN, INSN_PRIV},
    {X86_INS_VMMCALL, INSN_PRIV},
    {X86_INS_VMLOAD, INSN_PRIV},
    {X86_INS_VMSAVE, INSN_PRIV},
    {X86_INS_CLGI, INSN_PRIV},
    {X86_INS_STGI, INSN_PRIV},
    {X86_INS_SKINIT, INSN_PRIV},
};

static uint8_t class_of_id[X86_INS_ENDING];

static void fill_class_of_id(void)
{
    memset(class_of_id, INSN_PLAIN, sizeof class_of_id);
    for (size_t i = 0; i < sizeof id_classes / sizeof *id_classes; i++)
        class_of_id[id_classes[i].id] = (uint8_t)id_classes[i].cls;
}

static enum insn_class capstone_class(const cs_insn *cs)
{
    int direct = cs->op_str[0] == '0';

    if (!class_of_id[X86_INS_RET])
        fill_class_of_id();
    if (cs->id == X86_INS_CALL)
        return direct ? INSN_CALL : INSN_CALL_IND;
    if (cs->id == X86_INS_JMP)
        return direct ? INSN_JMP : INSN_JMP_IND;
    if ((cs->id == X86_INS_MOV || cs->id == X86_INS_MOVNTSS) &&
        (strstr(cs->op_str, "cr") || strstr(cs->op_str, "dr")))
        return INSN_PRIV;
    return cs->id < X86_INS_ENDING ? class_of_id[cs->id] : INSN_PLAIN;
}

unsigned compare_shape(const struct insn *in, const cs_insn *cs)
{
    if (!cs)
        return in->cls == INSN_INVALID ? 0 : 1u << DIFF_THEY_REJECT;
    if (in->cls == INSN_INVALID)
        return 1u << DIFF_WE_REJECT;
    if (in->len != cs->size)
        return 1u << DIFF_LENGTH;
    return in->cls == capstone_class(cs) ? 0 : 1u << DIFF_CLASS;
}

/* Number of the general register that a name belongs to, or -1. */
static int gpr_number(unsigned reg)
{
    static const struct {
        uint16_t names[5];
    } low[8] = {
        {{X86_REG_AL, X86_REG_AH, X86_REG_AX, X86_REG_EAX, X86_REG_RAX}},
        {{X86_REG_CL, X86_REG_CH, X86_REG_CX, X86_REG_ECX, X86_REG_RCX}},
        {{X86_REG_DL, X86_REG_DH, X86_REG_DX, X86_REG_EDX, X86_REG_RDX}},
        {{X86_REG_BL, X86_REG_BH, X86_REG_BX, X86_REG_EBX, X86_REG_RBX}},
        {{X86_REG_SPL, X86_REG_SP, X86_REG_SP, X86_REG_ESP, X86_REG_RSP}},
        {{X86_REG_BPL, X86_REG_BP, X86_REG_BP, X86_REG_EBP, X86_REG_RBP}},
        {{X86_REG_SIL, X86_REG_SI, X86_REG_SI, X86_REG_ESI, X86_REG_RSI}},
        {{X86_REG_DIL, X86_REG_DI, X86_REG_DI, X86_REG_EDI, X86_REG_RDI}},
    };

    for (int r = 0; r < 8; r++)
        for (int i = 0; i < 5; i++)
            if (low[r].names[i] == reg)
                return r;
    if (reg >= X86_REG_R8 && reg <= X86_REG_R15)
        return (int)(8 + reg - X86_REG_R8);
    if (reg >= X86_REG_R8B && reg <= X86_REG_R15B)
        return (int)(8 + reg - X86_REG_R8B);
    if (reg >= X86_REG_R8W && reg <= X86_REG_R15W)
        return (int)(8 + reg - X86_REG_R8W);
    if (reg >= X86_REG_R8D && reg <= X86_REG_R15D)
        return (int)(8 + reg - X86_REG_R8D);
    return -1;
}

static unsigned gpr_mask(const uint16_t *regs, unsigned count)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < count; i++) {
        int r = gpr_number(regs[i]);

        if (r >= 0)
            mask |= 1u << r;
    }
    return mask;
}

struct flag_bit {
    uint64_t capstone;
    uint16_t flag;
};

static const struct flag_bit tested[] = {
    {X86_EFLAGS_TEST_OF, X86_OF}, {X86_EFLAGS_TEST_SF, X86_SF}, {X86_EFLAGS_TEST_ZF, X86_ZF},
    {X86_EFLAGS_TEST_PF, X86_PF}, {X86_EFLAGS_TEST_CF, X86_CF}, {X86_EFLAGS_TEST_AF, X86_AF},
    {X86_EFLAGS_TEST_DF, X86_DF},
};

static const struct flag_bit modified[] = {
    {X86_EFLAGS_MODIFY_AF | X86_EFLAGS_RESET_AF | X86_EFLAGS_SET_AF | X86_EFLAGS_UNDEFINED_AF |
         X86_EFLAGS_PRIOR_AF,
     X86_AF},
    {X86_EFLAGS_MODIFY_CF | X86_EFLAGS_RESET_CF | X86_EFLAGS_SET_CF | X86_EFLAGS_UNDEFINED_CF |
         X86_EFLAGS_PRIOR_CF,
     X86_CF},
    {X86_EFLAGS_MODIFY_SF | X86_EFLAGS_RESET_SF | X86_EFLAGS_SET_SF | X86_EFLAGS_UNDEFINED_SF |
         X86_EFLAGS_PRIOR_SF,
     X86_SF},
    {X86_EFLAGS_MODIFY_ZF | X86_EFLAGS_RESET_ZF | X86_EFLAGS_SET_ZF | X86_EFLAGS_UNDEFINED_ZF |
         X86_EFLAGS_PRIOR_ZF,
     X86_ZF},
    {X86_EFLAGS_MODIFY_PF | X86_EFLAGS_RESET_PF | X86_EFLAGS_SET_PF | X86_EFLAGS_UNDEFINED_PF |
         X86_EFLAGS_PRIOR_PF,
     X86_PF},
    {X86_EFLAGS_MODIFY_OF | X86_EFLAGS_RESET_OF | X86_EFLAGS_SET_OF | X86_EFLAGS_UNDEFINED_OF |
         X86_EFLAGS_PRIOR_OF | X86_EFLAGS_RESET_0F,
     X86_OF},
    {X86_EFLAGS_MODIFY_DF | X86_EFLAGS_RESET_DF | X86_EFLAGS_SET_DF | X86_EFLAGS_PRIOR_DF, X86_DF},
};

static unsigned flag_mask(uint64_t eflags, const struct flag_bit *bits, size_t count)
{
    unsigned mask = 0;

    for (size_t i = 0; i < count; i++)
        if (eflags & bits[i].capstone)
            mask |= bits[i].flag;
    return mask;
}

static void note(struct detail_difference *d, enum difference less, unsigned ours, unsigned theirs)
{
    d->of[less] = (uint16_t)(theirs & ~ours);
    d->of[less + 1] = (uint16_t)(ours & ~theirs);
    if (d->of[less])
        d->kinds |= 1u << less;
    if (d->of[less + 1])
        d->kinds |= 1u << (less + 1);
}

/* The union of eflags holds x87 flags for x87 instructions. */
static int has_eflags(const struct insn *in, const cs_insn *cs)
{
    for (unsigned i = 0; i < cs->detail->groups_count; i++)
        if (cs->detail->groups[i] == X86_GRP_FPU)
            return 0;
    return !(in->map == 0 && in->opcode >= 0xd8 && in->opcode <= 0xdf);
}

struct detail_difference compare_detail(csh handle, const struct insn *in, const cs_insn *cs)
{
    struct detail_difference d = {0};
    cs_regs read, written;
    uint8_t reads = 0, writes = 0;
    uint64_t eflags = cs->detail->x86.eflags;

    if (cs_regs_access(handle, cs, read, &reads, written, &writes))
        return d;
    note(&d, DIFF_READ_LESS, in->gpr_read, gpr_mask(read, reads));
    note(&d, DIFF_WRITE_LESS, in->gpr_write, gpr_mask(written, writes));
    if (!has_eflags(in, cs))
        return d;
    note(&d, DIFF_FLAGS_READ_LESS, in->flags_read,
         flag_mask(eflags, tested, sizeof tested / sizeof *tested));
    note(&d, DIFF_FLAGS_WRITE_LESS, in->flags_write,
         flag_mask(eflags, modified, sizeof modified / sizeof *modified));
    return d;
}
