/*
 * reader.h - what the parts of the reader share. Private to src/trace-format.
 *
 * scan.c finds the units and judges the file's end, unit.c loads one unit, objects.c
 * and reader.c answer the questions of trace.h.
 */
#ifndef RRL_TRACE_READER_H
#define RRL_TRACE_READER_H

#include <stdint.h>
#include <zstd.h>

#include "trace-format/format.h"
#include "trace-format/trace.h"

#define TF_NO_UNIT UINT32_MAX

/* A unit as the reader remembers it. */
struct tf_entry {
    uint64_t offset; /* of its tag in the file */
    uint64_t first;
    uint32_t kind, packed, length, count;
    struct tf_digest digest;
    uint64_t packed_check;
};

/* Decompressed contents of one unit, kept until another one is wanted. */
struct tf_page {
    uint32_t unit; /* TF_NO_UNIT: empty */
    unsigned char *data;
    size_t cap;
};

/* Where the record of an object lies. */
struct tf_object_place {
    uint32_t id, generation;
    uint32_t unit, offset;    /* offset in the unit's contents */
    struct tf_object *object; /* NULL until asked for */
};

struct tf_reader {
    int fd;
    uint64_t file_bytes;
    uint64_t good_bytes; /* end of the last whole unit, or of the seek table */
    int complete;
    int damage; /* TF_E_CORRUPT when the file goes on behind good_bytes, but wrongly */

    struct tf_entry *units;
    uint32_t unit_count, unit_cap;
    uint32_t *event_units; /* in order of events */
    uint32_t event_unit_count;
    uint32_t *blob_units; /* sorted by digest */
    uint32_t blob_count;
    struct tf_object_place *objects; /* in file order */
    uint32_t object_count, object_cap;
    uint32_t *object_names; /* indexes of objects, sorted by (id, generation) */
    uint64_t events, event_bytes, blob_bytes;

    ZSTD_DCtx *dctx;
    unsigned char *packed; /* a compressed frame, as read */
    size_t packed_cap;
    struct tf_page header, footer, event_page, blob_page, object_page;

    /* The cursor: the next event is at `next_offset` of unit event_units[next_frame]. */
    uint32_t next_frame;
    size_t next_offset;
};

/* pread until `len` bytes or the end of file. Bytes read or -errno. */
int64_t tf_read_at(int fd, void *buf, size_t len, uint64_t offset);

/* Walks all tags: fills units, good_bytes, complete, damage. 0 or an error that means
 * that nothing of the file can be used. */
int tf_scan(struct tf_reader *r);
/* Forgets unit `unit` and all after it: the file is damaged there. */
void tf_scan_cut(struct tf_reader *r, uint32_t unit);

/* Contents of a unit into dst, which has room for its length. 0 or an error. */
int tf_unit_load(struct tf_reader *r, uint32_t unit, void *dst);
/* The same into a page, unless it is there already. */
int tf_page_load(struct tf_reader *r, struct tf_page *page, uint32_t unit);
void tf_page_free(struct tf_page *page);
/* Checks the inner structure of a unit's contents: records of events and objects. */
int tf_unit_check(const struct tf_entry *entry, const unsigned char *data);

/* Lists all objects; a damaged unit is cut off with what follows. 0 or -ENOMEM. */
int tf_objects_index(struct tf_reader *r);
/* Unit of the blob, or TF_NO_UNIT. */
uint32_t tf_blob_find(const struct tf_reader *r, const struct tf_digest *digest);

#endif
