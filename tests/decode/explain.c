/*
 * explain.c - the known reasons why decoder and capstone differ. docs/decoder.md tells
 * them at length.
 *
 * Lengths and validity are decided by the processor itself (hwlen.h); registers and
 * flags by rules, each as narrow as the instruction it is about.
 */
#include "compare.h"
#include "hwlen.h"

#define VECTOR_ENC (INSN_F_REX2_VEX | INSN_F_EVEX | INSN_F_XOP)

static const char *explain_rejection(const struct insn *in, struct hw_probe p)
{
    if (p.outcome != HW_UD)
        return "capstone knows no such instruction; the processor runs it at our length";
    if (in->flags & VECTOR_ENC)
        return "W, L, vvvv or an extension that this processor lacks: #UD, left to it";
    if (in->cls == INSN_UD)
        return "ud0, ud1 and ud2 are defined to be invalid";
    if (in->cls == INSN_PRIV || in->cls == INSN_XBEGIN || in->cls == INSN_WAITPKG ||
        in->flags & INSN_F_VECTOR)
        return "an extension that this processor lacks: #UD, left to it";
    /* protection keys, shadow stacks */
    if (in->map == 1 && (in->opcode == 0x01 || in->opcode == 0xae))
        return "an extension that this processor lacks: #UD, left to it";
    /* movdir64b, enqcmd, movdiri */
    if (in->map == 2 && (in->opcode == 0xf8 || in->opcode == 0xf9))
        return "an extension that this processor lacks: #UD, left to it";
    return 0;
}

static const char *explain_shape(enum difference kind, const struct insn *in, const uint8_t *code)
{
    struct hw_probe p = {0};
    uint8_t padded[15] = {0};
    unsigned len;

    if (hw_init())
        return 0;
    for (unsigned i = 0; i < in->len; i++)
        padded[i] = code[i];
    len = hw_length(padded, in->len, &p);
    if (kind == DIFF_THEY_REJECT)
        return len == in->len || p.outcome == HW_UD ? explain_rejection(in, p) : 0;
    if (kind == DIFF_WE_REJECT && p.outcome == HW_UD &&
        (!(in->flags & VECTOR_ENC) || in->prefix_len))
        return "capstone accepts what the processor rejects (#UD)";
    if (kind == DIFF_LENGTH && in->flags & INSN_F_VENDOR)
        return "66 before a near branch: Intel ignores it, AMD does not";
    if (kind == DIFF_LENGTH && in->cls == INSN_UD)
        return "ud0 has a ModRM byte on Intel, none in capstone";
    if (kind == DIFF_LENGTH && len == in->len && p.outcome == HW_RAN)
        return "the processor takes our length";
    return 0;
}

/* ------------------------------------------------------ registers and flags */
static int is_map(const struct insn *in, unsigned map, unsigned first, unsigned last)
{
    return !(in->flags & VECTOR_ENC) && in->map == map && in->opcode >= first && in->opcode <= last;
}

static int reg_field(const struct insn *in)
{
    return in->modrm >> 3 & 7;
}

static int partial_write(const struct insn *in, unsigned mask)
{
    return !(mask & ~(unsigned)in->gpr_write) && (in->opsize <= 2 || is_map(in, 1, 0x90, 0x9f));
}

static int bit_scan(const struct insn *in, unsigned mask)
{
    return is_map(in, 1, 0xbc, 0xbd) && !(mask & (unsigned)~in->gpr_write);
}

static int enter_leave_xlat(const struct insn *in, unsigned mask)
{
    return is_map(in, 0, 0xc8, 0xc9) || is_map(in, 0, 0xd7, 0xd7);
}

static int accumulator_test(const struct insn *in, unsigned mask)
{
    return is_map(in, 0, 0xa8, 0xa9) && mask == 1;
}

static int sign_extension(const struct insn *in, unsigned mask)
{
    return is_map(in, 0, 0x99, 0x99) && mask == 1;
}

static int compare_exchange(const struct insn *in, unsigned mask)
{
    return is_map(in, 1, 0xb0, 0xb1) && !(mask & ~(unsigned)in->gpr_write);
}

static int sse_name_of_string(const struct insn *in, unsigned mask)
{
    return is_map(in, 1, 0x10, 0x11) || is_map(in, 1, 0xc2, 0xc2);
}

