/* memory.c - m, M and X: the target's memory. */
#include "internal.h"

#include <errno.h>

/* Reads are cut to what one reply holds; the client asks again for the rest. */
static void read_memory(struct stub *s, struct cursor *c)
{
    uint64_t addr, len;
    if (!take_pair(c, &addr, ',', &len) || !take_end(c)) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    if (len > PACKET_MAX / 2)
        len = PACKET_MAX / 2;
    ssize_t n = len ? s->ops->mem_read(s->self, addr, s->scratch, len) : 0;
    if (n < 0 || (n == 0 && len > 0))
        reply_error(&s->reply, n < 0 ? n : EFAULT);
    else
        reply_hex(&s->reply, s->scratch, (size_t)n);
}

static void write_bytes(struct stub *s, uint64_t addr, const void *bytes, size_t len)
{
    ssize_t n = 0;
    if (!s->ops->mem_write) {
        reply_error(&s->reply, EROFS);
        return;
    }
    if (len)
        n = s->ops->mem_write(s->self, addr, bytes, len);
    stub_moved(s);
    if (n < 0 || (size_t)n < len)
        reply_error(&s->reply, n < 0 ? n : EFAULT);
    else
        reply_ok(&s->reply);
}

static void write_hex(struct stub *s, struct cursor *c)
{
    uint64_t addr, len;
    long n = -1;
    if (take_pair(c, &addr, ',', &len) && take_char(c, ':'))
        n = take_bytes(c, s->scratch, PACKET_MAX);
    if (n < 0 || (uint64_t)n != len || !take_end(c))
        reply_error(&s->reply, EINVAL);
    else
        write_bytes(s, addr, s->scratch, len);
}

static void write_binary(struct stub *s, struct cursor *c)
{
    uint64_t addr, len;
    if (!take_pair(c, &addr, ',', &len) || !take_char(c, ':') || (uint64_t)(c->end - c->at) != len)
        reply_error(&s->reply, EINVAL);
    else
        write_bytes(s, addr, c->at, len);
}

const struct stub_command stub_memory_commands[] = {
    {"m", read_memory, 1},
    {"M", write_hex, 1},
    {"X", write_binary, 1},
    {NULL, NULL, 0},
};
