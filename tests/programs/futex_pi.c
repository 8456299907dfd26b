/*
 * futex_pi - priority-inheriting futexes by hand: locking, errors, dead owners, waits
 * that are requeued to such a lock, and waits on many futexes at once.
 * build: -pthread
 */
#include "check.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

static _Atomic uint32_t lock, cond, done;
static atomic_int up;

static long futex(void *addr, int op, long val, void *ts, void *addr2, long val3)
{
    return raw6(SYS_futex, (long)addr, op, val, (long)ts, (long)addr2, val3);
}

static uint32_t tid(void)
{
    return (uint32_t)gettid();
}

static struct timespec soon(clockid_t clock, long ms)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    ts.tv_nsec += ms * 1000000;
    ts.tv_sec += ts.tv_nsec / 1000000000;
    ts.tv_nsec %= 1000000000;
    return ts;
}

static void lock_it(void)
{
    uint32_t free = 0;
    if (!atomic_compare_exchange_strong(&lock, &free, tid()))
        CHECK(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
    CHECK((lock & FUTEX_TID_MASK) == tid());
}

static void unlock_it(void)
{
    uint32_t mine = tid();
    if (!atomic_compare_exchange_strong(&lock, &mine, 0))
        CHECK(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
}

static void *lock_and_count(void *arg)
{
    up++;
    for (int i = 0; i < 50; i++) {
        lock_it();
        (*(int *)arg)++;
        sched_yield();
        unlock_it();
    }
    return NULL;
}

static void *holder(void *arg)
{
    lock_it();
    up = 1;
    while (up == 1)
        usleep(1000);
    unlock_it();
    return NULL;
}

static void errors(void)
{
    pthread_t t;
    struct timespec ts;
    lock = 0;
    CHECK(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == -EPERM);
    CHECK(futex(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0) == 0 && lock == tid());
    CHECK(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == -EDEADLK);
    CHECK(futex(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0) == -EDEADLK);
    CHECK(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0 && lock == 0);
    lock = 0x3fffffff;
    CHECK(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == -ESRCH);
    lock = 0;
    up = 0;
    CHECK(pthread_create(&t, NULL, holder, NULL) == 0);
    while (!up)
        usleep(1000);
    CHECK(futex(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0) == -EAGAIN);
    CHECK(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == -EPERM);
    ts = soon(CLOCK_REALTIME, 20);
    CHECK(futex(&lock, FUTEX_LOCK_PI, 0, &ts, NULL, 0) == -ETIMEDOUT);
    ts = soon(CLOCK_MONOTONIC, 20);
    CHECK(futex(&lock, FUTEX_LOCK_PI2, 0, &ts, NULL, 0) == -ETIMEDOUT);
    up = 2;
    CHECK(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0 && (lock & FUTEX_TID_MASK) == tid());
    unlock_it();
    CHECK(pthread_join(t, NULL) == 0);
    CHECK(lock == 0);
    printf("errors and time limits\n");
}

static void contended(void)
{
    pthread_t t[4];
    int n = 0;
    lock = 0;
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&t[i], NULL, lock_and_count, &n) == 0);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
    CHECK(n == 200 && lock == 0);
    printf("contended\n");
}

/* A thread that ends with the lock and has no robust list: who waits gets it marked. */
static void *die_with_lock(void *arg)
{
    lock_it();
    up = 1;
    while (!(lock & FUTEX_WAITERS))
        usleep(1000);
    usleep(2000);
    return NULL;
}

static void owner_dies(void)
{
    pthread_t t;
    lock = 0;
    up = 0;
    CHECK(pthread_create(&t, NULL, die_with_lock, NULL) == 0);
    while (!up)
        usleep(1000);
    CHECK(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
    CHECK(pthread_join(t, NULL) == 0);
    printf("owner died: %d %d\n", (lock & FUTEX_TID_MASK) == tid(), (lock & FUTEX_OWNER_DIED) != 0);
    lock = 0;
}

/* ------------------------------------------------------------------ requeueing */
static void *wait_cond(void *arg)
{
    uint32_t was = cond;
    up++;
    long r = futex(&cond, FUTEX_WAIT_REQUEUE_PI, was, NULL, &lock, 0);
    CHECK(r == 0 && (lock & FUTEX_TID_MASK) == tid());
    done++;
    unlock_it();
    return NULL;
}

static void requeued(void)
{
    pthread_t t[3];
    struct timespec ts = soon(CLOCK_MONOTONIC, 20);
    lock = 0;
    cond = 0;
    done = 0;
    up = 0;
    CHECK(futex(&cond, FUTEX_WAIT_REQUEUE_PI, 1, NULL, &lock, 0) == -EAGAIN);
    CHECK(futex(&cond, FUTEX_WAIT_REQUEUE_PI, 0, &ts, &lock, 0) == -ETIMEDOUT);
    CHECK(futex(&cond, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &cond, 0) == -EINVAL);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&t[i], NULL, wait_cond, NULL) == 0);
    while (up != 3)
        usleep(1000);
    usleep(20000);
    CHECK(futex(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)10, &lock, 7) == -EAGAIN);
    CHECK(futex(&cond, FUTEX_CMP_REQUEUE_PI, 2, (void *)10, &lock, 0) == -EINVAL);
    CHECK(futex(&cond, FUTEX_REQUEUE, 1, (void *)10, &lock, 0) == -EINVAL);
    CHECK(futex(&cond, FUTEX_WAKE, 1, NULL, NULL, 0) == -EINVAL);
    lock_it();
    CHECK(futex(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)10, &lock, 0) == 3);
    usleep(2000);
    CHECK(done == 0);
    unlock_it();
    for (int i = 0; i < 3; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
    CHECK(done == 3 && lock == 0);
    printf("requeued to a lock\n");
}

