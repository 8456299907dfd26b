/* test_gdb_packet.c - framing, checksums, acknowledgements, escapes, runs. */
#include "gdbstub/packet.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct wire {
    const char *in;
    size_t len, at;
    char out[4 * PACKET_MAX];
    size_t out_len;
};
static struct wire wire;

static ssize_t wire_read(void *arg, void *buf, size_t len, int timeout_ms)
{
    if (wire.at == wire.len)
        return timeout_ms == 0 ? -EAGAIN : 0;
    *(char *)buf = wire.in[wire.at++]; /* byte by byte: the worst that TCP may do */
    return 1;
}

static int wire_write(void *arg, const void *buf, size_t len)
{
    cr_assert_leq(wire.out_len + len, sizeof(wire.out));
    memcpy(wire.out + wire.out_len, buf, len);
    wire.out_len += len;
    return 0;
}

static const struct packet_io io = {wire_read, wire_write, NULL};

static void begin(struct packets *p, const void *in, size_t len)
{
    wire.in = in;
    wire.len = len;
    wire.at = wire.out_len = 0;
    cr_assert_eq(packets_init(p, &io), 0);
}

static void begin_text(struct packets *p, const char *in)
{
    begin(p, in, strlen(in));
}

static void expect_out(const char *text)
{
    cr_assert_eq(wire.out_len, strlen(text), "got %.*s", (int)wire.out_len, wire.out);
    cr_assert_eq(memcmp(wire.out, text, wire.out_len), 0, "got %.*s", (int)wire.out_len, wire.out);
}

Test(packet, good_and_bad_checksums)
{
    struct packets p;
    begin_text(&p, "junk$m0,4#fd$m0,4#fe$OK#9a");
    cr_assert_eq(packet_get(&p, -1), PACKET_DATA);
    cr_assert_str_eq(p.data, "m0,4");
    cr_assert_eq(packet_get(&p, -1), PACKET_DATA);
    cr_assert_str_eq(p.data, "OK");
    cr_assert_eq(packet_get(&p, -1), PACKET_GONE);
    expect_out("+-+");
    packets_free(&p);
}

Test(packet, checksum_digits_must_be_digits)
{
    struct packets p;
    begin_text(&p, "$OK#zz$OK#9z$OK#z9$OK#9A");
    cr_assert_eq(packet_get(&p, -1), PACKET_DATA);
    expect_out("---+");
    packets_free(&p);
}

Test(packet, no_acknowledgements_when_off)
{
    struct packets p;
    begin_text(&p, "$OK#9a-$OK#00");
    p.no_ack = 1;
    cr_assert_eq(packet_get(&p, -1), PACKET_DATA);
    cr_assert_eq(packet_put(&p, "xy", 2), 0);
    cr_assert_eq(packet_get(&p, 0), PACKET_NONE);
    expect_out("$xy#f1");
    packets_free(&p);
}

Test(packet, sent_again_when_refused)
{
    struct packets p;
    begin_text(&p, "-+-+");
    cr_assert_eq(packet_put(&p, "xy", 2), 0);
    cr_assert_eq(packet_get(&p, 0), PACKET_NONE);
    expect_out("$xy#f1$xy#f1$xy#f1");
    packets_free(&p);
}

Test(packet, break_outside_and_inside)
{
    struct packets p;
    begin(&p, "\003$a\003b#c6\003", 9);
    cr_assert_eq(packet_get(&p, -1), PACKET_BREAK);
    cr_assert_eq(packet_get(&p, -1), PACKET_DATA);
    cr_assert_str_eq(p.data, "a\003b");
    cr_assert_eq(packet_get(&p, -1), PACKET_BREAK);
    packets_free(&p);
}

Test(packet, a_packet_that_was_cut_off_is_forgotten)
{
    struct packets p;
    begin_text(&p, "$abc$OK#9a");
    cr_assert_eq(packet_get(&p, -1), PACKET_DATA);
    cr_assert_str_eq(p.data, "OK");
    packets_free(&p);
}

Test(packet, escapes_are_undone)
{
    struct packets p;
    begin(&p, "$a}\003}]}\004#3c", 11);
    cr_assert_eq(packet_get(&p, -1), PACKET_DATA);
    cr_assert_eq(p.len, 4);
    cr_assert_eq(memcmp(p.data, "a#}$", 4), 0);
    packets_free(&p);
}

Test(packet, too_long_is_said_and_survived)
{
    static char in[2 * PACKET_MAX];
    struct packets p;
    size_t n = 0;
    in[n++] = '$';
    memset(in + n, 0x80, PACKET_MAX + 4096);
    n += PACKET_MAX + 4096;
    memcpy(in + n, "#00$OK#9a", 9);
    begin(&p, in, n + 9);
    cr_assert_eq(packet_get(&p, -1), PACKET_TOO_BIG);
    cr_assert_eq(packet_get(&p, -1), PACKET_DATA);
    cr_assert_str_eq(p.data, "OK");
    packets_free(&p);
}

/* What a client does with a reply: the runs first, then the escapes. */
static size_t decode(const char *in, size_t len, char *out)
{
    char plain[2 * PACKET_MAX];
    size_t n = 0, m = 0;
    for (size_t i = 0; i < len; i++) {
        if (in[i] != '*') {
            plain[n++] = in[i];
            continue;
        }
        int count = in[++i] - 29;
        cr_assert(count >= 3 && in[i] <= 126, "run of %d", count);
        cr_assert_null(strchr("#$+-", in[i]));
        for (char c = plain[n - 1]; count > 0; count--)
            plain[n++] = c;
    }
    for (size_t i = 0; i < n; i++)
        out[m++] = plain[i] == '}' ? plain[++i] ^ 0x20 : plain[i];
    return m;
}

Test(packet, what_is_sent_can_be_read)
{
    static char data[5000], out[2 * PACKET_MAX];
    struct packets p;
    begin_text(&p, "");
    srand(1);
    for (int round = 0; round < 2000; round++) {
        size_t len = (size_t)rand() % sizeof(data), n = 0;
        while (n < len) {
            size_t run = rand() % 3 ? 1 : (size_t)rand() % 120;
            int c = rand() % 4 ? "0f#$}*+-"[rand() % 8] : rand();
            for (; run > 0 && n < len; run--)
                data[n++] = (char)c;
        }
        wire.out_len = 0;
        cr_assert_eq(packet_put(&p, data, len), 0);
        cr_assert_eq(wire.out[0], '$');
        cr_assert_eq(wire.out[wire.out_len - 3], '#');
        cr_assert_null(memchr(wire.out + 1, '$', wire.out_len - 1));
        cr_assert_eq(decode(wire.out + 1, wire.out_len - 4, out), len);
        cr_assert_eq(memcmp(out, data, len), 0, "round %d", round);
    }
    packets_free(&p);
}

Test(packet, too_long_is_not_sent)
{
    static char data[PACKET_MAX + 1];
    struct packets p;
    begin_text(&p, "");
    memset(data, 'x', sizeof(data));
    cr_assert_eq(packet_put(&p, data, PACKET_MAX), 0);
    cr_assert_eq(packet_put(&p, data, PACKET_MAX + 1), -EMSGSIZE);
    memset(data, '#', sizeof(data));
    cr_assert_eq(packet_put(&p, data, PACKET_MAX / 2), 0);
    cr_assert_eq(packet_put(&p, data, PACKET_MAX / 2 + 1), -EMSGSIZE);
    cr_assert_eq(packet_fit(data, sizeof(data), 7), 3);
    packets_free(&p);
}
