/* The blob cache: hits, misses, damage, size, and other people's directories. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "samples.h"
#include "trace-format/blobcache.h"

static char dir[40];

static void setup(void)
{
    strcpy(dir, "/tmp/rrl-cache-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
}

/* Calls `visit` for each file of the cache; returns how many there are. */
static int each_file(void (*visit)(const char *path))
{
    DIR *d = opendir(dir);
    struct dirent *e;
    char path[400];
    int count = 0;

    while ((e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        count++;
        if (visit != NULL)
            visit(path);
    }
    closedir(d);
    return count;
}

static void remove_file(const char *path)
{
    unlink(path);
}

static void teardown(void)
{
    each_file(remove_file);
    rmdir(dir);
}

TestSuite(blobcache, .init = setup, .fini = teardown);

static struct tf_blobcache *open_cache(uint64_t max_bytes)
{
    struct tf_blobcache *cache = NULL;

    cr_assert_eq(tf_blobcache_open(&cache, dir, max_bytes), 0);
    return cache;
}

static struct tf_file_identity identity(uint64_t ino)
{
    return (struct tf_file_identity){
        .dev = 1, .ino = ino, .size = 5000, .mtime_ns = 1000, .ctime_ns = 2000};
}

/* Stores two blobs of file `ino`: its bytes depend on it. */
static int store(struct tf_blobcache *cache, const struct tf_file_identity *id)
{
    unsigned char data[2][1000], frame[2][1200];
    struct tf_cache_blob blobs[2];

    for (int i = 0; i < 2; i++) {
        sample_bytes(data[i], sizeof(data[i]), id->ino * 2 + (uint64_t)i);
        blobs[i] = (struct tf_cache_blob){
            .extent = {.offset = (uint64_t)i * 3000,
                       .len = 1000,
                       .digest = tf_digest(data[i], sizeof(data[i]))},
            .frame = frame[i],
            .frame_len = (size_t)tf_blob_compress(frame[i], sizeof(frame[i]), data[i], 1000, 0)};
    }
    return tf_blobcache_store(cache, id, 0, 5000, blobs, 2);
}

/* Finds the entry of `ino` and plays it into a trace, whose blobs must be right. */
static void expect_hit(struct tf_blobcache *cache, const struct tf_file_identity *id)
{
    unsigned char expected[1000], found[1000];
    struct tf_cache_entry *entry;
    const struct tf_extent *extents;
    int fd = sample_file();
    struct tf_writer *w;
    struct tf_reader *r;
    uint32_t count;

    cr_assert_eq(tf_blobcache_lookup(cache, id, 0, 5000, &entry), 0);
    extents = tf_cache_entry_extents(entry, &count);
    cr_assert_eq(count, 2);
    cr_assert_eq(tf_writer_open(&w, dup(fd), NULL, 0, NULL), 0);
    cr_assert_eq(tf_cache_entry_append(entry, w), 0);
    cr_assert_eq(tf_writer_close(w, NULL, 0), 0);
    cr_assert_eq(tf_reader_open(&r, fd), 0);
    for (uint64_t i = 0; i < 2; i++) {
        sample_bytes(expected, sizeof(expected), id->ino * 2 + i);
        cr_assert_eq(tf_reader_blob(r, &extents[i].digest, found, sizeof(found)), 1000);
        cr_expect_eq(memcmp(found, expected, sizeof(found)), 0);
    }
    tf_reader_close(r);
    tf_cache_entry_release(entry);
}

static int lookup(struct tf_blobcache *cache, const struct tf_file_identity *id)
{
    struct tf_cache_entry *entry;
    int rc = tf_blobcache_lookup(cache, id, 0, 5000, &entry);

    if (rc == 0)
        tf_cache_entry_release(entry);
    return rc;
}

Test(blobcache, hit_after_store)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(7);

    cr_expect_eq(lookup(cache, &id), TF_E_NOT_FOUND);
    cr_expect_eq(store(cache, &id), 1);
    expect_hit(cache, &id);
    cr_expect_eq(store(cache, &id), 1); /* replaces */
    expect_hit(cache, &id);
    cr_expect_eq(each_file(NULL), 1);
    tf_blobcache_close(cache);
    cache = open_cache(0); /* another process */
    expect_hit(cache, &id);
    tf_blobcache_close(cache);
}

