/*
 * ring.c - the guest's ends of the log ring and the report ring (abi.h).
 */
#include "host.h"

#include <linux/futex.h>
#include <linux/time_types.h>


void plat_word_wait(_Atomic u32 *word, u32 value)
{
    HOST4(__NR_futex, word, FUTEX_WAIT, value, NULL);
}

void plat_word_wake(_Atomic u32 *word)
{
    HOST3(__NR_futex, word, FUTEX_WAKE, 1);
}

static void nap(_Atomic u32 *flag)
{
    struct __kernel_timespec t = {0, RK_RING_NAP_MS * 1000000};
    HOST4(__NR_futex, flag, FUTEX_WAIT, 1, &t);
}

static void wake(_Atomic u32 *flag)
{
    if (atomic_exchange(flag, 0))
        HOST3(__NR_futex, flag, FUTEX_WAKE, 1);
}

/* Old values of the consumer's tails: the line that holds the true one travels between
 * processors and is looked at only when the old one is not enough. */
static u64 log_tail, report_tail;

static void *reserve(struct rk_ring *r, u64 view, u64 len, u64 *old_tail)
{
    u64 head = atomic_load_explicit(&r->head, memory_order_relaxed);
    if (r->size - (head - *old_tail) >= len)
        return (void *)(view + (head & (r->size - 1)));
    while (r->size - (head - (*old_tail = atomic_load_explicit(&r->tail, memory_order_acquire))) <
           len) {
        wake(&r->consumer_waits);
        atomic_store(&r->producer_waits, 1);
        if (r->size - (head - atomic_load(&r->tail)) < len)
            nap(&r->producer_waits);
    }
    return (void *)(view + (head & (r->size - 1)));
}

/* The consumer's flags are looked at once in so many bytes. */
#define WAKE_STEP (64u << 10)

static void commit(struct rk_ring *r, u64 len, u64 wake_at)
{
    u64 head = atomic_load_explicit(&r->head, memory_order_relaxed) + len;
    atomic_store_explicit(&r->head, head, memory_order_release);
    if (wake_at && (head ^ (head - len)) < WAKE_STEP)
        return;
    if (atomic_load_explicit(&r->consumer_waits, memory_order_relaxed) &&
        head - atomic_load_explicit(&r->tail, memory_order_relaxed) >= wake_at)
        wake(&r->consumer_waits);
}

void *plat_log_reserve(size_t len)
{
    return reserve(&plat_control()->log, LOG_VIEW, len, &log_tail);
}

void plat_log_commit(size_t len)
{
    commit(&plat_control()->log, len, RK_RING_WAKE);
}

const void *plat_log_peek(size_t need)
{
    struct rk_ring *r = &plat_control()->log;
    u64 tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    for (;;) {
        u32 closed = atomic_load_explicit(&r->closed, memory_order_acquire);
        if (atomic_load_explicit(&r->head, memory_order_acquire) - tail >= need)
            return (void *)(LOG_VIEW + (tail & (r->size - 1)));
        if (closed)
            return NULL;
        wake(&r->producer_waits);
        atomic_store(&r->consumer_waits, 1);
        if (atomic_load(&r->head) - tail < need && !atomic_load(&r->closed))
            nap(&r->consumer_waits);
    }
}

void plat_log_consume(size_t len)
{
    struct rk_ring *r = &plat_control()->log;
    u64 tail = atomic_load_explicit(&r->tail, memory_order_relaxed) + len;
    atomic_store_explicit(&r->tail, tail, memory_order_release);
    if (atomic_load_explicit(&r->producer_waits, memory_order_relaxed) &&
        atomic_load_explicit(&r->head, memory_order_relaxed) - tail <= r->size / 2)
        wake(&r->producer_waits);
}

void plat_report(const void *record, size_t len)
{
    struct rk_ring *r = &plat_control()->report;
    memcpy(reserve(r, REPORT_VIEW, ALIGN_UP(len, 8), &report_tail), record, len);
    commit(r, ALIGN_UP(len, 8), 0);
}
