/* sections.c - raw sections of an ELF file. */
#include "internal.h"

#include <errno.h>
#include <string.h>

static Elf_Scn *find(Elf *elf, const char *name, GElf_Shdr *head)
{
    size_t strings;
    Elf_Scn *section = NULL;
    if (elf_getshdrstrndx(elf, &strings))
        return NULL;
    while ((section = elf_nextscn(elf, section))) {
        const char *n =
            gelf_getshdr(section, head) ? elf_strptr(elf, strings, head->sh_name) : NULL;
        if (n && head->sh_type != SHT_NOBITS && !strcmp(n, name))
            return section;
    }
    return NULL;
}

static int take(Elf *elf, const char *name, struct symbols_section *out)
{
    GElf_Shdr head;
    Elf_Scn *section = elf ? find(elf, name, &head) : NULL;
    if (!section || (head.sh_flags & SHF_COMPRESSED && elf_compress(section, 0, 0) < 0))
        return -ENOENT;
    Elf_Data *data = elf_getdata(section, NULL);
    if (!data || !data->d_buf)
        return -ENOENT;
    *out = (struct symbols_section){data->d_buf, data->d_size,
                                    head.sh_flags & SHF_ALLOC ? head.sh_addr : 0};
    return 0;
}

int symbols_section(struct symbols *s, const char *name, struct symbols_section *out)
{
    return take(s->main.elf, name, out) ? take(s->debug.elf, name, out) : 0;
}

int symbols_unwind_header(struct symbols *s, uint64_t *address)
{
    size_t count;
    if (elf_getphdrnum(s->main.elf, &count))
        return -ENOENT;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr p;
        if (!gelf_getphdr(s->main.elf, (int)i, &p) || p.p_type != PT_GNU_EH_FRAME)
            continue;
        *address = p.p_vaddr;
        return 0;
    }
    return -ENOENT;
}

int symbols_range(struct symbols *s, uint64_t *start, uint64_t *end)
{
    size_t count;
    *start = UINT64_MAX;
    *end = 0;
    if (elf_getphdrnum(s->main.elf, &count))
        return -ENOENT;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr p;
        if (!gelf_getphdr(s->main.elf, (int)i, &p) || p.p_type != PT_LOAD)
            continue;
        *start = p.p_vaddr < *start ? p.p_vaddr : *start;
        *end = p.p_vaddr + p.p_memsz > *end ? p.p_vaddr + p.p_memsz : *end;
    }
    return *start < *end ? 0 : -ENOENT;
}
