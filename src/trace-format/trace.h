/*
 * trace.h - reading and writing rr-like trace files.
 *
 * A library that knows zstd and bytes; it knows no vCPU and no rekernel. The file
 * format is specified in docs/trace-format.md: a series of zstd frames and skippable
 * frames, accepted by `zstd -t` and `zstd -d`, with zstd's seekable-format seek
 * table at its end.
 *
 * What a trace holds, as this library sees it:
 *   header   one byte string (the recorder's; tagged sections, header.h)
 *   blobs    byte strings of 1 .. TF_BLOB_MAX bytes, stored once, named by digest
 *   objects  file snapshots: an identity, metadata and a list of extents that name blobs
 *   events   byte strings of at most TF_EVENT_MAX bytes, numbered from 1, in order
 *   footer   one byte string (exit status, statistics), only in a complete trace
 *
 * Order promise: a blob or an object is in the file before the first event written
 * after it. So a trace cut anywhere still holds all that its events need.
 *
 * Errors: functions return 0 (or a count) or a negative value: -errno for the
 * host's failures, or one of TF_E_* (below -10000) for what is wrong with the file.
 * tf_strerror() names both. Nothing here prints, exits or aborts.
 * Threads: one object is used by one thread at a time; the writer owns a private
 * compression thread.
 */
#ifndef RRL_TRACE_H
#define RRL_TRACE_H

#include <stddef.h>
#include <stdint.h>

#define TF_VERSION 1u             /* docs/trace-format.md, version of the format */
#define TF_BLOB_MAX (1u << 20)    /* bytes of one blob */
#define TF_EVENT_MAX (1u << 20)   /* bytes of one event */
#define TF_HEADER_MAX (64u << 20) /* bytes of header and footer */
#define TF_PATH_MAX 4096u

enum tf_error {
    TF_E_NOT_A_TRACE = -10001, /* no rr-like trace at all */
    TF_E_VERSION = -10002,     /* a trace of another format version */
    TF_E_CORRUPT = -10003,     /* checksum, structure or order is wrong */
    TF_E_TRUNCATED = -10004,   /* ends before even the header is whole */
    TF_E_NOT_FOUND = -10005,   /* no such blob, object or event */
    TF_E_TOO_BIG = -10006,     /* over one of the limits above */
    TF_E_LIMIT = -10007,       /* size cap of the trace reached */
};

/* Message for an error of this library or -errno; static or thread-local storage. */
const char *tf_strerror(int err);

/* 128-bit content name (two seeded XXH64 over the bytes). It tells equal from
 * different content and detects damage; it is no protection against forgery. */
struct tf_digest {
    uint64_t w[2];
};
struct tf_digest tf_digest(const void *data, size_t len);

/* A snapshot of (part of) a file. Extents are sorted, do not overlap, and each
 * names one blob of exactly its length; bytes between extents are zeros. */
struct tf_extent {
    uint64_t offset; /* in the file */
    uint32_t len;    /* 1 .. TF_BLOB_MAX */
    uint32_t reserved;
    struct tf_digest digest;
};
struct tf_object {
    uint32_t id;         /* the recorder's number of the file, from 1 */
    uint32_t generation; /* snapshot number of that file, from 1 */
    uint32_t flags;      /* the recorder's */
    uint32_t mode;       /* st_mode */
    uint64_t size;       /* of the file */
    int64_t mtime_ns;
    char path[TF_PATH_MAX];
    uint32_t extent_count;
    struct tf_extent *extents;
};

/* ------------------------------------------------------------------ writer */
struct tf_writer;

struct tf_writer_options {
    int level;            /* zstd level of events, 0 = default (3) */
    int blob_level;       /* zstd level of blobs, 0 = default: falls as they add up */
    uint32_t frame_bytes; /* target of uncompressed event bytes per frame, 0 = default */
    uint64_t max_size;    /* cap in bytes of the file, 0 = none: then TF_E_LIMIT */
    uint64_t finest_bytes; /* so many bytes of blobs are packed slowly and well, first of all: worth
                              it where a cache keeps the result */
};

/* Statistics, valid at any time. */
struct tf_writer_stats {
    uint64_t events, event_bytes; /* uncompressed */
    uint64_t blobs, blob_bytes;
    uint64_t file_bytes; /* written so far */
    uint64_t frames;
};

/* Starts a trace on `fd` (writable, at offset 0, empty; a pipe will do). The writer
 * takes `fd` over, also when it fails. The header is on disk on return. */
int tf_writer_open(struct tf_writer **out, int fd, const void *header, size_t len,
                   const struct tf_writer_options *options /* may be NULL */);
