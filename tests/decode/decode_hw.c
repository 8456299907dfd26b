/*
 * decode_hw - compares the decoder with the processor on random encodings.
 *
 *   decode_hw [--count N] [--seed S] [HEX...]
 *
 * With arguments in hexadecimal: measures that one encoding and prints what decoder
 * and processor say. Exit status 1 when something differs that should not.
 */
#include "hwlen.h"
#include "random_code.h"
#include "rekernel/x86/decode.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the two say of one encoding. */
enum verdict {
    AGREE,
    BOTH_REJECT,
    TOLERATED, /* the processor rejects what it does not implement */
    WRONG_LENGTH,
    WRONG_REJECT, /* the processor runs what the decoder calls invalid */
    WRONG_ACCEPT, /* a legacy instruction that the processor calls invalid */
    VERDICTS,
};
static const char *const verdict_names[VERDICTS] = {
    "agree",        "both reject",  "not implemented by this processor",
    "wrong length", "wrong reject", "wrong accept",
};

/* Instructions that a processor may lack, or that are #UD outside of certain modes. */
static int optional(const struct insn *in)
{
    if (in->flags & (INSN_F_REX2_VEX | INSN_F_EVEX | INSN_F_XOP | INSN_F_VECTOR))
        return 1;
    if (in->cls != INSN_PLAIN && in->cls != INSN_JMP_IND && in->cls != INSN_CALL_IND)
        return 1;
    return in->map >= 1;
}

static enum verdict compare(const struct insn *in, const uint8_t *code, unsigned *len,
                            struct hw_probe *p)
{
    *len = hw_length(code, in->len, p);
    /* AMD: lock mov cr0 is mov cr8, which raises #GP like mov cr0. */
    if (p->trap == 13 && in->map == 1 && in->opcode >= 0x20 && in->opcode <= 0x23)
        return *len == in->len ? AGREE : WRONG_LENGTH;
    if (p->outcome == HW_SHORT || (p->trap == 13 && *len == 15 && in->cls == INSN_INVALID))
        return in->cls == INSN_INVALID ? BOTH_REJECT : WRONG_LENGTH;
    if (in->cls == INSN_INVALID && p->outcome != HW_UD && in->map == 1 && in->opcode == 0)
        /* LOCK before verr and verw: #UD says the manual, AMD ignores it */
        return p->trap == 13 || p->trap == 14 ? BOTH_REJECT : WRONG_REJECT;
    if (in->cls == INSN_INVALID)
        return p->outcome == HW_UD ? BOTH_REJECT : WRONG_REJECT;
    if (in->flags & INSN_F_VENDOR)
        return *len == in->len || *len == in->len - 2u || in->imm_size <= 1 ? AGREE : WRONG_LENGTH;
    if (p->outcome == HW_UD) {
        if (in->cls == INSN_UD)
            return AGREE;
        return optional(in) ? TOLERATED : WRONG_ACCEPT;
    }
    return *len == in->len ? AGREE : WRONG_LENGTH;
}

static void print_case(enum verdict v, const struct insn *in, const uint8_t *code, unsigned len,
                       struct hw_probe p)
{
    printf("%s: decoder %u class %u, processor %u outcome %u trap %u:", verdict_names[v], in->len,
           in->cls, len, p.outcome, p.trap);
    for (unsigned i = 0; i < 15; i++)
        printf(" %02x", code[i]);
    printf("\n");
}

static int one(const uint8_t *code, uint64_t *counts, int verbose)
{
    struct insn in;
    struct hw_probe p = {0};
    unsigned len;
    enum verdict v;

    if (insn_decode(&in, code, 64))
        return 1;
    v = compare(&in, code, &len, &p);
    counts[v]++;
    if (verbose || (v >= WRONG_LENGTH && counts[v] <= 40))
        print_case(v, &in, code, len, p);
    return v >= WRONG_LENGTH;
}

static int run(uint64_t count, char **hex)
{
    uint64_t counts[VERDICTS] = {0};
    uint8_t code[64] = {0};
    int bad = 0;
    unsigned n = 0;

    if (hw_init()) {
        fprintf(stderr, "decode_hw: the test pages cannot be mapped\n");
        return 2;
    }
    for (; *hex && n < 15; hex++)
        code[n++] = (uint8_t)strtoul(*hex, 0, 16);
    if (n)
        return one(code, counts, 1);
    for (uint64_t i = 0; i < count; i++) {
        if (i & 3)
            random_structured(code);
        else
            random_bytes(code);
        bad |= one(code, counts, 0);
    }
    for (int v = 0; v < VERDICTS; v++)
        printf("%10lu %s\n", (unsigned long)counts[v], verdict_names[v]);
    return bad;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"count", 1, 0, 'c'}, {"seed", 1, 0, 's'}, {0, 0, 0, 0}};
    uint64_t count = 200000;
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
    /* In a child: whatever a random instruction does to it stays there. */
    pid = fork();
    if (!pid) {
        status = run(count, argv + optind);
        fflush(stdout);
        _exit(status);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        fprintf(stderr, "decode_hw: the child died with status %x\n", status);
        return 1;
    }
    return WEXITSTATUS(status);
}
