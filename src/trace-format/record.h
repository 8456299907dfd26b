/*
 * record.h - objects as bytes: making and checking the records of an OBJECTS unit.
 * Private to src/trace-format.
 */
#ifndef RRL_TRACE_RECORD_H
#define RRL_TRACE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "trace-format/trace.h"

/* A record: this head, the path without NUL, zeros up to a multiple of 8, then the
 * extents as struct tf_extent. */
struct tf_record {
    uint32_t size; /* bytes of the record, head included; a multiple of 8 */
    uint32_t id, generation, flags, mode;
    uint32_t extent_count;
    uint64_t file_size;
    int64_t mtime_ns;
    uint32_t path_len; /* 0 .. TF_PATH_MAX - 1 */
    uint32_t reserved; /* 0 */
};
_Static_assert(sizeof(struct tf_record) == 48, "tf_record layout");
_Static_assert(sizeof(struct tf_extent) == 32, "tf_extent layout");

/* Bytes of the object's record: 0 or TF_E_TOO_BIG, -EINVAL for an object that breaks
 * the rules of trace.h. */
int tf_record_size(const struct tf_object *object, size_t *size);
void tf_record_make(void *record, const struct tf_object *object);

/* Reads the head of the record at `data`, of which `left` bytes are there; checks
 * that it is whole. 0 or TF_E_CORRUPT. */
int tf_record_head(const void *data, size_t left, struct tf_record *head);
/* The object of a record that tf_record_head accepted. *object is to be freed with
 * free(), as one block. 0, -ENOMEM or TF_E_CORRUPT. */
int tf_record_read(const void *data, struct tf_object **object);

#endif
