/*
 * object_copy.c - memory that a copy of this machine would share with the original: mappings with
 * MAP_SHARED, and the files behind mappings of both kinds. What the guest may store to gets the copy's
 * own memory at once; a file that is only read is common until somebody is about to change it.
 */
#include "mm.h"
#include "task.h"
#include "vcpu_mode.h"

#include <linux/mman.h>

static bool stores_shared(const struct vma *v)
{
    return v->flags & VMA_SHARED && v->prot & PROT_WRITE;
}

/* The last area of obj for which `test` holds, or NULL. */
static const struct vma *any_area(const struct object *o, bool (*test)(const struct vma *v))
{
    const struct mm *m = mm_current();
    const struct vma *found = NULL;
    for (u32 i = 0; i < m->count; i++)
        if (m->v[i].obj == o && test(&m->v[i]))
            found = &m->v[i];
    return found;
}

static bool hard_to_copy(const struct vma *v)
{
    return !(v->flags & VMA_SHARED) || v->generation != v->obj->generation;
}

s64 object_can_copy(void)
{
    if (mm_aliased())
        return -EOPNOTSUPP;
    for (struct object *o = object_first(); o; o = o->next)
        if (any_area(o, stores_shared) && (o->fd < 0 || any_area(o, hard_to_copy)))
            return -EOPNOTSUPP;
    return 0;
}

/* ----------------------------------------------------------- areas moved over */
static void copy_page(u64 to, u64 from)
{
    struct guard g;
    if (guard_set(&g))
        return; /* beyond the file's end */
    if (memcmp((void *)to, (void *)from, RK_PAGE))
        memcpy((void *)to, (void *)from, RK_PAGE);
    guard_clear();
}

/* Pages that exist: reading others would make them. */
static void copy_pages(u64 to, u64 from, u64 len)
{
    static u8 resident[1024];
    for (u64 at = 0; at < len; at += sizeof resident * RK_PAGE) {
        u64 pages = MIN((len - at) / RK_PAGE, (u64)sizeof resident);
        if (plat_resident(from + at, pages * RK_PAGE, resident))
            memset(resident, 1, sizeof resident);
        for (u64 i = 0; i < pages; i++)
            if (resident[i] & 1)
                copy_page(to + at + i * RK_PAGE, from + at + i * RK_PAGE);
    }
}

/* The host moves only what is one mapping for it, too. */
static void move_away(const struct vma *v, u64 to)
{
    u64 len = v->end - v->start;
    if (plat_protect(v->start, len, v->prot) == 0 && plat_move(v->start, len, to, len) == 0)
        return;
    for (u64 at = 0; at < len; at += RK_PAGE) {
        s64 r = plat_move(v->start + at, RK_PAGE, to + at, RK_PAGE);
        RK_CHECK(r == 0, v->start + at, r);
    }
}

/* Puts new memory (fd -1: anonymous) in the place of area v, with the old contents. */
static void replace(const struct vma *v, u32 flags, int fd)
{
    u64 len = v->end - v->start, old = RK_SCRATCH_BASE;
    vcpu_memory_changed(v->start, len, true);
    move_away(v, old);
    s64 r = plat_map(v->start, len, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, fd, v->off);
    RK_CHECK(r == 0, v->start, r);
    if (!(v->prot & PROT_READ))
        plat_protect(old, len, PROT_READ);
    if (!v->obj || !(v->flags & VMA_SHARED)) /* else they are in the file */
        copy_pages(v->start, old, len);
    plat_unmap(old, len);
    plat_protect(v->start, len, v->prot);
}

static void for_areas(const struct object *o, bool (*test)(const struct vma *v), int fd)
{
    const struct mm *m = mm_current();
    for (u32 i = 0; i < m->count; i++) {
        struct vma v = m->v[i];
        if (v.obj == o && test(&v) && (!o || v.generation == o->generation))
            replace(&v, (v.flags & VMA_SHARED ? MAP_SHARED : MAP_PRIVATE) | (o ? 0 : MAP_ANONYMOUS),
                    fd);
    }
}

static bool shared(const struct vma *v)
{
    return v->flags & VMA_SHARED;
}

static bool any(const struct vma *v)
{
    return true;
}

void object_own(struct object *o)
{
    if (!o->common || o->fd < 0)
        return;
    s64 fd = plat_object_copy(o->fd);
    RK_CHECK(fd >= 0, o->id, fd);
    for_areas(o, any, (int)fd);
    plat_object_close(o->fd);
    o->fd = (int)fd;
    o->common = false;
}

void object_copied(bool copy)
{
    for (struct object *o = object_first(); o; o = o->next) {
        bool apart = any_area(o, stores_shared);
        o->common = !apart || copy;
        if (copy && apart)
            object_own(o);
    }
    if (copy)
        for_areas(NULL, shared, -1);
}
