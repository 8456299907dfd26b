/* Limits, full disks, the size cap, and callers that break the rules. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "samples.h"

static unsigned char big[TF_EVENT_MAX + 1];

static struct tf_writer *open_writer(int fd, const struct tf_writer_options *options)
{
    struct tf_writer *w = NULL;

    cr_assert_eq(tf_writer_open(&w, fd, "header", 6, options), 0);
    return w;
}

Test(limits, sizes)
{
    struct tf_writer *w = open_writer(sample_file(), NULL);
    struct tf_digest digest;

    cr_expect_eq(tf_writer_event(w, big, 0), -EINVAL);
    cr_expect_eq(tf_writer_event(w, big, TF_EVENT_MAX + 1), TF_E_TOO_BIG);
    cr_expect_eq(tf_writer_event(w, big, TF_EVENT_MAX), 0);
    cr_expect_eq(tf_writer_blob(w, big, 0, &digest), -EINVAL);
    cr_expect_eq(tf_writer_blob(w, big, TF_BLOB_MAX + 1, &digest), TF_E_TOO_BIG);
    cr_expect_eq(tf_writer_blob(w, big, TF_BLOB_MAX, &digest), 0);
    cr_expect_eq(tf_writer_blob_frame(w, &digest, big, 10, TF_BLOB_MAX + 1), TF_E_TOO_BIG);
    cr_expect_eq(tf_writer_blob_frame(w, &digest, big, 1000, 10), TF_E_TOO_BIG);
    cr_expect_eq(tf_writer_blob_frame(w, &digest, big, 0, 10), -EINVAL);
    cr_expect_eq(tf_writer_close(w, NULL, 0), 0);
    cr_expect_eq(tf_blob_compress(big, 10, big, 0, 1), TF_E_TOO_BIG);
    cr_expect_eq(tf_blob_compress(big, 3, big, 1000, 1), TF_E_TOO_BIG);
}

Test(limits, header_too_big)
{
    struct tf_writer *w;
    int fd = sample_file(), copy = dup(fd);

    cr_expect_eq(tf_writer_open(&w, fd, big, (size_t)TF_HEADER_MAX + 1, NULL), TF_E_TOO_BIG);
    cr_expect_eq(fcntl(fd, F_GETFD), -1); /* taken over and closed */
    close(copy);
}

Test(limits, objects_that_break_the_rules)
{
    struct tf_writer *w = open_writer(sample_file(), NULL);
    struct tf_extent e[2] = {{.offset = 0, .len = 10}, {.offset = 20, .len = 10}};
    struct tf_object object = {.id = 1, .generation = 1, .size = 30, .extents = e};

    object.extent_count = 2;
    cr_expect_eq(tf_writer_object(w, &object), TF_E_NOT_FOUND); /* blob not stored */
    cr_assert_eq(tf_writer_blob(w, big, 10, &e[0].digest), 0);
    e[1].digest = e[0].digest;
    e[1].offset = 5;
    cr_expect_eq(tf_writer_object(w, &object), -EINVAL); /* overlap */
    e[1].offset = 21;
    cr_expect_eq(tf_writer_object(w, &object), -EINVAL); /* behind the file's end */
    e[1].offset = UINT64_MAX;
    cr_expect_eq(tf_writer_object(w, &object), -EINVAL);
    e[1].offset = 20;
    memset(object.path, 'x', sizeof(object.path));
    cr_expect_eq(tf_writer_object(w, &object), TF_E_TOO_BIG); /* path without end */
    object.path[TF_PATH_MAX - 1] = '\0';
    cr_expect_eq(tf_writer_object(w, &object), 0);
    cr_expect_eq(tf_writer_object(w, &object), -EEXIST);
    object.generation = 0;
    cr_expect_eq(tf_writer_object(w, &object), -EINVAL);
    cr_expect_eq(tf_writer_close(w, NULL, 0), 0);
}

