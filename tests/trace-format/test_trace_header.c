/* The header's container: sections, text values, and bytes that are no container. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "trace-format/header.h"

static const char text[] = "tool=rr-like 1\nempty=\ntool2=x\nlast=no newline";

static void *build(size_t *len)
{
    const struct tf_section sections[] = {
        {TF_SECTION_TEXT, text, sizeof(text) - 1},
        {TF_SECTION_BOOT, "0123456789", 10},
        {77, NULL, 0},
        {TF_SECTION_IMAGE, "abc", 3},
    };
    void *out = NULL;

    cr_assert_eq(tf_header_build(sections, 4, &out, len), 0);
    return out;
}

Test(header, sections_come_back)
{
    struct tf_header header;
    const struct tf_section *s;
    size_t len;
    void *data = build(&len);

    cr_assert_eq(tf_header_parse(data, len, &header), 0);
    cr_expect_eq(header.count, 4);
    s = tf_header_find(&header, TF_SECTION_BOOT);
    cr_assert_not_null(s);
    cr_expect(s->len == 10 && memcmp(s->data, "0123456789", 10) == 0);
    cr_expect_eq((uintptr_t)s->data % 8, 0);
    cr_expect_eq(tf_header_find(&header, 77)->len, 0);
    cr_expect_null(tf_header_find(&header, 78));
    free(data);
}

Test(header, text_values)
{
    struct tf_header header;
    char buf[32];
    size_t len;
    void *data = build(&len);

    cr_assert_eq(tf_header_parse(data, len, &header), 0);
    cr_expect_eq(tf_header_text(&header, "tool", buf, sizeof(buf)), 9);
    cr_expect_str_eq(buf, "rr-like 1");
    cr_expect_eq(tf_header_text(&header, "tool", buf, 9), TF_E_TOO_BIG);
    cr_expect_eq(tf_header_text(&header, "empty", buf, sizeof(buf)), 0);
    cr_expect_str_eq(buf, "");
    cr_expect_eq(tf_header_text(&header, "last", buf, sizeof(buf)), 10);
    cr_expect_eq(tf_header_text(&header, "too", buf, sizeof(buf)), TF_E_NOT_FOUND);
    free(data);
}

Test(header, refuses_what_does_not_fit)
{
    struct tf_section many[TF_SECTIONS_MAX + 1] = {{0}};
    struct tf_section big = {TF_SECTION_TEXT, text, (size_t)TF_HEADER_MAX + 1};
    size_t len;
    void *out;

    cr_expect_eq(tf_header_build(many, 1, &out, &len), -EINVAL); /* tag 0 */
    cr_expect_eq(tf_header_build(many, TF_SECTIONS_MAX + 1, &out, &len), -EINVAL);
    cr_expect_eq(tf_header_build(&big, 1, &out, &len), TF_E_TOO_BIG);
}

/* Whatever the bytes say, sections lie inside them. */
static void expect_inside(const unsigned char *data, size_t len)
{
    struct tf_header header;
    char buf[64];

    if (tf_header_parse(data, len, &header) < 0)
        return;
    for (size_t i = 0; i < header.count; i++) {
        const unsigned char *p = header.sections[i].data;
        cr_assert(p >= data && p <= data + len);
        cr_assert_leq(header.sections[i].len, (size_t)(data + len - p));
    }
    tf_header_text(&header, "last", buf, sizeof(buf));
}

Test(header, cut_and_mutated_bytes)
{
    size_t len;
    unsigned char *data = build(&len);
    uint64_t seed = 1;

    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *exact = malloc(cut + 1); /* its end is where a sanitizer looks */
        memcpy(exact, data, cut);
        expect_inside(exact, cut);
        free(exact);
    }
    for (int i = 0; i < 100000; i++) {
        size_t at = sample_random(&seed) % len;
        unsigned char old = data[at];
        data[at] = (unsigned char)sample_random(&seed);
        expect_inside(data, len);
        data[at] = old;
    }
    free(data);
}