Test(blobcache, any_other_identity_misses)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(7);

    cr_assert_eq(store(cache, &id), 1);
    for (size_t i = 0; i < sizeof(id); i++) {
        ((unsigned char *)&id)[i] ^= 1;
        cr_expect_eq(lookup(cache, &id), TF_E_NOT_FOUND, "byte %zu", i);
        ((unsigned char *)&id)[i] ^= 1;
    }
    tf_blobcache_close(cache);
}

static const char *swap_from, *swap_to;

static void note_name(const char *path)
{
    if (swap_from == NULL)
        swap_from = strdup(path);
    else
        swap_to = strdup(path);
}

/* An entry under the name of another file is good in itself, and not believed. */
Test(blobcache, entry_under_a_wrong_name)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity a = identity(1), b = identity(2);

    cr_assert_eq(store(cache, &a), 1);
    cr_assert_eq(store(cache, &b), 1);
    each_file(note_name);
    cr_assert_eq(rename(swap_from, swap_to), 0);
    cr_expect_eq(lookup(cache, &a), TF_E_NOT_FOUND);
    cr_expect_eq(lookup(cache, &b) == 0, 0);
    tf_blobcache_close(cache);
}

Test(blobcache, range_must_be_covered)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(7);
    struct tf_cache_entry *entry;
    uint64_t offset, len;

    cr_assert_eq(store(cache, &id), 1);
    cr_assert_eq(tf_blobcache_lookup(cache, &id, 1000, 4000, &entry), 0);
    tf_cache_entry_range(entry, &offset, &len);
    cr_expect(offset == 0 && len == 5000);
    tf_cache_entry_release(entry);
    cr_expect_eq(tf_blobcache_lookup(cache, &id, 1000, 4001, &entry), TF_E_NOT_FOUND);
    cr_expect_eq(tf_blobcache_lookup(cache, &id, 5001, 0, &entry), TF_E_NOT_FOUND);
    cr_expect_eq(tf_blobcache_lookup(cache, &id, 1, UINT64_MAX, &entry), TF_E_NOT_FOUND);
    tf_blobcache_close(cache);
}

static size_t flip_at;

static void flip(const char *path)
{
    int fd = open(path, O_RDWR);
    unsigned char byte;

    cr_assert_eq(pread(fd, &byte, 1, (off_t)flip_at), 1);
    byte ^= 0x10;
    cr_assert_eq(pwrite(fd, &byte, 1, (off_t)flip_at), 1);
    close(fd);
}

static off_t entry_size;

static void note_size(const char *path)
{
    struct stat st;

    cr_assert_eq(stat(path, &st), 0);
    entry_size = st.st_size;
}

static void cut(const char *path)
{
    cr_assert_eq(truncate(path, (off_t)flip_at), 0);
}

Test(blobcache, damaged_entries_are_removed)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(7);

    cr_assert_eq(store(cache, &id), 1);
    each_file(note_size);
    cr_assert_gt(entry_size, 100);
    for (flip_at = 0; flip_at < (size_t)entry_size; flip_at++) {
        cr_assert_eq(store(cache, &id), 1);
        each_file(flip);
        cr_expect_eq(lookup(cache, &id), TF_E_NOT_FOUND, "flip %zu", flip_at);
        cr_expect_eq(each_file(NULL), 0, "flip %zu", flip_at);
    }
    for (flip_at = 0; flip_at < (size_t)entry_size; flip_at += 13) {
        cr_assert_eq(store(cache, &id), 1);
        each_file(cut);
        cr_expect_eq(lookup(cache, &id), TF_E_NOT_FOUND, "cut %zu", flip_at);
        cr_expect_eq(each_file(NULL), 0, "cut %zu", flip_at);
    }
    tf_blobcache_close(cache);
}

