/* lines.c - source lines from DWARF line tables, by libdwarf. */
#include "internal.h"

#include <dwarf.h>
#include <libdwarf.h>
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

/* Reading one file. */
struct reading {
    struct symbols *s;
    Dwarf_Debug dbg;
    char *last; /* file name of the line before, and its number in s->file */
    uint32_t last_file;
};

static void drop(struct reading *r, Dwarf_Error error)
{
    if (error)
        dwarf_dealloc(r->dbg, error, DW_DLA_ERROR);
}

/* Number of a file name; consecutive lines mostly are of the same file. -1: no memory. */
static int64_t file_number(struct reading *r, const char *name)
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

static void add_line(struct reading *r, Dwarf_Line row)
{
    Dwarf_Error error = NULL;
    Dwarf_Addr address;
    Dwarf_Unsigned number = 0;
    Dwarf_Bool ends = 0;
    char *name = NULL;
    int64_t file = 0;
    struct symbols *s = r->s;
    if (dwarf_lineaddr(row, &address, &error) || dwarf_lineendsequence(row, &ends, &error)) {
        drop(r, error);
        return;
    }
    if (ends || dwarf_lineno(row, &number, &error) || dwarf_linesrc(row, &name, &error))
        number = 0;
    drop(r, error);
    if (name) {
        file = file_number(r, name);
        dwarf_dealloc(r->dbg, name, DW_DLA_STRING);
    }
    if (file < 0 || symbols_grow(&s->line, s->line_count, &s->line_cap, sizeof(s->line[0])))
        return;
    s->line[s->line_count] = (struct line){.address = address,
                                           .file = (uint32_t)file,
                                           .line = (uint32_t)number,
                                           .order = (uint32_t)s->line_count};
    s->line_count++;
}

static void read_unit(struct reading *r, Dwarf_Die die)
{
    Dwarf_Unsigned version;
    Dwarf_Small tables;
    Dwarf_Line_Context context = NULL;
    Dwarf_Line *rows;
    Dwarf_Signed count;
    Dwarf_Error error = NULL;
    if (dwarf_srclines_b(die, &version, &tables, &context, &error) != DW_DLV_OK) {
        drop(r, error);
        return;
    }
    if (tables == 1 && dwarf_srclines_from_linecontext(context, &rows, &count, &error) == DW_DLV_OK)
        for (Dwarf_Signed i = 0; i < count; i++)
            add_line(r, rows[i]);
    drop(r, error);
    dwarf_srclines_dealloc_b(context);
}

/* The unit's own entry: that of a new header has no predecessor. */
static void read_first_die(struct reading *r)
{
    Dwarf_Die die;
    Dwarf_Error error = NULL;
    if (dwarf_siblingof_b(r->dbg, NULL, 1, &die, &error) == DW_DLV_OK) {
        read_unit(r, die);
        dwarf_dealloc(r->dbg, die, DW_DLA_DIE);
    }
    drop(r, error);
}

static void read_units(struct reading *r)
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
            drop(r, error);
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

void symbols_read_lines(struct symbols *s)
{
    struct reading r = {.s = s};
    Dwarf_Error error = NULL;
    int fd = s->debug.elf ? s->debug.fd : s->main.fd;
    if (OPEN_DWARF(fd, &r.dbg, &error) != DW_DLV_OK)
        return;
    read_units(&r);
    CLOSE_DWARF(r.dbg);
    if (s->line_count)
        qsort(s->line, s->line_count, sizeof(s->line[0]), by_address);
}