static int carry_in(const struct insn *in, unsigned mask)
{
    int adc = is_map(in, 0, 0x10, 0x15) || is_map(in, 0, 0x18, 0x1d);
    int group1 = is_map(in, 0, 0x80, 0x83) && (reg_field(in) == 2 || reg_field(in) == 3);
    int rotate = (is_map(in, 0, 0xc0, 0xc1) || is_map(in, 0, 0xd0, 0xd3)) &&
                 (reg_field(in) == 2 || reg_field(in) == 3);

    return mask == X86_CF && (adc || group1 || rotate || is_map(in, 0, 0xf5, 0xf5));
}

static int flags_to_memory(const struct insn *in, unsigned mask)
{
    return is_map(in, 0, 0x9c, 0x9c) || is_map(in, 0, 0x9f, 0x9f);
}

static int direction(const struct insn *in, unsigned mask)
{
    return in->flags & INSN_F_STRING && mask == X86_DF;
}

static int variable_shift(const struct insn *in, unsigned mask)
{
    return is_map(in, 0, 0xd2, 0xd3) || is_map(in, 1, 0xa5, 0xa5) || is_map(in, 1, 0xad, 0xad);
}

static int undefined_flags(const struct insn *in, unsigned mask)
{
    int product = is_map(in, 0, 0x69, 0x69) || is_map(in, 0, 0x6b, 0x6b) ||
                  is_map(in, 1, 0xaf, 0xaf) ||
                  (is_map(in, 0, 0xf6, 0xf7) && (reg_field(in) == 4 || reg_field(in) == 5));
    int quotient = is_map(in, 0, 0xf6, 0xf7) && reg_field(in) >= 6;
    int bit_test = is_map(in, 1, 0xa3, 0xa3) || is_map(in, 1, 0xab, 0xab) ||
                   is_map(in, 1, 0xb3, 0xb3) || is_map(in, 1, 0xba, 0xbb);

    if (product)
        return !(mask & (X86_CF | X86_OF));
    if (bit_test)
        return !(mask & X86_CF);
    if (is_map(in, 1, 0xbc, 0xbd))
        return !(mask & X86_ZF);
    return quotient;
}

static int prefetch_write(const struct insn *in, unsigned mask)
{
    return is_map(in, 1, 0x0d, 0x0d);
}

static int bmi_direction(const struct insn *in, unsigned mask)
{
    return in->flags & INSN_F_REX2_VEX && in->map == 2 && in->opcode == 0xf7 && mask == X86_DF;
}

static int shift_by_zero(const struct insn *in, unsigned mask)
{
    return (is_map(in, 0, 0xc0, 0xc1) || is_map(in, 1, 0xa4, 0xa4) || is_map(in, 1, 0xac, 0xac)) &&
           !(in->imm & (in->opsize == 8 ? 63 : 31));
}

static int repeated_scan(const struct insn *in, unsigned mask)
{
    return in->flags & (INSN_F_REP | INSN_F_REPNE) &&
           (is_map(in, 0, 0xa6, 0xa7) || is_map(in, 0, 0xae, 0xaf));
}

static int vector_compare(const struct insn *in, unsigned mask)
{
    int scalar = in->map == 1 && (in->opcode == 0x2e || in->opcode == 0x2f);
    int test = in->map == 2 && (in->opcode == 0x17 || in->opcode == 0x0e || in->opcode == 0x0f);
    int string = in->map == 3 && in->opcode >= 0x60 && in->opcode <= 0x63;

    int mask_test = in->map == 1 && (in->opcode == 0x98 || in->opcode == 0x99);

    return scalar || test || string || (mask_test && in->flags & INSN_F_REX2_VEX);
}

static int evex_address(const struct insn *in, unsigned mask)
{
    return in->flags & INSN_F_EVEX && in->flags & INSN_F_MEM && (in->modrm & 7) == 4;
}

static int evex_broadcast(const struct insn *in, unsigned mask)
{
    return in->flags & INSN_F_EVEX && in->map == 2 && in->opcode >= 0x7a && in->opcode <= 0x7c;
}

static int unrepeated_string(const struct insn *in, unsigned mask)
{
    return in->flags & INSN_F_STRING && !in->pfxrep && mask == 2;
}

static int repne_string(const struct insn *in, unsigned mask)
{
    return in->flags & INSN_F_REPNE && mask == 2;
}

static int load_rights(const struct insn *in, unsigned mask)
{
    return is_map(in, 1, 0x02, 0x03) && !(mask & ~(unsigned)in->gpr_write);
}

static int shadow_stack(const struct insn *in, unsigned mask)
{
    return (is_map(in, 1, 0xae, 0xae) && in->pfxrep == 0xf3) || is_map(in, 1, 0x1e, 0x1e);
}

