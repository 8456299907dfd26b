/*
 * decode_effects - compares the decoder's register and flag masks with what the
 * processor does.
 *
 *   decode_effects [--count N] [--seed S] [HEX...]
 *
 * Each encoding runs from a base state, then from states that differ from it in one
 * register or one flag. What is left out of gpr_read or flags_read must not matter to
 * anything else; what is left out of gpr_write must not change; what is in
 * flags_write must not survive. Only instructions without
 * memory operands: all registers point nowhere. Exit status 1 when something differs.
 */
#include "hwlen.h"
#include "random_code.h"
#include "rekernel/x86/decode.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum fault {
    HIDDEN_WRITE, /* a register changed that is not in gpr_write */
    HIDDEN_READ,  /* a register matters that is not in gpr_read */
    HIDDEN_FLAG,  /* a flag matters that is not in flags_read */
    FALSE_KILL,   /* a flag of flags_write keeps its old value */
    FAULTS,
};
static const char *const fault_names[FAULTS] = {
    "writes a register that gpr_write lacks",
    "reads a register that gpr_read lacks",
    "reads a flag that flags_read lacks",
    "keeps a flag that flags_write names",
};

static const uint16_t flag_bits[] = {X86_CF, X86_PF, X86_AF, X86_ZF, X86_SF, X86_OF};

/* Bit 62 makes an address that no access can use; the low half is random. */
static void random_state(struct hw_state *s)
{
    for (int i = 0; i < 16; i++)
        s->gpr[i] = (random64() & ~(1ull << 63)) | 1ull << 62;
    s->flags = 0x202 | (random64() & X86_ARITH);
}

static int suitable(const struct insn *in)
{
    unsigned memory = INSN_F_MEM | INSN_F_LOAD | INSN_F_STORE | INSN_F_STACK;

    return in->cls == INSN_PLAIN && !(in->flags & memory) && !(in->flags & INSN_F_VENDOR);
}

/* Registers in which two states differ. */
static unsigned differing(const struct hw_state *a, const struct hw_state *b)
{
    unsigned mask = 0;

    for (int i = 0; i < 16; i++)
        mask |= (unsigned)(a->gpr[i] != b->gpr[i]) << i;
    return mask;
}

struct trial {
    const uint8_t *code;
    const struct insn *in;
    struct hw_state before, after;
};

/* What one changed register does to the others and to the flags. */
static unsigned check_registers(const struct trial *t)
{
    unsigned faults = 0;

    for (int r = 0; r < 16; r++) {
        struct hw_state changed = t->before, after;
        unsigned mask = t->in->gpr_write & 1u << r ? 0xffff : (unsigned)~(1u << r);

        if (t->in->gpr_read & 1u << r)
            continue;
        changed.gpr[r] ^= (random64() >> 2) | 1;
        if (!hw_run(t->code, t->in->len, &changed, &after) ||
            differing(&after, &t->after) & mask & 0xffff ||
            (after.flags ^ t->after.flags) & X86_ARITH)
            faults |= 1u << HIDDEN_READ;
    }
    return faults;
}

/* What one changed flag does to registers and to the other flags; *kept: flags whose
 * old value was there afterwards. */
static unsigned check_flags(const struct trial *t, unsigned *kept)
{
    unsigned faults = 0;

    for (unsigned i = 0; i < sizeof flag_bits / sizeof *flag_bits; i++) {
        unsigned f = flag_bits[i];
        struct hw_state changed = t->before, after;
        unsigned moved;

        changed.flags ^= f;
        if (!hw_run(t->code, t->in->len, &changed, &after))
            continue;
        moved = (unsigned)(after.flags ^ t->after.flags) & X86_ARITH;
        if (moved & f && ((after.flags ^ changed.flags) & f) == 0)
            *kept |= f;
        if (t->in->flags_read & f)
            continue;
        if (differing(&after, &t->after) || moved & ~f)
            faults |= 1u << HIDDEN_FLAG;
    }
    return faults;
}

/* Runs all variations. Returns a mask of faults, or 0 when there is nothing to learn. */
static unsigned try_effects(struct trial *t)
{
    struct hw_state again;
    unsigned faults = 0, kept = 0;

    if (!hw_run(t->code, t->in->len, &t->before, &t->after))
        return 0;
    if (differing(&t->before, &t->after) & (unsigned)~t->in->gpr_write)
        faults |= 1u << HIDDEN_WRITE;
    faults |= check_registers(t);
    faults |= check_flags(t, &kept);
    /* what is read may come out as it went in: sbb eax, eax with CF */
    if (kept & t->in->flags_write & (unsigned)~t->in->flags_read)
        faults |= 1u << FALSE_KILL;
    /* Something that changes by itself (a vector register, a clock) proves nothing. */
    if (!hw_run(t->code, t->in->len, &t->before, &again) || differing(&again, &t->after))
        return 0;
    return faults;
}

static void print_faults(const struct trial *t, unsigned faults)
{
    for (int f = 0; f < FAULTS; f++)
        if (faults >> f & 1)
            printf("%s:", fault_names[f]);
    for (unsigned i = 0; i < t->in->len; i++)
        printf(" %02x", t->code[i]);
    printf("  gpr read %04x write %04x changed %04x, flags read %03x write %03x\n", t->in->gpr_read,
           t->in->gpr_write, differing(&t->before, &t->after), t->in->flags_read,
           t->in->flags_write);
}

static int one(const uint8_t *code, uint64_t *ran, uint64_t *bad)
{
    struct insn in;
    struct trial t = {.code = code, .in = &in};
    unsigned faults;

    if (insn_decode(&in, code, 64) || !suitable(&in))
        return 0;
    random_state(&t.before);
    faults = try_effects(&t);
    ++*ran;
    if (faults && ++*bad <= 40)
        print_faults(&t, faults);
    return faults != 0;
}

static int run(uint64_t count, char **hex)
{
    uint8_t code[64] = {0};
    uint64_t ran = 0, bad = 0;
    unsigned n = 0;

    if (hw_init()) {
        fprintf(stderr, "decode_effects: the test pages cannot be mapped\n");
        return 2;
    }
    for (; *hex && n < 15; hex++)
        code[n++] = (uint8_t)strtoul(*hex, 0, 16);
    if (n)
        return one(code, &ran, &bad);
    while (ran < count) {
        random_register_form(code);
        one(code, &ran, &bad);
    }
    printf("%10" PRIu64 " encodings\n%10" PRIu64 " with effects that the decoder does not tell\n",
           ran, bad);
    return bad != 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"count", 1, 0, 'c'}, {"seed", 1, 0, 's'}, {0, 0, 0, 0}};
    uint64_t count = 20000;
    int c, status = 0;
    pid_t pid;

    while ((c = getopt_long(argc, argv, "", options, 0)) != -1) {
        if (c == 'c')
            count = strtoull(optarg, 0, 0);
        else if (c == 's')
            random_seed(strtoull(optarg, 0, 0));
        else
            return 64;
    }
    pid = fork();
    if (!pid) {
        status = run(count, argv + optind);
        fflush(stdout);
        _exit(status);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        fprintf(stderr, "decode_effects: the child died with status %x\n", status);
        return 1;
    }
    return WEXITSTATUS(status);
}
