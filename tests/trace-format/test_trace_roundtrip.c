/* What is written is read back, in order, by number, and from any place. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "samples.h"

static struct tf_reader *open_sample(void)
{
    int fd = sample_file(), copy = dup(fd);
    struct tf_reader *r = NULL;

    cr_assert_eq(sample_write(fd), 0);
    cr_assert_eq(tf_reader_open(&r, copy), 0);
    return r;
}

/* The next event is number n of the sample, or the end when n is behind the last. */
static void expect_event(struct tf_reader *r, uint64_t n)
{
    unsigned char expected[SAMPLE_EVENT_ROOM];
    const void *data;
    size_t len;

    if (n > SAMPLE_EVENTS) {
        cr_expect_eq(tf_reader_next(r, &data, &len), 0);
        return;
    }
    cr_assert_eq(tf_reader_next(r, &data, &len), 1);
    cr_assert_eq(len, sample_event(n, expected), "event %lu", n);
    cr_expect_eq(memcmp(data, expected, len), 0, "event %lu", n);
    cr_expect_eq((uintptr_t)data % 8, 0);
}

Test(roundtrip, events_in_order)
{
    struct tf_reader *r = open_sample();

    for (uint64_t n = 1; n <= SAMPLE_EVENTS + 2; n++)
        expect_event(r, n);
    tf_reader_close(r);
}

Test(roundtrip, seek_to_every_event)
{
    struct tf_reader *r = open_sample();

    for (uint64_t n = SAMPLE_EVENTS + 1; n >= 1; n--) {
        cr_assert_eq(tf_reader_seek(r, n), 0);
        expect_event(r, n);
        expect_event(r, n + 1);
    }
    cr_expect_eq(tf_reader_seek(r, 0), TF_E_NOT_FOUND);
    cr_expect_eq(tf_reader_seek(r, SAMPLE_EVENTS + 2), TF_E_NOT_FOUND);
    tf_reader_close(r);
}

Test(roundtrip, header_footer_info)
{
    struct tf_reader *r = open_sample();
    struct tf_info info;
    const void *data;
    uint64_t bad;
    size_t len;

    cr_assert_eq(tf_reader_header(r, &data, &len), 0);
    cr_expect(len == strlen(SAMPLE_HEADER) && memcmp(data, SAMPLE_HEADER, len) == 0);
    cr_assert_eq(tf_reader_footer(r, &data, &len), 0);
    cr_expect(len == strlen(SAMPLE_FOOTER) && memcmp(data, SAMPLE_FOOTER, len) == 0);
    tf_reader_info(r, &info);
    cr_expect_eq(info.version, TF_VERSION);
    cr_expect_eq(info.complete, 1);
    cr_expect_eq(info.damage, 0);
    cr_expect_eq(info.good_bytes, info.file_bytes);
    cr_expect_eq(info.events, SAMPLE_EVENTS);
    cr_expect_eq(info.blobs, 4);
    cr_expect_eq(info.blob_bytes, 2 * (SAMPLE_BLOB_LEN + 20));
    cr_expect_eq(info.objects, 2);
    cr_expect_eq(tf_reader_verify(r, &bad), 0);
    tf_reader_close(r);
}

Test(roundtrip, objects_read_like_files)
{
    static unsigned char expected[6000], found[6100];
    struct tf_reader *r = open_sample();
    const struct tf_object *object, *same;

    cr_assert_eq(tf_reader_object(r, 2, 1, &object), 0);
    cr_expect_str_eq(object->path, "/sample/file");
    cr_expect_eq(object->size, 6000);
    cr_expect_eq(object->mtime_ns, 12345);
    cr_assert_eq(tf_reader_object_at(r, 1, &same), 0);
    cr_expect_eq(object, same);
    cr_expect_eq(tf_reader_object_at(r, 2, &same), TF_E_NOT_FOUND);
    cr_expect_eq(tf_reader_object(r, 2, 2, &same), TF_E_NOT_FOUND);

    sample_bytes(expected + 100, SAMPLE_BLOB_LEN, 2);
    memcpy(expected + 5000, expected + 100, 20);
    for (size_t offset = 0; offset < sizeof(expected); offset += 7) {
        size_t len = offset % 300, left = sizeof(expected) - offset;
        size_t want = len < left ? len : left;
        memset(found, 0xaa, sizeof(found));
        cr_assert_eq(tf_reader_object_read(r, object, found, len, offset), (int64_t)want);
        cr_expect_eq(memcmp(found, expected + offset, want), 0);
        cr_expect_eq(found[want], 0xaa);
    }
    cr_expect_eq(tf_reader_object_read(r, object, found, sizeof(found), 0), 6000);
    cr_expect_eq(memcmp(found, expected, 6000), 0);
    cr_expect_eq(tf_reader_object_read(r, object, found, 10, 6000), 0);
    cr_expect_eq(tf_reader_object_read(r, object, found, 10, UINT64_MAX), 0);
    tf_reader_close(r);
}

Test(roundtrip, blobs_by_name)
{
    unsigned char expected[SAMPLE_BLOB_LEN], found[SAMPLE_BLOB_LEN];
    struct tf_reader *r = open_sample();
    struct tf_digest digest;

    sample_bytes(expected, sizeof(expected), 1);
    digest = tf_digest(expected, sizeof(expected));
    cr_assert_eq(tf_reader_blob(r, &digest, found, sizeof(found)), SAMPLE_BLOB_LEN);
    cr_expect_eq(memcmp(found, expected, sizeof(found)), 0);
    cr_expect_eq(tf_reader_blob(r, &digest, found, SAMPLE_BLOB_LEN - 1), TF_E_TOO_BIG);
    digest.w[1]++;
    cr_expect_eq(tf_reader_blob(r, &digest, found, sizeof(found)), TF_E_NOT_FOUND);
    tf_reader_close(r);
}

