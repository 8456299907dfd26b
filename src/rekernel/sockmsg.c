/*
 * sockmsg.c - messages: sendto, recvfrom, sendmsg, recvmsg and their plural forms, with
 * descriptors (SCM_RIGHTS) translated on the way.
 */
#include "block.h"
#include "syscall.h"

#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/uio.h>

#define MSG_IOV_MAX 60
#define CONTROL_MAX 4096
#define SCM_RIGHTS_TYPE 1
#define SOL_SOCKET_LEVEL 1

struct guest_msghdr {
    u64 name;
    u32 namelen, pad;
    u64 iov, iovlen, control, controllen;
    u32 flags, pad2;
};
_Static_assert(sizeof(struct guest_msghdr) == 56, "msghdr");

struct message {
    struct guest_msghdr guest, host;
    struct iovec iov[MSG_IOV_MAX];
    u8 control[CONTROL_MAX] __attribute__((aligned(8)));
};
static struct message msg;

#define MSG_OOB 0x1u
#define MSG_PEEK 0x2u
#define MSG_DONTWAIT 0x40u
#define MSG_WAITALL 0x100u
#define MSG_NOSIGNAL 0x4000u
#define MSG_ERRQUEUE 0x2000u
#define MSG_WAITFORONE 0x10000u

/* A socket that must not stop the other threads, or NULL: the host call is made as it
 * is, which answers for what is no socket too. */
static struct file *shared_socket(u64 fd, u64 flags)
{
    struct file *f = fd_get((s32)fd);
    if (!f || f->kind != FILE_HOST || flags & (MSG_DONTWAIT | MSG_OOB | MSG_ERRQUEUE) || !block_parks(f))
        return NULL;
    return file_class(f) == CLASS_SOCKET ? f : NULL;
}

/* What a piece answered: true when *answer is the call's result (or SYS_PARKED). */
static bool piece_over(struct task *t, struct file *f, short events, s64 r, u64 whole, s64 *answer)
{
    if (r == -EAGAIN)
        r = block_after(t, f, events);
    if (r == SYS_PARKED) {
        *answer = r;
        return true;
    }
    if ((r == -EINTR || r == PLAT_CANCELLED) && !block_signalled(t))
        return false;
    return block_piece(t, r, whole, answer);
}

s64 sys_sendto(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    u64 b[6] = {a[0], a[1], a[2], a[3] | MSG_DONTWAIT, a[4], a[5]};
    s64 answer;
    if (f && f->kind != FILE_HOST)
        return -ENOTSOCK;
    f = shared_socket(a[0], a[3]);
    if (!f)
        return world_generic(t, __NR_sendto, a, WORLD_BLOCKS);
    do {
        b[1] = a[1] + t->io_done, b[2] = a[2] - t->io_done;
    } while (!piece_over(t, f, POLLOUT, world_generic(t, __NR_sendto, b, WORLD_BLOCKS), a[2], &answer));
    return answer;
}

/* Tried without blocking; made again, it says what became of the first try. A full queue
 * of a UNIX listener cannot be polled for. */
s64 sys_connect(struct task *t, const u64 a[6])
{
    struct file *f = shared_socket(a[0], 0);
    struct call *c = call_scratch();
    if (!f)
        return world_generic(t, __NR_connect, a, WORLD_BLOCKS);
    s64 r = world_prepare(c, __NR_connect, a, WORLD_BLOCKS);
    if (r < 0)
        return r;
    t->restartable = true;
    r = block_avoided(f, &c->w);
    if (r != -EINPROGRESS && r != -EALREADY && r != -EAGAIN)
        return r;
    s64 wait = block_after(t, f, POLLOUT);
    return wait == SYS_PARKED ? wait : r == -EALREADY && t->expired ? -EINPROGRESS : r;
}

/* With MSG_WAITALL a stream is read until all is there, the end came or a signal. */
static s64 recv_parts(struct task *t, struct file *f, const u64 a[6])
{
    bool all = a[3] & MSG_WAITALL && !(a[3] & MSG_PEEK) && file_is_stream(f);
    u64 b[6] = {a[0], a[1], a[2], a[3] | MSG_DONTWAIT, a[4], a[5]};
    s64 answer, r;
    do {
        b[1] = a[1] + t->io_done, b[2] = a[2] - t->io_done;
        r = world_generic(t, __NR_recvfrom, b, WORLD_BLOCKS);
    } while (!piece_over(t, f, POLLIN, r, all ? a[2] : 0, &answer));
    return answer;
}

