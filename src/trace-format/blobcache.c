/*
 * blobcache.c - opening a cache, looking entries up, storing them.
 */
#include "trace-format/blobcache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trace-format/cachefile.h"
#include "trace-format/format.h"

#define TOUCH_AFTER_S 3600 /* an entry in use is marked as such once an hour */

/* ------------------------------------------------------------------- open */

static int make_directories(const char *dir)
{
    char path[TF_PATH_MAX];
    size_t len = strlen(dir);

    if (len == 0 || len >= sizeof(path))
        return len == 0 ? -ENOENT : -ENAMETOOLONG;
    memcpy(path, dir, len + 1);
    for (char *p = path + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0700) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            return -errno;
        *p = '/';
    }
    return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* Frames of the cache go into traces unseen, so nobody else may have put them there. */
static int open_private(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    int rc = 0;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        rc = -errno;
    else if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        rc = -EPERM;
    if (rc < 0)
        close(fd);
    return rc < 0 ? rc : fd;
}

int tf_blobcache_open(struct tf_blobcache **out, const char *dir, uint64_t max_bytes)
{
    struct tf_blobcache *cache;
    int fd = make_directories(dir);

    if (fd == 0)
        fd = open_private(dir);
    if (fd < 0)
        return fd;
    cache = calloc(1, sizeof(*cache));
    if (cache == NULL) {
        close(fd);
        return -ENOMEM;
    }
    cache->dir = fd;
    cache->max_bytes = max_bytes == 0 ? TF_CACHE_DEFAULT_BYTES : max_bytes;
    *out = cache;
    return 0;
}

void tf_blobcache_close(struct tf_blobcache *cache)
{
    if (cache == NULL)
        return;
    close(cache->dir);
    free(cache);
}

/* ----------------------------------------------------------------- common */

void tf_cache_name(char *name, const struct tf_file_identity *identity)
{
    struct tf_digest digest = tf_digest(identity, sizeof(*identity));

    snprintf(name, TF_CACHE_NAME_MAX, "%016llx%016llx" TF_CACHE_SUFFIX,
             (unsigned long long)digest.w[0], (unsigned long long)digest.w[1]);
}

uint64_t tf_cache_check(const struct tf_cache_head *head, const void *rest, size_t rest_len)
{
    return tf_xxh64(rest, rest_len, tf_xxh64(head, offsetof(struct tf_cache_head, check), 0));
}

static uint64_t tables_size(const struct tf_cache_head *head)
{
    return head->count * (sizeof(struct tf_extent) + sizeof(struct tf_cache_slot));
}

static uint64_t tables_check(const struct tf_cache_head *head, const void *tables)
{
    return tf_xxh64(tables, (size_t)tables_size(head),
                    tf_xxh64(head, offsetof(struct tf_cache_head, tables_check), 0));
}

/* ---------------------------------------------------------------- look up */

/* Maps the whole file; the entry's size is 0 when it is empty. */
static int map_entry(struct tf_cache_entry *entry, int fd, int flags)
{
    struct stat st;
    void *map;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_size <= 0 || (uint64_t)st.st_size > TF_CACHE_ENTRY_MAX)
        return TF_E_CORRUPT;
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | flags, fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    entry->map = map;
    entry->size = (size_t)st.st_size;
    if (time(NULL) - st.st_mtime > TOUCH_AFTER_S)
        futimens(fd, NULL); /* keeps it from being the oldest */
    return 0;
}

/* Sets extents and slots; the frames lie inside the entry. */
static int check_layout(struct tf_cache_entry *entry)
{
    const struct tf_cache_head *head = &entry->head;
    uint64_t table = sizeof(*head) + tables_size(head);

    if (head->size != entry->size || table > entry->size || head->reserved != 0)
        return TF_E_CORRUPT;
    entry->extents = (const struct tf_extent *)(entry->map + sizeof(*head));
    entry->slots = (const struct tf_cache_slot *)(entry->extents + head->count);
    for (uint32_t i = 0; i < head->count; i++) {
        const struct tf_cache_slot *s = &entry->slots[i];
        if (s->offset < table || s->offset > entry->size || s->len > entry->size - s->offset)
            return TF_E_CORRUPT;
    }
    return 0;
}

