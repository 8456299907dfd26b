/*
 * incode.c - see incode.h. The file is not trusted: every offset is checked.
 *
 * Unwind information: Linux Standard Base, "Exception Frames" (.eh_frame_hdr, .eh_frame).
 */
#include "incode.h"
#include "rekernel/x86/decode.h"

#include <elf.h>
#include <string.h>

#define TABLE_ENCODINGS 0x3b031b01u /* version 1; pcrel sdata4; udata4; datarel sdata4 */
#define TABLE_HEAD 12u
#define FUNCTION_MAX (16u << 20)

/* Instructions around a place are judged when they begin within so many bytes of it. The decoder
 * starts LEAD bytes before, and is in step when the judging begins. */
#define LEAD 112u
#define JUDGED_BEFORE 64u
#define JUDGED_AFTER 48u
#define FAR_FROM_BASE (16 << 20) /* structures are smaller than that */

static int read_at(const struct incode *c, size_t at, void *to, size_t n)
{
    if (at > c->len || c->len - at < n)
        return 0;
    memcpy(to, c->image + at, n);
    return 1;
}

static Elf64_Phdr header(const struct incode *c, unsigned index)
{
    const Elf64_Ehdr *h = (const void *)c->image;
    Elf64_Phdr p;
    memcpy(&p, c->image + h->e_phoff + index * sizeof(p), sizeof(p));
    return p;
}

static void open_table(struct incode *c, const Elf64_Phdr *p)
{
    uint32_t head[3];
    if (!read_at(c, p->p_offset, head, sizeof(head)) || head[0] != TABLE_ENCODINGS ||
        (c->len - p->p_offset - TABLE_HEAD) / 8 < head[2])
        return;
    c->table = c->image + p->p_offset + TABLE_HEAD;
    c->table_address = p->p_vaddr;
    c->functions = head[2];
}

void incode_open(struct incode *c, const unsigned char *image, size_t len)
{
    const Elf64_Ehdr *h = (const void *)image;
    *c = (struct incode){.image = image, .len = len, .low = UINT64_MAX};
    for (unsigned i = 0; i < h->e_phnum; i++) {
        Elf64_Phdr p = header(c, i);
        if (p.p_type == PT_LOAD) {
            c->low = p.p_vaddr < c->low ? p.p_vaddr : c->low;
            c->high = p.p_vaddr + p.p_memsz > c->high ? p.p_vaddr + p.p_memsz : c->high;
        } else if (p.p_type == PT_GNU_EH_FRAME) {
            open_table(c, &p);
        }
    }
}

void incode_segment(struct incode *c, unsigned index)
{
    Elf64_Phdr p = header(c, index);
    c->begin = p.p_offset;
    c->end = p.p_filesz < c->len - p.p_offset ? p.p_offset + p.p_filesz : c->len;
    c->shift = p.p_vaddr - p.p_offset;
}

/* ----------------------------------------------------------- unwind information */
static int64_t table_word(const struct incode *c, uint64_t entry, unsigned word)
{
    int32_t v;
    memcpy(&v, c->table + entry * 8 + word * 4, 4);
    return v;
}

/* The last function that begins at or below address: its entry's number; no function: -1. */
static int64_t find_function(const struct incode *c, uint64_t address)
{
    uint64_t low = 0, high = c->functions;
    while (low < high) {
        uint64_t mid = low + (high - low) / 2;
        if (c->table_address + (uint64_t)table_word(c, mid, 0) <= address)
            low = mid + 1;
        else
            high = mid;
    }
    return (int64_t)low - 1;
}

/* File offset of an address, which need not be in the segment that is looked at. */
static size_t file_offset(const struct incode *c, uint64_t address)
{
    const Elf64_Ehdr *h = (const void *)c->image;
    for (unsigned i = 0; i < h->e_phnum; i++) {
        Elf64_Phdr p = header(c, i);
        if (p.p_type == PT_LOAD && address - p.p_vaddr < p.p_filesz)
            return (size_t)(address - p.p_vaddr + p.p_offset);
    }
    return SIZE_MAX;
}

/* Bytes of the function at `start`, whose frame description is at address `entry`. How the two
 * are encoded shows by the start, which is known. 0: not as expected. */
static uint64_t function_size(const struct incode *c, uint64_t entry, uint64_t start)
{
    uint32_t d[6]; /* length, CIE, begin, size */
    uint64_t wide[2];
    size_t at = file_offset(c, entry);
    if (at == SIZE_MAX || !read_at(c, at, d, sizeof(d)))
        return 0;
    memcpy(wide, d + 2, sizeof(wide));
    if (entry + 8 + (uint64_t)(int64_t)(int32_t)d[2] == start || d[2] == start)
        return d[3];
    return wide[0] == start || entry + 8 + wide[0] == start ? wide[1] : 0;
}

