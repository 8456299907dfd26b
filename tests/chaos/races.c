/*
 * races - prints what depends on the order of its threads, and on nothing else: no addresses,
 * no ids, no time.
 */
#include "bug.h"

#define THREADS 4
static volatile int counter;
static char order[THREADS * 40 + 1];
static int orders;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *run(void *arg)
{
    for (int i = 0; i < 40; i++) {
        work(100);
        for (int k = 0; k < 20; k++)
            counter = counter + 1;
        pthread_mutex_lock(&lock);
        order[orders++] = (char)('a' + (intptr_t)arg);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(void)
{
    pthread_t t[THREADS];
    for (intptr_t i = 0; i < THREADS; i++)
        start(&t[i], run, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("%d %s\n", counter, order);
    return 0;
}
