/*
 * heap.c - the rekernel's heap: power-of-two size classes over one growing region.
 *
 * Deterministic by construction: addresses depend on the order of calls only. The
 * caller gives the size back to kfree, so blocks carry no headers.
 */
#include "base.h"
#include "platform.h"

#define HEAP_STEP (1u << 20)
#define CLASS_MIN 5
#define CLASS_END 40

struct free_block {
    struct free_block *next;
};

static struct free_block *heap_free[CLASS_END];
static u64 heap_next = RK_HEAP_BASE, heap_mapped = RK_HEAP_BASE;

static u32 heap_class(size_t size)
{
    u32 c = CLASS_MIN;
    while ((1ull << c) < size)
        c++;
    return c;
}

static void *heap_grow(u64 size)
{
    u64 p = size >= RK_PAGE ? PAGE_UP(heap_next) : heap_next;
    RK_CHECK(p + size <= RK_HEAP_END, p, size);
    if (p + size > heap_mapped) {
        u64 len = ALIGN_UP(p + size - heap_mapped, HEAP_STEP);
        plat_kernel_map(heap_mapped, len);
        heap_mapped += len;
    }
    heap_next = p + size;
    return (void *)p;
}

void *kalloc(size_t size)
{
    u32 c = heap_class(size);
    RK_CHECK(c < CLASS_END, size, c);
    struct free_block *b = heap_free[c];
    if (!b)
        return heap_grow(1ull << c);
    heap_free[c] = b->next;
    memset(b, 0, size);
    return b;
}

void kfree(void *p, size_t size)
{
    if (!p)
        return;
    u32 c = heap_class(size);
    struct free_block *b = p;
    b->next = heap_free[c];
    heap_free[c] = b;
}

char *kstrdup(const char *s)
{
    size_t n = str_len(s) + 1;
    return memcpy(kalloc(n), s, n);
}

void kstrfree(char *s)
{
    if (s)
        kfree(s, str_len(s) + 1);
}
