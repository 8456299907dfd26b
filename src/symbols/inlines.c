/* inlines.c - functions that the compiler has put into others, from DWARF. */
#include "dwarf_internal.h"

#include <string.h>

#define DEPTH_MAX 64 /* of entries in one another */

struct search {
    struct symbols_dwarf *r;
    Dwarf_Die unit;
    uint64_t address;
    struct symbols_inline *out; /* outermost first, until all are found */
    size_t count, cap;
};

/* ------------------------------------------------------------------- attributes */
static int attribute(struct symbols_dwarf *r, Dwarf_Die die, Dwarf_Half name, Dwarf_Attribute *attr)
{
    Dwarf_Error error = NULL;
    int got = dwarf_attr(die, name, attr, &error);
    symbols_drop(r, error);
    return got == DW_DLV_OK ? 0 : -1;
}

static unsigned small_number(struct symbols_dwarf *r, Dwarf_Die die, Dwarf_Half name)
{
    Dwarf_Attribute attr;
    Dwarf_Unsigned v = 0;
    Dwarf_Error error = NULL;
    if (attribute(r, die, name, &attr))
        return 0;
    if (dwarf_formudata(attr, &v, &error) != DW_DLV_OK)
        v = 0;
    symbols_drop(r, error);
    dwarf_dealloc(r->dbg, attr, DW_DLA_ATTR);
    return v > UINT32_MAX ? 0 : (unsigned)v;
}

/* A string of the debug information, which lives as long as that is open. */
static const char *text(struct symbols_dwarf *r, Dwarf_Die die, Dwarf_Half name)
{
    Dwarf_Attribute attr;
    char *value = NULL;
    Dwarf_Error error = NULL;
    if (attribute(r, die, name, &attr))
        return NULL;
    if (dwarf_formstring(attr, &value, &error) != DW_DLV_OK)
        value = NULL;
    symbols_drop(r, error);
    dwarf_dealloc(r->dbg, attr, DW_DLA_ATTR);
    return value;
}

/* The entry that an attribute refers to; 0 when there is one. */
static int referred(struct symbols_dwarf *r, Dwarf_Die die, Dwarf_Half name, Dwarf_Die *out)
{
    Dwarf_Attribute attr;
    Dwarf_Off offset;
    Dwarf_Error error = NULL;
    if (attribute(r, die, name, &attr))
        return -1;
    int got = dwarf_global_formref(attr, &offset, &error);
    if (got == DW_DLV_OK)
        got = dwarf_offdie_b(r->dbg, offset, 1, out, &error);
    symbols_drop(r, error);
    dwarf_dealloc(r->dbg, attr, DW_DLA_ATTR);
    return got == DW_DLV_OK ? 0 : -1;
}

/* The name stands where the function is defined or declared. */
static const char *name_of(struct symbols_dwarf *r, Dwarf_Die die, int depth)
{
    static const Dwarf_Half links[] = {DW_AT_abstract_origin, DW_AT_specification};
    const char *name = text(r, die, DW_AT_linkage_name);
    Dwarf_Die other;
    if (name)
        return symbols_demangled(r->s, name);
    for (size_t i = 0; !name && depth < 4 && i < sizeof(links) / sizeof(links[0]); i++) {
        if (referred(r, die, links[i], &other))
            continue;
        name = name_of(r, other, depth + 1);
        dwarf_dealloc(r->dbg, other, DW_DLA_DIE);
    }
    return name ? name : text(r, die, DW_AT_name);
}

/* File names of a unit count from 1, but from 0 since version 5. */
static const char *file_name(struct search *q, unsigned number)
{
    char **files;
    Dwarf_Signed count;
    Dwarf_Error error = NULL;
    Dwarf_Half version, size;
    const char *name = NULL;
    if (dwarf_get_version_of_die(q->unit, &version, &size) != DW_DLV_OK)
        return NULL;
    if (dwarf_srcfiles(q->unit, &files, &count, &error) != DW_DLV_OK) {
        symbols_drop(q->r, error);
        return NULL;
    }
    Dwarf_Signed wanted = (Dwarf_Signed)number - (version < 5);
    if (wanted >= 0 && wanted < count) {
        int64_t n = symbols_file_number(q->r, files[wanted]);
        name = n < 0 ? NULL : q->r->s->file[n];
    }
    for (Dwarf_Signed i = 0; i < count; i++)
        dwarf_dealloc(q->r->dbg, files[i], DW_DLA_STRING);
    dwarf_dealloc(q->r->dbg, files, DW_DLA_LIST);
    return name;
}

/* ------------------------------------------------------------------------- walk */
static void note(struct search *q, Dwarf_Die die)
{
    if (q->count == q->cap) /* of too many the outermost goes */
        memmove(q->out, q->out + 1, --q->count * sizeof(q->out[0]));
    q->out[q->count++] =
        (struct symbols_inline){.function = name_of(q->r, die, 0),
                                .call_file = file_name(q, small_number(q->r, die, DW_AT_call_file)),
                                .call_line = small_number(q->r, die, DW_AT_call_line)};
}

/* Whether to look into an entry: at scopes always, at code when it covers the address. */
static int enters(struct search *q, Dwarf_Die die)
{
    Dwarf_Half tag;
    Dwarf_Error error = NULL;
    int covers = 0;
    if (dwarf_tag(die, &tag, &error) != DW_DLV_OK) {
        symbols_drop(q->r, error);
        return 0;
    }
    switch (tag) {
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
        return 1;
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
        return symbols_covers(q->r, q->unit, die, q->address) != 0;
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine:
        covers = symbols_covers(q->r, q->unit, die, q->address) > 0;
        if (covers && tag == DW_TAG_inlined_subroutine)
            note(q, die);
        return covers;
    default:
        return 0;
    }
}

static void walk(struct search *q, Dwarf_Die parent, int depth)
{
    Dwarf_Die die, next;
    Dwarf_Error error = NULL;
    int got = depth < DEPTH_MAX ? dwarf_child(parent, &die, &error) : DW_DLV_NO_ENTRY;
    while (got == DW_DLV_OK) {
        if (enters(q, die))
            walk(q, die, depth + 1);
        got = dwarf_siblingof_b(q->r->dbg, die, 1, &next, &error);
        dwarf_dealloc(q->r->dbg, die, DW_DLA_DIE);
        die = next;
    }
    symbols_drop(q->r, error);
}

static void reverse(struct symbols_inline *list, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct symbols_inline other = list[i];
        list[i] = list[count - 1 - i];
        list[count - 1 - i] = other;
    }
}

size_t symbols_inlines(struct symbols *s, uint64_t address, struct symbols_inline *out, size_t cap)
{
    symbols_read_lines(s, address);
    const struct line *line = symbols_line_at(s, address);
    Dwarf_Error error = NULL;
    if (!s->dwarf || !line || !cap)
        return 0;
    struct search q = {.r = s->dwarf, .address = address, .out = out, .cap = cap};
    if (dwarf_offdie_b(q.r->dbg, q.r->unit[line->unit], 1, &q.unit, &error) == DW_DLV_OK) {
        walk(&q, q.unit, 0);
        dwarf_dealloc(q.r->dbg, q.unit, DW_DLA_DIE);
    }
    symbols_drop(q.r, error);
    reverse(out, q.count);
    return q.count;
}
