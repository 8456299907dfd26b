/*
 * codec.h - one zstd frame in, one out. Private to src/trace-format.
 */
#ifndef RRL_TRACE_CODEC_H
#define RRL_TRACE_CODEC_H

#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

#include "trace-format/trace.h"

/* How to compress: zstd's levels, or the settings measured best for a purpose. */
enum tf_profile {
    TF_PROFILE_BLOB = 0,   /* program files: see codec.c for the measurement */
    TF_PROFILE_EVENTS = 3, /* zstd level 3 */
    TF_PROFILE_CALLS = 2,  /* zstd level 2: events with few bytes from outside */
    TF_PROFILE_BULK = 1,   /* zstd level 1: frames that are mostly file or socket contents */
    TF_PROFILE_FINEST = 100, /* no level of zstd's: files that many traces will hold */
};

/* Compresses src into one frame with content size and checksum. `profile` is a
 * zstd level, TF_PROFILE_BLOB or TF_PROFILE_FINEST. Returns the frame's length, TF_E_TOO_BIG when cap
 * (see tf_blob_bound) is too small, or -ENOMEM. */
int64_t tf_pack(ZSTD_CCtx *cctx, void *dst, size_t cap, const void *src, size_t len, int profile);

/* Decompresses exactly one frame that fills all of src into exactly len bytes, and
 * checks them by digest. Returns 0, TF_E_CORRUPT or -ENOMEM. */
int tf_unpack(ZSTD_DCtx *dctx, void *dst, size_t len, const void *src, size_t packed,
              const struct tf_digest *digest);

#endif
