/*
 * open.c - calls that make descriptors or look files up by path.
 */
#include "cores.h"
#include "block.h"
#include "syscall.h"

#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/stat.h>

/* Terminals print in replay as standard output does, however they were opened. */
static void mark_console(struct file *f)
{
    if (str_cmp(f->path, "/dev/tty") == 0 || str_cmp(f->path, "/dev/console") == 0)
        f->console = 1;
}

/* ------------------------------------------------------------------------- FIFOs
 * Opening one end waits for the other, which another thread may be about to open. So
 * while there are any, the end is opened without blocking. */
static bool names_fifo(struct call *c, u32 path_arg)
{
    struct stat st = {0};
    u64 dir = path_arg ? c->w.a[0] : (u64)AT_FDCWD;
    s64 r = door_call_out(__NR_newfstatat, dir, c->w.a[path_arg], (u64)&st, 0, &st, sizeof st);
    return r == 0 && (st.st_mode & S_IFMT) == S_IFIFO;
}

/* A pipe that had a writer since it was opened is at its end or has data; else a try to
 * copy out of it tells whether there is one. */
static bool has_writer(int host_fd)
{
    int pair[2] = {-1, -1};
    if (sched_poll_now(host_fd, POLLIN) > 0)
        return true;
    if (door_call_out(__NR_pipe2, (u64)pair, O_CLOEXEC, 0, 0, pair, sizeof pair) < 0)
        return true;
    s64 r = door_call(__NR_tee, (u64)host_fd, (u64)pair[1], 1, 2 /* SPLICE_F_NONBLOCK */);
    door_call(__NR_close, (u64)pair[0], 0, 0, 0);
    door_call(__NR_close, (u64)pair[1], 0, 0, 0);
    return r != 0;
}

/* The read end is kept open while its task waits: that is what writers wait for. */
static s64 open_fifo(struct task *t, struct call *c, u32 flags_arg, u32 flags)
{
    s64 h = t->held_fd - 1;
    if (h < 0) {
        c->w.a[flags_arg] |= O_NONBLOCK;
        h = call_make(c);
        block_changed();
    }
    if (h < 0)
        return h == -ENXIO ? block_retry(t) : h;
    if ((flags & O_ACCMODE) == O_RDONLY && !has_writer((int)h)) {
        t->held_fd = (int)h + 1;
        return block_retry(t);
    }
    t->held_fd = 0;
    door_call(__NR_fcntl, (u64)h, F_SETFL, flags & ~(u32)O_NONBLOCK, 0);
    return h;
}

static bool waits_for_peer(struct call *c, u32 path_arg, u32 flags)
{
    return sched_multi() && c->w.nr != __NR_openat2 && c->w.nr != __NR_creat &&
           !(flags & (O_NONBLOCK | O_PATH)) && (flags & O_ACCMODE) != O_RDWR &&
           (flags & O_CREAT ? !(flags & O_EXCL) : true) && names_fifo(c, path_arg);
}

static s64 open_host(struct task *t, struct call *c, u32 path_arg, u32 flags, const char *name)
{
    s64 r = call_path(c, path_arg);
    if (r < 0)
        return r;
    bool fifo = t->held_fd || waits_for_peer(c, path_arg, flags);
    s64 h = fifo ? open_fifo(t, c, path_arg + 1, flags) : call_make(c);
    if (h == SYS_PARKED)
        return h;
    s64 fd = fd_adopt(h, flags, flags & O_CLOEXEC, name);
    if (fd >= 0)
        mark_console(fd_get(fd));
    if (fd >= 0 && flags & O_TRUNC && object_any_mapped())
        object_resized(fd_get(fd), 0);
    return fd;
}

