/*
 * scan.c - finds the units of a trace by walking its tags.
 *
 * One road for whole and for cut traces: the walk reads 72 bytes per unit, so that a
 * trace of gigabytes takes milliseconds, and everything found is checked by the chain.
 * The seek table adds nothing that the tags do not say; it must agree with them byte
 * for byte, or it is damage.
 *
 * Cut or damaged? What is there of a cut file is a prefix of a right one: the walk runs
 * into the end of the file. Anything else that does not fit is damage.
 */
#include "trace-format/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int read_start(struct tf_reader *r, uint64_t *chain)
{
    struct tf_start expected, found;
    int64_t n = tf_read_at(r->fd, &found, sizeof(found), 0);
    int rc;

    if (n < 0)
        return (int)n;
    if ((size_t)n < sizeof(found)) {
        tf_start_make(&expected);
        return memcmp(&found, &expected, (size_t)n) == 0 ? TF_E_TRUNCATED : TF_E_NOT_A_TRACE;
    }
    rc = tf_start_check(&found);
    *chain = found.check;
    return rc;
}

static int add_unit(struct tf_reader *r, const struct tf_tag *tag, uint64_t offset)
{
    if (r->unit_count == r->unit_cap) {
        uint32_t cap = r->unit_cap == 0 ? 64 : r->unit_cap * 2;
        struct tf_entry *units = realloc(r->units, cap * sizeof(*units));
        if (units == NULL)
            return -ENOMEM;
        r->units = units;
        r->unit_cap = cap;
    }
    r->units[r->unit_count++] = (struct tf_entry){
        .offset = offset,
        .first = tag->first,
        .kind = tag->kind,
        .packed = tag->packed,
        .length = tag->length,
        .count = tag->count,
        .digest = tag->digest,
        .packed_check = tag->packed_check,
    };
    return 0;
}

/* Does the tag fit where it stands? objects: how many were announced before. */
static int in_order(const struct tf_reader *r, const struct tf_tag *tag, uint64_t objects)
{
    if (tag->sequence != r->unit_count + 1 || r->unit_count >= TF_UNIT_COUNT_MAX)
        return 0;
    if ((tag->kind == TF_KIND_HEADER) != (r->unit_count == 0))
        return 0;
    switch (tag->kind) {
    case TF_KIND_EVENTS:
        return tag->first == r->events + 1 && tag->count <= tag->length / 16;
    case TF_KIND_OBJECTS:
        return tag->first == objects && tag->count <= TF_OBJECT_COUNT_MAX - objects;
    default:
        return tag->first == 0 && tag->count == 1;
    }
}

/* Reads the tag at `offset`: 1 and *tag, 0 at the end of a cut file, TF_E_CORRUPT or
 * -errno. */
static int read_tag(struct tf_reader *r, uint64_t offset, uint64_t chain, uint64_t objects,
                    struct tf_tag *tag)
{
    static const uint32_t head[2] = {TF_TAG_MAGIC, sizeof(*tag) - TF_SKIPPABLE_HEAD};
    int64_t n = tf_read_at(r->fd, tag, sizeof(*tag), offset);
    size_t known = n < (int64_t)sizeof(head) ? (size_t)n : sizeof(head);

    if (n < 0)
        return (int)n;
    if (memcmp(tag, head, known) != 0)
        return TF_E_CORRUPT;
    if ((size_t)n < sizeof(*tag))
        return 0;
    if (!tf_tag_valid(tag, chain) || !in_order(r, tag, objects))
        return TF_E_CORRUPT;
    return tag->packed <= r->file_bytes - offset - sizeof(*tag);
}

static void count_unit(struct tf_reader *r, const struct tf_entry *e, int sign)
{
    if (e->kind == TF_KIND_EVENTS) {
        r->events += (uint64_t)sign * e->count;
        r->event_bytes += (uint64_t)sign * (e->length - TF_EVENT_HEAD * (uint64_t)e->count);
        r->event_unit_count += (uint32_t)sign;
    } else if (e->kind == TF_KIND_BLOB) {
        r->blob_bytes += (uint64_t)sign * e->length;
        r->blob_count += (uint32_t)sign;
    }
}

/* Behind the footer there must be exactly the seek table that these units have. */
static int check_table(struct tf_reader *r)
{
    size_t size = tf_table_size(r->unit_count);
    uint64_t left = r->file_bytes - r->good_bytes;
    struct tf_unit_size *sizes = malloc(r->unit_count * sizeof(*sizes));
    unsigned char *made = malloc(2 * size), *found = made + size;
    int64_t n = -ENOMEM;

    if (sizes != NULL && made != NULL) {
        for (uint32_t i = 0; i < r->unit_count; i++)
            sizes[i] = (struct tf_unit_size){r->units[i].packed, r->units[i].length};
        tf_table_make(made, sizes, r->unit_count);
        n = tf_read_at(r->fd, found, size, r->good_bytes);
    }
    if (n >= 0 && memcmp(made, found, (size_t)n) != 0) {
        r->damage = TF_E_CORRUPT;
    } else if (n == (int64_t)size) {
        r->good_bytes += size;
        r->complete = left == size;
        r->damage = left == size ? 0 : TF_E_CORRUPT;
    }
    free(sizes);
    free(made);
    return n < 0 ? (int)n : 0;
}

/* All units up to the end, the damage or the footer. 1 when it was the footer. */
static int walk(struct tf_reader *r, uint64_t chain)
{
    uint64_t offset = sizeof(struct tf_start), objects = 0;
    struct tf_tag tag;
    int rc;

    do {
        rc = read_tag(r, offset, chain, objects, &tag);
        if (rc <= 0)
            return rc;
        if (add_unit(r, &tag, offset) < 0)
            return -ENOMEM;
        count_unit(r, &r->units[r->unit_count - 1], 1);
        objects += tag.kind == TF_KIND_OBJECTS ? tag.count : 0;
        offset += sizeof(tag) + tag.packed;
        r->good_bytes = offset;
        chain = tag.chain;
    } while (tag.kind != TF_KIND_FOOTER);
    return 1;
}

int tf_scan(struct tf_reader *r)
{
    uint64_t chain = 0;
    int rc = read_start(r, &chain);

    if (rc < 0)
        return rc;
    r->good_bytes = sizeof(struct tf_start);
    rc = walk(r, chain);
    if (rc == TF_E_CORRUPT && r->unit_count > 0) {
        r->damage = rc;
        return 0;
    }
    if (rc < 0)
        return rc;
    if (r->unit_count == 0)
        return TF_E_TRUNCATED;
    return rc == 1 ? check_table(r) : 0;
}

void tf_scan_cut(struct tf_reader *r, uint32_t unit)
{
    r->damage = TF_E_CORRUPT;
    r->complete = 0;
    r->good_bytes = r->units[unit].offset;
    while (r->unit_count > unit)
        count_unit(r, &r->units[--r->unit_count], -1);
}
