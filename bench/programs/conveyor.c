/*
 * conveyor - a producer and a consumer, a queue of 16 places between them, one mutex and
 * two condition variables.
 * conveyor [ITEMS]: prints the sum of what arrived.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define PLACES 16

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER, room = PTHREAD_COND_INITIALIZER;
static long queue[PLACES], put, got, items;

static void *produce(void *arg)
{
    for (long i = 1; i <= items; i++) {
        pthread_mutex_lock(&mutex);
        while (put - got == PLACES)
            pthread_cond_wait(&room, &mutex);
        queue[put++ % PLACES] = i;
        pthread_cond_signal(&more);
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

static long take(void)
{
    pthread_mutex_lock(&mutex);
    while (put == got)
        pthread_cond_wait(&more, &mutex);
    long item = queue[got++ % PLACES];
    pthread_cond_signal(&room);
    pthread_mutex_unlock(&mutex);
    return item;
}

int main(int argc, char **argv)
{
    pthread_t producer;
    long sum = 0;
    items = argc > 1 ? atol(argv[1]) : 1000000;
    if (pthread_create(&producer, NULL, produce, NULL))
        return 1;
    for (long i = 0; i < items; i++)
        sum += take();
    pthread_join(producer, NULL);
    printf("%ld\n", sum);
    return sum != items * (items + 1) / 2;
}
