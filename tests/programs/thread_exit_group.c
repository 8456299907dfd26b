/*
 * thread_exit_group - a thread that is not the first ends the process while others
 * compute, sleep and wait; the exit status is the one it gave.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static atomic_int up;

static void *compute(void *arg)
{
    up++;
    for (volatile long i = 0;; i++)
        ;
    return arg;
}

static void *sleeper(void *arg)
{
    up++;
    sleep(1000);
    return arg;
}

static void *locker(void *arg)
{
    up++;
    pthread_mutex_lock(&m);
    return arg;
}

static void *ender(void *arg)
{
    while (up < 3)
        sched_yield();
    puts("ends");
    exit(41);
}

int main(void)
{
    void *(*fn[])(void *) = {compute, sleeper, locker, ender};
    pthread_t t[4];
    CHECK(pthread_mutex_lock(&m) == 0);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&t[i], NULL, fn[i], NULL) == 0);
    pthread_join(t[0], NULL);
    return 1;
}
