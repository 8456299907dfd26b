/*
 * fd.c - open file descriptions and the guest's descriptor table.
 */
#include "block.h"
#include "syscall.h"

#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/resource.h>

static struct fd_table table;
static u64 nofile_limit = 1024;

struct fd_table *fd_table(void)
{
    return &table;
}

struct file *file_new(int host_fd, u32 flags, const char *path)
{
    struct file *f = kalloc(sizeof *f);
    f->refs = 1;
    f->kind = FILE_HOST;
    f->host_fd = host_fd;
    f->flags = flags;
    f->path = kstrdup(path);
    return f;
}

struct file *file_new_virtual(u8 *data, u64 size, const char *path)
{
    struct file *f = file_new(-1, O_RDONLY, path);
    f->kind = FILE_VIRTUAL;
    f->data = data;
    f->size = size;
    return f;
}

void file_put(struct file *f)
{
    if (--f->refs)
        return;
    if (f->kind == FILE_HOST)
        door_call(__NR_close, (u64)f->host_fd, 0, 0, 0);
    kfree(f->data, f->size);
    kstrfree(f->path);
    kfree(f, sizeof *f);
}

struct file *fd_get(s64 fd)
{
    return fd >= 0 && fd < (s64)table.count ? table.e[fd].file : NULL;
}

s64 fd_host(s64 fd)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    return f->kind == FILE_HOST ? f->host_fd : -EINVAL;
}

static void grow(u32 need)
{
    if (need <= table.cap)
        return;
    u32 cap = MAX(need, table.cap ? table.cap * 2 : 64);
    struct fd_entry *e = kalloc(cap * sizeof *e);
    memcpy(e, table.e, table.count * sizeof *e);
    kfree(table.e, table.cap * sizeof *e);
    table.e = e;
    table.cap = cap;
}

static void set_entry(u32 fd, struct file *f, bool cloexec)
{
    grow(fd + 1);
    while (table.count <= fd)
        table.e[table.count++] = (struct fd_entry){NULL, false};
    table.e[fd] = (struct fd_entry){f, cloexec};
}

static s64 lowest_free(u32 min)
{
    u32 fd = min;
    while (fd < table.count && table.e[fd].file)
        fd++;
    return fd < nofile_limit ? (s64)fd : -EMFILE;
}

s64 fd_install(struct file *f, u32 min, bool cloexec)
{
    s64 fd = lowest_free(min);
    if (fd < 0)
        file_put(f);
    else
        set_entry((u32)fd, f, cloexec);
    return fd;
}

s64 fd_adopt(s64 host_fd, u32 flags, bool cloexec, const char *path)
{
    if (host_fd < 0)
        return host_fd;
    return fd_install(file_new((int)host_fd, flags, path), 0, cloexec);
}

/* POSIX: closing any descriptor of a file drops the process's record locks on it. The
 * host sees that only if one of its descriptors is closed. */
static void drop_locks(struct file *f)
{
    if (!f->had_locks || f->refs == 1 || f->kind != FILE_HOST)
        return;
    s64 h = door_call(__NR_dup, (u64)f->host_fd, 0, 0, 0);
    if (h >= 0)
        door_call(__NR_close, (u64)h, 0, 0, 0);
}

s64 fd_close(s64 fd)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    table.e[fd].file = NULL;
    drop_locks(f);
    file_put(f);
    block_changed(); /* a lock may be free now */
    return 0;
}

void fd_close_exec(void)
{
    for (u32 i = 0; i < table.count; i++)
        if (table.e[i].file && table.e[i].cloexec)
            fd_close(i);
}

static void read_limit(void)
{
    u64 lim[2] = {1024, 0};
    if (door_call_out(__NR_prlimit64, 0, RLIMIT_NOFILE, 0, (u64)lim, lim, sizeof lim) == 0)
        nofile_limit = MIN(lim[0], 1u << 20);
}

void fd_boot(void)
{
    const struct rk_boot *b = plat_boot();
    const struct rk_boot_fd *fds = (const void *)((const u8 *)b + b->fds_offset);
    read_limit();
    for (u32 i = 0; i < b->fds_count; i++) {
        if (fds[i].fd < 0 || fds[i].fd > 1 << 20 || fd_get(fds[i].fd))
            continue;
        struct file *f = file_new(fds[i].fd, O_RDWR, "");
        f->console = fds[i].flags & RK_BFD_STDOUT ? 1 : fds[i].flags & RK_BFD_STDERR ? 2 : 0;
        set_entry((u32)fds[i].fd, f, false);
    }
}

/* -------------------------------------------------------------------- syscalls */
s64 sys_close(struct task *t, const u64 a[6])
{
    return fd_close((s32)a[0]);
}

s64 sys_close_range(struct task *t, const u64 a[6])
{
    u32 first = (u32)a[0], last = (u32)a[1], flags = (u32)a[2];
    if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
        return -EINVAL;
    for (u64 fd = first; fd <= last && fd < table.count; fd++) {
        if (flags & CLOSE_RANGE_CLOEXEC)
            table.e[fd].cloexec = true;
        else
            fd_close((s64)fd);
    }
    return 0;
}

static s64 dup_min(s64 fd, u64 min, bool cloexec)
{
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    if (min >= nofile_limit)
        return -EINVAL;
    f->refs++;
    return fd_install(f, (u32)min, cloexec);
}

static s64 dup_onto(s64 from, s64 to, bool cloexec)
{
    struct file *f = fd_get(from);
    if (!f || to < 0 || (u64)to >= nofile_limit)
        return -EBADF;
    f->refs++;
    if (fd_get(to))
        fd_close(to);
    set_entry((u32)to, f, cloexec);
    return to;
}

