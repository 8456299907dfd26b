/*
 * ranges.c - which code an entry of the debug information covers. The lists of ranges are read
 * here and not by libdwarf, whose interface for them differs from version to version.
 */
#include "dwarf_internal.h"

#include <string.h>

struct cursor {
    const unsigned char *at, *end;
};

static uint64_t fixed(struct cursor *c, size_t size)
{
    uint64_t v = 0;
    if ((size_t)(c->end - c->at) < size) {
        c->at = c->end;
        return 0;
    }
    memcpy(&v, c->at, size);
    c->at += size;
    return v;
}

static uint64_t leb(struct cursor *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; c->at < c->end && shift < 64; shift += 7) {
        unsigned char byte = *c->at++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    return v;
}

/* -------------------------------------------------------------------- attributes */
/* An attribute that is an offset, an index or an address; 0 when it is there. */
static int number(struct symbols_dwarf *r, Dwarf_Die die, Dwarf_Half name, uint64_t *value,
                  Dwarf_Half *form)
{
    Dwarf_Attribute attr;
    Dwarf_Error error = NULL;
    Dwarf_Unsigned v = 0;
    Dwarf_Off offset;
    int got = -1;
    if (dwarf_attr(die, name, &attr, &error) != DW_DLV_OK) {
        symbols_drop(r, error);
        return -1;
    }
    if (dwarf_whatform(attr, form, &error) == DW_DLV_OK) {
        if (dwarf_formudata(attr, &v, &error) == DW_DLV_OK) {
            got = 0;
        } else {
            symbols_drop(r, error);
            error = NULL;
            got = dwarf_global_formref(attr, &offset, &error) == DW_DLV_OK ? 0 : -1;
            v = got ? 0 : offset;
        }
    }
    *value = v;
    symbols_drop(r, error);
    dwarf_dealloc(r->dbg, attr, DW_DLA_ATTR);
    return got;
}

static uint64_t low_pc(struct symbols_dwarf *r, Dwarf_Die die, int *there)
{
    Dwarf_Addr low = 0;
    Dwarf_Error error = NULL;
    *there = dwarf_lowpc(die, &low, &error) == DW_DLV_OK;
    symbols_drop(r, error);
    return low;
}

static int one_range(struct symbols_dwarf *r, Dwarf_Die die, uint64_t low, uint64_t address)
{
    Dwarf_Addr high;
    Dwarf_Half form;
    enum Dwarf_Form_Class class;
    Dwarf_Error error = NULL;
    int got = dwarf_highpc_b(die, &high, &form, &class, &error);
    symbols_drop(r, error);
    if (got != DW_DLV_OK)
        return -1;
    if (class == DW_FORM_CLASS_CONSTANT)
        high += low;
    return address >= low && address < high;
}

/* --------------------------------------------------------------- lists of ranges */
static int in_old_list(struct symbols_dwarf *r, uint64_t offset, uint64_t base, uint64_t address)
{
    struct symbols_section s;
    if (symbols_section(r->s, ".debug_ranges", &s) || offset >= s.size)
        return -1;
    struct cursor c = {(const unsigned char *)s.data + offset,
                       (const unsigned char *)s.data + s.size};
    while (c.at < c.end) {
        uint64_t from = fixed(&c, 8), to = fixed(&c, 8);
        if (!from && !to)
            break;
        if (from == UINT64_MAX)
            base = to;
        else if (address >= base + from && address < base + to)
            return 1;
    }
    return 0;
}

/* An address that is kept in .debug_addr, by its number. */
static uint64_t indexed(struct symbols_dwarf *r, Dwarf_Die unit, uint64_t index)
{
    struct symbols_section s;
    uint64_t base, v;
    Dwarf_Half form;
    if (number(r, unit, DW_AT_addr_base, &base, &form) ||
        symbols_section(r->s, ".debug_addr", &s) || base > s.size || s.size - base < 8 ||
        index > (s.size - base) / 8 - 1)
        return 0;
    memcpy(&v, (const unsigned char *)s.data + base + 8 * index, 8);
    return v;
}

/* One entry: its range, or a new base (then the range is empty). 0: the list ends. */
static int entry(struct symbols_dwarf *r, Dwarf_Die unit, struct cursor *c, uint64_t *base,
                 uint64_t *from, uint64_t *to)
{
    *from = *to = 0;
    switch (fixed(c, 1)) {
    case DW_RLE_base_addressx:
        *base = indexed(r, unit, leb(c));
        return 1;
    case DW_RLE_startx_endx:
        *from = indexed(r, unit, leb(c));
        *to = indexed(r, unit, leb(c));
        return 1;
    case DW_RLE_startx_length:
        *from = indexed(r, unit, leb(c));
        *to = *from + leb(c);
        return 1;
    case DW_RLE_offset_pair:
        *from = *base + leb(c);
        *to = *base + leb(c);
        return 1;
    case DW_RLE_base_address:
        *base = fixed(c, 8);
        return 1;
    case DW_RLE_start_end:
        *from = fixed(c, 8);
        *to = fixed(c, 8);
        return 1;
    case DW_RLE_start_length:
        *from = fixed(c, 8);
        *to = *from + leb(c);
        return 1;
    default:
        return 0;
    }
}

static int in_list(struct symbols_dwarf *r, Dwarf_Die unit, uint64_t offset, Dwarf_Half form,
                   uint64_t base, uint64_t address)
{
    struct symbols_section s;
    uint64_t lists, from, to;
    Dwarf_Half other;
    uint32_t inside;
    if (symbols_section(r->s, ".debug_rnglists", &s))
        return -1;
    if (form == DW_FORM_rnglistx) { /* a number into a table of offsets */
        if (number(r, unit, DW_AT_rnglists_base, &lists, &other) || lists > s.size ||
            s.size - lists < 4 || offset > (s.size - lists) / 4 - 1)
            return -1;
        memcpy(&inside, (const unsigned char *)s.data + lists + 4 * offset, 4);
        offset = lists + inside;
    }
    if (offset >= s.size)
        return -1;
    struct cursor c = {(const unsigned char *)s.data + offset,
                       (const unsigned char *)s.data + s.size};
    while (c.at < c.end && entry(r, unit, &c, &base, &from, &to))
        if (address >= from && address < to)
            return 1;
    return 0;
}

int symbols_covers(struct symbols_dwarf *r, Dwarf_Die unit, Dwarf_Die die, uint64_t address)
{
    int there;
    uint64_t offset, low = low_pc(r, die, &there);
    Dwarf_Half form, version, size;
    if (there) {
        int covers = one_range(r, die, low, address);
        if (covers >= 0)
            return covers;
    }
    if (number(r, die, DW_AT_ranges, &offset, &form))
        return -1;
    uint64_t base = low_pc(r, unit, &there);
    if (dwarf_get_version_of_die(unit, &version, &size) != DW_DLV_OK)
        return -1;
    return version < 5 ? in_old_list(r, offset, base, address)
                       : in_list(r, unit, offset, form, base, address);
}
