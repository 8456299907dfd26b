/*
 * rw.c - reading, writing, seeking, copying between files.
 */
#include "block.h"
#include "syscall.h"

#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/uio.h>

#define IOV_READ_MAX 64   /* a longer vector gives a short read, which is legal */
#define IOV_WRITE_MAX 1024

/* ------------------------------------------------------------- virtual files */
static s64 virtual_read(struct file *f, u64 addr, u64 len, u64 pos)
{
    if (f->kind == FILE_VIRTUAL_DIR)
        return -EISDIR;
    if (pos >= f->size)
        return 0;
    u64 n = MIN(len, f->size - pos);
    return copy_to_guest(addr, f->data + pos, n) ? -EFAULT : (s64)n;
}

static s64 virtual_read_next(struct file *f, u64 addr, u64 len)
{
    s64 n = virtual_read(f, addr, len, f->pos);
    if (n > 0)
        f->pos += (u64)n;
    return n;
}

static s64 virtual_seek(struct file *f, s64 off, u32 whence)
{
    s64 base = whence == 0 ? 0 : whence == 1 ? (s64)f->pos : whence == 2 ? (s64)f->size : -1;
    if (base < 0 || base + off < 0)
        return -EINVAL;
    f->pos = (u64)(base + off);
    return (s64)f->pos;
}

/* ------------------------------------------------------------------- reading */
static s64 read_host(struct task *t, u32 nr, struct file *f, const u64 a[6])
{
    struct call *c = call_scratch();
    call_init(c, nr, a, WORLD_BLOCKS);
    c->w.a[0] = (u64)f->host_fd;
    if (a[2] && !guest_range(a[1], 1))
        return -EFAULT;
    if (call_out(c, a[1], a[2], OUT_RESULT, 1) < 0)
        return -EFAULT;
    if (c->w.nout)
        c->w.a[2] = c->out[0].cap;
    t->restartable = true;
    return call_make(c);
}

s64 sys_read(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    if (!f)
        return -EBADF;
    if (f->kind != FILE_HOST)
        return virtual_read_next(f, a[1], a[2]);
    if (f->is_signalfd)
        return signalfd_read(t, f, a[1], a[2]);
    if (a[2] && block_not_yet(f))
        return -EAGAIN;
    if (a[2] && block_parks(f) && file_class(f) == CLASS_SOCKET)
        return socket_read(t, f, a[1], block_short_read(f, a[2]));
    s64 wait = a[2] ? block_before(t, f, POLLIN) : 0;
    u64 b[6] = {a[0], a[1], wait ? 0 : block_short_read(f, a[2])};
    return wait ? wait : read_host(t, __NR_read, f, b);
}

s64 sys_pread64(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    if (!f)
        return -EBADF;
    if (f->kind != FILE_HOST)
        return virtual_read(f, a[1], a[2], a[3]);
    return read_host(t, __NR_pread64, f, a);
}

#define RWF_NOWAIT 0x8u

static struct iovec iov_copy[IOV_WRITE_MAX];

/* Copies and checks a vector; the count to use or -errno. */
static s64 get_iov(u64 addr, u64 count, u32 max)
{
    u64 total = 0;
    if (count > IOV_WRITE_MAX)
        return -EINVAL;
    u64 n = MIN(count, max);
    if (copy_from_guest(iov_copy, addr, n * sizeof iov_copy[0]))
        return -EFAULT;
    for (u64 i = 0; i < n; i++) {
        if ((s64)iov_copy[i].iov_len < 0)
            return -EINVAL;
        if (iov_copy[i].iov_len && !guest_range((u64)iov_copy[i].iov_base, iov_copy[i].iov_len))
            return -EFAULT;
        total += iov_copy[i].iov_len;
    }
    return (s64)total < 0 ? -EINVAL : (s64)n;
}

static s64 virtual_readv(struct file *f, s64 n, bool positioned, u64 pos)
{
    s64 done = 0;
    for (s64 i = 0; i < n; i++) {
        u64 addr = (u64)iov_copy[i].iov_base, len = iov_copy[i].iov_len;
        s64 r = positioned ? virtual_read(f, addr, len, pos + (u64)done)
                           : virtual_read_next(f, addr, len);
        if (r < 0)
            return done ? done : r;
        done += r;
    }
    return done;
}