/* How much of a stream is taken at once. */
static u64 recv_length(struct file *f, const u64 a[6])
{
    return a[3] & ~(u64)(MSG_DONTWAIT | MSG_NOSIGNAL) ? a[2] : block_short_read(f, a[2]);
}

s64 sys_recvfrom(struct task *t, const u64 a[6])
{
    struct file *any = fd_get((s32)a[0]), *f = shared_socket(a[0], a[3]);
    if (any && block_not_yet(any))
        return -EAGAIN;
    u64 b[6] = {a[0], a[1], any ? recv_length(any, a) : a[2], a[3], a[4], a[5]};
    return f ? recv_parts(t, f, b) : world_generic(t, __NR_recvfrom, b, WORLD_BLOCKS);
}

s64 socket_read(struct task *t, struct file *f, u64 addr, u64 len)
{
    struct call *c = call_scratch();
    u64 a[6] = {(u64)f->host_fd, addr, len, MSG_DONTWAIT, 0, 0};
    s64 answer;
    do {
        call_init(c, __NR_recvfrom, a, WORLD_BLOCKS);
        if (call_out(c, addr, len, OUT_RESULT, 1) < 0)
            return -EFAULT;
        c->w.a[2] = c->out[0].cap;
        t->restartable = true;
    } while (!piece_over(t, f, POLLIN, call_make(c), 0, &answer));
    return answer;
}

static s64 load_message(struct message *m, u64 addr)
{
    if (copy_from_guest(&m->guest, addr, sizeof m->guest))
        return -EFAULT;
    m->host = m->guest;
    if (m->guest.iovlen > MSG_IOV_MAX)
        return -EMSGSIZE;
    if (copy_from_guest(m->iov, m->guest.iov, m->guest.iovlen * sizeof m->iov[0]))
        return -EFAULT;
    for (u64 i = 0; i < m->guest.iovlen; i++)
        if (m->iov[i].iov_len && !guest_range((u64)m->iov[i].iov_base, m->iov[i].iov_len))
            return -EFAULT;
    if (m->guest.name && !guest_range(m->guest.name, m->guest.namelen))
        return -EFAULT;
    m->host.iov = (u64)m->iov;
    m->host.control = m->guest.control && m->guest.controllen ? (u64)m->control : 0;
    m->host.controllen = MIN(m->guest.controllen, CONTROL_MAX);
    return 0;
}

struct cmsg {
    u64 len;
    s32 level, type;
};

/* Calls fn on each descriptor of each SCM_RIGHTS part; stops at its first error. */
static s64 each_fd(u8 *control, u64 len, s64 (*fn)(s32 *fd, void *arg), void *arg)
{
    for (u64 at = 0; at + sizeof(struct cmsg) <= len;) {
        struct cmsg *c = (void *)(control + at);
        if (c->len < sizeof *c || c->len > len - at)
            return 0;
        bool rights = c->level == SOL_SOCKET_LEVEL && c->type == SCM_RIGHTS_TYPE;
        for (u64 k = sizeof *c; rights && k + 4 <= c->len; k += 4) {
            s64 r = fn((s32 *)(control + at + k), arg);
            if (r < 0)
                return r;
        }
        at += ALIGN_UP(c->len, 8);
    }
    return 0;
}

static s64 fd_out(s32 *fd, void *arg)
{
    s64 h = fd_host(*fd);
    if (h < 0)
        return -EBADF;
    *fd = (s32)h;
    return 0;
}

static s64 fd_in(s32 *fd, void *arg)
{
    s64 r = fd_adopt(*fd, O_RDWR, *(u64 *)arg & 0x40000000 /* MSG_CMSG_CLOEXEC */, "");
    *fd = (s32)r;
    return 0;
}

