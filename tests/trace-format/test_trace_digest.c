/* XXH64 against values computed by other implementations of its specification. */
#include <criterion/criterion.h>
#include <string.h>

#include "trace-format/format.h"

Test(digest, known_values)
{
    cr_expect_eq(tf_xxh64("", 0, 0), 0xEF46DB3751D8E999ull);
    cr_expect_eq(tf_xxh64("a", 1, 0), 0xD24EC4F1A98C6E5Bull);
    cr_expect_eq(tf_xxh64("abc", 3, 0), 0x44BC2CF5AD770999ull);
}

/* zstd stores the low 32 bits of XXH64 of the contents as the last bytes of a frame: its
 * own implementation is the oracle, for every length that takes another path. */
Test(digest, agrees_with_zstd)
{
    unsigned char data[200], frame[400];
    uint32_t stored;

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 37 + 11);
    for (size_t len = 1; len <= sizeof(data); len++) {
        int64_t n = tf_blob_compress(frame, sizeof(frame), data, len, 1);
        cr_assert_gt(n, 8);
        memcpy(&stored, frame + n - 4, 4);
        cr_expect_eq(stored, (uint32_t)tf_xxh64(data, len, 0), "length %zu", len);
    }
}

Test(digest, halves_differ_and_depend_on_every_byte)
{
    unsigned char data[100] = {0};
    struct tf_digest zero = tf_digest(data, sizeof(data));

    cr_expect_neq(zero.w[0], zero.w[1]);
    for (size_t i = 0; i < sizeof(data); i++) {
        struct tf_digest d;
        data[i] = 1;
        d = tf_digest(data, sizeof(data));
        data[i] = 0;
        cr_expect(d.w[0] != zero.w[0] && d.w[1] != zero.w[1], "byte %zu", i);
    }
}
