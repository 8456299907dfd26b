/*
 * cachefile.h - the bytes of a cache entry and the directory they lie in. Private to
 * src/trace-format.
 */
#ifndef RRL_TRACE_CACHEFILE_H
#define RRL_TRACE_CACHEFILE_H

#include <stdatomic.h>

#include "trace-format/blobcache.h"

#define TF_CACHE_MAGIC "rrlblob2" /* changes with any change of the layout */
#define TF_CACHE_SUFFIX ".blobs"
#define TF_CACHE_TEMPORARY ".tmp-" /* prefix of files that are being written */
#define TF_CACHE_NAME_MAX 64u

/* An entry is this, then the extents (struct tf_extent), then their slots, then the
 * frames. */
struct tf_cache_head {
    char magic[8];
    struct tf_file_identity identity;
    uint64_t offset, len; /* range of the file that is covered */
    uint64_t size;        /* bytes of the entry */
    uint32_t count;       /* extents */
    uint32_t reserved;
    uint64_t tables_check; /* XXH64 of extents and slots, seeded with XXH64 of what is before */
    uint64_t check;        /* XXH64 of what follows, seeded with XXH64 of what is before */
};
_Static_assert(sizeof(struct tf_cache_head) == 96, "tf_cache_head layout");

struct tf_cache_slot {
    uint64_t offset; /* of the frame in the entry */
    uint64_t len;
    uint64_t check; /* XXH64 of the frame */
};

struct tf_cache_entry {
    const unsigned char *map;
    size_t size;
    struct tf_cache_head head;
    const struct tf_extent *extents;
    const struct tf_cache_slot *slots;
    struct tf_blobcache *cache;
    int file;              /* of whose contents it holds, or -1; see cacheplay.c */
    _Atomic unsigned refs; /* by the caller, and by jobs of a writer */
};

struct tf_blobcache {
    int dir;
    uint64_t max_bytes;
    uint64_t bytes;  /* of all entries, roughly; only the filling thread uses it */
    int counted;     /* bytes is known */
    unsigned serial; /* makes names of temporary files differ */
};

/* Name of the entry of a file, into name[TF_CACHE_NAME_MAX]. */
void tf_cache_name(char *name, const struct tf_file_identity *identity);
/* The check of an entry. */
uint64_t tf_cache_check(const struct tf_cache_head *head, const void *rest, size_t rest_len);
/* Removes the oldest entries until `need` more bytes fit. 0 or -errno. */
int tf_cache_make_room(struct tf_blobcache *cache, uint64_t need);

#endif