static s64 read_vector(struct task *t, u32 nr, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    struct call *c = call_scratch();
    if (!f)
        return -EBADF;
    s64 n = get_iov(a[1], a[2], IOV_READ_MAX);
    if (n < 0)
        return n;
    if (f->kind != FILE_HOST)
        return virtual_readv(f, n, nr != __NR_readv, a[3]);
    call_init(c, nr, a, WORLD_BLOCKS);
    c->w.a[0] = (u64)f->host_fd;
    c->w.a[1] = (u64)iov_copy;
    c->w.a[2] = (u64)n;
    for (s64 i = 0; i < n; i++)
        if (call_out(c, (u64)iov_copy[i].iov_base, iov_copy[i].iov_len, OUT_SPREAD, 1) < 0)
            return -EFAULT;
    t->restartable = true;
    bool next = nr == __NR_readv || (nr == __NR_preadv2 && a[3] == ~0ull && !(a[5] & RWF_NOWAIT));
    s64 wait = next ? block_before(t, f, POLLIN) : 0;
    return wait ? wait : call_make(c);
}

s64 sys_readv(struct task *t, const u64 a[6])
{
    return read_vector(t, __NR_readv, a);
}

s64 sys_preadv(struct task *t, const u64 a[6])
{
    return read_vector(t, __NR_preadv, a);
}

s64 sys_preadv2(struct task *t, const u64 a[6])
{
    return read_vector(t, __NR_preadv2, a);
}

static s64 splice_parked(struct task *t, struct world *w, u32 flags, struct file *in, struct file *out);

/* ------------------------------------------------------------------- writing */
/* Replay: what the recorded program printed is printed again. */
static void echo(const struct file *f, u64 addr, u64 len)
{
    struct guard g;
    if (recording() || !f->console || !guest_range(addr, len) || guard_set(&g))
        return;
    plat_console(f->console, (const void *)addr, len);
    guard_clear();
}

/* What became of a write: the console's copy, and files that are mapped. */
static void wrote(const struct iovec *iov, s64 n, struct file *f, s64 result, s64 offset)
{
    s64 left = result;
    for (s64 i = 0; i < n && left > 0; i++) {
        u64 len = MIN((u64)left, iov[i].iov_len), addr = (u64)iov[i].iov_base;
        echo(f, addr, len);
        left -= (s64)len;
    }
    if (result <= 0 || f->console || !object_mapped(f))
        return;
    if (offset < 0) {
        s64 pos = door_call(__NR_lseek, (u64)f->host_fd, 0, 1, 0);
        offset = pos < result ? -1 : pos - result;
    }
    for (s64 i = 0; i < n && result > 0 && offset >= 0; i++) {
        u64 len = MIN((u64)result, iov[i].iov_len);
        object_written(f, (u64)iov[i].iov_base, len, (u64)offset);
        offset += (s64)len, result -= (s64)len;
    }
}

#define PIPE_ATOMIC 4096u /* PIPE_BUF: what a pipe that is ready surely takes */
#define DONTWAIT 0x40u     /* MSG_DONTWAIT */
#define SPLICE_F_NONBLOCK 2u

static u64 iov_total(const struct iovec *iov, s64 n)
{
    u64 total = 0;
    for (s64 i = 0; i < n; i++)
        total += iov[i].iov_len;
    return total;
}

/* Leaves the first bytes of a vector out. */
static void iov_skip(struct iovec **iov, s64 *n, u64 bytes)
{
    while (*n && bytes >= (*iov)->iov_len) {
        bytes -= (*iov)->iov_len;
        ++*iov, --*n;
    }
    if (*n) {
        (*iov)->iov_base = (u8 *)(*iov)->iov_base + bytes;
        (*iov)->iov_len -= bytes;
    }
}

/* As much as a socket takes now; a datagram goes as a whole. */
static s64 write_socket(struct file *f, struct iovec *iov, s64 n)
{
    u64 header[7] = {0, 0, (u64)iov, (u64)n, 0, 0, 0}; /* struct msghdr */
    struct world w = {__NR_sendmsg, WORLD_BLOCKS, {(u64)f->host_fd, (u64)header, DONTWAIT}, 1, 0, NULL};
    for (s64 i = 0; i < n; i++)
        w.check = hash_guest(w.check, (u64)iov[i].iov_base, iov[i].iov_len);
    s64 r = door_world(&w);
    wrote(iov, n, f, r, -1);
    return r;
}

static s64 write_pipe(struct task *t, struct file *f, const struct iovec *iov)
{
    struct iovec piece = {iov->iov_base, MIN(iov->iov_len, (u64)PIPE_ATOMIC)};
    s64 r = block_before(t, f, POLLOUT);
    if (r)
        return r;
    struct world w = {__NR_write, WORLD_BLOCKS, {(u64)f->host_fd, (u64)piece.iov_base, piece.iov_len},
                      hash_guest(1, (u64)piece.iov_base, piece.iov_len), 0, NULL};
    r = door_world(&w);
    wrote(&piece, 1, f, r, -1);
    return r;
}

