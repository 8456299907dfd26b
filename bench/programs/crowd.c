/*
 * crowd - a thousand threads: all are made, wait for each other at a barrier, work a
 * little, and are joined.
 * crowd [THREADS]: prints what they counted.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_barrier_t all;
static _Atomic long counted;

static void *work(void *arg)
{
    volatile long mine = 0;
    pthread_barrier_wait(&all);
    for (int i = 0; i < 10000; i++)
        mine++;
    atomic_fetch_add(&counted, mine);
    return arg;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 1000;
    pthread_t *t = calloc((size_t)n, sizeof *t);
    pthread_attr_t attr;
    if (!t || pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, 65536))
        return 1;
    pthread_barrier_init(&all, NULL, (unsigned)n);
    for (int i = 0; i < n; i++)
        if (pthread_create(&t[i], &attr, work, NULL))
            return 1;
    for (int i = 0; i < n; i++)
        pthread_join(t[i], NULL);
    printf("%ld\n", counted);
    free(t);
    return 0;
}
