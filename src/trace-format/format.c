/*
 * format.c - making and checking the fixed parts of a trace: the start frame, the
 * tags and the seek table. What one side makes, the other checks, in one place.
 */
#include "trace-format/format.h"

#include <string.h>
#include <zstd.h>

void tf_start_make(struct tf_start *start)
{
    memset(start, 0, sizeof(*start));
    start->magic = TF_START_MAGIC;
    start->size = sizeof(*start) - TF_SKIPPABLE_HEAD;
    memcpy(start->name, TF_NAME, sizeof(start->name));
    start->version = TF_VERSION;
    start->check = tf_xxh64(start, offsetof(struct tf_start, check), 0);
}

int tf_start_check(const struct tf_start *start)
{
    if (start->magic != TF_START_MAGIC || memcmp(start->name, TF_NAME, sizeof(start->name)) != 0)
        return TF_E_NOT_A_TRACE;
    if (start->check != tf_xxh64(start, offsetof(struct tf_start, check), 0))
        return TF_E_CORRUPT;
    if (start->version != TF_VERSION)
        return TF_E_VERSION;
    if (start->size != sizeof(*start) - TF_SKIPPABLE_HEAD || start->flags != 0)
        return TF_E_CORRUPT;
    return 0;
}

void tf_tag_seal(struct tf_tag *tag, uint64_t chain)
{
    tag->magic = TF_TAG_MAGIC;
    tag->size = sizeof(*tag) - TF_SKIPPABLE_HEAD;
    tag->flags = 0;
    tag->chain = tf_xxh64(tag, offsetof(struct tf_tag, chain), chain);
}

/* Most decompressed bytes that a unit of this kind may have; 0: no such kind. */
static uint32_t kind_limit(uint32_t kind)
{
    switch (kind) {
    case TF_KIND_HEADER:
    case TF_KIND_FOOTER:
        return TF_HEADER_MAX;
    case TF_KIND_BLOB:
        return TF_BLOB_MAX;
    case TF_KIND_OBJECTS:
        return TF_OBJECTS_MAX;
    case TF_KIND_EVENTS:
        return TF_FRAME_MAX;
    default:
        return 0;
    }
}

int tf_tag_valid(const struct tf_tag *tag, uint64_t chain)
{
    uint32_t limit = kind_limit(tag->kind);

    if (tag->magic != TF_TAG_MAGIC || tag->size != sizeof(*tag) - TF_SKIPPABLE_HEAD)
        return 0;
    if (tag->chain != tf_xxh64(tag, offsetof(struct tf_tag, chain), chain))
        return 0;
    if (limit == 0 || tag->length > limit || tag->flags != 0 || tag->count == 0)
        return 0;
    /* A frame is never much longer than its contents, and never a 32768th of them:
     * the densest block of zstd gives 128 KiB for four bytes. */
    return tag->packed <= ZSTD_compressBound(tag->length) + 64 && tag->packed > 0 &&
           tag->length / 32768 <= tag->packed;
}

/* ------------------------------------------------------------- seek table
 * One entry for every frame before the table: the start frame, and for each unit
 * its tag and its zstd frame.
 */
#define TABLE_FOOT 9u

static unsigned char *put32(unsigned char *p, uint32_t value)
{
    memcpy(p, &value, sizeof(value));
    return p + sizeof(value);
}

static unsigned char *put_entry(unsigned char *p, uint32_t packed, uint32_t length)
{
    return put32(put32(p, packed), length);
}

size_t tf_table_size(uint64_t units)
{
    return TF_SKIPPABLE_HEAD + 8 * (1 + 2 * units) + TABLE_FOOT;
}

void tf_table_make(void *table, const struct tf_unit_size *units, uint64_t count)
{
    unsigned char *p = table;

    p = put32(p, TF_TABLE_MAGIC);
    p = put32(p, (uint32_t)(tf_table_size(count) - TF_SKIPPABLE_HEAD));
    p = put_entry(p, sizeof(struct tf_start), 0);
    for (uint64_t i = 0; i < count; i++) {
        p = put_entry(p, sizeof(struct tf_tag), 0);
        p = put_entry(p, units[i].packed, units[i].length);
    }
    p = put32(p, (uint32_t)(1 + 2 * count));
    *p++ = 0; /* no checksums: the zstd frames carry their own */
    put32(p, TF_TABLE_END);
}
