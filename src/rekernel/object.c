/*
 * object.c - files that the guest maps. While recording, a snapshot of a file's contents
 * goes into the trace before the guest can touch the mapping; in replay a file of the
 * same contents stands in for it, kept in step with what the guest writes.
 */
#include "syscall.h"

#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/stat.h>

static struct object *objects;
static u32 object_count;

#define WHOLE_FILE_MAX (64ull << 20)

bool object_any_mapped(void)
{
    return objects != NULL;
}

struct object *object_first(void)
{
    return objects;
}

static struct object *find(u64 dev, u64 ino)
{
    for (struct object *o = objects; o; o = o->next)
        if (o->dev == dev && o->ino == ino)
            return o;
    return NULL;
}

static struct object *make(u64 dev, u64 ino, const char *path)
{
    struct object *o = kalloc(sizeof *o);
    *o = (struct object){.next = objects, .id = ++object_count, .dev = dev, .ino = ino, .fd = -1,
                         .path = kstrdup(path)};
    objects = o;
    return o;
}

static s64 stat_file(struct file *f, struct stat *st)
{
    s64 r = door_call_out(__NR_fstat, (u64)f->host_fd, (u64)st, 0, 0, st, sizeof *st);
    if (r == 0) {
        f->dev = st->st_dev, f->ino = st->st_ino;
        f->identified = true;
    }
    return r;
}

static s64 mtime_ns(const struct stat *st)
{
    return (s64)st->st_mtime * 1000000000 + (s64)st->st_mtime_nsec;
}

static s64 ctime_ns(const struct stat *st)
{
    return (s64)st->st_ctime * 1000000000 + (s64)st->st_ctime_nsec;
}

static bool up_to_date(const struct object *o, const struct stat *st, u64 off, u64 end)
{
    return o->generation && !o->touched && o->size == (u64)st->st_size && o->mtime_ns == mtime_ns(st) &&
           o->ctime_ns == ctime_ns(st) && o->from <= off && (o->to >= end || o->to >= o->size);
}

static s64 is_elf(struct file *f, bool *elf)
{
    u32 magic = 0;
    struct out o = {.addr = (u64)&magic, .cap = 4, .rule = OUT_RESULT, .unit = 1, .kernel = 1};
    struct world w = {__NR_pread64, WORLD_INTERNAL, {(u64)f->host_fd, (u64)&magic, 4, 0}, 0, 1, &o};
    s64 r = door_world(&w);
    *elf = r == 4 && magic == 0x464c457f;
    return 0;
}

/* Takes over the snapshot's descriptor (replay). Contents that live mappings already
 * show are kept in the descriptor they were made from. */
static void take_fd(struct object *o, int fd)
{
    if (o->fd >= 0)
        plat_object_close(o->fd);
    o->fd = fd;
    o->common = false;
}

static s64 snapshot(struct object *o, struct file *f, const struct stat *st, u64 off, u64 end,
                    u32 flags)
{
    bool whole = (u64)st->st_size <= WHOLE_FILE_MAX || flags & RK_OBJ_ELF;
    o->generation++;
    o->size = st->st_size;
    o->mtime_ns = mtime_ns(st);
    o->ctime_ns = ctime_ns(st);
    o->from = whole ? 0 : PAGE_DOWN(off);
    o->to = whole ? o->size : MIN(end, o->size);
    o->touched = false;
    struct rk_object ro = {.dev = o->dev, .ino = o->ino, .size = o->size, .mtime_ns = o->mtime_ns,
                           .ctime_ns = o->ctime_ns, .offset = o->from,
                           .len = o->to > o->from ? o->to - o->from : 0,
                           .generation = o->generation, .flags = flags};
    static u32 sites[RK_SITES_MAX];
    int fd;
    s64 r = door_object(&ro, &o->id, o->path, f->host_fd, &fd, sites);
    if (r < 0)
        return r;
    kfree(o->sites, o->site_count * sizeof *sites);
    o->site_count = ro.site_count;
    o->sites = o->site_count ? memcpy(kalloc(o->site_count * sizeof *sites), sites,
                                      o->site_count * sizeof *sites)
                             : NULL;
    if (fd >= 0)
        take_fd(o, fd);
    return 0;
}

