/*
 * cachefill.c - fills the cache from the trace that is being written, on the writer's
 * thread, where the compressed frames have just gone by.
 */
#include "trace-format/blobcache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace-format/reader.h"
#include "trace-format/table.h"
#include "trace-format/writer.h"

/* What travels to the thread: this, then `count` extents, then their blobs' numbers. */
struct fill {
    struct tf_blobcache *cache;
    struct tf_file_identity identity;
    uint64_t offset, len;
    uint64_t count;
};

static size_t fill_size(uint64_t count)
{
    return sizeof(struct fill) + count * (sizeof(struct tf_extent) + sizeof(uint32_t));
}

/* Reads the frames back from the trace: they are in the page cache. */
static int read_frames(struct tf_sink *sink, const struct fill *fill, const uint32_t *numbers,
                       struct tf_cache_blob *blobs, unsigned char *frames)
{
    for (uint64_t i = 0; i < fill->count; i++) {
        const struct tf_place *place = &sink->blobs[numbers[i]];
        if (tf_read_at(sink->fd, frames, place->packed, place->offset) != place->packed)
            return -EIO;
        blobs[i].frame = frames;
        blobs[i].frame_len = place->packed;
        frames += place->packed;
    }
    return 0;
}

/* Always 0: whatever goes wrong, the recording goes on. */
static int run_fill(struct tf_sink *sink, struct tf_job *job)
{
    const struct fill *fill = (const struct fill *)job->data;
    const struct tf_extent *extents = (const struct tf_extent *)(fill + 1);
    const uint32_t *numbers = (const uint32_t *)(extents + fill->count);
    struct tf_cache_blob *blobs = calloc(fill->count + 1, sizeof(*blobs));
    unsigned char *frames = NULL;
    uint64_t total = 0;

    for (uint64_t i = 0; i < fill->count; i++)
        total += sink->blobs[numbers[i]].packed;
    if (blobs != NULL && total <= TF_CACHE_ENTRY_MAX)
        frames = malloc((size_t)total + 1);
    if (frames != NULL && read_frames(sink, fill, numbers, blobs, frames) == 0) {
        for (uint64_t i = 0; i < fill->count; i++)
            blobs[i].extent = extents[i];
        tf_blobcache_store(fill->cache, &fill->identity, fill->offset, fill->len, blobs,
                           (uint32_t)fill->count);
    }
    free(frames);
    free(blobs);
    return 0;
}

int tf_blobcache_fill(struct tf_blobcache *cache, struct tf_writer *w,
                      const struct tf_file_identity *identity, uint64_t offset, uint64_t len,
                      const struct tf_extent *extents, uint32_t count)
{
    struct fill *fill = malloc(fill_size(count));
    uint32_t *numbers;
    int rc = 0;

    if (fill == NULL)
        return 0; /* no cache entry, then */
    *fill = (struct fill){cache, *identity, offset, len, count};
    if (count > 0)
        memcpy(fill + 1, extents, count * sizeof(*extents));
    numbers = (uint32_t *)((struct tf_extent *)(fill + 1) + count);
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        numbers[i] = tf_writer_blob_number(w, &extents[i].digest);
        if (numbers[i] == TF_TABLE_NONE)
            rc = TF_E_NOT_FOUND;
    }
    if (rc == 0)
        rc = tf_writer_later(w, run_fill, fill, fill_size(count));
    free(fill);
    return rc;
}
