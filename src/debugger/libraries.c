/* libraries.c - the dynamic linker's list of what it has loaded, as it is in memory now. */
#include "internal.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>

#define LIBRARIES_MAX 4096 /* a damaged list may be a ring */
#define NAMESPACES_MAX 64
#define TABLE_MAX 4096 /* entries of an auxiliary vector, program headers, a dynamic section */

struct list {
    struct debugger *d;
    target_library_fn *take;
    void *arg;
    uint64_t interpreter; /* its dynamic section; 0: none, or it is in the list */
    unsigned count;
};

static int read_all(struct debugger *d, uint64_t addr, void *to, size_t len)
{
    ssize_t n = state_mem_read(d, addr, to, len);
    return n < 0 ? (int)n : (size_t)n < len ? -EFAULT : 0;
}

static uint64_t word(struct debugger *d, uint64_t addr)
{
    uint64_t value;
    return read_all(d, addr, &value, sizeof(value)) ? 0 : value;
}

/* ---------------------------------------------------------- what the kernel said */
static uint64_t auxv_value(struct debugger *d, const struct rk_debug_process *p, uint64_t type)
{
    Elf64_auxv_t entry;
    for (uint64_t at = 0; at < p->auxv_size && at < TABLE_MAX * sizeof(entry); at += sizeof(entry))
        if (!read_all(d, p->auxv + at, &entry, sizeof(entry)) && entry.a_type == type)
            return entry.a_un.a_val;
    return 0;
}

static int find_segment(struct debugger *d, uint64_t table, uint64_t count, uint32_t type,
                        Elf64_Phdr *out)
{
    for (uint64_t i = 0; i < count && i < TABLE_MAX; i++) {
        if (read_all(d, table + i * sizeof(*out), out, sizeof(*out)))
            return -EFAULT;
        if (out->p_type == type)
            return 0;
    }
    return -ENOENT;
}

struct program {
    uint64_t base, dynamic; /* 0: linked statically */
    uint64_t interpreter;   /* where it is loaded, 0: none */
    uint64_t interpreter_name, its_dynamic;
};

static void find_interpreter(struct debugger *d, struct program *p)
{
    Elf64_Ehdr head;
    Elf64_Phdr dynamic;
    if (!p->interpreter || read_all(d, p->interpreter, &head, sizeof(head)) ||
        find_segment(d, p->interpreter + head.e_phoff, head.e_phnum, PT_DYNAMIC, &dynamic))
        return;
    p->its_dynamic = p->interpreter + dynamic.p_vaddr;
}

static int find_program(struct debugger *d, struct program *p)
{
    struct rk_debug_process process;
    struct replay_session *s = debugger_session(d);
    Elf64_Phdr segment;
    if (!s || replay_session_process(s, &process))
        return -EIO;
    uint64_t table = auxv_value(d, &process, AT_PHDR), count = auxv_value(d, &process, AT_PHNUM);
    *p = (struct program){.interpreter = auxv_value(d, &process, AT_BASE)};
    if (!find_segment(d, table, count, PT_PHDR, &segment))
        p->base = table - segment.p_vaddr;
    if (!find_segment(d, table, count, PT_INTERP, &segment))
        p->interpreter_name = p->base + segment.p_vaddr;
    if (find_segment(d, table, count, PT_DYNAMIC, &segment))
        return -ENOENT;
    p->dynamic = p->base + segment.p_vaddr;
    find_interpreter(d, p);
    return p->its_dynamic ? 0 : -ENOENT;
}

/* ---------------------------------------------------------------------- the list */
/* Where the linker has left the address of its list; 0: it has not come so far. */
static uint64_t find_list(struct debugger *d, const struct program *p)
{
    Elf64_Dyn entry;
    for (uint64_t i = 0; i < TABLE_MAX; i++) {
        if (read_all(d, p->dynamic + i * sizeof(entry), &entry, sizeof(entry)) ||
            entry.d_tag == DT_NULL)
            return 0;
        if (entry.d_tag == DT_DEBUG)
            return entry.d_un.d_ptr;
    }
    return 0;
}

static void tell(struct list *l, uint64_t map, uint64_t base, uint64_t dynamic, uint64_t name)
{
    char text[4096];
    ssize_t n = name ? state_mem_read(l->d, name, text, sizeof(text) - 1) : 0;
    text[n > 0 ? n : 0] = 0;
    if (dynamic == l->interpreter)
        l->interpreter = 0;
    if (*text)
        l->take(l->arg, &(struct target_library){map, base, dynamic, text});
}

/* One namespace. The program itself, the first of the first one, has no name. */
static void walk(struct list *l, uint64_t map)
{
    struct link_map m;
    while (map && l->count++ < LIBRARIES_MAX && !read_all(l->d, map, &m, sizeof(m))) {
        tell(l, map, m.l_addr, (uint64_t)(uintptr_t)m.l_ld, (uint64_t)(uintptr_t)m.l_name);
        map = (uint64_t)(uintptr_t)m.l_next;
    }
}

/* struct r_debug_extended of newer C libraries chains the namespaces. */
static void walk_namespaces(struct list *l, uint64_t debug)
{
    for (int i = 0; debug && i < NAMESPACES_MAX; i++) {
        walk(l, word(l->d, debug + offsetof(struct r_debug, r_map)));
        int32_t version = (int32_t)word(l->d, debug);
        debug = version >= 2 ? word(l->d, debug + sizeof(struct r_debug)) : 0;
    }
}

/* The kernel loads the linker, which enters itself only some time later. */
int libraries_list(void *t, uint64_t *main_map, target_library_fn *take, void *arg)
{
    struct program p;
    int err = find_program(t, &p);
    if (err)
        return err;
    struct list l = {t, take, arg, p.its_dynamic, 0};
    uint64_t debug = find_list(t, &p);
    *main_map = debug ? word(t, debug + offsetof(struct r_debug, r_map)) : 0;
    walk_namespaces(&l, debug);
    if (l.interpreter)
        tell(&l, 0, p.interpreter, p.its_dynamic, p.interpreter_name);
    return 0;
}
