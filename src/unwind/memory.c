/* memory.c - the target's memory in pages, and our own tables among it. */
#include "internal.h"

#include <string.h>

static int read_window(const struct unwinder *u, uint64_t addr, void *buf, size_t len)
{
    for (const struct unwind_table *t = u->tables; t; t = t->next) {
        if (!t->own || addr < t->window || addr - t->window >= t->own_size)
            continue;
        if (t->own_size - (addr - t->window) < len)
            return -1;
        memcpy(buf, t->own + (addr - t->window), len);
        return 0;
    }
    return -1;
}

static const unsigned char *page_at(struct unwinder *u, uint64_t page)
{
    size_t slot = (page / CACHE_PAGE) % CACHED_PAGES;
    if (u->cache[slot].page != page + 1) {
        u->cache[slot].page = 0;
        if (u->target.read(u->target.ctx, page, u->cache[slot].data, CACHE_PAGE) != CACHE_PAGE)
            return NULL;
        u->cache[slot].page = page + 1;
    }
    return u->cache[slot].data;
}

int unwind_read(struct unwinder *u, uint64_t addr, void *buf, size_t len)
{
    unsigned char *to = buf;
    if (addr >= WINDOW_START && addr < WINDOW_END)
        return read_window(u, addr, buf, len);
    while (len) {
        uint64_t inside = addr % CACHE_PAGE;
        size_t part = CACHE_PAGE - inside < len ? CACHE_PAGE - inside : len;
        const unsigned char *page = page_at(u, addr - inside);
        if (!page)
            return -1;
        memcpy(to, page + inside, part);
        to += part, addr += part, len -= part;
    }
    return 0;
}