/* ------------------------------------------------------------------------ waitv */
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
struct waiter {
    uint64_t val, uaddr;
    uint32_t flags, reserved;
};
static _Atomic uint32_t words[4];

static void *wake_third(void *arg)
{
    usleep(3000);
    words[2] = 1;
    CHECK(futex(&words[2], FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0) == 1);
    return NULL;
}

static void many(void)
{
    struct waiter w[4];
    struct timespec ts;
    pthread_t t;
    for (int i = 0; i < 4; i++)
        w[i] = (struct waiter){0, (uint64_t)&words[i], 2 | 128, 0}; /* 32 bits, private */
    CHECK(raw6(SYS_futex_waitv, (long)w, 0, 0, 0, 0, 0) == -EINVAL);
    CHECK(raw6(SYS_futex_waitv, (long)w, 129, 0, 0, 0, 0) == -EINVAL);
    CHECK(raw6(SYS_futex_waitv, (long)w, 4, 1, 0, 0, 0) == -EINVAL);
    CHECK(raw6(SYS_futex_waitv, 0, 4, 0, 0, 0, 0) == -EINVAL);
    w[3].flags = 1;
    CHECK(raw6(SYS_futex_waitv, (long)w, 4, 0, 0, 0, 0) == -EINVAL);
    w[3].flags = 2 | 128;
    w[3].val = 5;
    CHECK(raw6(SYS_futex_waitv, (long)w, 4, 0, 0, 0, 0) == -EAGAIN);
    w[3].val = 0;
    ts = soon(CLOCK_MONOTONIC, 15);
    CHECK(raw6(SYS_futex_waitv, (long)w, 4, 0, (long)&ts, CLOCK_MONOTONIC, 0) == -ETIMEDOUT);
    ts = soon(CLOCK_REALTIME, 15);
    CHECK(raw6(SYS_futex_waitv, (long)w, 4, 0, (long)&ts, CLOCK_REALTIME, 0) == -ETIMEDOUT);
    CHECK(raw6(SYS_futex_waitv, (long)w, 4, 0, (long)&ts, CLOCK_BOOTTIME, 0) == -EINVAL);
    CHECK(pthread_create(&t, NULL, wake_third, NULL) == 0);
    CHECK(raw6(SYS_futex_waitv, (long)w, 4, 0, 0, 0, 0) == 2);
    CHECK(pthread_join(t, NULL) == 0);
    printf("many at once\n");
}

static void mutexes(void)
{
    pthread_mutexattr_t a;
    pthread_mutex_t m;
    pthread_mutexattr_init(&a);
    CHECK(pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT) == 0);
    CHECK(pthread_mutex_init(&m, &a) == 0);
    struct timespec ts = soon(CLOCK_MONOTONIC, 20);
    CHECK(pthread_mutex_lock(&m) == 0);
    int r = pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &ts);
    printf("locked twice: %d\n", r);
    CHECK(pthread_mutex_unlock(&m) == 0);
}

/* One argument wrong at a time, for each operation that has it. */
static void bad_arguments(void)
{
    static const int ops[] = {FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET,
                              FUTEX_WAKE_OP, FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI, 2, 99};
    static const int timed[] = {FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_LOCK_PI};
    struct timespec bad = {0, 1000000000};
    uint32_t w[2] = {0x3ffffff, 0};
    for (size_t i = 0; i < COUNT(ops); i++)
        printf("op %d: odd %ld, null %ld, none %ld\n", ops[i],
               futex((char *)w + 1, ops[i], 1, NULL, w, 1), futex(NULL, ops[i], 1, NULL, w, 1),
               futex(w, ops[i], 1, NULL, NULL, 0));
    for (size_t i = 0; i < COUNT(timed); i++)
        printf("op %d: time %ld, no time %ld, clock %ld\n", timed[i], futex(w, timed[i], 0x3ffffff, &bad, w, 1),
               futex(w, timed[i], 0x3ffffff, (void *)8, w, 1),
               futex(w, timed[i] | FUTEX_CLOCK_REALTIME, 6, NULL, w, 1));
    printf("private %ld\n", futex((void *)0x200000000000, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
}

int main(void)
{
    errors();
    contended();
    owner_dies();
    requeued();
    many();
    mutexes();
    bad_arguments();
    return 0;
}
