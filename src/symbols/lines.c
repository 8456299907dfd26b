/* lines.c - source lines from DWARF line tables, by libdwarf. */
#include "dwarf_internal.h"

#include <stdlib.h>
#include <string.h>

/* The library's interface changed when it began to count versions. */
#ifdef DW_LIBDWARF_VERSION_MAJOR
#define OPEN_DWARF(fd, dbg, error) dwarf_init_b(fd, DW_GROUPNUMBER_ANY, NULL, NULL, dbg, error)
#define CLOSE_DWARF(dbg) dwarf_finish(dbg)
#else
#define OPEN_DWARF(fd, dbg, error) \
    dwarf_init_b(fd, DW_DLC_READ, DW_GROUPNUMBER_ANY, NULL, NULL, dbg, error)
#define CLOSE_DWARF(dbg) dwarf_finish(dbg, NULL)
#endif

void symbols_drop(struct symbols_dwarf *r, Dwarf_Error error)
{
    if (error)
        dwarf_dealloc(r->dbg, error, DW_DLA_ERROR);
}

/* Number of a file name; consecutive lines mostly are of the same file. -1: no memory. */
int64_t symbols_file_number(struct symbols_dwarf *r, const char *name)
{
    struct symbols *s = r->s;
    if (r->last && !strcmp(r->last, name))
        return r->last_file;
    for (size_t i = s->file_count; i-- > 0;) {
        if (strcmp(s->file[i], name))
            continue;
        r->last = s->file[i];
        return r->last_file = (uint32_t)i;
    }
    if (symbols_grow(&s->file, s->file_count, &s->file_cap, sizeof(s->file[0])))
        return -1;
    char *copy = strdup(name);
    if (!copy)
        return -1;
    r->last = s->file[s->file_count] = copy;
    return r->last_file = (uint32_t)s->file_count++;
}

static void add_line(struct symbols_dwarf *r, Dwarf_Line row)
{
    Dwarf_Error error = NULL;
    Dwarf_Addr address;
    Dwarf_Unsigned number = 0;
    Dwarf_Bool ends = 0;
    char *name = NULL;
    int64_t file = 0;
    struct symbols *s = r->s;
    if (dwarf_lineaddr(row, &address, &error) || dwarf_lineendsequence(row, &ends, &error)) {
        symbols_drop(r, error);
        return;
    }
    if (ends || dwarf_lineno(row, &number, &error) || dwarf_linesrc(row, &name, &error))
        number = 0;
    symbols_drop(r, error);
    if (name) {
        file = symbols_file_number(r, name);
        dwarf_dealloc(r->dbg, name, DW_DLA_STRING);
    }
    if (file < 0 || symbols_grow(&s->line, s->line_count, &s->line_cap, sizeof(s->line[0])))
        return;
    s->line[s->line_count] = (struct line){.address = address,
                                           .file = (uint32_t)file,
                                           .line = (uint32_t)number,
                                           .order = (uint32_t)s->line_count,
                                           .unit = r->reading};
    s->line_count++;
}

static void read_unit(struct symbols_dwarf *r, Dwarf_Die die)
{
    Dwarf_Unsigned version;
    Dwarf_Small tables;
    Dwarf_Line_Context context = NULL;
    Dwarf_Line *rows;
    Dwarf_Signed count;
    Dwarf_Error error = NULL;
    if (dwarf_srclines_b(die, &version, &tables, &context, &error) != DW_DLV_OK) {
        symbols_drop(r, error);
        return;
    }
    if (tables == 1 && dwarf_srclines_from_linecontext(context, &rows, &count, &error) == DW_DLV_OK)
        for (Dwarf_Signed i = 0; i < count; i++)
            add_line(r, rows[i]);
    symbols_drop(r, error);
    dwarf_srclines_dealloc_b(context);
}

static int was_read(const struct symbols_dwarf *r, Dwarf_Off unit)
{
    for (size_t i = 0; i < r->units; i++)
        if (r->unit[i] == unit)
            return 1;
    return 0;
}

/* True: its lines are to be read. */
static int begin_unit(struct symbols_dwarf *r, Dwarf_Off unit)
{
    if ((r->ranges && was_read(r, unit)) ||
        symbols_grow(&r->unit, r->units, &r->unit_cap, sizeof(r->unit[0])))
        return 0;
    r->reading = (uint32_t)r->units;
    r->unit[r->units++] = unit;
    return 1;
}

