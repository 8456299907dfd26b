/*
 * ring.h - one side's view of a ring in shared memory (abi.h, struct rk_ring).
 *
 * The other side may be hostile: everything that decides about our memory (size, our own
 * counter) is kept privately here; the shared counters are only read once and checked.
 */
#ifndef RRL_RING_H
#define RRL_RING_H

#include "abi.h"

#include <stddef.h>

struct ring_view {
    struct rk_ring *shared;
    unsigned char *data; /* `size` bytes, mapped twice in a row */
    uint64_t size;
    uint64_t mine; /* our own counter: tail for a consumer, head for a producer */
};

/* Sets up the shared part: an empty ring of `size` bytes at `offset` of the object. */
void ring_format(struct rk_ring *shared, uint64_t offset, uint64_t size);
/* Maps the data area of `fd` twice in a row. 0 or -errno. */
int ring_map(struct ring_view *v, int fd, struct rk_ring *shared);
void ring_unmap(struct ring_view *v);

/* Consumer. NULL: the producer's counter makes no sense. */
const void *ring_view_peek(struct ring_view *v, size_t *len);
void ring_view_consume(struct ring_view *v, size_t len);
/* 0, -ETIMEDOUT or -EINTR. */
int ring_view_wait(struct ring_view *v, int timeout_ms);

/* Producer. See machine.h, ring_put. */
int ring_view_put(struct ring_view *v, const void *data, size_t len, int timeout_ms);
/* Bytes that can be put at once; 0 also when the consumer's counter makes no sense. */
size_t ring_view_room(struct ring_view *v);
void ring_view_close(struct ring_view *v);

#endif