/* Leaves out what earlier pieces moved; descriptors and the like went with the first. */
static u64 skip_moved(struct message *m, u64 moved)
{
    u64 i = 0, whole = 0, first = moved;
    for (u64 k = 0; k < m->guest.iovlen; k++)
        whole += m->iov[k].iov_len;
    for (; i < m->guest.iovlen && first >= m->iov[i].iov_len; i++)
        first -= m->iov[i].iov_len;
    m->host.iov = (u64)&m->iov[i];
    m->host.iovlen = m->guest.iovlen - i;
    if (moved && i < m->guest.iovlen) {
        m->iov[i].iov_base = (u8 *)m->iov[i].iov_base + first;
        m->iov[i].iov_len -= first;
    }
    if (moved)
        m->host.control = m->host.controllen = 0;
    return whole;
}

static s64 send_piece(struct task *t, s64 host, u64 addr, u64 flags, u64 *whole)
{
    struct call *c = call_scratch();
    u64 a[6] = {(u64)host, (u64)&msg.host, flags};
    s64 r = load_message(&msg, addr);
    if (r < 0)
        return r;
    *whole = skip_moved(&msg, t->io_done);
    if (msg.host.control) {
        if (copy_from_guest(msg.control, msg.guest.control, msg.host.controllen))
            return -EFAULT;
        r = each_fd(msg.control, msg.host.controllen, fd_out, NULL);
        if (r < 0)
            return r;
    }
    call_init(c, __NR_sendmsg, a, WORLD_BLOCKS);
    const struct iovec *iov = (const void *)msg.host.iov;
    for (u64 i = 0; i < msg.host.iovlen; i++)
        c->w.check = hash_guest(c->w.check + 1, (u64)iov[i].iov_base, iov[i].iov_len);
    t->restartable = true;
    return call_make(c);
}

/* f NULL: as the host call does it. */
static s64 send_one(struct task *t, struct file *f, s64 host, u64 addr, u64 flags)
{
    u64 whole = 0;
    s64 answer, r;
    if (!f)
        return send_piece(t, host, addr, flags, &whole);
    do
        r = send_piece(t, host, addr, flags | MSG_DONTWAIT, &whole);
    while (!piece_over(t, f, POLLOUT, r, whole, &answer));
    return answer;
}

static s64 finish_receive(u64 addr, u64 flags)
{
    each_fd(msg.control, msg.host.controllen, fd_in, &flags);
    msg.guest.namelen = msg.host.namelen;
    msg.guest.flags = msg.host.flags;
    msg.guest.controllen = msg.host.control ? msg.host.controllen : 0;
    if (msg.host.control && copy_to_guest(msg.guest.control, msg.control, msg.guest.controllen))
        return -EFAULT;
    return copy_to_guest(addr, &msg.guest, sizeof msg.guest) ? -EFAULT : 0;
}

static s64 receive_piece(struct task *t, s64 host, u64 addr, u64 flags, u64 *whole)
{
    struct call *c = call_scratch();
    u64 a[6] = {(u64)host, (u64)&msg.host, flags};
    s64 r = load_message(&msg, addr);
    if (r < 0)
        return r;
    *whole = skip_moved(&msg, t->io_done);
    call_init(c, __NR_recvmsg, a, WORLD_BLOCKS);
    /* The header goes first: its lengths say how much of the rest is meant. */
    call_out_kernel(c, &msg.host, sizeof msg.host, OUT_FULL, 1);
    if (msg.host.control)
        call_out_kernel(c, msg.control, msg.host.controllen, OUT_FULL, 1);
    if (msg.guest.name)
        call_out(c, msg.guest.name, MIN(msg.guest.namelen, 128u), OUT_FULL, 1);
    const struct iovec *iov = (const void *)msg.host.iov;
    for (u64 i = 0; i < msg.host.iovlen; i++)
        call_out(c, (u64)iov[i].iov_base, iov[i].iov_len, OUT_SPREAD, 1);
    t->restartable = true;
    memset(msg.control, 0, sizeof msg.control);
    r = call_make(c);
    msg.host.iov = msg.guest.iov;
    if (r < 0)
        return r;
    s64 e = t->io_done ? 0 : finish_receive(addr, flags);
    return e < 0 ? e : r;
}

