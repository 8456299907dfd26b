/*
 * reader.c - opening a trace, its header and footer, the events, the full check.
 */
#include "trace-format/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------ open */

static int compare_digests(const void *a, const void *b, void *arg)
{
    const struct tf_entry *units = arg;
    const struct tf_digest *x = &units[*(const uint32_t *)a].digest;
    const struct tf_digest *y = &units[*(const uint32_t *)b].digest;

    if (x->w[0] != y->w[0])
        return x->w[0] < y->w[0] ? -1 : 1;
    return x->w[1] < y->w[1] ? -1 : x->w[1] > y->w[1];
}

/* Lists the units of events and blobs. */
static int index_units(struct tf_reader *r)
{
    uint32_t events = 0, blobs = 0;

    r->event_units = malloc((r->event_unit_count + 1) * sizeof(*r->event_units));
    r->blob_units = malloc((r->blob_count + 1) * sizeof(*r->blob_units));
    if (r->event_units == NULL || r->blob_units == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; i < r->unit_count; i++) {
        if (r->units[i].kind == TF_KIND_EVENTS)
            r->event_units[events++] = i;
        else if (r->units[i].kind == TF_KIND_BLOB)
            r->blob_units[blobs++] = i;
    }
    qsort_r(r->blob_units, blobs, sizeof(*r->blob_units), compare_digests, r->units);
    return 0;
}

/* A footer that cannot be read is damage like any other. */
static int load_footer(struct tf_reader *r)
{
    uint32_t last = r->unit_count - 1;
    int rc;

    if (r->units[last].kind != TF_KIND_FOOTER)
        return 0;
    rc = tf_page_load(r, &r->footer, last);
    if (rc == TF_E_CORRUPT) {
        tf_scan_cut(r, last);
        return 0;
    }
    return rc;
}

static int open_file(struct tf_reader *r)
{
    struct stat st;
    int rc;

    if (fstat(r->fd, &st) < 0)
        return -errno;
    r->file_bytes = (uint64_t)st.st_size;
    r->dctx = ZSTD_createDCtx();
    if (r->dctx == NULL)
        return -ENOMEM;
    rc = tf_scan(r);
    if (rc == 0)
        rc = tf_page_load(r, &r->header, 0);
    if (rc == 0)
        rc = load_footer(r);
    if (rc == 0)
        rc = tf_objects_index(r);
    if (rc == 0)
        rc = index_units(r);
    return rc;
}

int tf_reader_open(struct tf_reader **out, int fd)
{
    static const struct tf_page empty = {.unit = TF_NO_UNIT};
    struct tf_reader *r = calloc(1, sizeof(*r));
    int rc;

    if (r == NULL) {
        close(fd);
        return -ENOMEM;
    }
    r->fd = fd;
    r->header = r->footer = r->event_page = r->blob_page = r->object_page = empty;
    rc = open_file(r);
    if (rc < 0) {
        tf_reader_close(r);
        return rc;
    }
    *out = r;
    return 0;
}

void tf_reader_close(struct tf_reader *r)
{
    close(r->fd);
    for (uint32_t i = 0; i < r->object_count; i++)
        free(r->objects[i].object);
    free(r->objects);
    free(r->object_names);
    free(r->units);
    free(r->event_units);
    free(r->blob_units);
    free(r->packed);
    tf_page_free(&r->header);
    tf_page_free(&r->footer);
    tf_page_free(&r->event_page);
    tf_page_free(&r->blob_page);
    tf_page_free(&r->object_page);
    ZSTD_freeDCtx(r->dctx);
    free(r);
}

void tf_reader_info(const struct tf_reader *r, struct tf_info *info)
{
    *info = (struct tf_info){
        .version = TF_VERSION,
        .complete = r->complete,
        .damage = r->damage,
        .file_bytes = r->file_bytes,
        .good_bytes = r->good_bytes,
        .events = r->events,
        .blobs = r->blob_count,
        .objects = r->object_count,
        .frames = r->unit_count,
        .event_bytes = r->event_bytes,
        .blob_bytes = r->blob_bytes,
    };
}

