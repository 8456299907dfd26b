/*
 * chaos_io.c - what chaos does to transfers (block.h), and why the kernel may do it too.
 *
 * Nothing here may surprise a program that is right by the manual pages; programs rely on
 * more than they promise, but hardly on less. So:
 * - Pipes are never read short: what one write of at most PIPE_BUF bytes put there is taken as
 *   a whole if it fits (pipe(7)). A reader that comes between two writes gets less: that is the
 *   schedule's work. Larger writes are not atomic: others run between their parts.
 * - TCP has no boundaries: any number of bytes may have come so far, or find room (tcp(7)). UNIX
 *   streams keep small writes together in fact: they are left alone.
 * - A write to a descriptor that does not block may take a part: of a TCP stream, or of a pipe
 *   when it is larger than PIPE_BUF (pipe(7)).
 * - A socket that does not block may say EAGAIN although poll said that it is ready
 *   (select(2), BUGS; accept(2), NOTES), and is ready when asked again.
 * - Some calls end with EINTR without any handler when the process was stopped and goes on
 *   (signal(7)); a wait on a futex may end for no reason (futex(2)).
 * None of the first four once the program waits for edges or signals instead of readiness:
 * then a short transfer means that no more is left (epoll(7)).
 */
#include "block.h"
#include "chaos.h"
#include "syscall.h"

#include <linux/fcntl.h>

#define SOL_SOCKET_ 1
#define SO_DOMAIN_ 39
#define INET 2
#define INET6 10
#define PIPE_BUF_ 4096u
#define O_ASYNC_ 020000u

static bool edges;

void block_no_short_transfers(void)
{
    edges = true;
}

static bool tcp(struct file *f)
{
    s32 domain = 0, len = 4;
    if (file_class(f) != CLASS_SOCKET || !file_is_stream(f))
        return false;
    if (!f->sock_domain) {
        struct out o[2] = {{.addr = (u64)&domain, .cap = 4, .rule = OUT_FULL, .kernel = 1},
                           {.addr = (u64)&len, .cap = 4, .rule = OUT_FULL, .kernel = 1}};
        struct world w = {__NR_getsockopt,
                          WORLD_INTERNAL,
                          {(u64)f->host_fd, SOL_SOCKET_, SO_DOMAIN_, (u64)&domain, (u64)&len},
                          0,
                          2,
                          o};
        f->sock_domain = door_world(&w) < 0 ? 255 : (u8)domain;
    }
    return f->sock_domain == INET || f->sock_domain == INET6;
}

/* Whose owner asks again when it is ready, and gets no signal when it becomes so. */
static bool asks_again(struct file *f)
{
    u64 flags = (u64)door_call(__NR_fcntl, (u64)f->host_fd, F_GETFL, 0, 0);
    return (flags & (O_NONBLOCK | O_ASYNC_)) == O_NONBLOCK;
}

static bool may_shorten(const struct file *f, u64 len)
{
    return chaos_on() && !edges && f->kind == FILE_HOST && len > 1;
}

u64 block_short_read(struct file *f, u64 len)
{
    return may_shorten(f, len) && tcp(f) ? chaos_short(len) : len;
}

u64 block_short_write(struct file *f, u64 len)
{
    if (!may_shorten(f, len) || file_class(f) == CLASS_PLAIN)
        return len;
    bool parts = file_class(f) == CLASS_PIPE ? len > PIPE_BUF_ && !(f->flags & O_DIRECT) : tcp(f);
    return parts && asks_again(f) ? chaos_short(len) : len;
}

bool block_between_parts(struct file *f)
{
    return chaos_between_parts() && file_class(f) == CLASS_PIPE &&
           !(door_call(__NR_fcntl, (u64)f->host_fd, F_GETFL, 0, 0) & O_NONBLOCK);
}

bool block_not_yet(struct file *f)
{
    return chaos_on() && !edges && f->kind == FILE_HOST && chaos_not_yet() && tcp(f) &&
           asks_again(f);
}
