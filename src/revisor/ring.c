/* ring.c - rings in shared memory: mapping, both sides, sleeping. */
#include "ring.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void ring_format(struct rk_ring *shared, uint64_t offset, uint64_t size)
{
    memset(shared, 0, sizeof(*shared));
    shared->offset = offset;
    shared->size = size;
}

int ring_map(struct ring_view *v, int fd, struct rk_ring *shared)
{
    size_t size = shared->size;
    off_t offset = (off_t)shared->offset;
    unsigned char *data =
        mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED)
        return -errno;
    for (int i = 0; i < 2; i++) {
        if (mmap(data + (size_t)i * size, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                 offset) == MAP_FAILED) {
            int err = -errno;
            munmap(data, 2 * size);
            return err;
        }
    }
    *v = (struct ring_view){shared, data, size, 0};
    return 0;
}

void ring_unmap(struct ring_view *v)
{
    if (v->data)
        munmap(v->data, 2 * v->size);
    v->data = NULL;
}

/* ----------------------------------------------------------------- sleeping */

/* A long wait is cut into naps by the caller's loop: the other side may have died
 * without waking us. */
static int nap(_Atomic uint32_t *flag, int ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    if (syscall(SYS_futex, flag, FUTEX_WAIT, 1, &t, NULL, 0) == 0 || errno == EAGAIN)
        return 0;
    return errno == EINTR ? -EINTR : -ETIMEDOUT;
}

static void wake(_Atomic uint32_t *flag)
{
    if (atomic_load(flag) && atomic_exchange(flag, 0))
        syscall(SYS_futex, flag, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Sleeps on *flag until ready(v, arg), in naps. */
static int wait_until(struct ring_view *v, _Atomic uint32_t *flag,
                      int (*ready)(struct ring_view *, size_t), size_t arg, int timeout_ms)
{
    while (!ready(v, arg)) {
        if (timeout_ms <= 0)
            return -ETIMEDOUT;
        int ms = timeout_ms < RK_RING_NAP_MS ? timeout_ms : RK_RING_NAP_MS;
        atomic_store(flag, 1);
        if (ready(v, arg))
            break;
        int err = nap(flag, ms);
        if (err == -EINTR)
            return err;
        if (err == -ETIMEDOUT)
            timeout_ms -= ms;
    }
    atomic_store(flag, 0);
    return 0;
}

/* ----------------------------------------------------------------- consumer */

static uint64_t used(struct ring_view *v)
{
    return atomic_load_explicit(&v->shared->head, memory_order_acquire) - v->mine;
}

const void *ring_view_peek(struct ring_view *v, size_t *len)
{
    uint64_t n = used(v);
    *len = n;
    if (n <= v->size)
        return v->data + (v->mine & (v->size - 1));
    *len = 0;
    return NULL;
}

void ring_view_consume(struct ring_view *v, size_t len)
{
    v->mine += len;
    atomic_store(&v->shared->tail, v->mine); /* seq_cst: before the flag is read */
    wake(&v->shared->producer_waits);
}

static int has_bytes(struct ring_view *v, size_t arg)
{
    return used(v) > 0;
}

int ring_view_wait(struct ring_view *v, int timeout_ms)
{
    return wait_until(v, &v->shared->consumer_waits, has_bytes, 0, timeout_ms);
}

/* ----------------------------------------------------------------- producer */

size_t ring_view_room(struct ring_view *v)
{
    uint64_t n = v->mine - atomic_load_explicit(&v->shared->tail, memory_order_acquire);
    return n <= v->size ? v->size - n : 0;
}

static int has_room(struct ring_view *v, size_t len)
{
    return ring_view_room(v) >= len;
}

int ring_view_put(struct ring_view *v, const void *data, size_t len, int timeout_ms)
{
    int err = wait_until(v, &v->shared->producer_waits, has_room, len, timeout_ms);
    if (err)
        return err;
    memcpy(v->data + (v->mine & (v->size - 1)), data, len);
    v->mine += len;
    atomic_store(&v->shared->head, v->mine); /* seq_cst: before the flag is read */
    wake(&v->shared->consumer_waits);
    return 0;
}

void ring_view_close(struct ring_view *v)
{
    atomic_store(&v->shared->closed, 1);
    wake(&v->shared->consumer_waits);
}
