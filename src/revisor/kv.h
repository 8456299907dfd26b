/*
 * kv.h - text of `key=value` lines, as the header and footer of a trace hold it.
 *
 * A value is any bytes but NUL; newline and backslash travel as \n and \\.
 */
#ifndef RRL_KV_H
#define RRL_KV_H

#include <stddef.h>
#include <stdint.h>

struct kv_text {
    char *data; /* NUL ended; free() it */
    size_t len, room;
    int failed; /* out of memory: sticky, nothing is added any more */
};

/* Appends text as it is: for building one value piece by piece in its own kv_text. */
void kv_put(struct kv_text *t, const char *text);
void kv_add(struct kv_text *t, const char *key, const char *value);
void kv_add_number(struct kv_text *t, const char *key, int64_t value);

/* Copies the value of the first line with that key to value[cap], NUL ended and cut at
 * cap. Returns its whole length, or -1: no such key. text need not end in NUL. */
int64_t kv_get(const char *text, size_t len, const char *key, char *value, size_t cap);
/* The value as a number; fallback when there is none. */
int64_t kv_get_number(const char *text, size_t len, const char *key, int64_t fallback);
/* Walks all lines: start with *at 0; 1 and one decoded pair, or 0 at the end. */
int kv_next(const char *text, size_t len, size_t *at, char *key, size_t key_cap, char *value,
            size_t value_cap);

#endif