/* The same input gives the same file, however the threads are scheduled. */
Test(roundtrip, output_is_deterministic)
{
    size_t len, len2;
    unsigned char *first = sample_trace(&len);

    for (int i = 0; i < 20; i++) {
        unsigned char *again = sample_trace(&len2);
        cr_assert_eq(len, len2);
        cr_assert_eq(memcmp(first, again, len), 0);
        free(again);
    }
    free(first);
}

/* A large trace with uneven events: frames are cut at the same places every time. */
static uint64_t write_large(uint32_t frame_bytes)
{
    static unsigned char event[TF_EVENT_MAX];
    struct tf_writer_options options = {.frame_bytes = frame_bytes};
    int fd = sample_file(), copy = dup(fd);
    uint64_t seed = 1, hash;
    struct tf_writer *w;
    struct tf_digest digest;
    size_t len;
    void *data;

    cr_assert_eq(tf_writer_open(&w, fd, NULL, 0, &options), 0);
    for (int i = 0; i < 3000; i++) {
        len = 1 + sample_random(&seed) % (i % 500 == 0 ? sizeof(event) : 900);
        sample_bytes(event, len < 4000 ? len : 4000, (uint64_t)i);
        cr_assert_eq(tf_writer_event(w, event, len), 0);
        if (i % 100 == 0)
            cr_assert_eq(tf_writer_blob(w, event, len, &digest), 0);
    }
    cr_assert_eq(tf_writer_close(w, NULL, 0), 0);
    data = sample_slurp(copy, &len);
    close(copy);
    hash = tf_digest(data, len).w[0];
    free(data);
    return hash;
}

Test(roundtrip, large_output_is_deterministic)
{
    uint64_t first = write_large(0), small = write_large(5000);

    cr_expect_neq(first, small);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(write_large(0), first);
        cr_expect_eq(write_large(5000), small);
    }
}

Test(roundtrip, ready_frames_equal_compressed_blobs)
{
    static unsigned char data[100000], frame[110000];
    struct tf_digest digest = {{0, 0}}, other;
    size_t len[2];
    void *file[2];

    sample_bytes(data, sizeof(data), 5);
    for (int ready = 0; ready < 2; ready++) {
        int fd = sample_file(), copy = dup(fd);
        struct tf_writer *w;
        cr_assert_eq(tf_writer_open(&w, fd, "h", 1, NULL), 0);
        if (ready) {
            int64_t n = tf_blob_compress(frame, sizeof(frame), data, sizeof(data), 0);
            cr_assert_gt(n, 0);
            digest = tf_digest(data, sizeof(data));
            cr_expect_not(tf_writer_has_blob(w, &digest));
            cr_assert_eq(tf_writer_blob_frame(w, &digest, frame, (size_t)n, sizeof(data)), 0);
        }
        /* Stored already, or not: the file holds it once. */
        cr_assert_eq(tf_writer_blob(w, data, sizeof(data), &other), 0);
        cr_expect(tf_writer_has_blob(w, &other));
        cr_assert_eq(tf_writer_close(w, "f", 1), 0);
        file[ready] = sample_slurp(copy, &len[ready]);
        close(copy);
    }
    cr_assert_eq(len[0], len[1]);
    cr_expect_eq(memcmp(file[0], file[1], len[0]), 0);
    free(file[0]);
    free(file[1]);
}

Test(roundtrip, flush_makes_events_readable)
{
    int fd = sample_file();
    struct tf_writer_stats stats;
    struct tf_writer *w;
    struct tf_reader *r;
    struct tf_info info;

    cr_assert_eq(tf_writer_open(&w, dup(fd), "h", 1, NULL), 0);
    for (uint64_t n = 1; n <= 5; n++) {
        cr_assert_eq(tf_writer_event(w, "event", 5), 0);
        cr_assert_eq(tf_writer_flush(w), 0);
        cr_assert_eq(tf_reader_open(&r, dup(fd)), 0);
        tf_reader_info(r, &info);
        cr_expect_eq(info.events, n);
        cr_expect_eq(info.complete, 0);
        tf_writer_stats(w, &stats);
        cr_expect_eq(stats.file_bytes, info.file_bytes);
        cr_expect_eq(stats.events, n);
        tf_reader_close(r);
    }
    tf_writer_abandon(w);
    close(fd);
}

/* The file is an ordinary series of zstd frames for zstd's own tool. */
Test(roundtrip, zstd_accepts_it)
{
    char path[] = "/tmp/rrl-trace-XXXXXX", command[200];
    int fd = mkstemp(path);

    if (system("zstd --version >/dev/null 2>&1") != 0) {
        close(fd);
        unlink(path);
        cr_skip_test("the zstd tool is not installed");
    }
    cr_assert_eq(sample_write(fd), 0);
    snprintf(command, sizeof(command),
             "zstd -q -t < %s && test $(zstd -q -d -c < %s | wc -c) -gt %u", path, path,
             2 * SAMPLE_BLOB_LEN);
    cr_expect_eq(system(command), 0);
    unlink(path);
}
