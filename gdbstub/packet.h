/*
 * packet.h - packets of the GDB remote protocol over a byte stream: framing, checksums,
 * acknowledgements, escapes, run-length encoding. It knows no packet's meaning.
 *
 * Whatever the other side sends, memory is bounded: a packet that is too long is read to its
 * end and reported as such.
 */
#ifndef RRL_GDBSTUB_PACKET_H
#define RRL_GDBSTUB_PACKET_H

#include <stddef.h>
#include <sys/types.h>

/* Bytes between $ and #, as told to the debugger; replies keep to it, too. */
#define PACKET_MAX 0x20000

/* The stream. read: bytes (at least one), 0 when the other side is gone, -EAGAIN when
 * timeout_ms went by (-1: none), -errno. write: all of it, 0 or -errno. */
struct packet_io {
    ssize_t (*read)(void *arg, void *buf, size_t len, int timeout_ms);
    int (*write)(void *arg, const void *buf, size_t len);
    void *arg;
};

enum packet_kind {
    PACKET_NONE,    /* nothing came in time */
    PACKET_DATA,    /* data and len are valid until the next call */
    PACKET_BREAK,   /* ^C outside of a packet */
    PACKET_TOO_BIG, /* one was left out */
    PACKET_GONE,    /* the other side has closed, or cannot be written to */
};

enum packet_state { PACKET_OUTSIDE, PACKET_INSIDE, PACKET_SUM1, PACKET_SUM2 };

struct packets {
    struct packet_io io;
    int no_ack;
    int gone;
    /* received */
    unsigned char in[4096];
    size_t in_at, in_len;
    enum packet_state state;
    unsigned sum, told; /* checksum as computed, and as told so far */
    int escaped, too_big;
    char *data; /* PACKET_MAX bytes and a NUL */
    size_t len;
    /* the last reply, framed, until it is acknowledged */
    char *out;
    size_t out_len;
};

/* 0 or -ENOMEM. */
int packets_init(struct packets *p, const struct packet_io *io);
void packets_free(struct packets *p);

/* The next packet, with escapes undone; acknowledged when that is on. */
enum packet_kind packet_get(struct packets *p, int timeout_ms);
/* Sends one, escaped where needed; -EMSGSIZE when that does not fit into PACKET_MAX. */
int packet_put(struct packets *p, const void *data, size_t len);
/* How many of the first bytes of data take at most `room` bytes when they are escaped. */
size_t packet_fit(const void *data, size_t len, size_t room);

#endif
