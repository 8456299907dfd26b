/*
 * blobcache.h - compressed blobs of files that were recorded before.
 *
 * A directory with one file per entry. An entry belongs to one version of one file
 * (struct tf_file_identity) and holds the blobs of a range of it, compressed as a trace
 * holds them, so that recording the file again costs a copy of bytes. The cache is an
 * optimisation and nothing else: a missing, damaged or stale entry is as good as none,
 * and no failure here is a reason to fail a recording.
 *
 * Several processes may use one directory: entries appear whole, by rename, and are
 * never changed. Within a process, lookups and fills may run on different threads.
 */
#ifndef RRL_TRACE_BLOBCACHE_H
#define RRL_TRACE_BLOBCACHE_H

#include <stddef.h>
#include <stdint.h>

#include "trace-format/trace.h"

struct tf_blobcache;

/* From fstat() of the open file. Two equal ones mean equal contents, given that the
 * file was not modified in the last moments before the call. */
struct tf_file_identity {
    uint64_t dev, ino, size;
    int64_t mtime_ns, ctime_ns;
};

#define TF_CACHE_DEFAULT_BYTES (512ull << 20) /* of a whole cache */
#define TF_CACHE_ENTRY_MAX (64ull << 20)      /* of one entry; larger ones are not kept */
#define TF_CACHE_SETTLE_NS 2000000000ll       /* files changed later than this are not kept */

/* Opens the cache in `dir`, which is made (mode 0700, with its parents) when missing.
 * max_bytes: bound on all entries together, 0 = default. 0, -errno, or -EPERM when the
 * directory belongs to somebody else or others may write to it. */
int tf_blobcache_open(struct tf_blobcache **out, const char *dir, uint64_t max_bytes);
/* No fill may be under way: close the writer first. NULL is allowed. */
void tf_blobcache_close(struct tf_blobcache *cache);

/* ---------------------------------------------------------------- looking up */

/* An entry that was found; mapped until it is released. */
struct tf_cache_entry;

/* Finds an entry of that file which covers [offset, offset + len). It has been checked.
 * 0 and *entry, TF_E_NOT_FOUND, or -errno. A damaged entry is removed. */
int tf_blobcache_lookup(struct tf_blobcache *cache, const struct tf_file_identity *identity,
                        uint64_t offset, uint64_t len, struct tf_cache_entry **entry);
/* The same, but the frames have not been looked at: tf_cache_entry_play() checks them when
 * their turn comes. So this costs the same for all sizes. */
int tf_blobcache_find(struct tf_blobcache *cache, const struct tf_file_identity *identity,
                      uint64_t offset, uint64_t len, struct tf_cache_entry **entry);
/* The range that the entry covers: what is in no extent is zeros. */
void tf_cache_entry_range(const struct tf_cache_entry *entry, uint64_t *offset, uint64_t *len);
/* The extents, sorted; owned by the entry, 8-byte aligned. */
const struct tf_extent *tf_cache_entry_extents(const struct tf_cache_entry *entry, uint32_t *count);
/* The frame of extent i, for tf_writer_blob_frame; owned by the entry. */
const void *tf_cache_entry_frame(const struct tf_cache_entry *entry, uint32_t i, size_t *frame_len);
/* Stores all blobs of a checked entry in a trace. 0 or the writer's error. */
int tf_cache_entry_append(const struct tf_cache_entry *entry, struct tf_writer *w);
/* The same without a copy, on the writer's thread, for entries of tf_blobcache_find() too: each
 * frame is checked there, and one that is damaged is made anew from `file` (a descriptor of
 * the file that the entry is of; a duplicate is kept), and the entry removed. Where that file has
 * changed since, the writer's next call fails (-ESTALE). The cache must stay open until
 * the writer is closed; the entry may be released at once. 0 or the writer's error. */
int tf_cache_entry_play(struct tf_cache_entry *entry, struct tf_writer *w, int file);
void tf_cache_entry_release(struct tf_cache_entry *entry);

/* ------------------------------------------------------------------- filling */

/* One blob to be kept. */
struct tf_cache_blob {
    struct tf_extent extent;
    const void *frame;
    size_t frame_len;
};

/* Keeps the blobs of [offset, offset + len) of a file; replaces what was kept of it.
 * The caller has compared the identity before and after it read the contents. 1 when
 * kept, 0 when not (just modified, too big), or -errno. */
int tf_blobcache_store(struct tf_blobcache *cache, const struct tf_file_identity *identity,
                       uint64_t offset, uint64_t len, const struct tf_cache_blob *blobs,
                       uint32_t count);

/* The same for blobs that were just given to the writer, without compressing them
 * twice: its thread copies their frames out of the trace when it comes to it. Needs a
 * trace that is open for reading too (O_RDWR) and does nothing otherwise. 0, or an
 * error of the writer; that of the cache is nobody's concern. */
int tf_blobcache_fill(struct tf_blobcache *cache, struct tf_writer *w,
                      const struct tf_file_identity *identity, uint64_t offset, uint64_t len,
                      const struct tf_extent *extents, uint32_t count);

#endif
