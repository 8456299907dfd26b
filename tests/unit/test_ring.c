/* test_ring.c - rings in shared memory, both sides in one process. */
#include "revisor/ring.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE 8192u

struct pair {
    struct rk_ring *shared;
    struct ring_view producer, consumer;
};

static struct pair make(void)
{
    struct pair p;
    int fd = memfd_create("ring", MFD_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(ftruncate(fd, 4096 + SIZE), 0);
    p.shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    cr_assert_neq(p.shared, MAP_FAILED);
    ring_format(p.shared, 4096, SIZE);
    cr_assert_eq(ring_map(&p.producer, fd, p.shared), 0);
    cr_assert_eq(ring_map(&p.consumer, fd, p.shared), 0);
    close(fd);
    return p;
}

static void expect_bytes(struct pair *p, const void *want, size_t len)
{
    size_t n;
    const void *data = ring_view_peek(&p->consumer, &n);
    cr_assert_not_null(data);
    cr_assert_eq(n, len);
    cr_expect_eq(memcmp(data, want, len), 0);
    ring_view_consume(&p->consumer, len);
}

Test(ring, carries_bytes)
{
    struct pair p = make();
    size_t n;
    cr_expect_not_null(ring_view_peek(&p.consumer, &n));
    cr_expect_eq(n, 0);
    cr_expect_eq(ring_view_room(&p.producer), SIZE);
    cr_assert_eq(ring_view_put(&p.producer, "12345678", 8, 0), 0);
    cr_expect_eq(ring_view_room(&p.producer), SIZE - 8);
    expect_bytes(&p, "12345678", 8);
    cr_expect_eq(ring_view_room(&p.producer), SIZE);
}

/* Each record starts 24 bytes later: after some it lies across the end of the area. */
Test(ring, records_across_the_end_are_whole)
{
    struct pair p = make();
    unsigned char record[4000];
    for (int i = 0; i < 100; i++) {
        memset(record, i, sizeof(record));
        cr_assert_eq(ring_view_put(&p.producer, record, sizeof(record), 0), 0);
        expect_bytes(&p, record, sizeof(record));
    }
}

Test(ring, full_says_so)
{
    struct pair p = make();
    char record[SIZE / 2] = {0};
    cr_assert_eq(ring_view_put(&p.producer, record, sizeof(record), 0), 0);
    cr_assert_eq(ring_view_put(&p.producer, record, sizeof(record), 0), 0);
    cr_expect_eq(ring_view_put(&p.producer, record, 8, 0), -ETIMEDOUT);
    cr_expect_eq(ring_view_put(&p.producer, record, 8, 30), -ETIMEDOUT);
    cr_expect_eq(ring_view_wait(&p.consumer, 0), 0);
}

Test(ring, empty_times_out)
{
    struct pair p = make();
    cr_expect_eq(ring_view_wait(&p.consumer, 30), -ETIMEDOUT);
}

Test(ring, nonsense_counters_are_noticed)
{
    struct pair p = make();
    size_t n = 1;
    atomic_store(&p.shared->head, SIZE + 8);
    cr_expect_null(ring_view_peek(&p.consumer, &n));
    cr_expect_eq(n, 0);
    atomic_store(&p.shared->tail, 8); /* ahead of what was put */
    cr_expect_eq(ring_view_room(&p.producer), 0);
    p.shared->size = 1ull << 40; /* not believed */
    cr_expect_null(ring_view_peek(&p.consumer, &n));
}

static void *consume_all(void *arg)
{
    struct pair *p = arg;
    uint64_t expected = 0;
    while (expected < 200000) {
        size_t n;
        const uint64_t *data = ring_view_peek(&p->consumer, &n);
        if (!n && ring_view_wait(&p->consumer, 1000))
            return "waited in vain";
        for (size_t i = 0; i < n / 8; i++)
            if (data[i] != expected++)
                return "wrong order";
        ring_view_consume(&p->consumer, n);
    }
    return NULL;
}

Test(ring, two_sides_at_once, .timeout = 30)
{
    struct pair p = make();
    pthread_t thread;
    void *problem = NULL;
    cr_assert_eq(pthread_create(&thread, NULL, consume_all, &p), 0);
    for (uint64_t i = 0; i < 200000; i++)
        cr_assert_eq(ring_view_put(&p.producer, &i, sizeof(i), 5000), 0);
    pthread_join(thread, &problem);
    cr_expect_null(problem, "%s", (char *)problem);
}

Test(ring, close_is_seen)
{
    struct pair p = make();
    cr_expect_eq(atomic_load(&p.shared->closed), 0);
    ring_view_close(&p.producer);
    cr_expect_eq(atomic_load(&p.shared->closed), 1);
}
