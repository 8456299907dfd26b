/*
 * strace_text.h - text under construction: a growing buffer that fails quietly. Writers
 * need not check; whoever takes the text looks at `failed` once.
 */
#ifndef RRL_STRACE_TEXT_H
#define RRL_STRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *data; /* malloc'ed, not NUL ended */
    size_t len, cap;
    bool failed; /* out of memory: the text is incomplete */
};

void text_free(struct text *t);
void text_bytes(struct text *t, const void *data, size_t len);
void text_str(struct text *t, const char *s);
void text_char(struct text *t, char c);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Spaces until the text is `column` bytes long. */
void text_pad(struct text *t, size_t column);

/* Bytes in double quotes, C escapes, octal for what does not print. */
void text_quoted(struct text *t, const uint8_t *data, size_t len);
/* The same with every byte as \xhh, for bytes that are no text. */
void text_quoted_hex(struct text *t, const uint8_t *data, size_t len);
/* A JSON string. Valid UTF-8 stays; any other byte XX becomes \u00XX. */
void text_json(struct text *t, const uint8_t *data, size_t len);

#endif
