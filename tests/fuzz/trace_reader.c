/*
 * trace_reader.c - fuzzing entry: opens the bytes as a trace and asks the reader for
 * everything it can give. Promises that the reader breaks end in abort().
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace-format/header.h"
#include "trace-format/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OBJECTS_READ 20 /* per input: enough to see each kind of damage */

static void must(int promise)
{
    if (!promise)
        abort();
}

/* All bytes can be read: a sanitizer or the processor objects if not. */
static uint64_t touch(const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i += 64)
        sum += p[i];
    return len > 0 ? sum + p[len - 1] : sum;
}

static int is_error(int64_t rc)
{
    return rc < 0 && rc >= TF_E_LIMIT;
}

static void read_events(struct tf_reader *r, const struct tf_info *info)
{
    uint64_t count = 0;
    const void *data;
    size_t len;
    int rc;

    while ((rc = tf_reader_next(r, &data, &len)) == 1) {
        must(len > 0 && len <= TF_EVENT_MAX && (uintptr_t)data % 8 == 0);
        touch(data, len);
        count++;
    }
    must(rc == 0 || is_error(rc));
    must(count <= info->events && (rc < 0 || count == info->events));
    for (uint64_t n = info->events + 1; n > 0; n -= 1 + n / 7) {
        if (tf_reader_seek(r, n) == 0 && n <= info->events)
            must(tf_reader_next(r, &data, &len) == 1);
    }
    must(tf_reader_seek(r, info->events + 2) == TF_E_NOT_FOUND);
}

static void read_object(struct tf_reader *r, const struct tf_object *object)
{
    static unsigned char buf[TF_BLOB_MAX];
    uint64_t end = 0;

    must(memchr(object->path, 0, sizeof(object->path)) != NULL);
    for (uint32_t i = 0; i < object->extent_count; i++) {
        const struct tf_extent *e = &object->extents[i];
        int64_t n;
        must(e->len > 0 && e->offset >= end && e->offset + e->len <= object->size);
        end = e->offset + e->len;
        if (i > OBJECTS_READ)
            continue;
        n = tf_reader_blob(r, &e->digest, buf, sizeof(buf));
        must(is_error(n) || (n > 0 && n <= TF_BLOB_MAX));
        n = tf_reader_object_read(r, object, buf, 1000, e->offset + e->len / 2);
        must(is_error(n) || (n >= 0 && n <= 1000));
    }
    must(tf_reader_object_read(r, object, buf, 10, object->size) == 0);
}

static void read_objects(struct tf_reader *r, const struct tf_info *info)
{
    const struct tf_object *object;

    must(tf_reader_object_at(r, info->objects, &object) == TF_E_NOT_FOUND);
    for (uint64_t i = 0; i < info->objects && i < OBJECTS_READ; i++) {
        int rc = tf_reader_object_at(r, i, &object);
        must(rc == 0 || is_error(rc));
        if (rc == 0)
            read_object(r, object);
        if (rc == 0)
            must(tf_reader_object(r, object->id, object->generation, &object) == 0 ||
                 info->objects > 1); /* a namesake may be broken */
    }
}

static void read_header(struct tf_reader *r)
{
    struct tf_header header;
    const void *data;
    char text[50];
    size_t len;

    must(tf_reader_header(r, &data, &len) == 0);
    touch(data, len);
    if (tf_header_parse(data, len, &header) == 0) {
        for (size_t i = 0; i < header.count; i++)
            touch(header.sections[i].data, header.sections[i].len);
        tf_header_text(&header, "key", text, sizeof(text));
    }
    if (tf_reader_footer(r, &data, &len) == 0)
        touch(data, len);
}

/* A file in memory, used again for each input. */
static int file_of(const uint8_t *data, size_t size)
{
    static int fd = -1;

    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    must(fd >= 0 && ftruncate(fd, 0) == 0);
    must(pwrite(fd, data, size, 0) == (ssize_t)size);
    return dup(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tf_reader *r;
    struct tf_info info;
    uint64_t bad = 0;
    int rc = tf_reader_open(&r, file_of(data, size));

    if (rc < 0) {
        must(is_error(rc));
        return 0;
    }
    tf_reader_info(r, &info);
    must(info.good_bytes <= info.file_bytes && info.file_bytes == size);
    must(!info.complete || (info.damage == 0 && info.good_bytes == size));
    read_header(r);
    read_events(r, &info);
    read_objects(r, &info);
    rc = tf_reader_verify(r, &bad);
    must(rc == 0 || is_error(rc));
    must(bad <= size);
    tf_reader_close(r);
    return 0;
}
