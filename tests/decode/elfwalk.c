/*
 * elfwalk.c - finds executable sections.
 */
#include "elfwalk.h"

#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
    const char *file;
    const uint8_t *base;
    size_t size;
};

static int in_file(const struct image *im, uint64_t offset, uint64_t len)
{
    return offset <= im->size && len <= im->size - offset;
}

static int visit_range(const struct image *im, uint64_t offset, uint64_t len, uint64_t addr,
                       int (*visit)(const struct elf_code *, void *), void *arg)
{
    struct elf_code code = {im->file, im->base + offset, len, addr};

    if (!len || !in_file(im, offset, len))
        return 0;
    return visit(&code, arg);
}

static int walk_sections(const struct image *im, const Elf64_Ehdr *eh,
                         int (*visit)(const struct elf_code *, void *), void *arg)
{
    const Elf64_Shdr *sh = (const Elf64_Shdr *)(im->base + eh->e_shoff);
    int r = 0;

    for (int i = 0; i < eh->e_shnum && !r; i++)
        if (sh[i].sh_type == SHT_PROGBITS && sh[i].sh_flags & SHF_EXECINSTR)
            r = visit_range(im, sh[i].sh_offset, sh[i].sh_size, sh[i].sh_addr, visit, arg);
    return r;
}

static int walk_segments(const struct image *im, const Elf64_Ehdr *eh,
                         int (*visit)(const struct elf_code *, void *), void *arg)
{
    const Elf64_Phdr *ph = (const Elf64_Phdr *)(im->base + eh->e_phoff);
    int r = 0;

    for (int i = 0; i < eh->e_phnum && !r; i++)
        if (ph[i].p_type == PT_LOAD && ph[i].p_flags & PF_X)
            r = visit_range(im, ph[i].p_offset, ph[i].p_filesz, ph[i].p_vaddr, visit, arg);
    return r;
}

static int walk_image(const struct image *im, int (*visit)(const struct elf_code *, void *),
                      void *arg)
{
    const Elf64_Ehdr *eh = (const Elf64_Ehdr *)im->base;

    if (im->size < sizeof *eh || memcmp(eh->e_ident, ELFMAG, SELFMAG) ||
        eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_machine != EM_X86_64)
        return 0;
    if (eh->e_shnum && in_file(im, eh->e_shoff, eh->e_shnum * sizeof(Elf64_Shdr)))
        return walk_sections(im, eh, visit, arg);
    if (eh->e_phnum && in_file(im, eh->e_phoff, eh->e_phnum * sizeof(Elf64_Phdr)))
        return walk_segments(im, eh, visit, arg);
    return 0;
}

int elf_walk(const char *file, int (*visit)(const struct elf_code *, void *), void *arg)
{
    struct image im = {.file = file};
    struct stat st;
    void *base;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    int r;

    if (fd < 0)
        return 0;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
        close(fd);
        return 0;
    }
    base = mmap(0, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (base == MAP_FAILED)
        return 0;
    im.base = base;
    im.size = (size_t)st.st_size;
    r = walk_image(&im, visit, arg);
    munmap(base, im.size);
    return r;
}

/* Files that were visited, by device and inode. */
struct seen {
    dev_t dev;
    ino_t ino;
};

static int is_new(struct seen *seen, size_t *count, const char *file)
{
    struct stat st;

    if (stat(file, &st))
        return 0;
    for (size_t i = 0; i < *count; i++)
        if (seen[i].dev == st.st_dev && seen[i].ino == st.st_ino)
            return 0;
    seen[*count].dev = st.st_dev;
    seen[*count].ino = st.st_ino;
    ++*count;
    return 1;
}

static const char *const system_files[] = {
    "/usr/lib/x86_64-linux-gnu/*.so*", "/usr/bin/*",       "/usr/lib/gcc/x86_64-linux-gnu/*/*",
    "/usr/lib/jvm/*/lib/server/*.so",  "/usr/lib64/*.so*", "/lib/x86_64-linux-gnu/*.so*",
};

int elf_walk_system(int (*visit)(const struct elf_code *, void *), void *arg)
{
    glob_t found = {0};
    struct seen *seen;
    size_t count = 0;
    int r = 0;

    for (size_t i = 0; i < sizeof system_files / sizeof *system_files; i++)
        glob(system_files[i], i ? GLOB_APPEND : 0, 0, &found);
    seen = malloc((found.gl_pathc + 1) * sizeof *seen);
    for (size_t i = 0; seen && i < found.gl_pathc && !r; i++)
        if (is_new(seen, &count, found.gl_pathv[i]))
            r = elf_walk(found.gl_pathv[i], visit, arg);
    free(seen);
    globfree(&found);
    return r;
}
