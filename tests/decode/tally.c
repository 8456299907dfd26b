/*
 * tally.c - a hash table of differences.
 */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 16384u

struct row {
    uint64_t key, count;
    const char *reason;
    enum difference kind;
    unsigned mask;
    uint8_t bytes[X86_INSN_MAX], ours, theirs, cls;
    char text[200];
};

static struct row rows[SLOTS];
static unsigned used;

/* Opcodes whose ModRM.reg is part of the opcode. */
static int is_group(const struct insn *in)
{
    static const uint8_t map0[] = {0x80, 0x81, 0x83, 0x8f, 0xc0, 0xc1, 0xc6, 0xc7,
                                   0xd0, 0xd1, 0xd2, 0xd3, 0xd8, 0xd9, 0xda, 0xdb,
                                   0xdc, 0xdd, 0xde, 0xdf, 0xf6, 0xf7, 0xfe, 0xff};
    static const uint8_t map1[] = {0x00, 0x01, 0x0d, 0x18, 0x1e, 0x71,
                                   0x72, 0x73, 0xae, 0xba, 0xc7};

    if (in->map == 0)
        return memchr(map0, in->opcode, sizeof map0) != 0;
    return in->map == 1 && memchr(map1, in->opcode, sizeof map1) != 0;
}

static uint64_t key_of(enum difference kind, const struct insn *in, unsigned mask)
{
    unsigned enc = in->flags & INSN_F_REX2_VEX ? 1
                   : in->flags & INSN_F_EVEX   ? 2
                   : in->flags & INSN_F_XOP    ? 3
                                               : 0;
    unsigned reg = is_group(in) ? (in->modrm >> 3 & 7) | 8 : 0;
    unsigned pfx = in->pfxrep == 0xf3 ? 2 : in->pfxrep == 0xf2 ? 3 : in->pfx66;
    unsigned flags = kind >= DIFF_FLAGS_READ_LESS ? mask : 0;

    return (uint64_t)kind << 40 | (uint64_t)enc << 36 | (uint64_t)in->map << 32 |
           (uint64_t)in->opcode << 24 | reg << 20 | pfx << 16 | flags;
}

static struct row *find(uint64_t key, const char *reason)
{
    unsigned slot = (unsigned)((key * 0x9e3779b97f4a7c15ull) >> 50) % SLOTS;

    while (rows[slot].count && (rows[slot].key != key || rows[slot].reason != reason))
        slot = (slot + 1) % SLOTS;
    return &rows[slot];
}

void tally_add(enum difference kind, const char *reason, const struct insn *in, const uint8_t *code,
               const cs_insn *cs, unsigned mask)
{
    struct row *r = find(key_of(kind, in, mask), reason);

    if (!r->count++) {
        if (++used >= SLOTS - 1) {
            fprintf(stderr, "tally: more than %u kinds of differences\n", SLOTS);
            exit(1);
        }
        r->key = key_of(kind, in, mask);
        r->kind = kind;
        r->reason = reason;
        r->mask = mask;
        r->ours = in->len;
        r->cls = in->cls;
        r->theirs = cs ? (uint8_t)cs->size : 0;
        memcpy(r->bytes, code, in->len > r->theirs ? in->len : r->theirs);
        if (cs)
            snprintf(r->text, sizeof r->text, "%s %s", cs->mnemonic, cs->op_str);
    }
}

static int by_kind_and_count(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (!x->reason != !y->reason)
        return x->reason ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->reason != y->reason)
        return strcmp(x->reason, y->reason);
    return x->count < y->count ? 1 : x->count > y->count ? -1 : 0;
}

static void print_row(FILE *to, const struct row *r)
{
    fprintf(to, "%10lu  len %2u/%-2u class %-2u mask %03x  ", (unsigned long)r->count, r->ours,
            r->theirs, r->cls, r->mask);
    for (unsigned i = 0; i < r->ours || i < r->theirs; i++)
        fprintf(to, "%02x ", r->bytes[i]);
    fprintf(to, " %s\n", r->text);
}

void tally_print(FILE *to)
{
    const struct row *last = 0;

    qsort(rows, SLOTS, sizeof *rows, by_kind_and_count);
    for (unsigned i = 0; i < SLOTS; i++) {
        const struct row *r = &rows[i];

        if (!r->count)
            continue;
        if (!last || last->kind != r->kind || last->reason != r->reason)
            fprintf(to, "%s: %s\n", difference_names[r->kind],
                    r->reason ? r->reason : "NOT EXPLAINED");
        print_row(to, r);
        last = r;
    }
}

uint64_t tally_unexplained(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < SLOTS; i++)
        if (!rows[i].reason)
            sum += rows[i].count;
    return sum;
}