/* The unit's own entry: that of a new header has no predecessor. */
static void read_first_die(struct symbols_dwarf *r)
{
    Dwarf_Die die;
    Dwarf_Error error = NULL;
    if (dwarf_siblingof_b(r->dbg, NULL, 1, &die, &error) == DW_DLV_OK) {
        Dwarf_Off unit;
        if (dwarf_dieoffset(die, &unit, &error) == DW_DLV_OK && begin_unit(r, unit))
            read_unit(r, die);
        dwarf_dealloc(r->dbg, die, DW_DLA_DIE);
    }
    symbols_drop(r, error);
}

static void read_units(struct symbols_dwarf *r)
{
    for (;;) {
        Dwarf_Unsigned length, type_offset, next;
        Dwarf_Half version, address_size, length_size, extension_size, unit_type;
        Dwarf_Off abbrev;
        Dwarf_Sig8 signature;
        Dwarf_Error error = NULL;
        if (dwarf_next_cu_header_d(r->dbg, 1, &length, &version, &abbrev, &address_size,
                                   &length_size, &extension_size, &signature, &type_offset, &next,
                                   &unit_type, &error) != DW_DLV_OK) {
            symbols_drop(r, error);
            return;
        }
        read_first_die(r);
    }
}

/* Of rows at one address the last counts; what ends a sequence yields to what begins there. */
static int by_address(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->address != y->address)
        return x->address < y->address ? -1 : 1;
    if (!x->line != !y->line)
        return x->line ? 1 : -1;
    return x->order < y->order ? -1 : 1;
}

static void sort_lines(struct symbols *s)
{
    if (s->line_count)
        qsort(s->line, s->line_count, sizeof(s->line[0]), by_address);
}

/* ----------------------------------------------------------------- which to read */
static void read_unit_at(struct symbols_dwarf *r, Dwarf_Off unit)
{
    Dwarf_Die die;
    Dwarf_Error error = NULL;
    if (!begin_unit(r, unit))
        return;
    if (dwarf_offdie_b(r->dbg, unit, 1, &die, &error) == DW_DLV_OK) {
        read_unit(r, die);
        dwarf_dealloc(r->dbg, die, DW_DLA_DIE);
        sort_lines(r->s);
    }
    symbols_drop(r, error);
}

static struct symbols_dwarf *open_dwarf(struct symbols *s)
{
    struct symbols_dwarf *r = calloc(1, sizeof(*r));
    Dwarf_Error error = NULL;
    if (!r)
        return NULL;
    r->s = s;
    if (OPEN_DWARF(s->debug.elf ? s->debug.fd : s->main.fd, &r->dbg, &error) != DW_DLV_OK) {
        free(r);
        return NULL;
    }
    if (dwarf_get_aranges(r->dbg, &r->range, &r->ranges, &error) != DW_DLV_OK)
        r->ranges = 0;
    symbols_drop(r, error);
    return r;
}

void symbols_close_lines(struct symbols_dwarf *r)
{
    if (!r)
        return;
    for (Dwarf_Signed i = 0; i < r->ranges; i++)
        dwarf_dealloc(r->dbg, r->range[i], DW_DLA_ARANGE);
    if (r->ranges)
        dwarf_dealloc(r->dbg, r->range, DW_DLA_LIST);
    CLOSE_DWARF(r->dbg);
    free(r->unit);
    free(r);
}

void symbols_read_lines(struct symbols *s, uint64_t address)
{
    Dwarf_Arange found;
    Dwarf_Off unit;
    Dwarf_Error error = NULL;
    if (!s->have_lines)
        s->dwarf = open_dwarf(s);
    s->have_lines = 1;
    struct symbols_dwarf *r = s->dwarf;
    if (!r || r->all_read)
        return;
    if (!r->ranges) {
        r->all_read = 1;
        read_units(r);
        sort_lines(s);
    } else if (dwarf_get_arange(r->range, (Dwarf_Unsigned)r->ranges, address, &found, &error) ==
                   DW_DLV_OK &&
               dwarf_get_cu_die_offset(found, &unit, &error) == DW_DLV_OK) {
        read_unit_at(r, unit);
    }
    symbols_drop(r, error);
}
