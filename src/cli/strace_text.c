/*
 * strace_text.c - the growing buffer and the three ways to quote bytes.
 */
#include "strace_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *t)
{
    free(t->data);
    *t = (struct text){0};
}

/* Makes room for `more` bytes; false when there is none. */
static bool reserve(struct text *t, size_t more)
{
    if (t->failed || more > SIZE_MAX / 4 - t->len)
        return !(t->failed = true);
    if (t->len + more <= t->cap)
        return true;
    size_t cap = (t->len + more) * 2 + 256;
    char *data = realloc(t->data, cap);
    if (data == NULL)
        return !(t->failed = true);
    t->data = data;
    t->cap = cap;
    return true;
}

void text_bytes(struct text *t, const void *data, size_t len)
{
    if (len == 0 || !reserve(t, len))
        return;
    memcpy(t->data + t->len, data, len);
    t->len += len;
}

void text_str(struct text *t, const char *s)
{
    text_bytes(t, s, strlen(s));
}

void text_char(struct text *t, char c)
{
    text_bytes(t, &c, 1);
}

void text_printf(struct text *t, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof(line))
        t->failed = true; /* formats here are short; strings go through text_str */
    else
        text_bytes(t, line, (size_t)n);
}

void text_pad(struct text *t, size_t column)
{
    while (!t->failed && t->len < column)
        text_char(t, ' ');
}

/* One byte of a quoted string; `next` decides whether a short octal would be ambiguous. */
static void escape(struct text *t, uint8_t c, int next)
{
    static const char letters[] = {['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    bool digit = next >= '0' && next <= '7';
    if (c < sizeof(letters) && letters[c] != 0)
        text_printf(t, "\\%c", letters[c]);
    else if (c >= ' ' && c < 0x7f)
        text_char(t, (char)c);
    else
        text_printf(t, digit ? "\\%03o" : "\\%o", c);
}

void text_quoted(struct text *t, const uint8_t *data, size_t len)
{
    text_char(t, '"');
    for (size_t i = 0; i < len; i++)
        escape(t, data[i], i + 1 < len ? data[i + 1] : -1);
    text_char(t, '"');
}

void text_quoted_hex(struct text *t, const uint8_t *data, size_t len)
{
    text_char(t, '"');
    for (size_t i = 0; i < len; i++)
        text_printf(t, "\\x%02x", data[i]);
    text_char(t, '"');
}

/* Length of the valid UTF-8 sequence at data, or 0. */
static size_t utf8_length(const uint8_t *data, size_t len)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t c = data[0];
    size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (n == 0 || n > len)
        return 0;
    uint32_t point = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (data[i] & 0x3f);
    }
    bool surrogate = point >= 0xd800 && point < 0xe000;
    return point < least[n] || point > 0x10ffff || surrogate ? 0 : n;
}

void text_json(struct text *t, const uint8_t *data, size_t len)
{
    text_char(t, '"');
    for (size_t i = 0; i < len;) {
        size_t n = utf8_length(data + i, len - i);
        if (n == 0 || data[i] < ' ' || data[i] == 0x7f)
            text_printf(t, "\\u%04x", data[i++]);
        else if (data[i] == '"' || data[i] == '\\')
            text_printf(t, "\\%c", data[i++]);
        else {
            text_bytes(t, data + i, n);
            i += n;
        }
    }
    text_char(t, '"');
}
