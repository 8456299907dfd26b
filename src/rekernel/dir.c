/*
 * dir.c - reading directories: the host's, and those of /proc that list what is ours.
 */
#include "syscall.h"

struct dirent_out {
    u64 addr, room, used;
    bool old; /* getdents: type at the record's end */
};

static s64 put_dirent(struct dirent_out *o, u64 ino, u64 next, u8 type, const char *name)
{
    u8 rec[64];
    u64 n = str_len(name), len = ALIGN_UP(18 + n + 2, 8);
    u16 reclen = (u16)len;
    memset(rec, 0, sizeof rec);
    if (len > o->room - o->used)
        return -EINVAL;
    memcpy(rec, &ino, 8);
    memcpy(rec + 8, &next, 8);
    memcpy(rec + 16, &reclen, 2);
    memcpy(rec + (o->old ? 18 : 19), name, n);
    rec[o->old ? len - 1 : 18] = type;
    if (copy_to_guest(o->addr + o->used, rec, len))
        return -EFAULT;
    o->used += len;
    return 0;
}

/* What entry i of a directory of ours is called, a number; -1: nothing is there now. The
 * threads were noted when /proc/self/task was opened, descriptors are as they are now. */
static s64 number_at(const struct file *f, u64 i)
{
    s32 tid;
    if (!f->data)
        return fd_get((s64)i) ? (s64)i : -1;
    memcpy(&tid, f->data + i * sizeof tid, sizeof tid);
    return tid;
}

/* "." and "..", then a link for each descriptor or a directory for each thread. */
static s64 list_numbers(struct file *f, struct dirent_out *o)
{
    char name[24];
    s64 r = 0;
    u64 count = f->data ? f->size / sizeof(s32) : fd_table()->count;
    for (; f->pos < count + 2 && r == 0; f->pos += r == 0) {
        u64 i = f->pos;
        s64 number = i < 2 ? 0 : number_at(f, i - 2);
        struct text x = {name, sizeof name, 0};
        if (number < 0)
            continue;
        if (i < 2)
            text_add(&x, i ? ".." : ".");
        else
            text_add(&x, "%d", number);
        r = put_dirent(o, 1000 + i, i + 1, i < 2 || f->data ? 4 : 10, name);
    }
    return o->used ? (s64)o->used : r;
}

static s64 directory(struct task *t, u32 nr, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    struct dirent_out o = {a[1], a[2], 0, nr == __NR_getdents};
    if (f && f->kind == FILE_VIRTUAL)
        return -ENOTDIR;
    if (f && f->kind == FILE_VIRTUAL_DIR)
        return list_numbers(f, &o);
    return world_generic(t, nr, a, 0);
}

s64 sys_getdents(struct task *t, const u64 a[6])
{
    return directory(t, __NR_getdents, a);
}

s64 sys_getdents64(struct task *t, const u64 a[6])
{
    return directory(t, __NR_getdents64, a);
}
