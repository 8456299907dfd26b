/* packet.c - framing, checksums, acknowledgements, escapes. */
#include "packet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OUT_MAX (PACKET_MAX + 8)
#define ESCAPE 0x7d
#define RUN_BASE 29 /* repeats are sent as this plus their number */
#define RUN_MIN 3   /* fewer gain nothing */
#define RUN_MAX 97  /* repeats: 126, '~', is the last printable character */

int packets_init(struct packets *p, const struct packet_io *io)
{
    memset(p, 0, sizeof(*p));
    p->io = *io;
    p->data = malloc(PACKET_MAX + 1);
    p->out = malloc(OUT_MAX);
    if (p->data && p->out)
        return 0;
    packets_free(p);
    return -ENOMEM;
}

void packets_free(struct packets *p)
{
    free(p->data);
    free(p->out);
    p->data = p->out = NULL;
}

/* ------------------------------------------------------------------ receiving */
static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void send_bytes(struct packets *p, const char *bytes, size_t len)
{
    if (!p->gone && p->io.write(p->io.arg, bytes, len))
        p->gone = 1;
}

static void begin(struct packets *p)
{
    p->state = PACKET_INSIDE;
    p->sum = p->told = 0;
    p->escaped = p->too_big = 0;
    p->len = 0;
}

static enum packet_kind outside(struct packets *p, int c)
{
    if (c == '$')
        begin(p);
    else if (c == 3)
        return PACKET_BREAK;
    else if (c == '-' && !p->no_ack && p->out_len)
        send_bytes(p, p->out, p->out_len);
    return PACKET_NONE;
}

static void inside(struct packets *p, int c)
{
    if (c == '$') { /* the packet before was cut off */
        begin(p);
        return;
    }
    if (c == '#') {
        p->state = PACKET_SUM1;
        return;
    }
    p->sum += (unsigned)c;
    if (c == ESCAPE && !p->escaped) {
        p->escaped = 1;
        return;
    }
    if (p->len >= PACKET_MAX)
        p->too_big = 1;
    else
        p->data[p->len++] = (char)(p->escaped ? c ^ 0x20 : c);
    p->escaped = 0;
}

static enum packet_kind finish(struct packets *p, int digit)
{
    int good = digit >= 0 && ((p->told << 4) | (unsigned)digit) == (p->sum & 0xff);
    p->state = PACKET_OUTSIDE;
    p->data[p->len] = 0;
    if (!p->no_ack)
        send_bytes(p, good ? "+" : "-", 1);
    if (!good)
        return PACKET_NONE;
    return p->too_big ? PACKET_TOO_BIG : PACKET_DATA;
}

static enum packet_kind take(struct packets *p, int c)
{
    switch (p->state) {
    case PACKET_OUTSIDE:
        return outside(p, c);
    case PACKET_INSIDE:
        inside(p, c);
        return PACKET_NONE;
    case PACKET_SUM1:
        p->told = (unsigned)hex_digit(c);
        p->state = PACKET_SUM2;
        return PACKET_NONE;
    default:
        return finish(p, hex_digit(c));
    }
}

/* 1 when there are bytes, 0 when the time is over. */
static int fill(struct packets *p, int timeout_ms)
{
    if (p->in_at < p->in_len)
        return 1;
    ssize_t n = p->io.read(p->io.arg, p->in, sizeof(p->in), timeout_ms);
    if (n == -EAGAIN || n == -EINTR)
        return 0;
    if (n <= 0)
        p->gone = 1;
    p->in_at = 0;
    p->in_len = n > 0 ? (size_t)n : 0;
    return n > 0;
}

enum packet_kind packet_get(struct packets *p, int timeout_ms)
{
    while (!p->gone && fill(p, timeout_ms))
        while (p->in_at < p->in_len) {
            enum packet_kind kind = take(p, p->in[p->in_at++]);
            if (kind != PACKET_NONE)
                return p->gone ? PACKET_GONE : kind;
        }
    return p->gone ? PACKET_GONE : PACKET_NONE;
}

/* -------------------------------------------------------------------- sending */
static int is_special(int c)
{
    return c == '$' || c == '#' || c == '*' || c == ESCAPE;
}

size_t packet_fit(const void *data, size_t len, size_t room)
{
    const unsigned char *bytes = data;
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        used += is_special(bytes[i]) ? 2 : 1;
        if (used > room)
            return i;
    }
    return len;
}

static void append(struct packets *p, int c)
{
    p->out[p->out_len++] = (char)c;
}

/* Repeats of the byte before, up to what one count can say. No count may look like part of
 * the framing. */
static size_t append_run(struct packets *p, size_t repeats)
{
    while (repeats == '#' - RUN_BASE || repeats == '$' - RUN_BASE || repeats == '+' - RUN_BASE ||
           repeats == '-' - RUN_BASE)
        repeats--;
    append(p, '*');
    append(p, (int)repeats + RUN_BASE);
    return repeats;
}

static size_t count_repeats(const unsigned char *bytes, size_t len)
{
    size_t n = 1;
    while (n < len && n <= RUN_MAX && bytes[n] == bytes[0])
        n++;
    return n - 1;
}

static void frame(struct packets *p, const unsigned char *bytes, size_t len)
{
    unsigned sum = 0;
    p->out_len = 0;
    append(p, '$');
    for (size_t i = 0; i < len; i++) {
        int special = is_special(bytes[i]);
        if (special)
            append(p, ESCAPE);
        append(p, special ? bytes[i] ^ 0x20 : bytes[i]);
        size_t repeats = special ? 0 : count_repeats(bytes + i, len - i);
        if (repeats >= RUN_MIN)
            i += append_run(p, repeats);
    }
    for (size_t i = 1; i < p->out_len; i++)
        sum += (unsigned char)p->out[i];
    append(p, '#');
    append(p, "0123456789abcdef"[sum >> 4 & 15]);
    append(p, "0123456789abcdef"[sum & 15]);
}

int packet_put(struct packets *p, const void *data, size_t len)
{
    if (packet_fit(data, len, PACKET_MAX) < len)
        return -EMSGSIZE;
    frame(p, data, len);
    send_bytes(p, p->out, p->out_len);
    return p->gone ? -EPIPE : 0;
}
