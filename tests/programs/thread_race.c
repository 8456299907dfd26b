/*
 * thread_race - what depends on the schedule: a counter without a lock, flags that are
 * spun on, who comes first. A replay must print the recorded results.
 * build: -pthread
 * run: --random
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 4
static volatile int counter;
static atomic_int ready, winner, order;
static volatile int spun;
static int places[THREADS];

static void *count(void *arg)
{
    atomic_fetch_add(&ready, 1);
    while (atomic_load(&ready) < THREADS) /* spins: the others must get their turn */
        ;
    for (int i = 0; i < 300000; i++)
        counter = counter + 1; /* loses some */
    places[(long)arg] = atomic_fetch_add(&order, 1);
    return NULL;
}

static void *toss(void *arg)
{
    int me = (int)(long)arg + 1, none = 0;
    for (volatile int i = 0; i < 100000; i++)
        ;
    atomic_compare_exchange_strong(&winner, &none, me);
    return NULL;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int taken;

static void *take(void *arg)
{
    CHECK(pthread_mutex_lock(&lock) == 0);
    taken = 1;
    CHECK(pthread_mutex_unlock(&lock) == 0);
    return arg;
}

static void *set_flag(void *arg)
{
    for (volatile int i = 0; i < 1000000; i++)
        ;
    spun = 1;
    return arg;
}

static void with_threads(void *(*fn)(void *))
{
    pthread_t t[THREADS];
    for (long i = 0; i < THREADS; i++)
        CHECK(pthread_create(&t[i], NULL, fn, (void *)i) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
}

int main(void)
{
    pthread_t t;
    with_threads(count);
    CHECK(counter > 0 && counter <= THREADS * 300000);
    printf("counted %d of %d, ended in order", counter, THREADS * 300000);
    for (int i = 0; i < THREADS; i++)
        printf(" %d", places[i]);
    with_threads(toss);
    printf("\nwinner %d\n", winner);
    long long spins = 0;
    CHECK(pthread_create(&t, NULL, set_flag, NULL) == 0);
    while (!spun)
        spins++;
    CHECK(pthread_join(t, NULL) == 0);
    printf("spins %lld\n", spins);
    CHECK(pthread_create(&t, NULL, take, NULL) == 0);
    for (spins = 0; !taken; spins++) /* the other thread must find it open one day */
        CHECK(pthread_mutex_trylock(&lock) == EBUSY || pthread_mutex_unlock(&lock) == 0);
    CHECK(pthread_join(t, NULL) == 0);
    printf("tries %lld\n", spins);
    return 0;
}
