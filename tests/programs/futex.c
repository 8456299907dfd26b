/*
 * futex - the futex calls of a program with one thread, raw and through the C library:
 * mismatches, time-outs, wakes without sleepers, semaphores, condition variables.
 * build: -pthread
 */
#include "check.h"

#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static long futex(uint32_t *word, int op, uint32_t value, void *timeout, void *word2,
                  uint32_t value3)
{
    return raw6(SYS_futex, (long)word, op, value, (long)timeout, (long)word2, value3);
}

static void raw_calls(void)
{
    static uint32_t word = 5, other = 1;
    struct timespec little = {0, 2000000}, bad = {0, -1};
    CHECK(futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0) == -EAGAIN);
    CHECK(futex(&word, FUTEX_WAIT_PRIVATE, 5, &little, NULL, 0) == -ETIMEDOUT);
    CHECK(futex(&word, FUTEX_WAIT, 5, &bad, NULL, 0) == -EINVAL);
    CHECK(futex(&word, FUTEX_WAKE, 100, NULL, NULL, 0) == 0);
    CHECK(futex((uint32_t *)((char *)&word + 1), FUTEX_WAIT, 5, NULL, NULL, 0) == -EINVAL);
    CHECK(futex((uint32_t *)16, FUTEX_WAIT, 5, NULL, NULL, 0) == -EFAULT);
    CHECK(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 4) == -EAGAIN);
    CHECK(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 5) == 0);
    CHECK(futex(&word, 77, 0, NULL, NULL, 0) == -ENOSYS);
    struct timespec past = {1, 0};
    CHECK(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &past, NULL, ~0u) ==
          -ETIMEDOUT);
    CHECK(futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0) == -EINVAL);
    printf("raw: ok\n");
}

static void library(void)
{
    pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t c = PTHREAD_COND_INITIALIZER;
    sem_t s;
    struct timespec t;
    CHECK(clock_gettime(CLOCK_REALTIME, &t) == 0);
    t.tv_nsec += 5000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    CHECK(pthread_mutex_lock(&m) == 0 && pthread_mutex_trylock(&m) == EBUSY);
    CHECK(pthread_mutex_timedlock(&m, &t) == ETIMEDOUT);
    CHECK(pthread_cond_timedwait(&c, &m, &t) == ETIMEDOUT && pthread_cond_signal(&c) == 0);
    CHECK(pthread_mutex_unlock(&m) == 0);
    CHECK(sem_init(&s, 0, 1) == 0 && sem_wait(&s) == 0);
    CHECK_ERRNO(sem_trywait(&s), EAGAIN);
    CHECK_ERRNO(sem_timedwait(&s, &t), ETIMEDOUT);
    printf("library: ok\n");
}

int main(void)
{
    raw_calls();
    library();
    return 0;
}
