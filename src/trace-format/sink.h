/*
 * sink.h - the end of a trace file that is being written: units in, bytes out.
 * Private to src/trace-format. Used by one thread at a time.
 */
#ifndef RRL_TRACE_SINK_H
#define RRL_TRACE_SINK_H

#include <stdint.h>
#include <zstd.h>

#include "trace-format/format.h"

/* Where a blob's zstd frame lies in the file. */
struct tf_place {
    uint64_t offset;
    uint32_t packed;
};

struct tf_sink {
    int fd;
    uint64_t max_size; /* cap in bytes of the file, 0: none */
    uint64_t size;     /* bytes written: always whole units */
    uint64_t chain;    /* check of the last tag */
    ZSTD_CCtx *cctx;
    unsigned char *packed; /* room for one compressed frame */
    size_t packed_cap;
    struct tf_unit_size *units;
    uint64_t unit_count, unit_cap;
    struct tf_place *blobs; /* in the order stored */
    uint64_t blob_count, blob_cap;
};

/* A unit to store. */
struct tf_unit {
    uint32_t kind;  /* enum tf_kind */
    int profile;    /* for tf_pack; ignored when `packed` */
    uint64_t first; /* see struct tf_tag */
    uint32_t count;
    uint32_t length;         /* decompressed bytes */
    const void *data;        /* length bytes, or a ready frame of `packed` bytes */
    uint32_t packed;         /* 0: data is to be compressed */
    struct tf_digest digest; /* of the contents; only needed for blobs */
    int checked;             /* packed_check is known: XXH64 of the ready frame */
    uint64_t packed_check;
};

/* Takes fd over, also when it fails (-ENOMEM). Writes nothing yet. */
int tf_sink_open(struct tf_sink *sink, int fd, uint64_t max_size);
/* Writes the start frame: before the first unit. */
int tf_sink_start(struct tf_sink *sink);
/* Appends one unit. 0, TF_E_LIMIT, TF_E_TOO_BIG or -errno; on failure the file still
 * ends with the unit before. */
int tf_sink_put(struct tf_sink *sink, const struct tf_unit *unit);
/* Appends the seek table: nothing may follow. */
int tf_sink_finish(struct tf_sink *sink);
/* Closes the file and frees what the sink holds. 0 or -errno of close(). */
int tf_sink_close(struct tf_sink *sink);

#endif
