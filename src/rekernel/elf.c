/*
 * elf.c - loading ELF programs.
 */
#include "elf.h"
#include "syscall.h"

#include <linux/elf.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

s64 elf_open(const char *path, struct elf_file *f)
{
    char host[4096];
    f->file = NULL;
    f->interp[0] = 0;
    const char *name = proc_translate(path, host, sizeof host) > 0 ? host : path;
    s64 r = door_call(__NR_faccessat, (u64)AT_FDCWD, (u64)name, 1 /* X_OK */, 0);
    if (r < 0)
        return r;
    r = door_call(__NR_openat, (u64)AT_FDCWD, (u64)name, O_RDONLY | O_CLOEXEC, 0);
    if (r < 0)
        return r;
    f->file = file_new((int)r, O_RDONLY, path);
    struct out o = {.addr = (u64)f->head, .cap = sizeof f->head, .rule = OUT_RESULT, .unit = 1,
                    .kernel = 1};
    struct world w = {__NR_pread64, WORLD_INTERNAL, {(u64)r, (u64)f->head, sizeof f->head, 0}, 0, 1, &o};
    r = door_world(&w);
    f->head_len = r < 0 ? 0 : (u64)r;
    if (r == -EISDIR)
        r = -EACCES;
    if (r < 0)
        elf_close(f);
    return r < 0 ? r : 0;
}

void elf_close(struct elf_file *f)
{
    if (f->file)
        file_put(f->file);
    f->file = NULL;
}

static const struct elf64_hdr *header(const struct elf_file *f)
{
    return (const void *)f->head;
}

static const struct elf64_phdr *phdrs(const struct elf_file *f)
{
    return (const void *)(f->head + header(f)->e_phoff);
}

static s64 read_interp(struct elf_file *f, const struct elf64_phdr *ph)
{
    if (ph->p_filesz < 2 || ph->p_filesz > sizeof f->interp)
        return -ENOEXEC;
    struct out o = {.addr = (u64)f->interp, .cap = ph->p_filesz, .rule = OUT_RESULT, .unit = 1,
                    .kernel = 1};
    u64 fd = (u64)f->file->host_fd;
    struct world w = {__NR_pread64, WORLD_INTERNAL, {fd, (u64)f->interp, ph->p_filesz, ph->p_offset},
                      0, 1, &o};
    s64 r = door_world(&w);
    if (r != (s64)ph->p_filesz || f->interp[r - 1])
        return -ENOEXEC;
    return 0;
}

s64 elf_check(struct elf_file *f)
{
    const struct elf64_hdr *h = header(f);
    if (f->head_len < sizeof *h || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 ||
        h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64 ||
        (h->e_type != ET_EXEC && h->e_type != ET_DYN))
        return -ENOEXEC;
    if (h->e_phentsize != sizeof(struct elf64_phdr) || !h->e_phnum || h->e_phnum > ELF_PHDR_MAX ||
        h->e_phoff + h->e_phnum * sizeof(struct elf64_phdr) > f->head_len)
        return -ENOEXEC;
    for (u32 i = 0; i < h->e_phnum; i++)
        if (phdrs(f)[i].p_type == PT_INTERP)
            return read_interp(f, &phdrs(f)[i]);
    return 0;
}

struct span {
    u64 low, high, align;
};

static bool find_span(const struct elf_file *f, struct span *s)
{
    *s = (struct span){~0ull, 0, RK_PAGE};
    for (u32 i = 0; i < header(f)->e_phnum; i++) {
        const struct elf64_phdr *ph = &phdrs(f)[i];
        if (ph->p_type != PT_LOAD)
            continue;
        if (ph->p_memsz < ph->p_filesz || ph->p_vaddr + ph->p_memsz < ph->p_vaddr ||
            (ph->p_vaddr - ph->p_offset) & (RK_PAGE - 1))
            return false;
        s->low = MIN(s->low, PAGE_DOWN(ph->p_vaddr));
        s->high = MAX(s->high, PAGE_UP(ph->p_vaddr + ph->p_memsz));
        if (ph->p_align > s->align && !(ph->p_align & (ph->p_align - 1)) && ph->p_align <= 1u << 30)
            s->align = ph->p_align;
    }
    return s->low < s->high;
}

