/*
 * text.h - reading the fields of a packet, and writing a reply.
 */
#ifndef RRL_GDBSTUB_TEXT_H
#define RRL_GDBSTUB_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* What is left of a packet. The functions that take something return 1 and move on, or 0
 * and stay when it is not there. */
struct cursor {
    const char *at, *end;
};

int take_char(struct cursor *c, char wanted);
int take_word(struct cursor *c, const char *wanted);
/* 1 to 16 hexadecimal digits. */
int take_hex(struct cursor *c, uint64_t *value);
/* The same, and it must be the packet's end. */
int take_last_hex(struct cursor *c, uint64_t *value);
int take_end(const struct cursor *c);
/* "HEX,HEX" (or another character between). */
int take_pair(struct cursor *c, uint64_t *first, char between, uint64_t *second);
/* Pairs of digits up to anything else: bytes, or -1 for half a byte or more than cap. */
long take_bytes(struct cursor *c, void *bytes, size_t cap);
/* The same as a NUL-ended string. */
int take_hex_string(struct cursor *c, char *text, size_t cap);
/* Everything up to `stop` (which is taken) or the end, as a NUL-ended string. */
int take_until(struct cursor *c, char stop, char *text, size_t cap);
/* A thread: TID, or pPID.TID where either is -1 (all) or 0 (any); *tid receives those as they
 * are. *pid: 0 when not told. */
int take_thread(struct cursor *c, int32_t *pid, int32_t *tid);

/* A reply in the making. It is too long when `full` is set. */
struct reply {
    char *data;
    size_t len, cap;
    int full;
};

void reply_text(struct reply *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void reply_bytes(struct reply *r, const void *bytes, size_t len); /* as they are */
void reply_hex(struct reply *r, const void *bytes, size_t len);   /* two digits each */
void reply_hex_string(struct reply *r, const char *text);
/* "Enn" for -errno. */
void reply_error(struct reply *r, long err);
void reply_ok(struct reply *r);

#endif