/* With other threads about, one of which may be the reader: in pieces that do not block,
 * parked in between. Made again after each wait; t->io_done says how far it came. */
static s64 write_in_pieces(struct task *t, struct file *f, struct iovec *iov, s64 n)
{
    bool socket = file_class(f) == CLASS_SOCKET;
    u64 whole = iov_total(iov, n);
    s64 r, answer;
    t->restartable = true;
    iov_skip(&iov, &n, t->io_done);
    do {
        if (t->io_done && block_between_parts(f))
            return sched_park_fd(t, f->host_fd, POLLOUT);
        r = socket ? write_socket(f, iov, n) : write_pipe(t, f, iov);
        if (r == -EAGAIN)
            r = block_after(t, f, POLLOUT);
        if (r == SYS_PARKED)
            return r;
        if ((r == -EINTR || r == PLAT_CANCELLED) && !block_signalled(t))
            r = 0;
        else if (block_piece(t, r, whole, &answer))
            return answer;
        iov_skip(&iov, &n, (u64)r);
    } while (true);
}

static bool is_eventfd(const struct file *f)
{
    return str_cmp(f->path, "anon_inode:[eventfd]") == 0;
}

/* A write at the file's position while other threads run: 1 when it went or waits as
 * *answer says, 0 when the host call may be made as it is. */
static bool write_shared(struct task *t, struct file *f, struct iovec *iov, s64 n, s64 *answer)
{
    if (!block_parks(f) || file_class(f) == CLASS_PLAIN)
        return false;
    if (is_eventfd(f) && n == 1) {
        struct world w = {__NR_write, WORLD_BLOCKS, {(u64)f->host_fd, (u64)iov->iov_base, iov->iov_len},
                          hash_guest(1, (u64)iov->iov_base, iov->iov_len), 0, NULL};
        *answer = block_avoided(f, &w);
        if (*answer == -EAGAIN)
            *answer = block_after(t, f, POLLOUT);
        return true;
    }
    if (f->class == CLASS_SOCKET || iov_total(iov, n) > PIPE_ATOMIC)
        *answer = write_in_pieces(t, f, iov, n);
    else
        *answer = block_before(t, f, POLLOUT);
    return *answer || f->class == CLASS_SOCKET;
}

static s64 write_host(struct task *t, u32 nr, const u64 a[6], s64 offset)
{
    struct file *f = fd_get((s32)a[0]);
    struct call *c = call_scratch();
    s64 r;
    if (!f)
        return -EBADF;
    if (f->kind != FILE_HOST)
        return nr == __NR_write ? proc_write(f, a[1], a[2]) : -EBADF;
    if (a[2] && !guest_range(a[1], MIN(a[2], 0x7ffff000ull)))
        return -EFAULT;
    struct iovec iov = {(void *)a[1], offset < 0 ? block_short_write(f, a[2]) : a[2]};
    t->restartable = true;
    if (nr == __NR_write && write_shared(t, f, &iov, 1, &r))
        return r;
    call_init(c, nr, a, WORLD_BLOCKS);
    c->w.a[0] = (u64)f->host_fd;
    c->w.a[2] = iov.iov_len;
    c->w.check = hash_guest(1, a[1], MIN(iov.iov_len, 0x7ffff000ull));
    r = call_make(c);
    wrote(&iov, 1, f, r, offset);
    return r;
}

s64 sys_write(struct task *t, const u64 a[6])
{
    return write_host(t, __NR_write, a, -1);
}

s64 sys_pwrite64(struct task *t, const u64 a[6])
{
    return write_host(t, __NR_pwrite64, a, (s64)a[3]);
}

/* Of the calls that take a position, the one that says "where the file stands". */
static bool writes_next(u32 nr, const u64 a[6])
{
    return nr == __NR_writev || (nr == __NR_pwritev2 && a[3] == ~0ull && !(a[5] & RWF_NOWAIT));
}

