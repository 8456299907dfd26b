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
