/* Cut, flipped, spliced: what is whole is read, and everything else is reported. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "samples.h"
#include "trace-format/format.h"

struct outcome {
    int open, end; /* of tf_reader_open; of the tf_reader_next that was not 1 */
    int verify;    /* of tf_reader_verify */
    int complete;
    int wrong;       /* an event differed from the sample's */
    uint64_t events; /* read before the end */
    struct tf_info info;
};

static void read_events(struct tf_reader *r, struct outcome *o)
{
    unsigned char expected[SAMPLE_EVENT_ROOM];
    const void *data;
    size_t len;

    while ((o->end = tf_reader_next(r, &data, &len)) == 1) {
        o->events++;
        if (o->events > SAMPLE_EVENTS || len != sample_event(o->events, expected) ||
            memcmp(data, expected, len) != 0)
            o->wrong = 1;
    }
}

static struct outcome look(const void *data, size_t len)
{
    struct outcome o = {0};
    struct tf_reader *r;
    uint64_t bad;

    o.open = tf_reader_open(&r, sample_file_of(data, len));
    if (o.open < 0)
        return o;
    tf_reader_info(r, &o.info);
    o.complete = o.info.complete;
    read_events(r, &o);
    o.verify = tf_reader_verify(r, &bad);
    tf_reader_close(r);
    return o;
}

/* Events in whole units of the first `len` bytes: an independent walk over the tags. */
static uint64_t whole_events(const unsigned char *data, size_t len, int *header)
{
    size_t at = sizeof(struct tf_start);
    uint64_t events = 0;
    struct tf_tag tag;

    *header = 0;
    while (at + sizeof(tag) <= len) {
        memcpy(&tag, data + at, sizeof(tag));
        at += sizeof(tag) + tag.packed;
        if (tag.magic != TF_TAG_MAGIC || at > len)
            break;
        *header = 1;
        events += tag.kind == TF_KIND_EVENTS ? tag.count : 0;
    }
    return events;
}

Test(damage, cut_at_every_byte)
{
    size_t len;
    unsigned char *data = sample_trace(&len);

    for (size_t cut = 0; cut < len; cut++) {
        struct outcome o = look(data, cut);
        int header;
        uint64_t events = whole_events(data, cut, &header);
        if (!header) {
            cr_expect_eq(o.open, TF_E_TRUNCATED, "cut at %zu: %d", cut, o.open);
            continue;
        }
        cr_expect_eq(o.open, 0, "cut at %zu: %d", cut, o.open);
        cr_expect(o.end == 0 && o.verify == 0 && !o.wrong && !o.complete && o.info.damage == 0,
                  "cut at %zu: end %d verify %d", cut, o.end, o.verify);
        cr_expect_eq(o.events, events, "cut at %zu", cut);
        cr_expect_eq(o.info.events, events, "cut at %zu", cut);
    }
    free(data);
}

Test(damage, every_flipped_bit)
{
    size_t len;
    unsigned char *data = sample_trace(&len);

    for (size_t i = 0; i < len * 8; i++) {
        struct outcome o;
        data[i / 8] ^= (unsigned char)(1u << i % 8);
        o = look(data, len);
        data[i / 8] ^= (unsigned char)(1u << i % 8);
        cr_expect(!o.wrong, "bit %zu of byte %zu gave a wrong event", i % 8, i / 8);
        if (o.open == 0)
            cr_expect_eq(o.verify, TF_E_CORRUPT, "bit %zu of byte %zu unnoticed", i % 8, i / 8);
    }
    free(data);
}

/* The units of the sample, as byte ranges; [0] is the start frame, the last the table. */
static size_t split(const unsigned char *data, size_t len, size_t *starts, size_t max)
{
    size_t count = 0, at = sizeof(struct tf_start);
    struct tf_tag tag;

    starts[count++] = 0;
    while (count < max - 1) {
        starts[count++] = at;
        memcpy(&tag, data + at, sizeof(tag));
        if (tag.magic != TF_TAG_MAGIC)
            break;
        at += sizeof(tag) + tag.packed;
    }
    starts[count] = len;
    return count;
}