/* Appends one event. Buffered. A failure of the background thread (full disk ...)
 * is returned by the next call; the file then still ends in whole frames. */
int tf_writer_event(struct tf_writer *w, const void *event, size_t len);
/* Stores a blob unless the trace has it already; *digest receives its name. */
int tf_writer_blob(struct tf_writer *w, const void *data, size_t len, struct tf_digest *digest);
/* True when the trace has that blob already. */
int tf_writer_has_blob(struct tf_writer *w, const struct tf_digest *digest);
/* The same blob, compressed earlier with tf_blob_compress (a cache): no work is done
 * twice. The frame is trusted to be that blob. */
int tf_writer_blob_frame(struct tf_writer *w, const struct tf_digest *digest, const void *frame,
                         size_t frame_len, size_t blob_len);
/* Compresses one blob into a self-contained frame, as the file holds it. Returns the
 * frame's length or a negative error; `cap` >= tf_blob_bound(len) always suffices. */
int64_t tf_blob_compress(void *frame, size_t cap, const void *data, size_t len, int level);
size_t tf_blob_bound(size_t len);
/* Stores an object. All its blobs must be stored already. */
int tf_writer_object(struct tf_writer *w, const struct tf_object *object);
/* Makes everything given so far reach the file (not fsync) as whole frames. */
int tf_writer_flush(struct tf_writer *w);
void tf_writer_stats(struct tf_writer *w, struct tf_writer_stats *stats);
/* Ends the trace: remaining frames, footer, seek table; closes fd, frees w, whatever
 * it returns. */
int tf_writer_close(struct tf_writer *w, const void *footer, size_t len);
/* Gives up: closes fd and frees w; the file is left cut at a whole frame. */
void tf_writer_abandon(struct tf_writer *w);

/* ------------------------------------------------------------------ reader */
struct tf_reader;

struct tf_info {
    uint32_t version;
    int complete;        /* footer and seek table are there and agree */
    int damage;          /* TF_E_CORRUPT: the file goes on behind good_bytes, but wrongly;
                            0: it is complete, or merely cut off */
    uint64_t file_bytes; /* size of the file */
    uint64_t good_bytes; /* up to the end of the last whole frame */
    uint64_t events;     /* events in whole frames */
    uint64_t blobs, objects, frames;
    uint64_t event_bytes, blob_bytes; /* uncompressed */
};

/* Opens a trace for random access; takes `fd` (of a regular file) over, also when it
 * fails. The tags of all frames are read and checked, and the seek table against them;
 * contents are checked when they are read. A trace with damage behind its header opens
 * too: its events up to there can be read. Memory is bounded by the index (some tens
 * of bytes per frame and object) and one frame of each kind, not by what the file
 * claims. */
int tf_reader_open(struct tf_reader **out, int fd);
void tf_reader_close(struct tf_reader *r);
void tf_reader_info(const struct tf_reader *r, struct tf_info *info);
/* Header and footer bytes; owned by the reader. footer: TF_E_NOT_FOUND when cut. */
int tf_reader_header(struct tf_reader *r, const void **data, size_t *len);
int tf_reader_footer(struct tf_reader *r, const void **data, size_t *len);
/* Events in order. Positions the cursor before event `number` (1 .. events+1). */
int tf_reader_seek(struct tf_reader *r, uint64_t number);
/* Next event: 1 and *data (8-byte aligned, valid until the next call on r), 0 at the
 * end of what is whole, or an error: TF_E_CORRUPT where damage begins, again and again. */
int tf_reader_next(struct tf_reader *r, const void **data, size_t *len);
/* Object snapshot; owned by the reader. */
int tf_reader_object(struct tf_reader *r, uint32_t id, uint32_t generation,
                     const struct tf_object **object);
/* i-th object in file order, 0-based; TF_E_NOT_FOUND past the last. */
int tf_reader_object_at(struct tf_reader *r, uint64_t i, const struct tf_object **object);
/* Copies bytes [offset, offset+len) of an object (zeros where no extent is; short at
 * the file's size). Returns the bytes copied. */
int64_t tf_reader_object_read(struct tf_reader *r, const struct tf_object *object, void *buf,
                              size_t len, uint64_t offset);
/* Whole blob into buf (cap >= its length). Returns its length. Checked by digest. */
int64_t tf_reader_blob(struct tf_reader *r, const struct tf_digest *digest, void *buf, size_t cap);
/* Reads and checks every frame: 0, or the first error; *bad_offset = its place. */
int tf_reader_verify(struct tf_reader *r, uint64_t *bad_offset);

#endif