static u32 segment_prot(u32 flags)
{
    return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) |
           (flags & PF_X ? PROT_EXEC : 0);
}

/* Zeros from the file's end to the segment's end. */
static s64 map_bss(u64 from, u64 to, u32 prot)
{
    static const u8 zeros[RK_PAGE];
    u64 edge = PAGE_UP(from);
    if (prot & PROT_WRITE && from < edge && from < to &&
        copy_to_guest(from, zeros, edge - from))
        return -EFAULT;
    if (edge >= PAGE_UP(to))
        return 0;
    u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    s64 r = mm_mmap(edge, PAGE_UP(to) - edge, prot, flags, NULL, 0, 0);
    return r < 0 ? r : 0;
}

static s64 map_segment(const struct elf_file *f, const struct elf64_phdr *ph, u64 bias)
{
    u64 start = PAGE_DOWN(ph->p_vaddr + bias), end = ph->p_vaddr + bias + ph->p_filesz;
    u64 off = PAGE_DOWN(ph->p_offset);
    u32 prot = segment_prot(ph->p_flags);
    if (ph->p_filesz) {
        s64 r = mm_mmap(start, end - start, prot, MAP_PRIVATE | MAP_FIXED, f->file, off, 0);
        if (r < 0)
            return r;
    } else {
        end = start;
    }
    return map_bss(end, ph->p_vaddr + bias + ph->p_memsz, prot);
}

static u64 choose_base(const struct span *s, u64 from)
{
    u64 base = ALIGN_UP(from, s->align);
    while (!mm_range_free(base, s->high - s->low))
        base += MAX(s->align, (u64)(1u << 20));
    return base;
}

static s64 map_file(const struct elf_file *f, u64 from, u64 *bias)
{
    struct span s;
    if (!find_span(f, &s))
        return -ENOEXEC;
    *bias = header(f)->e_type == ET_DYN ? choose_base(&s, from) - s.low : 0;
    if (!mm_range_free(s.low + *bias, s.high - s.low))
        return -ENOMEM;
    for (u32 i = 0; i < header(f)->e_phnum; i++) {
        const struct elf64_phdr *ph = &phdrs(f)[i];
        s64 r = ph->p_type == PT_LOAD ? map_segment(f, ph, *bias) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static void describe(const struct elf_file *f, u64 bias, struct elf_image *im)
{
    const struct elf64_hdr *h = header(f);
    im->entry = im->start = h->e_entry + bias;
    im->phnum = h->e_phnum;
    for (u32 i = 0; i < h->e_phnum; i++) {
        const struct elf64_phdr *ph = &phdrs(f)[i];
        if (ph->p_type == PT_GNU_STACK)
            im->exec_stack = ph->p_flags & PF_X;
        if (ph->p_type != PT_LOAD)
            continue;
        if (h->e_phoff >= ph->p_offset && h->e_phoff < ph->p_offset + ph->p_filesz)
            im->phdr = h->e_phoff - ph->p_offset + ph->p_vaddr + bias;
        if (ph->p_flags & PF_X && !im->start_code) {
            im->start_code = ph->p_vaddr + bias;
            im->end_code = im->start_code + ph->p_filesz;
        }
    }
}

s64 elf_load(struct elf_file *exe, struct elf_file *interp, struct elf_image *im)
{
    u64 bias;
    memset(im, 0, sizeof *im);
    s64 r = map_file(exe, MM_EXE_BASE, &bias);
    if (r < 0)
        return r;
    describe(exe, bias, im);
    if (!interp)
        return 0;
    r = map_file(interp, MM_CODE_BASE, &bias);
    if (r < 0)
        return r;
    im->interp_base = bias;
    im->start = header(interp)->e_entry + bias;
    return 0;
}
