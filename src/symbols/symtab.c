/* symtab.c - functions from .symtab and .dynsym. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static int is_code(const GElf_Sym *sym)
{
    int type = GELF_ST_TYPE(sym->st_info);
    return sym->st_shndx != SHN_UNDEF && sym->st_value &&
           (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE);
}

static void read_section(struct symbols *s, Elf *elf, Elf_Scn *section, const GElf_Shdr *head)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = data && head->sh_entsize ? data->d_size / head->sh_entsize : 0;
    for (size_t i = 0; i < count && i < INT32_MAX; i++) {
        GElf_Sym sym;
        if (!gelf_getsym(data, (int)i, &sym) || !is_code(&sym))
            continue;
        const char *name = elf_strptr(elf, head->sh_link, sym.st_name);
        if (!name || !*name ||
            symbols_grow(&s->symbol, s->symbol_count, &s->symbol_cap, sizeof(s->symbol[0])))
            continue;
        uint64_t end = sym.st_value + sym.st_size;
        s->symbol[s->symbol_count++] =
            (struct symbol){sym.st_value, end < sym.st_value ? sym.st_value : end, name};
    }
}

/* A debug file's dynamic symbols are empty shells: only those of the program itself. */
static void read_file(struct symbols *s, Elf *elf, int dynamic)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr head;
        if (!gelf_getshdr(section, &head))
            continue;
        if (head.sh_type == SHT_SYMTAB || (dynamic && head.sh_type == SHT_DYNSYM))
            read_section(s, elf, section, &head);
    }
}

/* Of several names at one address the last counts: those of known size, and of these the
 * ones without a leading underscore, are what people know. */
static int by_start(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    int sized = (x->end != x->start) - (y->end != y->start);
    if (sized)
        return sized;
    int plain = (x->name[0] != '_') - (y->name[0] != '_');
    return plain ? plain : strcmp(y->name, x->name);
}

void symbols_read_table(struct symbols *s)
{
    read_file(s, s->main.elf, 1);
    if (s->debug.elf)
        read_file(s, s->debug.elf, 0);
    if (s->symbol_count)
        qsort(s->symbol, s->symbol_count, sizeof(s->symbol[0]), by_start);
}