/* The object to map for f, contents in the trace. *out stays NULL for /dev/zero, which
 * is anonymous memory. Returns RK_OBJ_ELF or 0, or -errno. */
s64 object_for_map(struct file *f, u64 off, u64 len, struct object **out)
{
    struct stat st;
    bool elf = false;
    s64 r = stat_file(f, &st);
    if (r < 0)
        return r;
    if ((st.st_mode & S_IFMT) == S_IFCHR) {
        if (st.st_rdev == 0x105) /* /dev/zero */
            return 0;
        notice_once(NOTICE_KEY(NG_OTHER, 1), "mmap of device %s is not supported (ENODEV)", f->path);
        return -ENODEV;
    }
    if ((st.st_mode & S_IFMT) != S_IFREG)
        return (st.st_mode & S_IFMT) == S_IFDIR ? -ENODEV : -EACCES;
    if ((f->flags & O_ACCMODE) == O_WRONLY || f->flags & O_PATH)
        return f->flags & O_PATH ? -EBADF : -EACCES;
    struct object *o = find(f->dev, f->ino);
    if (!o)
        o = make(f->dev, f->ino, f->path);
    r = is_elf(f, &elf);
    if (r == 0 && !up_to_date(o, &st, off, off + len))
        r = snapshot(o, f, &st, off, off + len, elf ? RK_OBJ_ELF : 0);
    *out = o;
    return r < 0 ? r : elf ? RK_OBJ_ELF : 0;
}

void object_trap_sites(const struct object *obj, u64 start, u64 end, u64 offset)
{
    for (u32 i = 0; i < obj->site_count; i++) {
        u64 at = obj->sites[i];
        if (at >= offset && at + 2 <= offset + (end - start))
            plat_trap_instruction(start + (at - offset));
    }
}

static struct object *object_of(struct file *f)
{
    struct stat st;
    if (!objects || f->kind != FILE_HOST)
        return NULL;
    if (!f->identified && stat_file(f, &st) < 0)
        return NULL;
    return find(f->dev, f->ino);
}

bool object_mapped(struct file *f)
{
    return object_of(f) != NULL;
}

/* offset < 0: where the file position was before the write. */
void object_written(struct file *f, u64 addr, u64 len, u64 offset)
{
    struct object *o = object_of(f);
    if (!o || !len)
        return;
    if ((s64)offset < 0) {
        s64 pos = door_call(__NR_lseek, (u64)f->host_fd, 0, 1 /* SEEK_CUR */, 0);
        if (pos < (s64)len)
            return;
        offset = (u64)pos - len;
    }
    o->touched = true;
    object_own(o);
    if (!recording() && o->fd >= 0)
        plat_object_write(o->fd, (const void *)addr, len, offset);
}

void object_allocated(struct file *f, u32 mode, u64 offset, u64 len)
{
    struct object *o = object_of(f);
    if (!o)
        return;
    o->touched = true;
    object_own(o);
    if (!recording() && o->fd >= 0)
        plat_object_allocate(o->fd, mode, offset, len);
}

static void resize(struct object *o, u64 size)
{
    o->touched = true;
    o->size = size;
    object_own(o);
    if (!recording() && o->fd >= 0)
        plat_object_resize(o->fd, size);
}

void object_truncated_path(u64 path, u64 size)
{
    struct stat st;
    if (!objects || door_call_out(__NR_stat, path, (u64)&st, 0, 0, &st, sizeof st) < 0)
        return;
    struct object *o = find(st.st_dev, st.st_ino);
    if (o)
        resize(o, size);
}

void object_resized(struct file *f, u64 size)
{
    struct object *o = object_of(f);
    if (o)
        resize(o, size);
}
