/* dwarf_internal.h - the debug information of one file, as lines.c opens it. */
#ifndef RRL_SYMBOLS_DWARF_INTERNAL_H
#define RRL_SYMBOLS_DWARF_INTERNAL_H

#include "internal.h"

#include <dwarf.h>
#include <libdwarf.h>

struct symbols_dwarf {
    struct symbols *s;
    Dwarf_Debug dbg;
    Dwarf_Arange *range; /* which unit has which code; some compilers do not tell */
    Dwarf_Signed ranges;
    uint32_t reading; /* unit being read, as an index into the next */
    Dwarf_Off *unit;  /* those whose lines were read, by the places of their first entries */
    size_t units, unit_cap;
    int all_read;
    char *last; /* file name of the line before, and its number in s->file */
    uint32_t last_file;
};

/* lines.c */
void symbols_drop(struct symbols_dwarf *r, Dwarf_Error error);
/* Number of a file name in s->file. -1: no memory. */
int64_t symbols_file_number(struct symbols_dwarf *r, const char *name);

/* ranges.c: 1: the entry of a unit says that it covers the address; 0: not; -1: it does not
 * say. `unit` is the unit's first entry. */
int symbols_covers(struct symbols_dwarf *r, Dwarf_Die unit, Dwarf_Die die, uint64_t address);

#endif
