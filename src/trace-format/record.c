/*
 * record.c - writer and reader of object records, side by side.
 */
#include "trace-format/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace-format/format.h"

/* Sorted, apart, each of a legal length and inside the file. */
static int extents_valid(const struct tf_extent *extents, uint32_t count, uint64_t file_size)
{
    uint64_t end = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct tf_extent *e = &extents[i];
        if (e->len == 0 || e->len > TF_BLOB_MAX || e->reserved != 0)
            return 0;
        if (e->offset < end || e->offset > file_size || e->len > file_size - e->offset)
            return 0;
        end = e->offset + e->len;
    }
    return 1;
}

int tf_record_size(const struct tf_object *object, size_t *size)
{
    size_t path_len = strnlen(object->path, sizeof(object->path));
    uint64_t bytes;

    if (path_len == sizeof(object->path))
        return TF_E_TOO_BIG;
    if (object->id == 0 || object->generation == 0 ||
        !extents_valid(object->extents, object->extent_count, object->size))
        return -EINVAL;
    bytes = sizeof(struct tf_record) + tf_round8(path_len) +
            (uint64_t)object->extent_count * sizeof(struct tf_extent);
    if (bytes > TF_OBJECTS_MAX)
        return TF_E_TOO_BIG;
    *size = (size_t)bytes;
    return 0;
}

void tf_record_make(void *record, const struct tf_object *object)
{
    size_t path_len = strlen(object->path);
    size_t extents = object->extent_count * sizeof(struct tf_extent);
    struct tf_record head = {
        .size = (uint32_t)(sizeof(head) + tf_round8(path_len) + extents),
        .id = object->id,
        .generation = object->generation,
        .flags = object->flags,
        .mode = object->mode,
        .extent_count = object->extent_count,
        .file_size = object->size,
        .mtime_ns = object->mtime_ns,
        .path_len = (uint32_t)path_len,
    };
    unsigned char *p = record;

    memset(p, 0, head.size);
    memcpy(p, &head, sizeof(head));
    memcpy(p + sizeof(head), object->path, path_len);
    if (extents > 0)
        memcpy(p + head.size - extents, object->extents, extents);
}

int tf_record_head(const void *data, size_t left, struct tf_record *head)
{
    uint64_t bytes;

    if (left < sizeof(*head))
        return TF_E_CORRUPT;
    memcpy(head, data, sizeof(*head));
    bytes = sizeof(*head) + tf_round8(head->path_len) +
            (uint64_t)head->extent_count * sizeof(struct tf_extent);
    if (head->path_len >= TF_PATH_MAX || head->size != bytes || bytes > left || head->id == 0 ||
        head->generation == 0 || head->reserved != 0)
        return TF_E_CORRUPT;
    return 0;
}

int tf_record_read(const void *data, struct tf_object **out)
{
    const unsigned char *p = data;
    struct tf_record head;
    struct tf_object *object;
    size_t extents;

    memcpy(&head, p, sizeof(head));
    extents = head.extent_count * sizeof(struct tf_extent);
    object = calloc(1, sizeof(*object) + extents);
    if (object == NULL)
        return -ENOMEM;
    object->id = head.id;
    object->generation = head.generation;
    object->flags = head.flags;
    object->mode = head.mode;
    object->size = head.file_size;
    object->mtime_ns = head.mtime_ns;
    memcpy(object->path, p + sizeof(head), head.path_len);
    object->extent_count = head.extent_count;
    object->extents = (struct tf_extent *)(object + 1);
    memcpy(object->extents, p + head.size - extents, extents);
    if (strlen(object->path) != head.path_len ||
        !extents_valid(object->extents, object->extent_count, object->size)) {
        free(object);
        return TF_E_CORRUPT;
    }
    *out = object;
    return 0;
}
