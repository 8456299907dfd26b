/*
 * unit.c - reads one unit's contents and checks them.
 */
#include "trace-format/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace-format/codec.h"
#include "trace-format/record.h"

int64_t tf_read_at(int fd, void *buf, size_t len, uint64_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = pread(fd, (char *)buf + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (int64_t)done;
}

/* Grows a buffer whose contents need not survive. */
static int make_room(unsigned char **data, size_t *cap, size_t need)
{
    if (need <= *cap && *data != NULL)
        return 0;
    free(*data);
    *cap = 0;
    *data = malloc(need + 1);
    if (*data == NULL)
        return -ENOMEM;
    *cap = need;
    return 0;
}

int tf_unit_load(struct tf_reader *r, uint32_t unit, void *dst)
{
    const struct tf_entry *e = &r->units[unit];
    int64_t n;

    if (make_room(&r->packed, &r->packed_cap, e->packed) < 0)
        return -ENOMEM;
    n = tf_read_at(r->fd, r->packed, e->packed, e->offset + sizeof(struct tf_tag));
    if (n < 0)
        return (int)n;
    if ((uint64_t)n != e->packed) /* the file has shrunk since it was opened */
        return TF_E_CORRUPT;
    /* Before zstd sees it, and because zstd has bits that it does not look at. */
    if (tf_xxh64(r->packed, e->packed, 0) != e->packed_check)
        return TF_E_CORRUPT;
    return tf_unpack(r->dctx, dst, e->length, r->packed, e->packed, &e->digest);
}

static int events_check(const struct tf_entry *e, const unsigned char *data)
{
    size_t at = 0;

    for (uint32_t i = 0; i < e->count; i++) {
        uint64_t len;
        if (e->length - at < TF_EVENT_HEAD)
            return TF_E_CORRUPT;
        memcpy(&len, data + at, sizeof(len));
        at += TF_EVENT_HEAD;
        if (len == 0 || len > TF_EVENT_MAX || tf_round8(len) > e->length - at)
            return TF_E_CORRUPT;
        at += (size_t)tf_round8(len);
    }
    return at == e->length ? 0 : TF_E_CORRUPT;
}

static int objects_check(const struct tf_entry *e, const unsigned char *data)
{
    struct tf_record head;
    size_t at = 0;

    for (uint32_t i = 0; i < e->count; i++) {
        if (tf_record_head(data + at, e->length - at, &head) < 0)
            return TF_E_CORRUPT;
        at += head.size;
    }
    return at == e->length ? 0 : TF_E_CORRUPT;
}

int tf_unit_check(const struct tf_entry *entry, const unsigned char *data)
{
    switch (entry->kind) {
    case TF_KIND_EVENTS:
        return events_check(entry, data);
    case TF_KIND_OBJECTS:
        return objects_check(entry, data);
    default:
        return 0; /* bytes without structure */
    }
}

int tf_page_load(struct tf_reader *r, struct tf_page *page, uint32_t unit)
{
    int rc;

    if (page->unit == unit)
        return 0;
    page->unit = TF_NO_UNIT;
    if (make_room(&page->data, &page->cap, r->units[unit].length) < 0)
        return -ENOMEM;
    rc = tf_unit_load(r, unit, page->data);
    if (rc == 0)
        rc = tf_unit_check(&r->units[unit], page->data);
    if (rc == 0)
        page->unit = unit;
    return rc;
}

void tf_page_free(struct tf_page *page)
{
    free(page->data);
    *page = (struct tf_page){.unit = TF_NO_UNIT};
}
