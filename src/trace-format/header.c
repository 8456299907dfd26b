/*
 * header.c - building and parsing the sections of a trace's header.
 */
#include "trace-format/header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace-format/format.h"

/* Before the bytes of each section, which are padded with zeros to a multiple of 8. */
struct section_head {
    uint32_t tag;
    uint32_t reserved; /* 0 */
    uint64_t len;
};
_Static_assert(sizeof(struct section_head) == 16, "section_head layout");

int tf_header_build(const struct tf_section *sections, size_t count, void **out, size_t *len)
{
    uint64_t total = 0;
    unsigned char *p;

    if (count > TF_SECTIONS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        if (sections[i].tag == 0)
            return -EINVAL;
        if (sections[i].len > TF_HEADER_MAX)
            return TF_E_TOO_BIG;
        total += sizeof(struct section_head) + tf_round8(sections[i].len);
    }
    if (total > TF_HEADER_MAX)
        return TF_E_TOO_BIG;
    p = calloc(1, (size_t)total + 1);
    if (p == NULL)
        return -ENOMEM;
    *out = p;
    *len = (size_t)total;
    for (size_t i = 0; i < count; i++) {
        struct section_head head = {.tag = sections[i].tag, .len = sections[i].len};
        memcpy(p, &head, sizeof(head));
        if (sections[i].len > 0)
            memcpy(p + sizeof(head), sections[i].data, sections[i].len);
        p += sizeof(head) + tf_round8(sections[i].len);
    }
    return 0;
}

int tf_header_parse(const void *data, size_t len, struct tf_header *header)
{
    const unsigned char *p = data;
    struct section_head head;

    header->count = 0;
    while (len > 0) {
        if (header->count == TF_SECTIONS_MAX || len < sizeof(head))
            return TF_E_CORRUPT;
        memcpy(&head, p, sizeof(head));
        p += sizeof(head);
        len -= sizeof(head);
        if (head.tag == 0 || head.reserved != 0 || head.len > len || tf_round8(head.len) > len)
            return TF_E_CORRUPT;
        header->sections[header->count++] = (struct tf_section){head.tag, p, (size_t)head.len};
        p += tf_round8(head.len);
        len -= (size_t)tf_round8(head.len);
    }
    return 0;
}

const struct tf_section *tf_header_find(const struct tf_header *header, uint32_t tag)
{
    for (size_t i = 0; i < header->count; i++)
        if (header->sections[i].tag == tag)
            return &header->sections[i];
    return NULL;
}

static int64_t copy_value(const char *value, size_t len, char *buf, size_t cap)
{
    if (len >= cap)
        return TF_E_TOO_BIG;
    memcpy(buf, value, len);
    buf[len] = '\0';
    return (int64_t)len;
}

int64_t tf_header_text(const struct tf_header *header, const char *key, char *buf, size_t cap)
{
    const struct tf_section *text = tf_header_find(header, TF_SECTION_TEXT);
    size_t key_len = strlen(key);
    const char *line, *end;

    if (text == NULL)
        return TF_E_NOT_FOUND;
    line = text->data;
    end = line + text->len;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((stop != NULL ? stop : end) - line);
        if (len > key_len && memcmp(line, key, key_len) == 0 && line[key_len] == '=')
            return copy_value(line + key_len + 1, len - key_len - 1, buf, cap);
        if (stop == NULL)
            break;
        line = stop + 1;
    }
    return TF_E_NOT_FOUND;
}
