/*
 * objects.c - snapshots of files that the program maps.
 *
 * The guest waits for the answer, so that nothing can change the file between the
 * snapshot and the mapping by the program's own hand. What the cache has is safe at once: the
 * writer's thread copies it, from the file should the cache be damaged, ahead of all
 * events that follow.
 */
#include "internal.h"
#include "sites.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct snapshot {
    struct recorder *r;
    int fd;
    int hole_fd; /* the same file opened by us: seeking in it moves nobody's position */
    struct tf_object object;
    uint32_t extent_room;
};

static int add_extent(struct snapshot *s, uint64_t offset, uint32_t len,
                      const struct tf_digest *digest)
{
    struct tf_object *o = &s->object;
    if (o->extent_count == s->extent_room) {
        uint32_t room = 2 * s->extent_room + 16;
        struct tf_extent *grown = realloc(o->extents, room * sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        o->extents = grown;
        s->extent_room = room;
    }
    o->extents[o->extent_count++] = (struct tf_extent){offset, len, 0, *digest};
    return 0;
}

/* Reads until len or the file's end; a file that shrinks meanwhile gives less. */
static ssize_t read_at(int fd, unsigned char *buf, size_t len, uint64_t offset)
{
    size_t got = 0;
    while (got < len) {
        ssize_t n = pread(fd, buf + got, len - got, (off_t)(offset + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static int all_zero(const unsigned char *p, size_t len)
{
    return !len || (!p[0] && !memcmp(p, p + 1, len - 1));
}

static int store_chunk(struct snapshot *s, uint64_t offset, size_t len)
{
    struct tf_digest digest;
    ssize_t n = read_at(s->fd, s->r->chunk, len, offset);
    if (n <= 0 || all_zero(s->r->chunk, (size_t)n))
        return (int)(n < 0 ? n : 0);
    int err = tf_writer_blob(s->r->writer, s->r->chunk, (size_t)n, &digest);
    return err ? err : add_extent(s, offset, (uint32_t)n, &digest);
}

/* First byte at or after `offset` that is no hole, cut down to a chunk's boundary so
 * that equal contents make equal blobs. */
static uint64_t skip_hole(int fd, uint64_t offset, uint64_t end)
{
    off_t data = fd < 0 ? (off_t)offset : lseek(fd, (off_t)offset, SEEK_DATA);
    if (data < 0)
        return errno == ENXIO ? end : offset;
    uint64_t at = (uint64_t)data & ~(uint64_t)(TF_BLOB_MAX - 1);
    return at > offset ? at : offset;
}

static int store_range(struct snapshot *s, uint64_t offset, uint64_t end)
{
    int err = 0;
    while (offset < end && !err) {
        uint64_t at = skip_hole(s->hole_fd, offset, end);
        if (at >= end)
            break;
        uint64_t next = (at & ~(uint64_t)(TF_BLOB_MAX - 1)) + TF_BLOB_MAX;
        offset = next < end ? next : end;
        err = store_chunk(s, at, (size_t)(offset - at));
    }
    return err;
}

static void describe(struct snapshot *s, const struct rk_msg *msg, const struct stat *st)
{
    struct tf_object *o = &s->object;
    char link[64];
    o->id = msg->id;
    o->generation = msg->generation;
    o->mode = st->st_mode;
    o->size = (uint64_t)st->st_size;
    o->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", s->fd);
    ssize_t n = readlink(link, o->path, sizeof(o->path) - 1);
    o->path[n > 0 ? n : 0] = '\0';
}

static struct tf_file_identity identity_of(const struct stat *st)
{
    return (struct tf_file_identity){
        .dev = st->st_dev,
        .ino = st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec};
}

/* From the cache: 1 done, 0 not there, or the writer's error. */
static int store_cached(struct snapshot *s, const struct tf_file_identity *identity,
                        uint64_t offset, uint64_t end)
{
    struct tf_cache_entry *entry;
    uint32_t count;
    if (!s->r->cache || tf_blobcache_find(s->r->cache, identity, offset, end - offset, &entry))
        return 0;
    const struct tf_extent *extents = tf_cache_entry_extents(entry, &count);
    int err = tf_cache_entry_play(entry, s->r->writer, s->fd);
    for (uint32_t i = 0; i < count && !err; i++)
        err = add_extent(s, extents[i].offset, extents[i].len, &extents[i].digest);
    tf_cache_entry_release(entry);
    return err ? err : 1;
}

static int store_and_cache(struct snapshot *s, const struct tf_file_identity *identity,
                           uint64_t offset, uint64_t end)
{
    char self[64];
    struct stat st;
    snprintf(self, sizeof(self), "/proc/self/fd/%d", s->fd);
    s->hole_fd = open(self, O_RDONLY | O_CLOEXEC);
    int err = store_range(s, offset, end);
    if (err || !s->r->cache || fstat(s->fd, &st))
        return err;
    struct tf_file_identity after = identity_of(&st);
    if (memcmp(&after, identity, sizeof(after)))
        return 0; /* changed while it was read */
    return tf_blobcache_fill(s->r->cache, s->r->writer, identity, offset, end - offset,
                             s->object.extents, s->object.extent_count);
}

static int take_snapshot(struct snapshot *s, const struct rk_msg *msg)
{
    struct stat st;
    if (fstat(s->fd, &st))
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EACCES; /* what mmap says of a file that cannot be mapped like one */
    describe(s, msg, &st);
    struct tf_file_identity identity = identity_of(&st);
    uint64_t start = msg->len ? msg->offset : 0, end = s->object.size;
    if (msg->len && start < end && msg->len < end - start)
        end = start + msg->len;
    int got = start < end ? store_cached(s, &identity, start, end) : 1;
    if (!got)
        got = store_and_cache(s, &identity, start, end);
    return got < 0 ? got : tf_writer_object(s->r->writer, &s->object);
}

/* Generations of an object only grow: a reader finds each by (id, generation). */
static int new_generation(struct recorder *r, const struct rk_msg *msg)
{
    if (!msg->id || msg->id > OBJECT_IDS_MAX)
        return 0;
    if (msg->id >= r->generation_room) {
        uint32_t room = 2 * msg->id + 64;
        uint32_t *grown = realloc(r->generations, room * sizeof(*grown));
        if (!grown)
            return 0;
        memset(grown + r->generation_room, 0, (room - r->generation_room) * sizeof(*grown));
        r->generations = grown;
        r->generation_room = room;
    }
    if (msg->generation <= r->generations[msg->id])
        return 0;
    r->generations[msg->id] = msg->generation;
    return 1;
}

/* A trace that cannot be written is not the program's problem: it goes on. */
static int snapshot(struct recorder *r, const struct rk_msg *msg, int fd)
{
    struct snapshot s = {.r = r, .fd = fd, .hole_fd = -1};
    if (!r->writer)
        return 0;
    int err = fd < 0 ? -EBADF : take_snapshot(&s, msg);
    free(s.object.extents);
    if (s.hole_fd >= 0)
        close(s.hole_fd);
    if (err <= TF_E_NOT_A_TRACE || err == -ENOSPC || err == -EFBIG || err == -EDQUOT) {
        recorder_stop_writing(r, err);
        err = 0;
    }
    return err;
}

static int serve(struct recorder *r, struct rk_msg *msg, int fd)
{
    if (msg->kind != RK_MSG_OBJECT || !new_generation(r, msg)) {
        recorder_say(r, "the program sent a malformed message (kind %u): the recording ends here",
                     msg->kind);
        r->broken = 1;
        return 0;
    }
    msg->result = snapshot(r, msg, fd);
    msg->kind = RK_MSG_OBJECT_DONE;
    uint32_t count = 0;
    if (!msg->result)
        count = sites_of_file(fd, r->options->cache_dir, r->sites, RK_SITES_MAX);
    return machine_send_data(r->machine, msg, r->sites, count * sizeof(r->sites[0]), -1);
}

void recorder_serve_objects(struct recorder *r)
{
    struct rk_msg msg;
    int fd, err = 0;
    while (!r->broken && !err && !(err = machine_recv(r->machine, &msg, &fd))) {
        err = serve(r, &msg, fd);
        if (fd >= 0)
            close(fd);
    }
    if (err && err != -EAGAIN)
        r->socket_gone = 1; /* closed or damaged; its death will tell the rest */
}
