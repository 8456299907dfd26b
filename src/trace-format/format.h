/*
 * format.h - the bytes of a trace file, as both writer and reader see them.
 *
 * Private to src/trace-format. The specification is docs/trace-format.md; a change
 * here is a new TF_VERSION. All integers are little-endian, as is every machine
 * this tool runs on, so the structures are copied to and from the file as they are.
 *
 * A file is: the start frame, then units, then the seek table. A unit is a tag (a
 * skippable frame of fixed size) followed by one zstd frame. Tags are chained: each
 * one's check is seeded with the check before it, so that a unit which was removed,
 * moved, repeated or taken from another trace is noticed without reading contents.
 */
#ifndef RRL_TRACE_FORMAT_H
#define RRL_TRACE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "trace-format/trace.h"

#define TF_START_MAGIC 0x184D2A50u /* skippable frame: start of the file */
#define TF_TAG_MAGIC 0x184D2A51u   /* skippable frame: tag of a unit */
#define TF_TABLE_MAGIC 0x184D2A5Eu /* skippable frame: seek table */
#define TF_TABLE_END 0x8F92EAB1u   /* last four bytes of a seek table */
#define TF_SKIPPABLE_HEAD 8u       /* magic and size of any skippable frame */

#define TF_NAME "rr-like" /* with its NUL: 8 bytes at offset 8 of the file */

struct tf_start {
    uint32_t magic; /* TF_START_MAGIC */
    uint32_t size;  /* bytes after this field */
    char name[8];   /* TF_NAME */
    uint32_t version;
    uint32_t flags; /* 0 */
    uint64_t check; /* XXH64, seed 0, of all bytes before; starts the chain */
};
_Static_assert(sizeof(struct tf_start) == 32, "tf_start layout");

enum tf_kind {
    TF_KIND_HEADER = 1,  /* first unit, exactly once */
    TF_KIND_BLOB = 2,    /* contents of one blob */
    TF_KIND_OBJECTS = 3, /* object records */
    TF_KIND_EVENTS = 4,  /* event records */
    TF_KIND_FOOTER = 5,  /* last unit of a complete trace */
};

struct tf_tag {
    uint32_t magic;    /* TF_TAG_MAGIC */
    uint32_t size;     /* bytes after this field */
    uint32_t sequence; /* of the unit, from 1 */
    uint32_t kind;     /* enum tf_kind */
    uint32_t packed;   /* bytes of the zstd frame that follows */
    uint32_t length;   /* bytes it decompresses to */
    uint64_t first;    /* number of the first event (from 1) or object (from 0) in it, else 0 */
    uint32_t count;    /* of events or objects in it, else 1 */
    uint32_t flags;    /* 0 */
    struct tf_digest digest; /* of the decompressed bytes */
    uint64_t packed_check;   /* XXH64, seed 0, of the zstd frame */
    uint64_t chain;          /* XXH64 of all bytes before, seeded with the previous chain */
};
_Static_assert(sizeof(struct tf_tag) == 72, "tf_tag layout");

/* Limits on decompressed bytes of one unit. */
#define TF_FRAME_MIN 4096u             /* smallest target size of an event frame */
#define TF_FRAME_MAX (4u << 20)        /* events */
#define TF_OBJECTS_MAX (64u << 20)     /* object records */
#define TF_OBJECT_COUNT_MAX (1u << 20) /* objects of a trace */
#define TF_UNIT_COUNT_MAX (1u << 26)   /* keeps the seek table's size in 32 bits */

/* An event record: its length in 8 bytes, the event, zeros up to a multiple of 8. */
#define TF_EVENT_HEAD 8u

static inline uint64_t tf_round8(uint64_t n)
{
    return (n + 7u) & ~(uint64_t)7u;
}

/* XXH64 of the public xxHash specification. */
uint64_t tf_xxh64(const void *data, size_t len, uint64_t seed);

/* Fills in the start frame of this version. */
void tf_start_make(struct tf_start *start);
/* 0, TF_E_NOT_A_TRACE, TF_E_VERSION or TF_E_CORRUPT. */
int tf_start_check(const struct tf_start *start);

/* Completes a tag (magic, size, flags, chain) that follows one with check `chain`. */
void tf_tag_seal(struct tf_tag *tag, uint64_t chain);
/* True when the tag is whole, follows `chain`, and keeps to the limits of its kind. */
int tf_tag_valid(const struct tf_tag *tag, uint64_t chain);

/* Sizes of one unit, as the seek table lists them. */
struct tf_unit_size {
    uint32_t packed, length;
};
/* Bytes of the seek table for `units` units. */
size_t tf_table_size(uint64_t units);
/* Writes that many bytes to `table`. */
void tf_table_make(void *table, const struct tf_unit_size *units, uint64_t count);

#endif