/* The file whose blobs store() keeps; with `changed`, another one. */
static int file_of(const struct tf_file_identity *id, int changed)
{
    unsigned char data[1000];
    int fd = sample_file();

    for (uint64_t i = 0; i < 2; i++) {
        sample_bytes(data, sizeof(data), id->ino * 2 + i);
        data[500] ^= (unsigned char)changed;
        cr_assert_eq(pwrite(fd, data, sizeof(data), (off_t)i * 3000), 1000);
    }
    return fd;
}

/* Plays the entry of `id` into a trace, which shall hold both blobs unless `expected` is an
 * error; the writer's. */
static void expect_play(const struct tf_file_identity *id, int changed, int expected)
{
    unsigned char found[1000];
    struct tf_blobcache *cache = open_cache(0);
    struct tf_cache_entry *entry;
    const struct tf_extent *extents;
    int fd = sample_file(), file = file_of(id, changed);
    struct tf_writer *w;
    struct tf_reader *r;
    uint32_t count;

    cr_assert_eq(tf_blobcache_find(cache, id, 0, 5000, &entry), 0);
    extents = tf_cache_entry_extents(entry, &count);
    cr_assert_eq(tf_writer_open(&w, dup(fd), NULL, 0, NULL), 0);
    cr_expect_eq(tf_cache_entry_play(entry, w, file), 0);
    close(file); /* the entry has its own */
    cr_expect_eq(tf_writer_close(w, NULL, 0), expected);
    cr_assert_eq(tf_reader_open(&r, fd), 0);
    for (uint32_t i = 0; i < count && expected == 0; i++)
        cr_expect_eq(tf_reader_blob(r, &extents[i].digest, found, sizeof(found)), 1000);
    tf_reader_close(r);
    tf_cache_entry_release(entry);
    tf_blobcache_close(cache);
}

Test(blobcache, played_without_copies)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(7);

    cr_assert_eq(store(cache, &id), 1);
    expect_play(&id, 1, 0); /* a good entry needs no file */
    cr_expect_eq(each_file(NULL), 1);
    tf_blobcache_close(cache);
}

/* A damaged frame is found when its turn comes, and made anew from the file. */
Test(blobcache, damaged_frames_are_made_anew)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(7);

    cr_assert_eq(store(cache, &id), 1);
    each_file(note_size);
    flip_at = (size_t)entry_size - 10;
    each_file(flip);
    expect_play(&id, 0, 0);
    cr_expect_eq(each_file(NULL), 0);
    cr_assert_eq(store(cache, &id), 1);
    each_file(flip);
    expect_play(&id, 1, -ESTALE);
    tf_blobcache_close(cache);
}

/* Tables and head are checked at once. */
Test(blobcache, damaged_tables_are_not_found)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(7);
    struct tf_cache_entry *entry;

    for (flip_at = 0; flip_at < 96 + 2 * (32 + 24); flip_at++) {
        cr_assert_eq(store(cache, &id), 1);
        each_file(flip);
        if (flip_at >= 88 && flip_at < 96) /* the check of all, which this does not read */
            continue;
        cr_expect_eq(tf_blobcache_find(cache, &id, 0, 5000, &entry), TF_E_NOT_FOUND, "flip %zu",
                     flip_at);
        cr_expect_eq(each_file(NULL), 0, "flip %zu", flip_at);
    }
    tf_blobcache_close(cache);
}