static s64 open_at(struct task *t, u32 nr, const u64 a[6], u32 path_arg, u32 flags)
{
    struct call *c = call_scratch();
    char name[4096];
    s64 error = 0, n = copy_string(name, a[path_arg], sizeof name);
    if (n == -EFAULT)
        return n;
    if (n < 0)
        str_copy(name, "(too long)", sizeof name);
    struct file *f = n < 0 ? NULL : proc_open(name, flags, &error);
    if (error < 0)
        return error;
    if (!f && n >= 0)
        f = cores_open(name, flags);
    if (f)
        return fd_install(f, 0, flags & O_CLOEXEC);
    call_init(c, nr, a, WORLD_BLOCKS);
    if (path_arg) {
        s32 dir = (s32)a[0];
        s64 h = dir == AT_FDCWD ? dir : fd_host(dir);
        c->w.a[0] = (u64)(h < 0 && h != AT_FDCWD ? -1 : h);
    }
    t->restartable = true;
    return open_host(t, c, path_arg, flags, name);
}

s64 sys_open(struct task *t, const u64 a[6])
{
    return open_at(t, __NR_open, a, 0, (u32)a[1]);
}

s64 sys_creat(struct task *t, const u64 a[6])
{
    return open_at(t, __NR_creat, a, 0, O_WRONLY | O_CREAT | O_TRUNC);
}

s64 sys_openat(struct task *t, const u64 a[6])
{
    return open_at(t, __NR_openat, a, 1, (u32)a[2]);
}

s64 sys_openat2(struct task *t, const u64 a[6])
{
    u64 how[3];
    if (a[3] < sizeof how)
        return -EINVAL;
    if (copy_from_guest(how, a[2], sizeof how) || !guest_range(a[2], a[3]))
        return -EFAULT;
    return open_at(t, __NR_openat2, a, 1, (u32)how[0]);
}

/* Host calls whose result is a new descriptor and nothing else of note. */
static s64 make_fd(struct task *t, const u64 a[6], u32 flags, const char *path)
{
    return fd_adopt(world_generic(t, t->syscall_nr, a, WORLD_BLOCKS), O_RDWR | flags,
                    flags & O_CLOEXEC, path);
}

s64 sys_socket(struct task *t, const u64 a[6])
{
    return make_fd(t, a, a[1] & O_CLOEXEC, "socket:");
}

static s64 wait_client(struct task *t, s64 fd)
{
    struct file *f = fd_get(fd);
    if (!f || f->kind != FILE_HOST)
        return 0;
    return block_not_yet(f) ? -EAGAIN : block_before(t, f, POLLIN);
}

s64 sys_accept(struct task *t, const u64 a[6])
{
    s64 wait = wait_client(t, (s32)a[0]);
    return wait ? wait : make_fd(t, a, 0, "socket:");
}

s64 sys_accept4(struct task *t, const u64 a[6])
{
    s64 wait = wait_client(t, (s32)a[0]);
    return wait ? wait : make_fd(t, a, a[3] & O_CLOEXEC, "socket:");
}

s64 sys_eventfd(struct task *t, const u64 a[6])
{
    return make_fd(t, a, 0, "anon_inode:[eventfd]");
}

s64 sys_eventfd2(struct task *t, const u64 a[6])
{
    return make_fd(t, a, a[1] & O_CLOEXEC, "anon_inode:[eventfd]");
}

s64 sys_epoll_create(struct task *t, const u64 a[6])
{
    return make_fd(t, a, 0, "anon_inode:[eventpoll]");
}

s64 sys_epoll_create1(struct task *t, const u64 a[6])
{
    return make_fd(t, a, a[0] & O_CLOEXEC, "anon_inode:[eventpoll]");
}

s64 sys_timerfd_create(struct task *t, const u64 a[6])
{
    return make_fd(t, a, a[1] & O_CLOEXEC, "anon_inode:[timerfd]");
}

s64 sys_inotify_init(struct task *t, const u64 a[6])
{
    return make_fd(t, a, 0, "anon_inode:inotify");
}

s64 sys_inotify_init1(struct task *t, const u64 a[6])
{
    return make_fd(t, a, a[0] & O_CLOEXEC, "anon_inode:inotify");
}

s64 sys_memfd_create(struct task *t, const u64 a[6])
{
    return make_fd(t, a, a[1] & 1 ? O_CLOEXEC : 0, "/memfd:");
}

