/*
 * cacheplay.c - entries of the cache into a trace, on the writer's thread: the frames go from
 * the mapped entry into the file, and nobody waits for them.
 */
#include "trace-format/blobcache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "trace-format/cachefile.h"
#include "trace-format/codec.h"
#include "trace-format/reader.h"
#include "trace-format/writer.h"

/* What travels to the thread. */
struct play {
    struct tf_cache_entry *entry;
    uint32_t index; /* of the extent */
};

/* The frame is damaged: the blob from the file itself, as far as that is still what it was. */
static int put_again(struct tf_sink *sink, const struct tf_cache_entry *entry, struct tf_unit *unit,
                     uint64_t offset)
{
    unsigned char *data = malloc(unit->length);
    char name[TF_CACHE_NAME_MAX];
    struct tf_digest found;
    int rc = -ESTALE;

    if (data == NULL)
        return -ENOMEM;
    tf_cache_name(name, &entry->head.identity);
    unlinkat(entry->cache->dir, name, 0);
    unit->packed = 0;
    unit->checked = 0;
    unit->data = data;
    if (tf_read_at(entry->file, data, unit->length, offset) == unit->length) {
        found = tf_digest(data, unit->length);
        if (found.w[0] == unit->digest.w[0] && found.w[1] == unit->digest.w[1])
            rc = tf_sink_put(sink, unit);
    }
    free(data);
    return rc;
}

static int run_play(struct tf_sink *sink, struct tf_job *job)
{
    const struct play *play = (const struct play *)job->data;
    const struct tf_cache_entry *entry = play->entry;
    const struct tf_extent *extent = &entry->extents[play->index];
    const struct tf_cache_slot *slot = &entry->slots[play->index];
    struct tf_unit unit = {
        .kind = TF_KIND_BLOB,
        .profile = TF_PROFILE_EVENTS,
        .count = 1,
        .length = extent->len,
        .data = entry->map + slot->offset,
        .packed = (uint32_t)slot->len,
        .digest = extent->digest,
        .checked = 1,
        .packed_check = tf_xxh64(entry->map + slot->offset, (size_t)slot->len, 0),
    };

    if (unit.packed_check != slot->check)
        return put_again(sink, entry, &unit, extent->offset);
    return tf_sink_put(sink, &unit);
}

static void release_play(struct tf_job *job)
{
    tf_cache_entry_release(((const struct play *)job->data)->entry);
}

int tf_cache_entry_play(struct tf_cache_entry *entry, struct tf_writer *w, int file)
{
    struct play play = {.entry = entry};

    if (entry->file < 0)
        entry->file = fcntl(file, F_DUPFD_CLOEXEC, 3);
    if (entry->file < 0)
        return -errno;
    for (uint32_t i = 0; i < entry->head.count; i++) {
        const struct tf_extent *extent = &entry->extents[i];
        int rc = TF_E_TOO_BIG;
        if (entry->slots[i].len != 0 && entry->slots[i].len <= tf_blob_bound(TF_BLOB_MAX)) {
            play.index = i;
            atomic_fetch_add(&entry->refs, 1);
            rc = tf_writer_blob_later(w, &extent->digest, extent->len, run_play, release_play,
                                      &play, sizeof(play));
            if (rc <= 0)
                tf_cache_entry_release(entry);
        }
        if (rc < 0)
            return rc;
    }
    return 0;
}