Test(blobcache, size_is_bounded_oldest_goes)
{
    struct tf_blobcache *cache;
    struct tf_file_identity id = identity(1);
    int kept = 0;

    cache = open_cache(0);
    cr_assert_eq(store(cache, &id), 1);
    each_file(note_size);
    tf_blobcache_close(cache);
    cache = open_cache((uint64_t)entry_size * 8);
    for (uint64_t ino = 2; ino <= 40; ino++) {
        id = identity(ino);
        cr_assert_eq(store(cache, &id), 1);
        cr_expect_leq(each_file(NULL), 9); /* sizes differ by a few bytes */
        cr_expect_eq(lookup(cache, &id), 0);
    }
    for (uint64_t ino = 1; ino <= 33; ino++) {
        id = identity(ino);
        kept += lookup(cache, &id) == 0;
    }
    cr_expect_leq(kept, 2);
    tf_blobcache_close(cache);
    cache = open_cache(100); /* nothing fits, nothing breaks */
    cr_expect_eq(store(cache, &id), 0);
    tf_blobcache_close(cache);
}

Test(blobcache, just_modified_files_are_not_kept)
{
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(7);
    struct timespec now;
    int64_t ns;

    clock_gettime(CLOCK_REALTIME, &now);
    ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    id.mtime_ns = ns - 1000000000;
    cr_expect_eq(store(cache, &id), 0);
    id.mtime_ns = 0;
    id.ctime_ns = ns - 1000000000;
    cr_expect_eq(store(cache, &id), 0);
    id.ctime_ns = ns + 100000000000; /* from the future */
    cr_expect_eq(store(cache, &id), 0);
    id.ctime_ns = ns - 10000000000;
    cr_expect_eq(store(cache, &id), 1);
    tf_blobcache_close(cache);
}

Test(blobcache, directories)
{
    struct tf_blobcache *cache;
    char path[100];

    snprintf(path, sizeof(path), "%s/a/b", dir);
    cr_assert_eq(tf_blobcache_open(&cache, path, 0), 0);
    tf_blobcache_close(cache);
    cr_assert_eq(chmod(path, 0777), 0);
    cr_expect_eq(tf_blobcache_open(&cache, path, 0), -EPERM);
    rmdir(path);
    snprintf(path, sizeof(path), "%s/a", dir);
    rmdir(path);
    cr_expect_eq(tf_blobcache_open(&cache, "", 0), -ENOENT);
    cr_expect_eq(tf_blobcache_open(&cache, "/dev/null/x", 0), -ENOTDIR);
    tf_blobcache_close(NULL);
}

/* Filled by the writer's thread while it records; then found by the next recording. */
static void fill_from(int fd, int expect_found)
{
    static unsigned char data[1000];
    struct tf_blobcache *cache = open_cache(0);
    struct tf_file_identity id = identity(9);
    struct tf_extent extents[2] = {{.offset = 0, .len = 1000}, {.offset = 3000, .len = 1000}};
    struct tf_writer *w;

    cr_assert_eq(tf_writer_open(&w, fd, NULL, 0, NULL), 0);
    for (uint64_t i = 0; i < 2; i++) {
        sample_bytes(data, sizeof(data), id.ino * 2 + i);
        cr_assert_eq(tf_writer_blob(w, data, sizeof(data), &extents[i].digest), 0);
    }
    cr_expect_eq(tf_blobcache_fill(cache, w, &id, 0, 5000, extents, 2), 0);
    extents[0].digest.w[0]++;
    cr_expect_eq(tf_blobcache_fill(cache, w, &id, 0, 5000, extents, 2), TF_E_NOT_FOUND);
    cr_expect_eq(tf_writer_close(w, NULL, 0), 0);
    if (expect_found)
        expect_hit(cache, &id);
    else
        cr_expect_eq(lookup(cache, &id), TF_E_NOT_FOUND);
    tf_blobcache_close(cache);
}

Test(blobcache, filled_from_the_trace)
{
    fill_from(sample_file(), 1);
}

Test(blobcache, not_filled_from_a_write_only_trace)
{
    fill_from(open("/dev/null", O_WRONLY), 0);
}
