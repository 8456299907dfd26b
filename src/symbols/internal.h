/* internal.h - what the files of the symbols library share. */
#ifndef RRL_SYMBOLS_INTERNAL_H
#define RRL_SYMBOLS_INTERNAL_H

#include "symbols.h"

#include <gelf.h>

struct symbol {
    uint64_t start, end; /* end == start: size not known */
    const char *name;    /* in the ELF file's own memory */
};

struct line {
    uint64_t address;
    uint32_t file;
    uint32_t line;  /* 0: nothing known from here on */
    uint32_t order; /* of the rows, as read */
    uint32_t unit;  /* as symbols_dwarf.unit counts */
};

/* One ELF file: the program, or its separate debug information. */
struct elf_source {
    int fd;
    Elf *elf;
};

struct symbols {
    struct elf_source main, debug;
    int have_symbols, have_lines; /* read, and opened, already */
    struct symbol *symbol;        /* sorted by start */
    size_t symbol_count, symbol_cap;
    struct symbols_dwarf *dwarf; /* lines.c; NULL: none */
    struct line *line;           /* sorted by address; of the units that were asked for */
    size_t line_count, line_cap;
    char **file;
    size_t file_count, file_cap;
    char **plain; /* demangled names that were given away */
    size_t plain_count, plain_cap;
};

/* debuglink.c: a descriptor of the separate debug information, or -1. */
int symbols_debug_file(Elf *elf, const struct symbols_places *places);
/* True when the file has a section of that name. */
int symbols_has_section(Elf *elf, const char *name);

/* symtab.c and lines.c: fill the arrays; what cannot be read is left out. Of lines at least
 * those of the unit that has the address. */
void symbols_read_table(struct symbols *s);
void symbols_read_lines(struct symbols *s, uint64_t address);
/* The row of the line table that the address belongs to, or NULL. */
const struct line *symbols_line_at(const struct symbols *s, uint64_t address);
void symbols_close_lines(struct symbols_dwarf *r);

/* The name as people write it; it lives as long as s, or as `name`. */
const char *symbols_demangled(struct symbols *s, const char *name);

/* Makes room for one more element of `size` bytes. 0 or -ENOMEM. */
int symbols_grow(void *array, size_t count, size_t *cap, size_t size);

#endif
