/*
 * bug_stolen_wakeup - a consumer that was woken takes from the queue without looking whether
 * there still is something: another one may have come first.
 */
#include "bug.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t made = PTHREAD_COND_INITIALIZER;
static int queued;

static void take(void)
{
    pthread_mutex_lock(&lock);
    if (!queued)
        pthread_cond_wait(&made, &lock);
    if (!queued)
        bug("took from an empty queue");
    queued--;
    pthread_mutex_unlock(&lock);
}

static void put(void)
{
    pthread_mutex_lock(&lock);
    queued++;
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(&made);
}

static void *early(void *arg)
{
    take();
    return arg;
}

static void *late(void *arg)
{
    usleep(200000);
    take();
    return arg;
}

int main(void)
{
    pthread_t a, b;
    start(&a, early, NULL);
    start(&b, late, NULL);
    usleep(30000);
    put();
    usleep(350000);
    put();
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    puts("both taken");
    return 0;
}