/* Writes events until an error comes, within a bound that must suffice. */
static int write_until_error(struct tf_writer *w)
{
    uint64_t seed = 1;
    int rc = 0;

    for (int i = 0; i < 40000 && rc == 0; i++) {
        for (size_t k = 0; k < 4096; k += 8) {
            uint64_t v = sample_random(&seed);
            memcpy(big + k, &v, 8);
        }
        rc = tf_writer_event(w, big, 4096);
    }
    return rc;
}

Test(limits, full_disk)
{
    int fd = open("/dev/full", O_WRONLY);
    struct tf_writer *w;

    cr_assert_geq(fd, 0);
    cr_expect_eq(tf_writer_open(&w, fd, "header", 6, NULL), -ENOSPC);
}

/* Reads all events of a cut trace; returns how many, after checking that it is whole. */
static uint64_t expect_whole(int fd)
{
    struct tf_reader *r;
    struct tf_info info;
    uint64_t bad;

    cr_assert_eq(tf_reader_open(&r, dup(fd)), 0);
    tf_reader_info(r, &info);
    cr_expect_eq(info.good_bytes, info.file_bytes);
    cr_expect_eq(info.complete, 0);
    cr_expect_eq(info.damage, 0);
    cr_expect_eq(tf_reader_verify(r, &bad), 0);
    tf_reader_close(r);
    return info.events;
}

/* A disk that fills up in the middle: here by the file size limit, which cuts a write
 * short and then fails, as a full disk does. */
Test(limits, disk_fills_up)
{
    struct rlimit limit = {1500000, 1500000};
    char path[] = "/tmp/rrl-trace-XXXXXX";
    int fd = mkstemp(path), rc;
    struct tf_writer *w = open_writer(dup(fd), NULL);

    unlink(path);
    signal(SIGXFSZ, SIG_DFL); /* the writer's thread must not be killed by it */
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    rc = write_until_error(w);
    cr_expect_eq(rc, -EFBIG, "got %d", rc);
    cr_expect_eq(tf_writer_event(w, "x", 1), -EFBIG);
    cr_expect_eq(tf_writer_flush(w), -EFBIG);
    cr_expect_eq(tf_writer_close(w, "footer", 6), -EFBIG);
    cr_expect_gt(expect_whole(fd), 100);
    close(fd);
}

Test(limits, size_cap)
{
    struct tf_writer_options options = {.max_size = 3000000};
    int fd = sample_file();
    struct tf_writer *w = open_writer(dup(fd), &options);

    cr_expect_eq(write_until_error(w), TF_E_LIMIT);
    cr_expect_eq(tf_writer_close(w, "footer", 6), TF_E_LIMIT);
    cr_expect_leq(lseek(fd, 0, SEEK_END), 3000000);
    cr_expect_gt(expect_whole(fd), 400);
    close(fd);
}

Test(limits, reader_went_away, .signal = 0)
{
    struct tf_writer *w;
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    signal(SIGPIPE, SIG_DFL); /* the writer's thread must not be killed by it */
    w = open_writer(fds[1], NULL);
    close(fds[0]);
    cr_expect_eq(write_until_error(w), -EPIPE);
    tf_writer_abandon(w);
}

Test(limits, bad_descriptors)
{
    struct tf_writer *w;
    struct tf_reader *r;
    int fds[2];

    cr_expect_eq(tf_writer_open(&w, open("/dev/null", O_RDONLY), "h", 1, NULL), -EBADF);
    cr_assert_eq(pipe(fds), 0);
    cr_expect_eq(tf_reader_open(&r, fds[0]), -ESPIPE);
    close(fds[1]);
    cr_expect_eq(tf_reader_open(&r, open("/", O_RDONLY)), -EISDIR);
}

Test(limits, every_error_has_its_message)
{
    for (int e = TF_E_LIMIT; e <= TF_E_NOT_A_TRACE; e++)
        for (int f = e + 1; f <= TF_E_NOT_A_TRACE; f++)
            cr_expect_str_neq(tf_strerror(e), tf_strerror(f));
    cr_expect_str_eq(tf_strerror(-ENOSPC), strerror(ENOSPC));
    cr_expect_str_eq(tf_strerror(TF_E_LIMIT - 1), "unknown trace error");
}