s64 sys_dup(struct task *t, const u64 a[6])
{
    return dup_min((s32)a[0], 0, false);
}

s64 sys_dup2(struct task *t, const u64 a[6])
{
    if (a[0] == a[1])
        return fd_get((s32)a[0]) ? (s64)(s32)a[0] : -EBADF;
    return dup_onto((s32)a[0], (s32)a[1], false);
}

s64 sys_dup3(struct task *t, const u64 a[6])
{
    if ((s32)a[0] == (s32)a[1] || a[2] & ~(u64)O_CLOEXEC)
        return -EINVAL;
    return dup_onto((s32)a[0], (s32)a[1], a[2] & O_CLOEXEC);
}

/* Locks cannot be polled for: with other threads about, one of which may hold it, a lock
 * that is taken is tried again after a while, and when one of them gives one back. */
s64 sys_flock(struct task *t, const u64 a[6])
{
    u64 b[6] = {a[0], a[1] | LOCK_NB, 0, 0, 0, 0};
    s64 r;
    if (!sched_multi() || a[1] & LOCK_NB || a[1] & LOCK_UN) {
        r = world_generic(t, __NR_flock, a, WORLD_BLOCKS);
        block_changed();
        return r;
    }
    r = world_generic(t, __NR_flock, b, WORLD_BLOCKS);
    return r == -EWOULDBLOCK ? block_retry(t) : r;
}

static s64 fcntl_lock(struct task *t, struct file *f, const u64 a[6])
{
    struct call *c = call_scratch();
    bool waits = (a[1] == F_SETLKW || a[1] == F_OFD_SETLKW) && sched_multi();
    if (!guest_range(a[2], 32))
        return -EFAULT;
    f->had_locks = true;
    t->restartable = true;
    call_init(c, __NR_fcntl, a, WORLD_BLOCKS);
    c->w.a[0] = (u64)f->host_fd;
    if (a[1] == F_GETLK || a[1] == F_OFD_GETLK)
        call_out(c, a[2], 32, OUT_FULL, 1);
    if (waits)
        c->w.a[1] = a[1] == F_SETLKW ? F_SETLK : F_OFD_SETLK;
    s64 r = call_make(c);
    if (waits && (r == -EAGAIN || r == -EACCES))
        return block_retry(t);
    block_changed();
    return r;
}

/* Bytes that a command writes at its argument; -1: unknown command. */
static int fcntl_output(u64 cmd)
{
    switch (cmd) {
    case F_GETFL: case F_SETFL: case F_SETOWN: case F_GETOWN: case F_SETSIG: case F_GETSIG:
    case F_SETPIPE_SZ: case F_GETPIPE_SZ: case F_ADD_SEALS: case F_GET_SEALS: case F_GETLEASE:
        return 0;
    case F_GETOWN_EX: case F_GET_RW_HINT: case F_GET_FILE_RW_HINT:
        return 8;
    case F_SETOWN_EX: case F_SET_RW_HINT: case F_SET_FILE_RW_HINT:
        return 0;
    default:
        return -1;
    }
}

static s64 fcntl_world(struct file *f, const u64 a[6])
{
    struct call *c = call_scratch();
    int out = fcntl_output(a[1]);
    if (out < 0) {
        notice_once(NOTICE_KEY(NG_OPTION, 0x1000 + a[1]), "fcntl command %u is not supported (EINVAL)",
                    a[1]);
        return -EINVAL;
    }
    call_init(c, __NR_fcntl, a, 0);
    c->w.a[0] = (u64)f->host_fd;
    if (out && call_out(c, a[2], (u64)out, OUT_FULL, 1) < 0)
        return -EFAULT;
    return call_make(c);
}

s64 sys_fcntl(struct task *t, const u64 a[6])
{
    s64 fd = (s32)a[0];
    struct file *f = fd_get(fd);
    if (!f)
        return -EBADF;
    switch (a[1]) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return dup_min(fd, a[2], a[1] == F_DUPFD_CLOEXEC);
    case F_GETFD:
        return table.e[fd].cloexec;
    case F_SETFD:
        table.e[fd].cloexec = a[2] & FD_CLOEXEC;
        return 0;
    case F_GETLK: case F_SETLK: case F_SETLKW: case F_OFD_GETLK: case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return f->kind == FILE_HOST ? fcntl_lock(t, f, a) : -EINVAL;
    default:
        if (f->kind != FILE_HOST)
            return a[1] == F_GETFL ? (s64)(f->flags & ~(u32)O_CLOEXEC) : a[1] == F_SETFL ? 0 : -EINVAL;
        return fcntl_world(f, a);
    }
}

static void limit_changed(u64 which)
{
    if (which == RLIMIT_NOFILE)
        read_limit();
    if (which == RLIMIT_SIGPENDING)
        signal_limit_changed();
}

s64 sys_setrlimit(struct task *t, const u64 a[6])
{
    s64 r = world_generic(t, __NR_setrlimit, a, 0);
    if (r == 0)
        limit_changed(a[0]);
    return r;
}

/* Limits of the host process; the descriptor limit is also ours to enforce. */
s64 sys_prlimit64(struct task *t, const u64 a[6])
{
    u64 b[6] = {a[0], a[1], a[2], a[3], 0, 0};
    if (b[0] && !sched_find((s32)b[0]))
        return -EPERM;
    b[0] = 0;
    s64 r = world_generic(t, __NR_prlimit64, b, 0);
    if (r == 0 && a[2])
        limit_changed(a[1]);
    return r;
}