static int adcx_adox(const struct insn *in, unsigned mask)
{
    return is_map(in, 2, 0xf6, 0xf6);
}

static int store_status(const struct insn *in, unsigned mask)
{
    return is_map(in, 0, 0xdf, 0xdf) && in->modrm == 0xe0;
}

static int segment_on_stack(const struct insn *in, unsigned mask)
{
    return is_map(in, 1, 0xa0, 0xa1) || is_map(in, 1, 0xa8, 0xa9);
}

struct rule {
    unsigned kinds; /* bits 1 << DIFF_* */
    int (*applies)(const struct insn *in, unsigned mask);
    const char *why;
};
#define READ_MORE (1u << DIFF_READ_MORE)
#define READ_LESS (1u << DIFF_READ_LESS)
#define WRITE_MORE (1u << DIFF_WRITE_MORE)
#define WRITE_LESS (1u << DIFF_WRITE_LESS)
#define FREAD_MORE (1u << DIFF_FLAGS_READ_MORE)
#define FREAD_LESS (1u << DIFF_FLAGS_READ_LESS)
#define FWRITE_MORE (1u << DIFF_FLAGS_WRITE_MORE)
#define FWRITE_LESS (1u << DIFF_FLAGS_WRITE_LESS)

static const struct rule rules[] = {
    {READ_MORE, bit_scan, "bsf, bsr keep their destination when the source is 0"},
    {READ_MORE | READ_LESS | WRITE_MORE | WRITE_LESS, enter_leave_xlat,
     "capstone has not the implicit registers of enter, leave, xlat right"},
    {READ_MORE, partial_write, "a write of 1 or 2 bytes keeps the rest: counted as a read"},
    {WRITE_LESS, accumulator_test, "capstone says that test writes its operand"},
    {WRITE_LESS, sign_extension, "capstone says that cwd, cdq, cqo write rax"},
    {READ_MORE | WRITE_MORE, compare_exchange,
     "cmpxchg reads both operands, writes rax when it fails"},
    {READ_MORE | READ_LESS, evex_address,
     "capstone confuses general and vector index registers under EVEX"},
    {READ_MORE, evex_broadcast, "capstone misses the source of vpbroadcast from a register"},
    {READ_LESS | WRITE_LESS, unrepeated_string,
     "capstone lists rcx for a string instruction that has no repeat prefix"},
    {READ_MORE | WRITE_MORE, repne_string, "F2 repeats movs, stos, lods, too"},
    {READ_MORE, load_rights, "lar, lsl keep their destination when they fail"},
    {READ_MORE | WRITE_MORE, shadow_stack, "capstone takes incssp for lfence, rdssp for a nop"},
    {READ_MORE | FREAD_MORE, adcx_adox, "adcx, adox read destination and flag"},
    {READ_MORE, store_status, "fnstsw ax keeps the upper bytes of rax"},
    {READ_MORE | WRITE_MORE, segment_on_stack, "push, pop of fs, gs use rsp"},
    {FREAD_LESS | FWRITE_LESS, sse_name_of_string,
     "capstone takes SSE movsd, movss, cmpsd for the string instructions"},
    {FREAD_MORE, carry_in, "adc, sbb, rcl, rcr, cmc read CF; capstone says modified only"},
    {FREAD_MORE, flags_to_memory, "pushf and lahf read the flags"},
    {FREAD_MORE, direction, "string instructions read DF"},
    {FWRITE_LESS, variable_shift, "a shift by cl = 0 leaves the flags alone"},
    {FWRITE_LESS, undefined_flags, "undefined, and kept by some processors"},
    {FWRITE_LESS, prefetch_write, "capstone says that prefetchw writes flags"},
    {FWRITE_LESS, bmi_direction, "capstone says that bextr writes DF"},
    {FWRITE_LESS, shift_by_zero, "a shift by 0 leaves the flags alone"},
    {FWRITE_LESS, repeated_scan, "rep cmps, scas with rcx = 0 leave the flags alone"},
    {FWRITE_MORE, vector_compare, "capstone has no flags of this vector comparison"},
};

const char *explain(enum difference kind, const struct insn *in, const uint8_t *code,
                    const cs_insn *cs, unsigned mask)
{
    if (kind < DIFF_READ_LESS && kind != DIFF_CLASS)
        return explain_shape(kind, in, code);
    for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].kinds >> kind & 1 && rules[i].applies(in, mask))
            return rules[i].why;
    return 0;
}