static s64 receive_one(struct task *t, struct file *f, s64 host, u64 addr, u64 flags)
{
    u64 whole = 0;
    s64 answer, r;
    if (!f)
        return receive_piece(t, host, addr, flags, &whole);
    bool all = flags & MSG_WAITALL && !(flags & MSG_PEEK) && file_is_stream(f);
    do
        r = receive_piece(t, host, addr, flags | MSG_DONTWAIT, &whole);
    while (!piece_over(t, f, POLLIN, r, all ? whole : 0, &answer));
    return answer;
}

s64 sys_sendmsg(struct task *t, const u64 a[6])
{
    s64 h = fd_host((s32)a[0]);
    return h < 0 ? h : send_one(t, shared_socket(a[0], a[2]), h, a[1], a[2]);
}

s64 sys_recvmsg(struct task *t, const u64 a[6])
{
    s64 h = fd_host((s32)a[0]);
    return h < 0 ? h : receive_one(t, shared_socket(a[0], a[2]), h, a[1], a[2]);
}

/* The time limit of recvmmsg, which Linux looks at after each message, never while it waits for
 * one; what is left of it is told. */
static s64 begin_limit(struct task *t, u64 addr)
{
    s64 ts[2];
    if (!addr || t->resumed)
        return 0;
    if (copy_from_guest(ts, addr, sizeof ts))
        return -EFAULT;
    if (ts[0] < 0 || (u64)ts[1] >= 1000000000)
        return -EINVAL;
    t->give_up = ts[0] > 1000000000 ? INT64_MAX : sched_now() + ts[0] * 1000000000 + ts[1];
    return 0;
}

static bool limit_over(const struct task *t, u64 addr)
{
    s64 left = addr ? t->give_up - sched_now() : 1;
    left = MAX(left, 0ll);
    s64 ts[2] = {left / 1000000000, left % 1000000000};
    if (addr)
        copy_to_guest(addr, ts, sizeof ts);
    return !left;
}

typedef s64 one_message(struct task *, struct file *, s64, u64, u64);

/* t->io_items counts those that are through, since the call may be parked in between. */
static s64 many(struct task *t, const u64 a[6], one_message *fn, u64 flags, u64 later, u64 limit)
{
    s64 h = fd_host((s32)a[0]), begun = begin_limit(t, limit);
    u64 n = MIN(a[2] & 0xffffffff, 1024ull);
    if (h < 0 || begun < 0)
        return h < 0 ? h : begun;
    while (t->io_items < n) {
        u64 at = a[1] + t->io_items * 64; /* struct mmsghdr: header, length, padding */
        u64 now = t->io_items ? flags | later : flags;
        s64 r = fn(t, shared_socket(a[0], now), h, at, now);
        u32 len = (u32)r;
        if (r == SYS_PARKED)
            return r;
        if (r >= 0 && copy_to_guest(at + 56, &len, 4))
            r = -EFAULT;
        if (r < 0)
            return t->io_items ? (s64)t->io_items : r;
        t->io_items++;
        t->io_done = 0;
        if (limit_over(t, limit))
            break;
    }
    return (s64)t->io_items;
}

s64 sys_sendmmsg(struct task *t, const u64 a[6])
{
    return many(t, a, send_one, a[3], 0, 0);
}

s64 sys_recvmmsg(struct task *t, const u64 a[6])
{
    u64 later = a[3] & MSG_WAITFORONE ? MSG_DONTWAIT : 0;
    return many(t, a, receive_one, a[3] & ~(u64)MSG_WAITFORONE, later, a[4]);
}

/* ------------------------------------------------------------------- time limits */
/* SO_RCVTIMEO and SO_SNDTIMEO bind waits of the host, and ours, which come before. */
s64 sys_setsockopt(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    s64 tv[2];
    s64 r = world_generic(t, __NR_setsockopt, a, 0);
    bool receive = a[2] == 20 || a[2] == 66, send = a[2] == 21 || a[2] == 67;
    if (r < 0 || (s32)a[1] != SOL_SOCKET_LEVEL || !(receive || send) || copy_from_guest(tv, a[3], 16))
        return r;
    f->timeout_ns[send] = tv[0] < 0 ? 1 : tv[0] > 9000000000 ? 0 : tv[0] * 1000000000 + tv[1] * 1000;
    return r;
}
