/* search.c - qSearch:memory and qCRC: looking through a range without sending it. */
#include "internal.h"

#include <errno.h>
#include <string.h>

#define PATTERN_MAX 4096u
#define RANGE_MAX (4ull << 30) /* more than this is not looked through */

/* The pattern's address, if it lies in [addr, addr+len): 1, 0, or -errno. */
static int search(struct stub *s, uint64_t addr, uint64_t len, const void *what, size_t n,
                  uint64_t *found)
{
    unsigned char *window = s->scratch;
    while (len >= n) {
        size_t want = len < PACKET_MAX ? (size_t)len : PACKET_MAX;
        ssize_t got = s->ops->mem_read(s->self, addr, window, want);
        if (got < 0 || (size_t)got < n)
            return got < 0 ? (int)got : -EFAULT;
        const unsigned char *at = memmem(window, (size_t)got, what, n);
        if (at) {
            *found = addr + (uint64_t)(at - window);
            return 1;
        }
        if (stub_interrupted(s)) {
            s->interrupt = 0; /* it meant the search */
            return -EINTR;
        }
        uint64_t step = (uint64_t)got - n + 1;
        addr += step;
        len -= step;
    }
    return 0;
}

static void search_memory(struct stub *s, struct cursor *c)
{
    uint64_t addr, len, found = 0;
    if (!take_pair(c, &addr, ';', &len) || !take_char(c, ';') || c->at == c->end ||
        (size_t)(c->end - c->at) > PATTERN_MAX || len > RANGE_MAX) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    int result = search(s, addr, len, c->at, (size_t)(c->end - c->at), &found);
    if (result < 0)
        reply_error(&s->reply, result);
    else if (result)
        reply_text(&s->reply, "1,%llx", (unsigned long long)found);
    else
        reply_text(&s->reply, "0");
}

/* The CRC that GDB computes: polynomial 0x04c11db7, most significant bit first. */
static uint32_t crc32(uint32_t crc, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint32_t)bytes[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x80000000u ? crc << 1 ^ 0x04c11db7u : crc << 1;
    }
    return crc;
}

static void checksum(struct stub *s, struct cursor *c)
{
    uint64_t addr, len;
    uint32_t crc = 0xffffffffu;
    if (!take_pair(c, &addr, ',', &len) || !take_end(c) || len > RANGE_MAX) {
        reply_error(&s->reply, EINVAL);
        return;
    }
    while (len) {
        ssize_t n = s->ops->mem_read(s->self, addr, s->scratch,
                                     len < PACKET_MAX ? (size_t)len : PACKET_MAX);
        if (n <= 0 || stub_interrupted(s)) {
            s->interrupt = 0;
            reply_error(&s->reply, EFAULT);
            return;
        }
        crc = crc32(crc, s->scratch, (size_t)n);
        addr += (uint64_t)n;
        len -= (uint64_t)n;
    }
    reply_text(&s->reply, "C%x", crc);
}

const struct stub_command stub_search_commands[] = {
    {"qSearch:memory:", search_memory, 1},
    {"qCRC:", checksum, 1},
    {NULL, NULL, 0},
};