/* The head and the tables; the frames too unless they are checked `later`. */
static int check_entry(struct tf_cache_entry *entry, int later)
{
    struct tf_cache_head *head = &entry->head;

    if (entry->size < sizeof(*head))
        return TF_E_CORRUPT;
    memcpy(head, entry->map, sizeof(*head));
    if (memcmp(head->magic, TF_CACHE_MAGIC, sizeof(head->magic)) != 0 ||
        tables_size(head) > entry->size - sizeof(*head) ||
        head->tables_check != tables_check(head, entry->map + sizeof(*head)))
        return TF_E_CORRUPT;
    if (!later && head->check !=
                      tf_cache_check(head, entry->map + sizeof(*head), entry->size - sizeof(*head)))
        return TF_E_CORRUPT;
    return check_layout(entry);
}

/* A good entry may still be of another file or not hold enough: then it is left alone. */
static int is_wanted(const struct tf_cache_entry *entry, const struct tf_file_identity *identity,
                     uint64_t offset, uint64_t len)
{
    const struct tf_cache_head *head = &entry->head;

    return memcmp(&head->identity, identity, sizeof(*identity)) == 0 && offset >= head->offset &&
           offset - head->offset <= head->len && len <= head->len - (offset - head->offset);
}

static int load_entry(struct tf_cache_entry *entry, int dir, const char *name, int later)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return errno == ENOENT ? TF_E_NOT_FOUND : -errno;
    rc = map_entry(entry, fd, later ? 0 : MAP_POPULATE);
    close(fd);
    if (rc == 0)
        rc = check_entry(entry, later);
    if (rc == TF_E_CORRUPT) {
        unlinkat(dir, name, 0);
        rc = TF_E_NOT_FOUND;
    }
    return rc;
}

static int find(struct tf_blobcache *cache, const struct tf_file_identity *identity,
                uint64_t offset, uint64_t len, int later, struct tf_cache_entry **out)
{
    struct tf_cache_entry *entry = calloc(1, sizeof(*entry));
    char name[TF_CACHE_NAME_MAX];
    int rc;

    if (entry == NULL)
        return -ENOMEM;
    entry->cache = cache;
    entry->file = -1;
    entry->refs = 1;
    tf_cache_name(name, identity);
    rc = load_entry(entry, cache->dir, name, later);
    if (rc == 0 && !is_wanted(entry, identity, offset, len))
        rc = TF_E_NOT_FOUND;
    if (rc < 0) {
        tf_cache_entry_release(entry);
        return rc;
    }
    *out = entry;
    return 0;
}

int tf_blobcache_lookup(struct tf_blobcache *cache, const struct tf_file_identity *identity,
                        uint64_t offset, uint64_t len, struct tf_cache_entry **entry)
{
    return find(cache, identity, offset, len, 0, entry);
}

int tf_blobcache_find(struct tf_blobcache *cache, const struct tf_file_identity *identity,
                      uint64_t offset, uint64_t len, struct tf_cache_entry **entry)
{
    return find(cache, identity, offset, len, 1, entry);
}

void tf_cache_entry_range(const struct tf_cache_entry *entry, uint64_t *offset, uint64_t *len)
{
    *offset = entry->head.offset;
    *len = entry->head.len;
}

const struct tf_extent *tf_cache_entry_extents(const struct tf_cache_entry *entry, uint32_t *count)
{
    *count = entry->head.count;
    return entry->extents;
}

const void *tf_cache_entry_frame(const struct tf_cache_entry *entry, uint32_t i, size_t *frame_len)
{
    *frame_len = (size_t)entry->slots[i].len;
    return entry->map + entry->slots[i].offset;
}