static s64 write_vector(struct task *t, u32 nr, const u64 a[6], s64 offset)
{
    struct file *f = fd_get((s32)a[0]);
    struct call *c = call_scratch();
    s64 r;
    if (!f)
        return -EBADF;
    s64 n = get_iov(a[1], a[2], IOV_WRITE_MAX);
    if (n < 0)
        return n;
    if (f->kind != FILE_HOST)
        return -EBADF;
    t->restartable = true;
    if (writes_next(nr, a) && write_shared(t, f, iov_copy, n, &r))
        return r;
    call_init(c, nr, a, WORLD_BLOCKS);
    c->w.a[0] = (u64)f->host_fd;
    c->w.a[1] = (u64)iov_copy;
    c->w.check = 1;
    for (s64 i = 0; i < n; i++)
        c->w.check = hash_guest(c->w.check, (u64)iov_copy[i].iov_base, iov_copy[i].iov_len);
    if (nr == __NR_vmsplice && sched_multi())
        return splice_parked(t, &c->w, 3, f, f);
    r = call_make(c);
    wrote(iov_copy, n, f, r, offset);
    return r;
}

s64 sys_writev(struct task *t, const u64 a[6])
{
    return write_vector(t, __NR_writev, a, -1);
}

s64 sys_pwritev(struct task *t, const u64 a[6])
{
    return write_vector(t, __NR_pwritev, a, (s64)a[3]);
}

s64 sys_pwritev2(struct task *t, const u64 a[6])
{
    return write_vector(t, __NR_pwritev2, a, (s64)a[3]);
}

s64 sys_vmsplice(struct task *t, const u64 a[6])
{
    return write_vector(t, __NR_vmsplice, a, -1);
}

s64 sys_lseek(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    if (f && f->kind != FILE_HOST)
        return virtual_seek(f, (s64)a[1], (u32)a[2]);
    return world_generic(t, __NR_lseek, a, 0);
}

s64 sys_truncate(struct task *t, const u64 a[6])
{
    s64 r = world_generic(t, __NR_truncate, a, 0);
    if (r == 0)
        object_truncated_path(a[0], a[1]);
    return r;
}

s64 sys_fallocate(struct task *t, const u64 a[6])
{
    s64 r = world_generic(t, __NR_fallocate, a, WORLD_BLOCKS);
    if (r == 0 && object_any_mapped())
        object_allocated(fd_get((s32)a[0]), (u32)a[1], a[2], a[3]);
    return r;
}

s64 sys_ftruncate(struct task *t, const u64 a[6])
{
    s64 r = world_generic(t, __NR_ftruncate, a, 0);
    if (r == 0 && object_any_mapped())
        object_resized(fd_get((s32)a[0]), a[1]);
    return r;
}

/* --------------------------------------------- copies that bypass guest memory */
/* Data for the console must pass through memory so that replay can print it, and data
 * for a mapped file so that the mapping follows. */
static bool needs_own_copy(struct file *f)
{
    return f && f->kind == FILE_HOST && (f->console || object_mapped(f));
}

#define COPY_CHUNK 65536
static u8 copy_buf[COPY_CHUNK];

static s64 copy_read(struct file *in, s64 *off, u64 len)
{
    struct out o = {.addr = (u64)copy_buf, .cap = len, .rule = OUT_RESULT, .unit = 1, .kernel = 1};
    u32 nr = off ? __NR_pread64 : __NR_read;
    struct world w = {nr, WORLD_BLOCKS, {(u64)in->host_fd, (u64)copy_buf, len, off ? (u64)*off : 0},
                      0, 1, &o};
    s64 n = door_world(&w);
    if (n > 0 && off)
        *off += n;
    return n;
}

static s64 copy_write(struct file *out, s64 *off, u64 len)
{
    u32 nr = off ? __NR_pwrite64 : __NR_write;
    struct world w = {nr, 0, {(u64)out->host_fd, (u64)copy_buf, len, off ? (u64)*off : 0},
                      hash_bytes(1, copy_buf, len), 0, NULL};
    s64 n = door_world(&w);
    if (n > 0 && !recording() && out->console)
        plat_console(out->console, copy_buf, (u64)n);
    if (n > 0 && !out->console)
        object_written(out, (u64)copy_buf, (u64)n, off ? (u64)*off : ~0ull);
    if (n > 0 && off)
        *off += n;
    return n;
}

/* in to out through the rekernel; offsets NULL: the file positions. */
static s64 own_copy(struct file *in, s64 *in_off, struct file *out, s64 *out_off, u64 len)
{
    u64 done = 0;
    while (done < len) {
        s64 n = copy_read(in, in_off, MIN(len - done, (u64)COPY_CHUNK));
        if (n > 0)
            n = copy_write(out, out_off, (u64)n);
        if (n <= 0)
            return done ? (s64)done : n;
        done += (u64)n;
    }
    return (s64)done;
}

static s64 load_offset(u64 addr, s64 *off, s64 **use)
{
    *use = NULL;
    if (!addr)
        return 0;
    if (copy_from_guest(off, addr, 8))
        return -EFAULT;
    *use = off;
    return *off < 0 ? -EINVAL : 0;
}