int incode_by_function(const struct incode *c, size_t at)
{
    struct insn in;
    uint64_t address = c->shift + at;
    int64_t n = find_function(c, address);
    if (n < 0)
        return -1;
    uint64_t start = c->table_address + (uint64_t)table_word(c, (uint64_t)n, 0);
    uint64_t size =
        function_size(c, c->table_address + (uint64_t)table_word(c, (uint64_t)n, 1), start);
    if (address - start >= size || size > FUNCTION_MAX || address - start > at - c->begin)
        return -1;
    for (size_t pc = at - (size_t)(address - start); pc < at; pc += in.len) {
        size_t avail = c->end - pc;
        if (insn_decode(&in, c->image + pc, avail > 15 ? 15 : (uint32_t)avail) ||
            in.cls == INSN_INVALID)
            return 0;
        if (pc + in.op_off == at + 1 && in.map == 1)
            return 1; /* prefixes come before the escape byte */
        if (pc + in.len > at)
            return 0;
    }
    return 1;
}

/* -------------------------------------------------------------------- plausible */
static int in_segment(const struct incode *c, uint64_t offset)
{
    return offset >= c->begin && offset < c->end;
}

/* One-byte opcodes that compilers do not use in 64-bit programs, but random bytes do. */
static int odd_opcode(const struct insn *in)
{
    unsigned op = in->opcode;
    if (in->map != 0)
        return 0;
    return (op >= 0xa0 && op <= 0xa3) || (op >= 0xd8 && op <= 0xdf) || (op >= 0xe0 && op <= 0xe2) ||
           op == 0x8e || op == 0x9b || op == 0xc2 || op == 0xc8 || op == 0xd7 || op == 0xf5;
}

static int plausible_operand(const struct incode *c, const struct insn *in, size_t pc)
{
    if (!(in->flags & INSN_F_MEM) || in->disp_size != 4)
        return 1;
    uint64_t address = (uint64_t)in->disp;
    if (in->flags & INSN_F_RIPREL)
        address += c->shift + pc + in->len;
    return (address >= c->low && address < c->high) ||
           (!(in->flags & INSN_F_RIPREL) && in->disp > -FAR_FROM_BASE && in->disp < FAR_FROM_BASE);
}

static int plausible(const struct incode *c, const struct insn *in, size_t pc)
{
    switch (in->cls) {
    case INSN_JCC:
    case INSN_LOOP:
    case INSN_JMP:
    case INSN_CALL:
        return !odd_opcode(in) && in_segment(c, insn_target(in, pc));
    case INSN_INT:
        return in->opcode == 0xcc;
    case INSN_INVALID:
    case INSN_FAR:
    case INSN_PRIV:
    case INSN_SYSENTER:
        return 0;
    default:
        return !odd_opcode(in) && plausible_operand(c, in, pc);
    }
}

static int ends_run(const struct insn *in)
{
    return in->cls == INSN_RET || in->cls == INSN_JMP || in->cls == INSN_JMP_IND ||
           in->cls == INSN_UD;
}

int incode_plausible(const struct incode *c, size_t at)
{
    struct insn in;
    size_t room = at - c->begin, pc = room > LEAD ? at - LEAD : c->begin;
    int met = 0;
    for (; pc < c->end && pc <= at + JUDGED_AFTER; pc += in.len) {
        size_t avail = c->end - pc;
        if (insn_decode(&in, c->image + pc, avail > 15 ? 15 : (uint32_t)avail))
            return met;
        if (pc + JUDGED_BEFORE >= at && !plausible(c, &in, pc))
            return 0;
        met |= in.map == 1 && pc + in.op_off == at + 1;
        if (!met && pc > at)
            return 0;
        if (met && ends_run(&in))
            return 1;
    }
    return met;
}

/* ----------------------------------------------------------------------- idioms */
static int is_xor_self(const unsigned char *p, unsigned reg)
{
    return (p[0] == 0x31 || p[0] == 0x33) && p[1] == (0xc0 | reg * 9);
}

/* A number that cpuid is asked about: basic, or of hypervisors, makers and extensions. */
static int is_leaf(const unsigned char *p)
{
    return p[0] < 0x40 && p[1] == 0 && p[2] == 0 &&
           (p[3] == 0 || p[3] == 0x40 || p[3] == 0x80 || p[3] == 0xc0);
}

int incode_idiom(const struct incode *c, size_t at)
{
    const unsigned char *p = c->image + at;
    size_t room = at - c->begin;
    if (room >= 2 && is_xor_self(p - 2, 1)) {
        if (p[1] == 0x01) /* xgetbv */
            return 1;
        p -= 2, room -= 2;
    }
    return c->image[at + 1] == 0xa2 &&
           ((room >= 2 && is_xor_self(p - 2, 0)) || (room >= 5 && p[-5] == 0xb8 && is_leaf(p - 4)));
}