int tf_cache_entry_append(const struct tf_cache_entry *entry, struct tf_writer *w)
{
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < entry->head.count; i++) {
        size_t frame_len;
        const void *frame = tf_cache_entry_frame(entry, i, &frame_len);
        rc = tf_writer_blob_frame(w, &entry->extents[i].digest, frame, frame_len,
                                  entry->extents[i].len);
    }
    return rc;
}

void tf_cache_entry_release(struct tf_cache_entry *entry)
{
    if (atomic_fetch_sub(&entry->refs, 1) != 1)
        return;
    if (entry->map != NULL)
        munmap((void *)entry->map, entry->size);
    if (entry->file >= 0)
        close(entry->file);
    free(entry);
}

/* ------------------------------------------------------------------ store */

/* A file changed within the clock's grain may change again without its times moving. */
static int has_settled(const struct tf_file_identity *identity)
{
    int64_t changed =
        identity->mtime_ns > identity->ctime_ns ? identity->mtime_ns : identity->ctime_ns;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - changed > TF_CACHE_SETTLE_NS;
}

/* The bytes of an entry, allocated; *size: how many. NULL: no memory. */
static unsigned char *make_entry(struct tf_cache_head *head, const struct tf_cache_blob *blobs)
{
    uint64_t at = sizeof(*head) + tables_size(head);
    unsigned char *data = malloc((size_t)head->size);
    struct tf_extent *extents;
    struct tf_cache_slot *slots;

    if (data == NULL)
        return NULL;
    extents = (struct tf_extent *)(data + sizeof(*head));
    slots = (struct tf_cache_slot *)(extents + head->count);
    for (uint32_t i = 0; i < head->count; i++) {
        extents[i] = blobs[i].extent;
        slots[i] = (struct tf_cache_slot){at, blobs[i].frame_len,
                                          tf_xxh64(blobs[i].frame, blobs[i].frame_len, 0)};
        memcpy(data + at, blobs[i].frame, blobs[i].frame_len);
        at += blobs[i].frame_len;
    }
    head->tables_check = tables_check(head, extents);
    head->check = tf_cache_check(head, data + sizeof(*head), (size_t)head->size - sizeof(*head));
    memcpy(data, head, sizeof(*head));
    return data;
}

static int write_whole(int fd, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Writes aside, then renames: an entry is there whole or not at all. */
static int put_file(struct tf_blobcache *cache, const char *name, const void *data, size_t size)
{
    char aside[TF_CACHE_NAME_MAX];
    int fd, rc;

    snprintf(aside, sizeof(aside), TF_CACHE_TEMPORARY "%ld-%u", (long)getpid(), cache->serial++);
    fd = openat(cache->dir, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    rc = write_whole(fd, data, size);
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && renameat(cache->dir, aside, cache->dir, name) < 0)
        rc = -errno;
    if (rc < 0)
        unlinkat(cache->dir, aside, 0);
    else
        cache->bytes += size;
    return rc;
}

int tf_blobcache_store(struct tf_blobcache *cache, const struct tf_file_identity *identity,
                       uint64_t offset, uint64_t len, const struct tf_cache_blob *blobs,
                       uint32_t count)
{
    struct tf_cache_head head = {
        .identity = *identity, .offset = offset, .len = len, .size = sizeof(head), .count = count};
    char name[TF_CACHE_NAME_MAX];
    unsigned char *data;
    int rc;

    memcpy(head.magic, TF_CACHE_MAGIC, sizeof(head.magic));
    for (uint32_t i = 0; i < count; i++)
        head.size += blobs[i].frame_len + sizeof(struct tf_extent) + sizeof(struct tf_cache_slot);
    if (head.size > TF_CACHE_ENTRY_MAX || head.size > cache->max_bytes || !has_settled(identity))
        return 0;
    rc = tf_cache_make_room(cache, head.size);
    if (rc < 0)
        return rc;
    data = make_entry(&head, blobs);
    if (data == NULL)
        return -ENOMEM;
    tf_cache_name(name, identity);
    rc = put_file(cache, name, data, (size_t)head.size);
    free(data);
    return rc < 0 ? rc : 1;
}
