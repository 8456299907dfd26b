/*
 * sockmsg.c - messages: sendto, recvfrom, sendmsg, recvmsg and their plural forms, with
 * descriptors (SCM_RIGHTS) translated on the way.
 */
#include "sched.h"
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

#define DONTWAIT 0x40u

static s64 wait_socket(struct task *t, s64 fd, u64 flags, short events)
{
    s64 h = fd_host(fd);
    return h < 0 || flags & DONTWAIT ? 0 : sched_wait_fd(t, (int)h, events);
}

s64 sys_sendto(struct task *t, const u64 a[6])
{
    struct file *f = fd_get((s32)a[0]);
    if (f && f->kind != FILE_HOST)
        return -ENOTSOCK;
    s64 wait = wait_socket(t, (s32)a[0], a[3], POLLOUT);
    return wait ? wait : world_generic(t, __NR_sendto, a, WORLD_BLOCKS);
}

s64 sys_connect(struct task *t, const u64 a[6])
{
    return world_generic(t, __NR_connect, a, WORLD_BLOCKS);
}

s64 sys_recvfrom(struct task *t, const u64 a[6])
{
    s64 wait = wait_socket(t, (s32)a[0], a[3], POLLIN);
    return wait ? wait : world_generic(t, __NR_recvfrom, a, WORLD_BLOCKS);
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

static s64 send_one(struct task *t, s64 host, u64 addr, u64 flags)
{
    struct call *c = call_scratch();
    u64 a[6] = {(u64)host, (u64)&msg.host, flags};
    s64 r = load_message(&msg, addr);
    if (r < 0)
        return r;
    if (msg.host.control) {
        if (copy_from_guest(msg.control, msg.guest.control, msg.host.controllen))
            return -EFAULT;
        r = each_fd(msg.control, msg.host.controllen, fd_out, NULL);
        if (r < 0)
            return r;
    }
    call_init(c, __NR_sendmsg, a, WORLD_BLOCKS);
    for (u64 i = 0; i < msg.guest.iovlen; i++)
        c->w.check = hash_guest(c->w.check + 1, (u64)msg.iov[i].iov_base, msg.iov[i].iov_len);
    t->restartable = true;
    return call_make(c);
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

static s64 receive_one(struct task *t, s64 host, u64 addr, u64 flags)
{
    struct call *c = call_scratch();
    u64 a[6] = {(u64)host, (u64)&msg.host, flags};
    s64 r = load_message(&msg, addr);
    if (r < 0)
        return r;
    call_init(c, __NR_recvmsg, a, WORLD_BLOCKS);
    /* The header goes first: its lengths say how much of the rest is meant. */
    call_out_kernel(c, &msg.host, sizeof msg.host, OUT_FULL, 1);
    if (msg.host.control)
        call_out_kernel(c, msg.control, msg.host.controllen, OUT_FULL, 1);
    if (msg.guest.name)
        call_out(c, msg.guest.name, MIN(msg.guest.namelen, 128u), OUT_FULL, 1);
    for (u64 i = 0; i < msg.guest.iovlen; i++)
        call_out(c, (u64)msg.iov[i].iov_base, msg.iov[i].iov_len, OUT_SPREAD, 1);
    t->restartable = true;
    memset(msg.control, 0, sizeof msg.control);
    r = call_make(c);
    msg.host.iov = msg.guest.iov;
    if (r < 0)
        return r;
    s64 e = finish_receive(addr, flags);
    return e < 0 ? e : r;
}

s64 sys_sendmsg(struct task *t, const u64 a[6])
{
    s64 h = fd_host((s32)a[0]);
    s64 wait = h < 0 ? h : wait_socket(t, (s32)a[0], a[2], POLLOUT);
    return wait ? wait : send_one(t, h, a[1], a[2]);
}

s64 sys_recvmsg(struct task *t, const u64 a[6])
{
    s64 h = fd_host((s32)a[0]);
    s64 wait = h < 0 ? h : wait_socket(t, (s32)a[0], a[2], POLLIN);
    return wait ? wait : receive_one(t, h, a[1], a[2]);
}

typedef s64 one_message(struct task *, s64, u64, u64);

static s64 many(struct task *t, const u64 a[6], one_message *fn, u64 flags, u64 later)
{
    s64 h = fd_host((s32)a[0]), done = 0;
    if (h < 0)
        return h;
    s64 wait = wait_socket(t, (s32)a[0], a[3], fn == receive_one ? POLLIN : POLLOUT);
    if (wait)
        return wait;
    for (u64 n = MIN(a[2] & 0xffffffff, 1024ull); (u64)done < n; done++) {
        u64 at = a[1] + (u64)done * 64; /* struct mmsghdr: header, length, padding */
        s64 r = fn(t, h, at, done ? flags | later : flags);
        u32 len = (u32)r;
        if (r < 0)
            return done ? done : r;
        if (copy_to_guest(at + 56, &len, 4))
            return done ? done : -EFAULT;
    }
    return done;
}

s64 sys_sendmmsg(struct task *t, const u64 a[6])
{
    return many(t, a, send_one, a[3], 0);
}

/* After the first message nothing waits: MSG_WAITFORONE for all, which is how it is
 * used; a timeout bounds only the first as on Linux in practice. */
s64 sys_recvmmsg(struct task *t, const u64 a[6])
{
    return many(t, a, receive_one, a[3] & ~0x10000ull, 0x40 /* MSG_DONTWAIT */);
}
