/*
 * objects.c - finding objects and blobs, and reading an object as if it were a file.
 */
#include "trace-format/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace-format/record.h"

/* ------------------------------------------------------------------ blobs */

uint32_t tf_blob_find(const struct tf_reader *r, const struct tf_digest *digest)
{
    uint32_t low = 0, high = r->blob_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2, unit = r->blob_units[middle];
        const struct tf_digest *d = &r->units[unit].digest;
        if (d->w[0] == digest->w[0] && d->w[1] == digest->w[1])
            return unit;
        if (d->w[0] < digest->w[0] || (d->w[0] == digest->w[0] && d->w[1] < digest->w[1]))
            low = middle + 1;
        else
            high = middle;
    }
    return TF_NO_UNIT;
}

int64_t tf_reader_blob(struct tf_reader *r, const struct tf_digest *digest, void *buf, size_t cap)
{
    uint32_t unit = tf_blob_find(r, digest);
    int rc;

    if (unit == TF_NO_UNIT)
        return TF_E_NOT_FOUND;
    if (r->units[unit].length > cap)
        return TF_E_TOO_BIG;
    rc = tf_unit_load(r, unit, buf);
    return rc < 0 ? rc : (int64_t)r->units[unit].length;
}

/* ------------------------------------------------------------------ index */

static int add_object(struct tf_reader *r, const struct tf_record *head, uint32_t unit,
                      uint32_t offset)
{
    if (r->object_count == r->object_cap) {
        uint32_t cap = r->object_cap == 0 ? 64 : r->object_cap * 2;
        struct tf_object_place *objects = realloc(r->objects, cap * sizeof(*objects));
        if (objects == NULL)
            return -ENOMEM;
        r->objects = objects;
        r->object_cap = cap;
    }
    r->objects[r->object_count++] = (struct tf_object_place){
        .id = head->id, .generation = head->generation, .unit = unit, .offset = offset};
    return 0;
}

static int index_unit(struct tf_reader *r, uint32_t unit)
{
    struct tf_record head;
    size_t at = 0;
    int rc = tf_page_load(r, &r->object_page, unit);

    for (uint32_t i = 0; rc == 0 && i < r->units[unit].count; i++) {
        rc = tf_record_head(r->object_page.data + at, r->units[unit].length - at, &head);
        if (rc == 0)
            rc = add_object(r, &head, unit, (uint32_t)at);
        at += head.size;
    }
    return rc;
}

static int compare_places(const struct tf_object_place *a, const struct tf_object_place *b)
{
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    if (a->generation != b->generation)
        return a->generation < b->generation ? -1 : 1;
    return 0;
}

static int compare_names(const void *a, const void *b, void *arg)
{
    const struct tf_object_place *objects = arg;
    const uint32_t *x = a, *y = b;
    int order = compare_places(&objects[*x], &objects[*y]);

    return order != 0 ? order : *x < *y ? -1 : *x > *y;
}

static int sort_names(struct tf_reader *r)
{
    if (r->object_count == 0)
        return 0;
    r->object_names = malloc(r->object_count * sizeof(*r->object_names));
    if (r->object_names == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; i < r->object_count; i++)
        r->object_names[i] = i;
    qsort_r(r->object_names, r->object_count, sizeof(*r->object_names), compare_names, r->objects);
    return 0;
}

int tf_objects_index(struct tf_reader *r)
{
    for (uint32_t unit = 0; unit < r->unit_count; unit++) {
        uint32_t before = r->object_count;
        int rc;
        if (r->units[unit].kind != TF_KIND_OBJECTS)
            continue;
        rc = index_unit(r, unit);
        if (rc == TF_E_CORRUPT) {
            r->object_count = before;
            tf_scan_cut(r, unit);
        } else if (rc < 0) {
            return rc;
        }
    }
    return sort_names(r);
}

/* ---------------------------------------------------------------- objects */

int tf_reader_object_at(struct tf_reader *r, uint64_t i, const struct tf_object **object)
{
    struct tf_object_place *place;
    int rc = 0;

    if (i >= r->object_count)
        return TF_E_NOT_FOUND;
    place = &r->objects[i];
    if (place->object == NULL) {
        rc = tf_page_load(r, &r->object_page, place->unit);
        if (rc == 0)
            rc = tf_record_read(r->object_page.data + place->offset, &place->object);
    }
    *object = place->object;
    return rc;
}

int tf_reader_object(struct tf_reader *r, uint32_t id, uint32_t generation,
                     const struct tf_object **object)
{
    const struct tf_object_place wanted = {.id = id, .generation = generation};
    uint32_t low = 0, high = r->object_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_places(&r->objects[r->object_names[middle]], &wanted);
        if (order == 0)
            return tf_reader_object_at(r, r->object_names[middle], object);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return TF_E_NOT_FOUND;
}

/* Bytes [from, from + len) of an extent, which lie inside it. */
static int read_extent(struct tf_reader *r, const struct tf_extent *e, unsigned char *dst,
                       uint32_t from, size_t len)
{
    uint32_t unit = tf_blob_find(r, &e->digest);
    int rc;

    if (unit == TF_NO_UNIT)
        return TF_E_NOT_FOUND;
    if (r->units[unit].length != e->len)
        return TF_E_CORRUPT;
    if (len == e->len && r->blob_page.unit != unit)
        return tf_unit_load(r, unit, dst);
    rc = tf_page_load(r, &r->blob_page, unit);
    if (rc == 0)
        memcpy(dst, r->blob_page.data + from, len);
    return rc;
}

/* First extent that ends behind `offset`, or extent_count. */
static uint32_t first_extent(const struct tf_object *object, uint64_t offset)
{
    uint32_t low = 0, high = object->extent_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (object->extents[middle].offset + object->extents[middle].len <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t tf_reader_object_read(struct tf_reader *r, const struct tf_object *object, void *buf,
                              size_t len, uint64_t offset)
{
    unsigned char *dst = buf;
    uint64_t end;

    if (offset >= object->size)
        return 0;
    if (len > object->size - offset)
        len = (size_t)(object->size - offset);
    end = offset + len;
    memset(dst, 0, len);
    for (uint32_t i = first_extent(object, offset); i < object->extent_count; i++) {
        const struct tf_extent *e = &object->extents[i];
        uint64_t from = e->offset > offset ? e->offset : offset;
        uint64_t to = e->offset + e->len < end ? e->offset + e->len : end;
        int rc;
        if (from >= to)
            break;
        rc = read_extent(r, e, dst + (from - offset), (uint32_t)(from - e->offset),
                         (size_t)(to - from));
        if (rc < 0)
            return rc;
    }
    return (int64_t)len;
}
