/* text.c - reading the fields of a packet, and writing a reply. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int take_char(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return 0;
    c->at++;
    return 1;
}

int take_word(struct cursor *c, const char *wanted)
{
    size_t len = strlen(wanted);
    if ((size_t)(c->end - c->at) < len || memcmp(c->at, wanted, len) != 0)
        return 0;
    c->at += len;
    return 1;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int take_hex(struct cursor *c, uint64_t *value)
{
    const char *at = c->at;
    uint64_t sum = 0;
    while (at < c->end && digit(*at) >= 0 && at - c->at < 16)
        sum = sum << 4 | (uint64_t)digit(*at++);
    if (at == c->at || (at < c->end && digit(*at) >= 0))
        return 0;
    c->at = at;
    *value = sum;
    return 1;
}

int take_end(const struct cursor *c)
{
    return c->at == c->end;
}

int take_last_hex(struct cursor *c, uint64_t *value)
{
    return take_hex(c, value) && take_end(c);
}

int take_pair(struct cursor *c, uint64_t *first, char between, uint64_t *second)
{
    return take_hex(c, first) && take_char(c, between) && take_hex(c, second);
}

long take_bytes(struct cursor *c, void *bytes, size_t cap)
{
    unsigned char *to = bytes;
    size_t n = 0;
    for (; c->end - c->at >= 2 && digit(c->at[0]) >= 0 && digit(c->at[1]) >= 0; c->at += 2) {
        if (n == cap)
            return -1;
        to[n++] = (unsigned char)(digit(c->at[0]) << 4 | digit(c->at[1]));
    }
    return c->at < c->end && digit(*c->at) >= 0 ? -1 : (long)n;
}

int take_hex_string(struct cursor *c, char *text, size_t cap)
{
    long n = take_bytes(c, text, cap - 1);
    if (n < 0)
        return 0;
    text[n] = 0;
    return 1;
}

int take_until(struct cursor *c, char stop, char *text, size_t cap)
{
    size_t len = (size_t)(c->end - c->at);
    const char *found = memchr(c->at, stop, len);
    if (found)
        len = (size_t)(found - c->at);
    if (len >= cap)
        return 0;
    memcpy(text, c->at, len);
    text[len] = 0;
    c->at += found ? len + 1 : len;
    return 1;
}

static int take_id(struct cursor *c, int32_t *id)
{
    uint64_t value;
    if (take_word(c, "-1")) {
        *id = -1;
        return 1;
    }
    if (!take_hex(c, &value) || value > INT32_MAX)
        return 0;
    *id = (int32_t)value;
    return 1;
}

int take_thread(struct cursor *c, int32_t *pid, int32_t *tid)
{
    *pid = 0;
    if (!take_char(c, 'p'))
        return take_id(c, tid);
    if (!take_id(c, pid))
        return 0;
    if (take_char(c, '.'))
        return take_id(c, tid);
    *tid = -1; /* all threads of that process */
    return 1;
}

/* --------------------------------------------------------------------- replies */
void reply_text(struct reply *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(r->data + r->len, r->cap - r->len, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= r->cap - r->len)
        r->full = 1;
    else
        r->len += (size_t)n;
}

void reply_bytes(struct reply *r, const void *bytes, size_t len)
{
    if (len > r->cap - r->len) {
        r->full = 1;
        return;
    }
    memcpy(r->data + r->len, bytes, len);
    r->len += len;
}

void reply_hex(struct reply *r, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    if (len > (r->cap - r->len) / 2) {
        r->full = 1;
        return;
    }
    for (size_t i = 0; i < len; i++) {
        r->data[r->len++] = digits[from[i] >> 4];
        r->data[r->len++] = digits[from[i] & 15];
    }
}

void reply_hex_string(struct reply *r, const char *text)
{
    reply_hex(r, text, strlen(text));
}

void reply_error(struct reply *r, long err)
{
    r->len = 0;
    reply_text(r, "E%02x", (unsigned)(err < 0 ? -err : err) & 0xff);
}

void reply_ok(struct reply *r)
{
    reply_text(r, "OK");
}
