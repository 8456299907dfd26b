/* debuglink.c - files of separate debug information: by build-id, by .gnu_debuglink. */
#include "internal.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUILD_ID_MAX 64

static Elf_Scn *find_section(Elf *elf, const char *name)
{
    size_t strings;
    Elf_Scn *section = NULL;
    if (elf_getshdrstrndx(elf, &strings))
        return NULL;
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr head;
        const char *n =
            gelf_getshdr(section, &head) ? elf_strptr(elf, strings, head.sh_name) : NULL;
        if (n && head.sh_type != SHT_NOBITS && !strcmp(n, name))
            return section;
    }
    return NULL;
}

int symbols_has_section(Elf *elf, const char *name)
{
    return find_section(elf, name) != NULL;
}

static size_t id_in_notes(Elf_Data *data, unsigned char *id)
{
    GElf_Nhdr note;
    size_t at = 0, name, desc, next;
    while ((next = gelf_getnote(data, at, &note, &name, &desc)) > 0) {
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && note.n_descsz <= BUILD_ID_MAX &&
            !memcmp((char *)data->d_buf + name, "GNU", 4)) {
            memcpy(id, (char *)data->d_buf + desc, note.n_descsz);
            return note.n_descsz;
        }
        at = next;
    }
    return 0;
}

static size_t build_id(Elf *elf, unsigned char *id)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr head;
        Elf_Data *data;
        if (!gelf_getshdr(section, &head) || head.sh_type != SHT_NOTE ||
            !(data = elf_getdata(section, NULL)))
            continue;
        size_t len = id_in_notes(data, id);
        if (len)
            return len;
    }
    return 0;
}

/* The file found by the name must also say the same id itself. */
static int same_id(int fd, const unsigned char *id, size_t len)
{
    unsigned char other[BUILD_ID_MAX];
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    int same = elf && build_id(elf, other) == len && !memcmp(id, other, len);
    if (elf)
        elf_end(elf);
    return same;
}

/* ------------------------------------------------------------------- by its contents */
static int has_code(Elf *elf)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr head;
        if (gelf_getshdr(section, &head) && (head.sh_flags & SHF_EXECINSTR) &&
            head.sh_type != SHT_NOBITS)
            return 1;
    }
    return 0;
}

static int is_debug_information(int fd)
{
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || elf_version(EV_CURRENT) == EV_NONE)
        return 0;
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    if (!elf)
        return 0;
    int is = elf_kind(elf) == ELF_K_ELF && !has_code(elf) &&
             (symbols_has_section(elf, ".debug_info") || symbols_has_section(elf, ".symtab"));
    elf_end(elf);
    return is;
}

int symbols_debug_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && !is_debug_information(fd)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* ---------------------------------------------------------------------- by its name */
/* A file that is there, but of another build, is as good as none. */
static int open_same(const char *path, const unsigned char *id, size_t len)
{
    int fd = symbols_debug_open(path);
    if (fd >= 0 && !same_id(fd, id, len)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int by_id(const char *debug_dir, const unsigned char *id, size_t len)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/.build-id/%02x/", debug_dir, id[0]);
    for (size_t i = 1; i < len && n < (int)sizeof(path) - 16; i++)
        n += snprintf(path + n, sizeof(path) - (size_t)n, "%02x", id[i]);
    if (n >= (int)sizeof(path) - 16)
        return -1;
    snprintf(path + n, sizeof(path) - (size_t)n, ".debug");
    return open_same(path, id, len);
}

/* The name in .gnu_debuglink, which has no directory; NULL: none. */
static const char *link_name(Elf *elf)
{
    Elf_Data *data = NULL;
    Elf_Scn *section = find_section(elf, ".gnu_debuglink");
    if (section)
        data = elf_getdata(section, NULL);
    if (!data || !data->d_buf || !memchr(data->d_buf, 0, data->d_size))
        return NULL;
    const char *name = data->d_buf;
    return *name && !strchr(name, '/') ? name : NULL;
}

static int by_link(Elf *elf, const struct symbols_places *p, const unsigned char *id, size_t len)
{
    const char *const ways[][2] = {{"", "/"}, {"", "/.debug/"}, {p->debug_dir, "/"}};
    const char *name = link_name(elf), *slash = p->path ? strrchr(p->path, '/') : NULL;
    char path[PATH_MAX];
    int fd = -1;
    for (int i = 0; name && slash && fd < 0 && i < 3; i++) {
        int n = snprintf(path, sizeof(path), "%s%.*s%s%s", ways[i][0], (int)(slash - p->path),
                         p->path, ways[i][1], name);
        if (n < (int)sizeof(path))
            fd = open_same(path, id, len);
    }
    return fd;
}

int symbols_debug_file(Elf *elf, const struct symbols_places *places)
{
    unsigned char id[BUILD_ID_MAX];
    size_t len = build_id(elf, id);
    if (len < 2)
        return -1;
    int fd = by_id(places->debug_dir, id, len);
    return fd >= 0 ? fd : by_link(elf, places, id, len);
}
