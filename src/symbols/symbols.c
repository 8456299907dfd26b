/* symbols.c - opening files, and the look-ups. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int symbols_grow(void *array, size_t count, size_t *cap, size_t size)
{
    void **p = array;
    if (count < *cap)
        return 0;
    size_t more = *cap ? *cap * 2 : 256;
    void *grown = realloc(*p, more * size);
    if (!grown)
        return -ENOMEM;
    *p = grown;
    *cap = more;
    return 0;
}

/* ----------------------------------------------------------- open and close */
static int open_elf(struct elf_source *e, int fd)
{
    elf_version(EV_CURRENT);
    e->fd = fd;
    e->elf = elf_begin(fd, ELF_C_READ, NULL);
    if (e->elf && elf_kind(e->elf) == ELF_K_ELF && gelf_getclass(e->elf) == ELFCLASS64)
        return 0;
    return -ENOEXEC;
}

static void close_elf(struct elf_source *e)
{
    if (e->elf)
        elf_end(e->elf);
    if (e->fd >= 0)
        close(e->fd);
}

static void open_debug(struct symbols *s, const struct symbols_places *places)
{
    int has = symbols_has_section(s->main.elf, ".debug_line");
    int fd = has || !places ? -1 : symbols_debug_file(s->main.elf, places);
    if (fd < 0 || !open_elf(&s->debug, fd))
        return;
    close_elf(&s->debug);
    s->debug = (struct elf_source){.fd = -1};
}

int symbols_open(struct symbols **out, int fd, const struct symbols_places *places)
{
    struct symbols *s = calloc(1, sizeof(*s));
    *out = NULL;
    if (!s) {
        close(fd);
        return -ENOMEM;
    }
    s->debug.fd = -1;
    int err = open_elf(&s->main, fd);
    if (err) {
        symbols_close(s);
        return err;
    }
    if (places)
        open_debug(s, places);
    *out = s;
    return 0;
}

void symbols_close(struct symbols *s)
{
    if (!s)
        return;
    symbols_close_lines(s->dwarf);
    for (size_t i = 0; i < s->file_count; i++)
        free(s->file[i]);
    for (size_t i = 0; i < s->plain_count; i++)
        free(s->plain[i]);
    free(s->plain);
    free(s->file);
    free(s->line);
    free(s->symbol);
    close_elf(&s->main);
    close_elf(&s->debug);
    free(s);
}

/* ----------------------------------------------------------------- look-ups */
int symbols_address(struct symbols *s, uint64_t file_offset, uint64_t *address)
{
    size_t count;
    if (elf_getphdrnum(s->main.elf, &count))
        return -ENOENT;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr p;
        if (!gelf_getphdr(s->main.elf, (int)i, &p) || p.p_type != PT_LOAD ||
            file_offset < p.p_offset || file_offset - p.p_offset >= p.p_filesz)
            continue;
        *address = file_offset - p.p_offset + p.p_vaddr;
        return 0;
    }
    return -ENOENT;
}

/* The last element whose key is at or below address, or -1. The key stands first. */
static long last_below(const void *array, size_t count, size_t size, uint64_t address)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        uint64_t key;
        memcpy(&key, (const char *)array + mid * size, sizeof(key));
        if (key <= address)
            low = mid + 1;
        else
            high = mid;
    }
    return (long)low - 1;
}

/* Symbols may nest, and markers without a size stand between: the nearest that covers the
 * address, else the nearest of unknown size. */
static void find_function(struct symbols *s, uint64_t address, struct symbols_place *place)
{
    long i = last_below(s->symbol, s->symbol_count, sizeof(s->symbol[0]), address);
    const struct symbol *found = NULL;
    for (int tries = 0; i >= 0 && tries < 16; i--, tries++) {
        const struct symbol *m = &s->symbol[i];
        if (address < m->end) {
            found = m;
            break;
        }
        if (!found && m->end == m->start)
            found = m;
    }
    if (!found)
        return;
    place->function = symbols_demangled(s, found->name);
    place->offset = address - found->start;
}

const struct line *symbols_line_at(const struct symbols *s, uint64_t address)
{
    long i = last_below(s->line, s->line_count, sizeof(s->line[0]), address);
    return i < 0 || !s->line[i].line ? NULL : &s->line[i];
}

static void find_line(struct symbols *s, uint64_t address, struct symbols_place *place)
{
    const struct line *line = symbols_line_at(s, address);
    if (!line)
        return;
    place->file = s->file[line->file];
    place->line = line->line;
}

static void read_symbols(struct symbols *s)
{
    if (!s->have_symbols)
        symbols_read_table(s);
    s->have_symbols = 1;
}

static int has_code(struct symbols *s, uint64_t address)
{
    size_t count = 0;
    if (elf_getphdrnum(s->main.elf, &count))
        return 0;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr p;
        if (gelf_getphdr(s->main.elf, (int)i, &p) && p.p_type == PT_LOAD && p.p_flags & PF_X &&
            address - p.p_vaddr < p.p_memsz)
            return 1;
    }
    return 0;
}

void symbols_find(struct symbols *s, uint64_t address, struct symbols_place *place)
{
    *place = (struct symbols_place){0};
    read_symbols(s);
    symbols_read_lines(s, address);
    find_function(s, address, place);
    if (has_code(s, address)) /* line tables of linkers' leftovers reach anywhere */
        find_line(s, address, place);
}

int symbols_by_name(struct symbols *s, const char *name, uint64_t *address)
{
    read_symbols(s);
    for (size_t i = 0; i < s->symbol_count; i++) {
        if (strcmp(s->symbol[i].name, name))
            continue;
        *address = s->symbol[i].start;
        return 0;
    }
    return -ENOENT;
}