int tf_reader_header(struct tf_reader *r, const void **data, size_t *len)
{
    *data = r->header.data;
    *len = r->units[0].length;
    return 0;
}

int tf_reader_footer(struct tf_reader *r, const void **data, size_t *len)
{
    if (r->footer.unit == TF_NO_UNIT || r->footer.unit >= r->unit_count)
        return TF_E_NOT_FOUND;
    *data = r->footer.data;
    *len = r->units[r->footer.unit].length;
    return 0;
}

/* ---------------------------------------------------------------- events */

/* Index in event_units of the frame that holds event `number`, which exists. */
static uint32_t frame_of(const struct tf_reader *r, uint64_t number)
{
    uint32_t low = 0, high = r->event_unit_count;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (r->units[r->event_units[middle]].first <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Bytes of the record at `offset` of the event page; *len: of the event in it. */
static size_t record_at(const struct tf_reader *r, size_t offset, uint64_t *len)
{
    memcpy(len, r->event_page.data + offset, sizeof(*len));
    return TF_EVENT_HEAD + (size_t)tf_round8(*len);
}

int tf_reader_seek(struct tf_reader *r, uint64_t number)
{
    uint64_t len;
    int rc;

    if (number == 0 || number > r->events + 1)
        return TF_E_NOT_FOUND;
    r->next_offset = 0;
    r->next_frame = r->event_unit_count;
    if (number == r->events + 1)
        return 0;
    r->next_frame = frame_of(r, number);
    rc = tf_page_load(r, &r->event_page, r->event_units[r->next_frame]);
    if (rc < 0) /* tf_reader_next will say so again */
        return rc;
    for (uint64_t at = r->units[r->event_page.unit].first; at < number; at++)
        r->next_offset += record_at(r, r->next_offset, &len);
    return 0;
}

int tf_reader_next(struct tf_reader *r, const void **data, size_t *len)
{
    uint64_t bytes;
    uint32_t unit;
    int rc;

    if (r->next_frame >= r->event_unit_count)
        return r->damage;
    unit = r->event_units[r->next_frame];
    rc = tf_page_load(r, &r->event_page, unit);
    if (rc < 0)
        return rc;
    *data = r->event_page.data + r->next_offset + TF_EVENT_HEAD;
    r->next_offset += record_at(r, r->next_offset, &bytes);
    *len = (size_t)bytes;
    if (r->next_offset >= r->units[unit].length) {
        r->next_frame++;
        r->next_offset = 0;
    }
    return 1;
}

/* ---------------------------------------------------------------- verify */

/* An object must be readable from what comes before the next event: here, that its
 * blobs are in the trace with the right lengths. */
static int verify_object(struct tf_reader *r, uint32_t i)
{
    const struct tf_object *object;
    int rc = tf_reader_object_at(r, i, &object);

    for (uint32_t k = 0; rc == 0 && k < object->extent_count; k++) {
        uint32_t unit = tf_blob_find(r, &object->extents[k].digest);
        if (unit == TF_NO_UNIT || r->units[unit].length != object->extents[k].len ||
            unit > r->objects[i].unit)
            rc = TF_E_CORRUPT;
    }
    return rc;
}

static int verify_unit(struct tf_reader *r, uint32_t unit)
{
    struct tf_page page = {.unit = TF_NO_UNIT};
    int rc = tf_page_load(r, &page, unit);

    tf_page_free(&page);
    return rc;
}

int tf_reader_verify(struct tf_reader *r, uint64_t *bad_offset)
{
    uint32_t object = 0;
    int rc;

    for (uint32_t unit = 0; unit < r->unit_count; unit++) {
        *bad_offset = r->units[unit].offset;
        rc = verify_unit(r, unit);
        for (; rc == 0 && object < r->object_count && r->objects[object].unit == unit; object++)
            rc = verify_object(r, object);
        if (rc < 0)
            return rc;
    }
    *bad_offset = r->good_bytes;
    return r->damage;
}
