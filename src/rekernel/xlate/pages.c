/*
 * pages.c - self-modifying code: which pages hold translated code, write protection, and
 * dropping blocks whose bytes change. Pages that are written again and again are no
 * longer protected; their blocks compare their bytes with memory on each entry, until that
 * has found no change for long.
 */
#include "internal.h"

static uint32_t page_slot(uint64_t page)
{
    uint32_t i = (uint32_t)(page + (page >> 16) * 0x9e37u) & (XL_PAGES_SIZE - 1);
    while (XL_PAGES[i].page && XL_PAGES[i].page != page + 1)
        i = (i + 1) & (XL_PAGES_SIZE - 1);
    return i;
}

/* Record of the page, or NULL. Records hold the page number plus one. */
static struct xl_page *page_find(uint64_t page)
{
    struct xl_page *p = &XL_PAGES[page_slot(page)];
    return p->page ? p : NULL;
}

static struct xl_page *page_get(uint64_t page)
{
    uint32_t slot = page_slot(page);
    struct xl_page *p = &XL_PAGES[slot];
    if (!p->page) {
        p->page = page + 1;
        XL_PAGE_LIST[CTL->page_count++] = slot;
    }
    return p;
}

static int claim_page(uint64_t page)
{
    struct xl_page *p = page_get(page);
    if (p->checked || p->is_protected)
        return p->checked;
    if (CTL->env->wprotect(page << 12, RK_PAGE, 1) == 0)
        p->is_protected = 1;
    else
        p->checked = 1;
    return p->checked;
}

int xl_pages_claim(uint64_t pc, uint32_t len)
{
    uint64_t first = pc >> 12, last = (pc + len - 1) >> 12;
    int checked = claim_page(first);
    if (last != first)
        checked |= claim_page(last);
    return checked;
}

void xl_pages_link(struct xl_block *b)
{
    uint64_t first = b->pc >> 12, last = (b->pc + b->len - 1) >> 12;
    struct xl_page *p = page_get(first);
    uint32_t number = (uint32_t)(b - XL_BLOCKS);
    b->page_next[0] = p->first;
    p->first = number;
    if (last == first)
        return;
    p = page_get(last);
    b->page_next[1] = p->first;
    p->first = number;
}

/* Drops the page's blocks that overlap [addr, end) and takes the dead out of its list. */
static void drop_in_page(struct xl_page *p, uint64_t addr, uint64_t end)
{
    uint64_t page = p->page - 1;
    uint32_t *link = &p->first;
    while (*link) {
        struct xl_block *b = &XL_BLOCKS[*link];
        uint32_t *next = &b->page_next[b->pc >> 12 == page ? 0 : 1];
        if (b->pc < end && b->pc + b->len > addr)
            xl_block_kill(b);
        if (b->flags & BLOCK_DEAD)
            *link = *next;
        else
            link = next;
    }
}

/* Calls drop_in_page for the pages of [addr, addr+len); forget: their protection is gone. */
static void for_pages(uint64_t addr, uint64_t len,
                      void (*visit)(struct xl_page *, uint64_t, uint64_t))
{
    if (!len)
        return;
    uint64_t end = addr + len < addr ? UINT64_MAX : addr + len;
    uint64_t first = addr >> 12, last = (end - 1) >> 12;
    if (last - first > CTL->page_count) {
        for (uint32_t i = 0; i < CTL->page_count; i++) {
            struct xl_page *p = &XL_PAGES[XL_PAGE_LIST[i]];
            if (p->page - 1 >= first && p->page - 1 <= last)
                visit(p, addr, end);
        }
        return;
    }
    for (uint64_t page = first; page <= last; page++) {
        struct xl_page *p = page_find(page);
        if (p)
            visit(p, addr, end);
    }
}

void xl_pages_drop(uint64_t addr, uint64_t len)
{
    for_pages(addr, len, drop_in_page);
}

static void forget_page(struct xl_page *p, uint64_t addr, uint64_t end)
{
    drop_in_page(p, addr, end);
    p->is_protected = 0;
    p->checked = 0;
    p->faults = 0;
    p->calm = 0;
    p->patience = 0;
}

void xl_invalidate(uint64_t addr, uint64_t len)
{
    for_pages(addr, len, forget_page);
}

static void unprotect_page(struct xl_page *p)
{
    uint64_t addr = (p->page - 1) << 12;
    drop_in_page(p, addr, addr + RK_PAGE);
    if (p->is_protected)
        CTL->env->wprotect(addr, RK_PAGE, 0);
    p->is_protected = 0;
}

static void will_write_page(struct xl_page *p, uint64_t addr, uint64_t end)
{
    if (p->is_protected)
        unprotect_page(p);
}

void xl_will_write(uint64_t addr, uint64_t len)
{
    for_pages(addr, len, will_write_page);
}

int xl_write_fault(uint64_t addr)
{
    struct xl_page *p = page_find(addr >> 12);
    int own = CTL->own_store != 0;
    CTL->own_store = 0;
    if (!p || !p->is_protected)
        return own;
    unprotect_page(p);
    if (++p->faults >= PAGE_FAULTS_MAX)
        p->checked = 1;
    return 1;
}

/* Where protection is refused (faults stay few then) there is nothing to go back to. Two
 * more stores end it again, and it is longer until the next try. */
int xl_pages_calm(uint64_t pc)
{
    struct xl_page *p = page_get(pc >> 12);
    if (!p->checked || p->faults < PAGE_FAULTS_MAX || ++p->calm < CALM_FIRST << p->patience)
        return 0;
    p->checked = 0;
    p->calm = 0;
    p->faults = PAGE_FAULTS_MAX - 2;
    if (p->patience < PATIENCE_MAX)
        p->patience++;
    drop_in_page(p, (p->page - 1) << 12, p->page << 12);
    return 1;
}

/* After a flush of all blocks: records stay, because pages stay protected. */
void xl_pages_reset(void)
{
    for (uint32_t i = 0; i < CTL->page_count; i++)
        XL_PAGES[XL_PAGE_LIST[i]].first = 0;
}

/* No record stays; unprotect: stores may go through again. */
void xl_pages_forget(int unprotect)
{
    for (uint32_t i = 0; i < CTL->page_count; i++) {
        struct xl_page *p = &XL_PAGES[XL_PAGE_LIST[i]];
        if (p->is_protected && unprotect)
            CTL->env->wprotect((p->page - 1) << 12, RK_PAGE, 0);
        memset(p, 0, sizeof(*p));
    }
    CTL->page_count = 0;
}

void xl_forget_blocks(void)
{
    if (CTL->block_count == 1)
        return;
    xl_pages_reset();
    xl_cache_reset();
}

int xl_pages_full(void)
{
    return CTL->page_count > XL_PAGES_SIZE / 4 * 3;
}

void xl_flush(int unprotect)
{
    CTL->paired = 0;
    xl_pages_forget(unprotect);
    xl_cache_reset();
}
