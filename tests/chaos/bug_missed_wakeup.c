/*
 * bug_missed_wakeup - the consumer looks at the condition, then takes the lock and sleeps without
 * looking again: a signal in between is lost, and it sleeps for ever.
 */
#include "bug.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t made = PTHREAD_COND_INITIALIZER;
static volatile int ready;

static void *produce(void *arg)
{
    work(500 * US);
    pthread_mutex_lock(&lock);
    ready = 1;
    pthread_cond_signal(&made);
    pthread_mutex_unlock(&lock);
    return arg;
}

static void consume(void)
{
    if (ready)
        return;
    pthread_mutex_lock(&lock);
    pthread_cond_wait(&made, &lock);
    pthread_mutex_unlock(&lock);
}

int main(void)
{
    pthread_t t;
    start(&t, produce, NULL);
    work(20 * US);
    consume();
    pthread_join(t, NULL);
    puts("consumed");
    return 0;
}
