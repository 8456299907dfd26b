/*
 * sink.c - appends units to the file. A failed write is undone, so the file never
 * ends in half a unit as long as it can be truncated.
 */
#include "trace-format/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "trace-format/codec.h"

/* Makes room for one more element; arrays grow by doubling. */
static int reserve(void **array, uint64_t *cap, uint64_t count, size_t element)
{
    uint64_t want = *cap == 0 ? 64 : *cap * 2;
    void *grown;

    if (count < *cap)
        return 0;
    grown = realloc(*array, want * element);
    if (grown == NULL)
        return -ENOMEM;
    *array = grown;
    *cap = want;
    return 0;
}

static int write_all(int fd, struct iovec *iov, int count)
{
    while (count > 0) {
        ssize_t n = writev(fd, iov, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -EIO;
        while (count > 0 && (size_t)n >= iov->iov_len) {
            n -= (ssize_t)iov->iov_len;
            iov++;
            count--;
        }
        if (count > 0) {
            iov->iov_base = (char *)iov->iov_base + n;
            iov->iov_len -= (size_t)n;
        }
    }
    return 0;
}

/* Writes both pieces or neither. */
static int append(struct tf_sink *sink, const void *head, size_t head_len, const void *body,
                  size_t body_len)
{
    struct iovec iov[2] = {{(void *)head, head_len}, {(void *)body, body_len}};
    uint64_t end = sink->size + head_len + body_len;
    int rc;

    if (sink->max_size != 0 && end > sink->max_size)
        return TF_E_LIMIT;
    rc = write_all(sink->fd, iov, body_len > 0 ? 2 : 1);
    if (rc < 0) {
        /* A pipe or device cannot be truncated: its reader finds the cut by itself. */
        if (ftruncate(sink->fd, (off_t)sink->size) == 0)
            lseek(sink->fd, (off_t)sink->size, SEEK_SET);
        return rc;
    }
    sink->size = end;
    return 0;
}

int tf_sink_open(struct tf_sink *sink, int fd, uint64_t max_size)
{
    *sink = (struct tf_sink){.fd = fd, .max_size = max_size, .cctx = ZSTD_createCCtx()};
    return sink->cctx == NULL ? -ENOMEM : 0;
}

int tf_sink_start(struct tf_sink *sink)
{
    struct tf_start start;

    tf_start_make(&start);
    sink->chain = start.check;
    return append(sink, &start, sizeof(start), NULL, 0);
}

/* Compresses into sink->packed; returns the frame's length or an error. */
static int64_t pack(struct tf_sink *sink, const struct tf_unit *unit)
{
    size_t bound = ZSTD_compressBound(unit->length);

    if (bound > sink->packed_cap) {
        free(sink->packed);
        sink->packed_cap = 0;
        sink->packed = malloc(bound);
        if (sink->packed == NULL)
            return -ENOMEM;
        sink->packed_cap = bound;
    }
    return tf_pack(sink->cctx, sink->packed, sink->packed_cap, unit->data, unit->length,
                   unit->profile);
}

/* Makes room for what note() will write, so that it cannot fail after the write. */
static int reserve_note(struct tf_sink *sink, uint32_t kind)
{
    int rc;

    if (sink->unit_count >= TF_UNIT_COUNT_MAX)
        return TF_E_TOO_BIG;
    rc = reserve((void **)&sink->units, &sink->unit_cap, sink->unit_count, sizeof(*sink->units));
    if (rc == 0 && kind == TF_KIND_BLOB)
        rc =
            reserve((void **)&sink->blobs, &sink->blob_cap, sink->blob_count, sizeof(*sink->blobs));
    return rc;
}

static void note(struct tf_sink *sink, const struct tf_tag *tag)
{
    sink->chain = tag->chain;
    sink->units[sink->unit_count++] = (struct tf_unit_size){tag->packed, tag->length};
    if (tag->kind == TF_KIND_BLOB)
        sink->blobs[sink->blob_count++] = (struct tf_place){sink->size - tag->packed, tag->packed};
}

int tf_sink_put(struct tf_sink *sink, const struct tf_unit *unit)
{
    const void *frame = unit->packed != 0 ? unit->data : NULL;
    int64_t packed = unit->packed;
    struct tf_tag tag;
    int rc = reserve_note(sink, unit->kind);

    if (rc < 0)
        return rc;
    if (frame == NULL) {
        packed = pack(sink, unit);
        if (packed < 0)
            return (int)packed;
        frame = sink->packed;
    }
    tag = (struct tf_tag){
        .sequence = (uint32_t)sink->unit_count + 1,
        .kind = unit->kind,
        .packed = (uint32_t)packed,
        .length = unit->length,
        .first = unit->first,
        .count = unit->count,
        .digest = unit->kind == TF_KIND_BLOB ? unit->digest : tf_digest(unit->data, unit->length),
        .packed_check = unit->checked ? unit->packed_check : tf_xxh64(frame, (size_t)packed, 0),
    };
    tf_tag_seal(&tag, sink->chain);
    rc = append(sink, &tag, sizeof(tag), frame, (size_t)packed);
    if (rc == 0)
        note(sink, &tag);
    return rc;
}

int tf_sink_finish(struct tf_sink *sink)
{
    size_t size = tf_table_size(sink->unit_count);
    void *table = malloc(size);
    int rc;

    if (table == NULL)
        return -ENOMEM;
    tf_table_make(table, sink->units, sink->unit_count);
    rc = append(sink, table, size, NULL, 0);
    free(table);
    return rc;
}

int tf_sink_close(struct tf_sink *sink)
{
    int rc = close(sink->fd) < 0 && errno != EINTR ? -errno : 0;

    ZSTD_freeCCtx(sink->cctx);
    free(sink->packed);
    free(sink->units);
    free(sink->blobs);
    *sink = (struct tf_sink){.fd = -1};
    return rc;
}