/* Two host descriptors into a rekernel buffer, then two guest ones out. */
static s64 make_pair(const u64 a[6], u32 nr, u32 arg, bool cloexec, const char *path)
{
    struct call *c = call_scratch();
    int pair[2] = {-1, -1};
    if (!guest_range(a[arg], sizeof pair))
        return -EFAULT;
    call_init(c, nr, a, 0);
    c->w.a[arg] = (u64)pair;
    call_out_kernel(c, pair, sizeof pair, OUT_FULL, 1);
    s64 r = call_make(c);
    if (r < 0)
        return r;
    s64 x = fd_adopt(pair[0], O_RDWR, cloexec, path);
    s64 y = fd_adopt(pair[1], O_RDWR, cloexec, path);
    int made[2] = {(int)x, (int)y};
    if (x < 0 || y < 0 || copy_to_guest(a[arg], made, sizeof made)) {
        s64 e = x < 0 ? x : y < 0 ? y : -EFAULT;
        if (x >= 0)
            fd_close(x);
        if (y >= 0)
            fd_close(y);
        return e;
    }
    return 0;
}

s64 sys_pipe(struct task *t, const u64 a[6])
{
    return make_pair(a, __NR_pipe, 0, false, "pipe:");
}

s64 sys_pipe2(struct task *t, const u64 a[6])
{
    return make_pair(a, __NR_pipe2, 0, a[1] & O_CLOEXEC, "pipe:");
}

s64 sys_socketpair(struct task *t, const u64 a[6])
{
    return make_pair(a, __NR_socketpair, 3, a[1] & O_CLOEXEC, "socket:");
}

/* --------------------------------------------------------------- looking files up */
static s64 virtual_stat(const struct file *f, u64 addr, bool extended);

/* Path calls on files of ours: the host answers for the same path, which has the same
 * kind and owner; a size of 0 is what Linux says of /proc files too. */
s64 sys_stat(struct task *t, const u64 a[6])
{
    return world_generic(t, __NR_stat, a, 0);
}

s64 sys_lstat(struct task *t, const u64 a[6])
{
    return world_generic(t, __NR_lstat, a, 0);
}

s64 sys_fstat(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    if (f && f->kind != FILE_HOST)
        return virtual_stat(f, a[1], false);
    return world_generic(t, __NR_fstat, a, 0);
}

static bool empty_path(u64 path)
{
    char c;
    return !copy_from_guest(&c, path, 1) && !c;
}

s64 sys_newfstatat(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    if (f && f->kind != FILE_HOST && a[3] & AT_EMPTY_PATH && empty_path(a[1]))
        return virtual_stat(f, a[2], false);
    return world_generic(t, __NR_newfstatat, a, 0);
}

s64 sys_statx(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    if (f && f->kind != FILE_HOST && a[2] & AT_EMPTY_PATH && empty_path(a[1]))
        return virtual_stat(f, a[4], true);
    return world_generic(t, __NR_statx, a, 0);
}

static s64 virtual_stat(const struct file *f, u64 addr, bool extended)
{
    struct call *c = call_scratch();
    u64 a[6] = {(u64)AT_FDCWD, (u64)f->path, addr, 0};
    if (extended)
        a[2] = 0, a[3] = 0x7ff, a[4] = addr;
    call_init(c, extended ? __NR_statx : __NR_newfstatat, a, 0);
    s64 r = call_out(c, addr, extended ? 256 : 144, OUT_FULL, 1);
    return r < 0 ? r : call_make(c);
}

static s64 link_target(struct task *t, const u64 a[6], u32 path_arg)
{
    char name[4096], target[4096];
    s64 size = (s32)a[path_arg + 2];
    s64 n = copy_string(name, a[path_arg], sizeof name);
    if (n == -EFAULT)
        return n;
    if (size <= 0)
        return -EINVAL;
    n = n < 0 ? -ENOTSUP : proc_readlink(name, target, sizeof target);
    if (n == -ENOTSUP)
        return world_generic(t, t->syscall_nr, a, 0);
    if (n < 0)
        return n;
    return copy_to_guest(a[path_arg + 1], target, (u64)MIN(n, size)) ? -EFAULT : MIN(n, size);
}

s64 sys_readlink(struct task *t, const u64 a[6])
{
    return link_target(t, a, 0);
}

s64 sys_readlinkat(struct task *t, const u64 a[6])
{
    return link_target(t, a, 1);
}
