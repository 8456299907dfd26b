/*
 * thread_mutex - every kind of pthread mutex between two threads: normal, recursive,
 * error checking, robust with an owner that dies, priority inheriting, time-outs.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static pthread_mutex_t m;
static int counter;
static atomic_int owned;

static void init(int type, int robust, int protocol)
{
    pthread_mutexattr_t a;
    CHECK(pthread_mutexattr_init(&a) == 0 && pthread_mutexattr_settype(&a, type) == 0);
    CHECK(pthread_mutexattr_setrobust(&a, robust) == 0);
    CHECK(pthread_mutexattr_setprotocol(&a, protocol) == 0);
    CHECK(pthread_mutex_init(&m, &a) == 0 && pthread_mutexattr_destroy(&a) == 0);
}

static void *add(void *arg)
{
    for (int i = 0; i < 2000; i++) {
        CHECK(pthread_mutex_lock(&m) == 0);
        int seen = counter;
        if (i % 64 == 0)
            sched_yield(); /* whoever is let in now would be seen */
        counter = seen + 1;
        CHECK(pthread_mutex_unlock(&m) == 0);
    }
    return arg;
}

static void contend(const char *name)
{
    pthread_t t[4];
    counter = 0;
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&t[i], NULL, add, NULL) == 0);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
    CHECK(counter == 8000);
    printf("%s: %d\n", name, counter);
}

static void *other(void *arg)
{
    struct timespec at;
    int want = *(int *)arg;
    CHECK(pthread_mutex_trylock(&m) == EBUSY && pthread_mutex_unlock(&m) == want);
    CHECK(clock_gettime(CLOCK_REALTIME, &at) == 0);
    at.tv_nsec += 3000000;
    at.tv_sec += at.tv_nsec / 1000000000, at.tv_nsec %= 1000000000;
    CHECK(pthread_mutex_timedlock(&m, &at) == ETIMEDOUT);
    return NULL;
}

static void owned_by_main(int want)
{
    pthread_t t = 0;
    CHECK(pthread_mutex_lock(&m) == 0 && pthread_create(&t, NULL, other, &want) == 0);
    CHECK(pthread_join(t, NULL) == 0 && pthread_mutex_unlock(&m) == 0);
}

static void *die_owning(void *arg)
{
    CHECK(pthread_mutex_lock(&m) == 0);
    owned = 1;
    if (arg)
        nanosleep(&(struct timespec){0, 3000000}, NULL); /* until main waits */
    return NULL;
}

/* late: the owner dies while main waits. */
static void owner_dies(const char *name, int late)
{
    pthread_t t = 0;
    owned = 0;
    CHECK(pthread_create(&t, NULL, die_owning, late ? &t : NULL) == 0);
    if (late)
        while (!owned)
            sched_yield();
    else
        CHECK(pthread_join(t, NULL) == 0);
    CHECK(pthread_mutex_lock(&m) == EOWNERDEAD && pthread_mutex_consistent(&m) == 0);
    CHECK(pthread_mutex_unlock(&m) == 0 && pthread_mutex_lock(&m) == 0 &&
          pthread_mutex_unlock(&m) == 0);
    if (late)
        CHECK(pthread_join(t, NULL) == 0);
    CHECK(pthread_create(&t, NULL, die_owning, NULL) == 0 && pthread_join(t, NULL) == 0);
    CHECK(pthread_mutex_lock(&m) == EOWNERDEAD && pthread_mutex_unlock(&m) == 0);
    CHECK(pthread_mutex_lock(&m) == ENOTRECOVERABLE);
    printf("%s: owner died\n", name);
}

int main(void)
{
    init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
    contend("normal");
    init(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
    CHECK(pthread_mutex_lock(&m) == 0);
    owned_by_main(EPERM);
    CHECK(pthread_mutex_unlock(&m) == 0);
    contend("recursive");
    init(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
    CHECK(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == EDEADLK &&
          pthread_mutex_unlock(&m) == 0);
    owned_by_main(EPERM);
    contend("error checking");
    init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
    contend("priority inheriting");
    init(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
    CHECK(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == EDEADLK &&
          pthread_mutex_unlock(&m) == 0);
    owned_by_main(EPERM);
    init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
    contend("robust");
    owner_dies("robust", 0);
    init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
    owner_dies("robust, late", 1);
    init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_INHERIT);
    contend("robust, inheriting");
    owner_dies("robust, inheriting", 0);
    init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_INHERIT);
    owner_dies("robust, inheriting, late", 1);
    return 0;
}
