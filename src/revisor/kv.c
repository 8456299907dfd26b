/* kv.c - text of `key=value` lines. */
#include "kv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct kv_text *t, char c)
{
    if (t->failed)
        return;
    if (t->len + 2 > t->room) {
        size_t room = 2 * t->room + 256;
        char *grown = realloc(t->data, room);
        if (!grown) {
            t->failed = 1;
            return;
        }
        t->data = grown;
        t->room = room;
    }
    t->data[t->len++] = c;
    t->data[t->len] = '\0';
}

void kv_put(struct kv_text *t, const char *text)
{
    while (*text)
        put(t, *text++);
}

static void put_escaped(struct kv_text *t, char c)
{
    if (c == '\n' || c == '\\')
        put(t, '\\');
    put(t, c == '\n' ? 'n' : c);
}

void kv_add(struct kv_text *t, const char *key, const char *value)
{
    kv_put(t, key);
    put(t, '=');
    while (*value)
        put_escaped(t, *value++);
    put(t, '\n');
}

void kv_add_number(struct kv_text *t, const char *key, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    kv_add(t, key, text);
}

/* Copies decoded bytes of [from, end) to out[cap]; returns the decoded length. */
static int64_t decode(const char *from, const char *end, char *out, size_t cap)
{
    size_t n = 0;
    for (const char *p = from; p < end; p++, n++) {
        char c = *p;
        if (c == '\\' && p + 1 < end) {
            p++;
            c = *p == 'n' ? '\n' : *p;
        }
        if (n + 1 < cap)
            out[n] = c;
    }
    if (cap)
        out[n < cap ? n : cap - 1] = '\0';
    return (int64_t)n;
}

int kv_next(const char *text, size_t len, size_t *at, char *key, size_t key_cap, char *value,
            size_t value_cap)
{
    while (*at < len) {
        const char *line = text + *at;
        const char *end = memchr(line, '\n', len - *at);
        if (!end)
            end = text + len;
        *at = (size_t)(end - text) + 1;
        const char *equals = memchr(line, '=', (size_t)(end - line));
        if (!equals)
            continue;
        decode(line, equals, key, key_cap);
        decode(equals + 1, end, value, value_cap);
        return 1;
    }
    return 0;
}

int64_t kv_get(const char *text, size_t len, const char *key, char *value, size_t cap)
{
    size_t key_len = strlen(key);
    for (const char *p = text, *stop = text + len; p < stop;) {
        const char *end = memchr(p, '\n', (size_t)(stop - p));
        if (!end)
            end = stop;
        if ((size_t)(end - p) > key_len && !memcmp(p, key, key_len) && p[key_len] == '=')
            return decode(p + key_len + 1, end, value, cap);
        p = end + 1;
    }
    return -1;
}

int64_t kv_get_number(const char *text, size_t len, const char *key, int64_t fallback)
{
    char value[32], *end;
    if (kv_get(text, len, key, value, sizeof(value)) < 0)
        return fallback;
    int64_t v = strtoll(value, &end, 10);
    return end == value || *end ? fallback : v;
}
