/*
 * header.h - the container for what a recorder puts into a trace's header: tagged
 * sections. docs/trace-format.md, "Header contents", says what each one holds.
 *
 * The trace itself takes the header as one byte string (trace.h); this is what rr-like
 * puts into it. Sections start at multiples of 8 bytes, so a parsed BOOT section can
 * be used as the structure that it is.
 */
#ifndef RRL_TRACE_HEADER_H
#define RRL_TRACE_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "trace-format/trace.h"

enum tf_section_tag {
    TF_SECTION_TEXT = 1,  /* lines of key=value, each ended by a newline */
    TF_SECTION_BOOT = 2,  /* struct rk_boot with its arrays and strings, verbatim */
    TF_SECTION_IMAGE = 3, /* struct tf_image_ref[]: the rekernel image's blobs, in order */
};

#define TF_SECTIONS_MAX 64u /* sections of one header */

struct tf_section {
    uint32_t tag; /* enum tf_section_tag; a reader skips tags it does not know */
    const void *data;
    size_t len;
};

/* One piece of the rekernel image that the trace carries as blobs. */
struct tf_image_ref {
    struct tf_digest digest;
    uint64_t len; /* bytes of the blob */
};

struct tf_header {
    struct tf_section sections[TF_SECTIONS_MAX]; /* data points into the parsed bytes */
    size_t count;
};

/* Makes a header of `count` sections. *out is allocated and the caller's to free().
 * 0, -ENOMEM, -EINVAL (tag 0, over TF_SECTIONS_MAX) or TF_E_TOO_BIG. */
int tf_header_build(const struct tf_section *sections, size_t count, void **out, size_t *len);
/* Finds the sections in `data`, which must be 8-byte aligned and stay as long as
 * *header is used. 0 or TF_E_CORRUPT. */
int tf_header_parse(const void *data, size_t len, struct tf_header *header);
/* First section with that tag, or NULL. */
const struct tf_section *tf_header_find(const struct tf_header *header, uint32_t tag);
/* Value of `key` in the TEXT section, copied into buf with a NUL. Its length, or
 * TF_E_NOT_FOUND, or TF_E_TOO_BIG when cap does not suffice. */
int64_t tf_header_text(const struct tf_header *header, const char *key, char *buf, size_t cap);

#endif