Test(damage, removed_repeated_and_swapped_units)
{
    size_t len, starts[64], count;
    unsigned char *data = sample_trace(&len), *bent = malloc(2 * len);

    count = split(data, len, starts, 64);
    cr_assert_gt(count, 10);
    for (size_t i = 1; i + 1 < count; i++) {
        size_t a = starts[i], b = starts[i + 1], c = starts[i + 2], n;
        struct outcome o;
        /* removed */
        memcpy(bent, data, a);
        memcpy(bent + a, data + b, len - b);
        o = look(bent, len - (b - a));
        cr_expect(!o.wrong && (o.open < 0 || o.verify == TF_E_CORRUPT), "removed %zu", i);
        /* repeated */
        memcpy(bent, data, b);
        memcpy(bent + b, data + a, len - a);
        o = look(bent, len + (b - a));
        cr_expect(!o.wrong && (o.open < 0 || o.verify == TF_E_CORRUPT), "repeated %zu", i);
        /* swapped with the next */
        n = a;
        memcpy(bent, data, a);
        memcpy(bent + n, data + b, c - b);
        n += c - b;
        memcpy(bent + n, data + a, b - a);
        memcpy(bent + c, data + c, len - c);
        o = look(bent, len);
        cr_expect(!o.wrong && (o.open < 0 || o.verify == TF_E_CORRUPT), "swapped %zu", i);
    }
    free(bent);
    free(data);
}

Test(damage, events_before_the_damage_are_read)
{
    size_t len, starts[64], count;
    unsigned char *data = sample_trace(&len);
    struct outcome o;
    int header;

    count = split(data, len, starts, 64);
    data[starts[count - 3] + sizeof(struct tf_tag) + 9] ^= 0x40; /* last events frame */
    o = look(data, len);
    cr_expect_eq(o.open, 0);
    cr_expect_eq(o.end, TF_E_CORRUPT);
    cr_expect_eq(o.events, whole_events(data, starts[count - 3], &header));
    cr_expect_gt(o.events, 70);
    free(data);
}

Test(damage, rubbish_behind_the_end)
{
    size_t len;
    unsigned char *data = sample_trace(&len);
    struct outcome o;

    data = realloc(data, len + 100);
    memset(data + len, 0, 100);
    o = look(data, len + 100);
    cr_expect(o.open == 0 && o.end == TF_E_CORRUPT && o.verify == TF_E_CORRUPT && !o.complete);
    cr_expect_eq(o.events, SAMPLE_EVENTS);
    cr_expect_eq(o.info.good_bytes, len);
    free(data);
}

Test(damage, other_files)
{
    static const char text[] = "this is no trace, but it is longer than a start frame is";
    size_t len;
    unsigned char *data = sample_trace(&len);
    struct tf_start start;

    cr_expect_eq(look(text, sizeof(text)).open, TF_E_NOT_A_TRACE);
    cr_expect_eq(look(text, 5).open, TF_E_NOT_A_TRACE);
    memcpy(&start, data, sizeof(start));
    start.version = TF_VERSION + 1;
    start.check = tf_xxh64(&start, offsetof(struct tf_start, check), 0);
    memcpy(data, &start, sizeof(start));
    cr_expect_eq(look(data, len).open, TF_E_VERSION);
    free(data);
}

/* A tag with a right check that claims contents which are not there. */
static struct outcome look_claiming(uint32_t kind, uint32_t packed, uint32_t length, uint32_t count)
{
    size_t len, starts[64];
    unsigned char *data = sample_trace(&len);
    struct tf_tag tag, before;
    struct outcome o;

    split(data, len, starts, 64);
    memcpy(&before, data + starts[1], sizeof(before));
    tag = (struct tf_tag){.sequence = 2,
                          .kind = kind,
                          .packed = packed,
                          .length = length,
                          .count = count,
                          .first = kind == TF_KIND_EVENTS};
    tf_tag_seal(&tag, before.chain);
    memcpy(data + starts[2], &tag, sizeof(tag));
    o = look(data, len);
    free(data);
    return o;
}

Test(damage, huge_claims)
{
    static const uint32_t sizes[] = {0, 1, 100, 4096, 1u << 20, 64u << 20, 0x7fffffff, 0xffffffff};
    const size_t n = sizeof(sizes) / sizeof(sizes[0]);

    for (uint32_t kind = 0; kind < 7; kind++)
        for (size_t i = 0; i < n * n * n; i++) {
            struct outcome o =
                look_claiming(kind, sizes[i % n], sizes[i / n % n], sizes[i / n / n]);
            cr_expect(o.open == 0 && !o.wrong && o.events == 0 && !o.complete,
                      "kind %u packed %u length %u count %u", kind, sizes[i % n], sizes[i / n % n],
                      sizes[i / n / n]);
        }
}
