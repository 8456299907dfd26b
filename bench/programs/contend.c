/*
 * contend - four threads add to one counter under one mutex.
 * contend [TURNS of each thread]: prints the counter.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long counter, turns;

static void *work(void *arg)
{
    for (long i = 0; i < turns; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t t[THREADS];
    turns = argc > 1 ? atol(argv[1]) : 1000000;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&t[i], NULL, work, NULL))
            return 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("%ld\n", counter);
    return counter != THREADS * turns;
}