static s64 own_copy_call(s64 in_fd, u64 in_addr, s64 out_fd, u64 out_addr, u64 len)
{
    struct file *in = fd_get(in_fd), *out = fd_get(out_fd);
    s64 in_off, out_off, *in_use, *out_use;
    if (!in || in->kind != FILE_HOST)
        return in ? -EINVAL : -EBADF;
    s64 r = load_offset(in_addr, &in_off, &in_use);
    if (r == 0)
        r = load_offset(out_addr, &out_off, &out_use);
    if (r < 0)
        return r;
    r = own_copy(in, in_use, out, out_use, MIN(len, 0x7ffff000ull));
    if (r > 0 && ((in_use && copy_to_guest(in_addr, in_use, 8)) ||
                  (out_use && copy_to_guest(out_addr, out_use, 8))))
        return -EFAULT;
    return r;
}

/* A splice of any kind that must not block: its flags are argument `flags`. Parks on the
 * end that was not ready. */
static s64 splice_parked(struct task *t, struct world *w, u32 flags, struct file *in, struct file *out)
{
    bool asked = w->a[flags] & SPLICE_F_NONBLOCK;
    w->a[flags] |= SPLICE_F_NONBLOCK;
    t->restartable = true;
    if (!asked && in != out) {
        s64 wait = block_before(t, in, POLLIN);
        if (wait == 0)
            wait = block_before(t, out, POLLOUT);
        if (wait)
            return wait;
    }
    s64 r = door_world(w);
    return r == -EAGAIN && !asked ? block_after(t, out, POLLOUT) : r;
}

static s64 splice_call(struct task *t, u32 nr, const u64 a[6], u32 flags, u32 out_arg)
{
    struct file *in = fd_get((s32)a[0]), *out = fd_get((s32)a[out_arg]);
    struct call *c = call_scratch();
    if (!sched_multi() || !in || !out || in->kind != FILE_HOST || out->kind != FILE_HOST)
        return world_generic(t, nr, a, WORLD_BLOCKS);
    s64 r = world_prepare(c, nr, a, WORLD_BLOCKS);
    return r < 0 ? r : splice_parked(t, &c->w, flags, in, out);
}

/* The out file takes what it takes now; the host moves offset and position on. */
static s64 sendfile_parts(struct task *t, struct file *out, const u64 a[6])
{
    u64 b[6] = {a[0], a[1], a[2], a[3], 0, 0};
    struct call *c = call_scratch();
    s64 r, answer;
    t->restartable = true;
    do {
        b[3] = a[3] - t->io_done;
        r = world_prepare(c, __NR_sendfile, b, WORLD_BLOCKS);
        if (r < 0)
            return r;
        r = block_avoided(out, &c->w);
        if (r == -EAGAIN)
            r = block_after(t, out, POLLOUT);
        if (r == SYS_PARKED)
            return r;
        if ((r == -EINTR || r == PLAT_CANCELLED) && !block_signalled(t))
            continue;
        if (block_piece(t, r, a[3], &answer))
            return answer;
    } while (true);
}

s64 sys_sendfile(struct task *t, const u64 a[6])
{
    struct file *out = fd_get((s32)a[0]);
    if (needs_own_copy(out))
        return own_copy_call((s32)a[1], a[2], (s32)a[0], 0, a[3]);
    if (sched_multi() && out && out->kind == FILE_HOST && file_class(out) != CLASS_PLAIN)
        return sendfile_parts(t, out, a);
    return world_generic(t, __NR_sendfile, a, WORLD_BLOCKS);
}

s64 sys_splice(struct task *t, const u64 a[6])
{
    if (needs_own_copy(fd_get((s32)a[2])))
        return own_copy_call((s32)a[0], a[1], (s32)a[2], a[3], MIN(a[4], (u64)COPY_CHUNK));
    return splice_call(t, __NR_splice, a, 5, 2);
}

/* tee leaves the data in the first pipe: it cannot be looked at on the way. */
s64 sys_tee(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[1]);
    if (f && f->console)
        return -EINVAL;
    return splice_call(t, __NR_tee, a, 3, 1);
}

s64 sys_copy_file_range(struct task *t, const u64 a[6])
{
    if (needs_own_copy(fd_get((s32)a[2])))
        return own_copy_call((s32)a[0], a[1], (s32)a[2], a[3], a[4]);
    return world_generic(t, __NR_copy_file_range, a, WORLD_BLOCKS);
}
