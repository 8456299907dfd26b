/* table.c - where an ELF file has its frame descriptions. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Encodings of .eh_frame_hdr (Linux Standard Base, exception frames). */
#define PE_OMIT 0xff
#define PE_FORMAT 0x0f
#define PE_ABSPTR 0x00
#define PE_UDATA4 0x03
#define PE_SDATA4 0x0b
#define PE_TABLE 0x3b /* relative to the header, int32_t: the only one that is in use */
#define ENTRIES_MAX (64u << 20)

/* Size of a number in that encoding, 0: one that nobody makes. */
static unsigned encoded_size(unsigned char encoding)
{
    if (encoding == PE_OMIT)
        return 0;
    switch (encoding & PE_FORMAT) {
    case PE_ABSPTR:
        return 8;
    case PE_UDATA4:
    case PE_SDATA4:
        return 4;
    default:
        return 0;
    }
}

/* The binary search table of .eh_frame_hdr. 0, or -1: it has none. */
static int use_header(struct unwinder *u, struct unwind_table *t)
{
    unsigned char head[4];
    uint32_t count;
    uint64_t address, at;
    if (symbols_unwind_header(t->file, &address))
        return -1;
    at = address + t->bias;
    if (unwind_read(u, at, head, sizeof(head)) || head[0] != 1 || head[3] != PE_TABLE ||
        (head[2] & PE_FORMAT) != PE_UDATA4 || !encoded_size(head[1]))
        return -1;
    uint64_t behind = at + 4 + encoded_size(head[1]);
    if (unwind_read(u, behind, &count, sizeof(count)) || !count || count > ENTRIES_MAX)
        return -1;
    t->base = at;
    t->table = behind + 4;
    t->entries = count;
    return 0;
}

static struct unwind_table *make(struct unwinder *u, uint64_t ip, enum unwind_source source)
{
    uint64_t bias, start, end;
    struct symbols *file = u->target.file_at(u->target.ctx, ip, &bias, &start, &end);
    struct unwind_table *t = file ? calloc(1, sizeof(*t)) : NULL;
    if (!t)
        return NULL;
    *t = (struct unwind_table){.next = u->tables,
                               .source = source,
                               .file = file,
                               .bias = bias,
                               .start = start,
                               .end = end};
    t->found = (source == UNWIND_EH_FRAME && !use_header(u, t)) || !unwind_index_make(u, t);
    return u->tables = t;
}

const struct unwind_table *unwind_table_at(struct unwinder *u, uint64_t ip,
                                           enum unwind_source source)
{
    struct unwind_table *t = u->tables;
    while (t && (t->source != source || ip < t->start || ip >= t->end))
        t = t->next;
    if (!t)
        t = make(u, ip, source);
    return t && t->found ? t : NULL;
}

/* ------------------------------------------------------------------ trust */
#define COMMON_MAX 64u      /* bytes of a common part up to its return address register */
#define RETURN_REGISTER 16u /* rip: the last register that the library has room for */

/* Address of the description for ip in the sorted table; 0: there is none. */
static uint64_t description_at(struct unwinder *u, const struct unwind_table *t, uint64_t ip)
{
    uint64_t low = 0, high = t->entries; /* the first entry behind ip lies in [low, high] */
    int32_t pair[2];
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (unwind_read(u, t->table + middle * 8, pair, sizeof(pair)))
            return 0;
        if ((int64_t)pair[0] <= (int64_t)(ip - t->base))
            low = middle + 1;
        else
            high = middle;
    }
    if (!low || unwind_read(u, t->table + (low - 1) * 8, pair, sizeof(pair)))
        return 0;
    return t->base + (uint64_t)(int64_t)pair[1];
}

static const unsigned char *skip_leb(const unsigned char *p, const unsigned char *end)
{
    while (p < end && *p & 0x80)
        p++;
    return p < end ? p + 1 : end;
}

/* common: behind its length and id. */
static int returns_well(const unsigned char *common, size_t len)
{
    const unsigned char *end = common + len, *p = memchr(common + 1, 0, len - 1);
    if (!p)
        return 0;
    p = skip_leb(skip_leb(p + 1, end), end); /* the alignments */
    return p < end && *p <= RETURN_REGISTER; /* of one byte in all versions then */
}

int unwind_table_sound(struct unwinder *u, const struct unwind_table *t, uint64_t ip)
{
    uint64_t at = description_at(u, t, ip);
    uint32_t back;
    unsigned char common[COMMON_MAX];
    if (!at || unwind_read(u, at + 4, &back, sizeof(back)))
        return 0;
    uint64_t start = at + 4 - back + 8;
    size_t len = sizeof(common);
    while (len > 4 && unwind_read(u, start, common, len)) /* less at the end of a section */
        len /= 2;
    return len > 4 && returns_well(common, len);
}

void unwind_tables_free(struct unwinder *u)
{
    while (u->tables) {
        struct unwind_table *t = u->tables;
        u->tables = t->next;
        free(t->own);
        free(t);
    }
    u->window_next = WINDOW_START;
}
