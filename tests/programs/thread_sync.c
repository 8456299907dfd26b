/*
 * thread_sync - the other tools of synchronisation: condition variables with time-outs on
 * both clocks, read-write locks, barriers, semaphores, once, thread-specific data.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#define THREADS 5
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static sem_t items, places;
static int turn, onces, destroyed, serial, rounds[THREADS], a, b, queue[4], put;

static void run_all(const char *name, void *(*fn)(void *))
{
    pthread_t t[THREADS];
    for (long i = 0; i < THREADS; i++)
        CHECK(pthread_create(&t[i], NULL, fn, (void *)i) == 0);
    for (long i = 0; i < THREADS; i++) {
        void *r;
        CHECK(pthread_join(t[i], &r) == 0 && r == (void *)(i * 3));
    }
    printf("%s: ok\n", name);
}

static void *in_turns(void *arg)
{
    long me = (long)arg;
    for (int i = 0; i < 100; i++) {
        CHECK(pthread_mutex_lock(&m) == 0);
        while (turn % THREADS != me)
            CHECK(pthread_cond_wait(&c, &m) == 0);
        turn++;
        CHECK(pthread_cond_broadcast(&c) == 0 && pthread_mutex_unlock(&m) == 0);
    }
    return (void *)(me * 3);
}

static void *time_outs(void *arg)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    for (int i = 0; i < 2; i++) {
        pthread_condattr_t attr;
        pthread_cond_t mine;
        pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        struct timespec at, now;
        CHECK(pthread_condattr_init(&attr) == 0 &&
              pthread_condattr_setclock(&attr, clocks[i]) == 0);
        CHECK(pthread_cond_init(&mine, &attr) == 0 && clock_gettime(clocks[i], &at) == 0);
        at.tv_nsec += 4000000;
        at.tv_sec += at.tv_nsec / 1000000000, at.tv_nsec %= 1000000000;
        CHECK(pthread_mutex_lock(&lock) == 0);
        CHECK(pthread_cond_timedwait(&mine, &lock, &at) == ETIMEDOUT &&
              clock_gettime(clocks[i], &now) == 0);
        CHECK(now.tv_sec > at.tv_sec || (now.tv_sec == at.tv_sec && now.tv_nsec >= at.tv_nsec));
        CHECK(pthread_cond_clockwait(&mine, &lock, clocks[!i], &(struct timespec){1, 0}) ==
              ETIMEDOUT);
    }
    return (void *)((long)arg * 3);
}

static void *read_write(void *arg)
{
    for (int i = 0; i < 300; i++) {
        if ((i + (long)arg) % 5 == 0) {
            CHECK(pthread_rwlock_wrlock(&rw) == 0);
            a++;
            if (i % 16 == 0)
                sched_yield();
            b++;
        } else {
            CHECK(pthread_rwlock_rdlock(&rw) == 0);
            CHECK(a == b);
        }
        CHECK(pthread_rwlock_unlock(&rw) == 0);
    }
    return (void *)((long)arg * 3);
}

static void *at_barrier(void *arg)
{
    long me = (long)arg;
    for (int i = 0; i < 50; i++) {
        rounds[me]++;
        int r = pthread_barrier_wait(&barrier);
        CHECK(r == 0 || r == PTHREAD_BARRIER_SERIAL_THREAD);
        if (r)
            serial++;
        for (int k = 0; k < THREADS; k++)
            CHECK(rounds[k] == i + 1);
        pthread_barrier_wait(&barrier);
    }
    return (void *)(me * 3);
}

/* Thread 0 takes what the others put. */
static void *semaphores(void *arg)
{
    long me = (long)arg, sum = 0;
    for (int i = 0; me && i < 100; i++) {
        while (sem_wait(&places))
            CHECK(errno == EINTR);
        CHECK(pthread_mutex_lock(&m) == 0);
        queue[put++] = i;
        CHECK(pthread_mutex_unlock(&m) == 0 && sem_post(&items) == 0);
    }
    for (int i = 0; !me && i < 100 * (THREADS - 1); i++) {
        CHECK(sem_wait(&items) == 0 && pthread_mutex_lock(&m) == 0);
        CHECK(put > 0 && put <= 4);
        sum += queue[--put];
        CHECK(pthread_mutex_unlock(&m) == 0 && sem_post(&places) == 0);
    }
    CHECK(me || sum == 4950 * (THREADS - 1));
    return (void *)(me * 3);
}

static void count_once(void)
{
    sched_yield();
    onces++;
}

static void destroy(void *value)
{
    CHECK(pthread_getspecific(key) == NULL);
    destroyed += (int)(long)value;
}

static void *own_data(void *arg)
{
    static __thread long own = 7;
    CHECK(pthread_once(&once, count_once) == 0 && onces == 1);
    own += (long)arg;
    CHECK(pthread_setspecific(key, (void *)(own * 10)) == 0);
    sched_yield();
    CHECK(own == 7 + (long)arg && pthread_getspecific(key) == (void *)(own * 10));
    return (void *)((long)arg * 3);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    run_all("condition", in_turns);
    run_all("time-outs", time_outs);
    run_all("read-write lock", read_write);
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    run_all("barrier", at_barrier);
    CHECK(serial == 50 && turn == 100 * THREADS && a == 300 && b == 300);
    CHECK(sem_init(&items, 0, 0) == 0 && sem_init(&places, 0, 4) == 0);
    run_all("semaphores", semaphores);
    CHECK(pthread_key_create(&key, destroy) == 0);
    run_all("once, keys", own_data);
    CHECK(destroyed == 10 * (7 * THREADS + 10));
    return 0;
}
