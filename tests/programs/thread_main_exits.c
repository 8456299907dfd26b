/*
 * thread_main_exits - the first thread ends while others run on: the process lives until
 * the last of them ends, with status 0.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <time.h>

static pthread_t first;

static void *after(void *arg)
{
    void *result;
    CHECK(pthread_join(first, &result) == 0 && result == &first);
    CHECK(getpid() != gettid());
    for (volatile int i = 0; i < 500000; i++)
        ;
    CHECK(nanosleep(&(struct timespec){0, 5000000}, NULL) == 0);
    puts("still here");
    return NULL;
}

int main(void)
{
    pthread_t t;
    first = pthread_self();
    CHECK(pthread_create(&t, NULL, after, NULL) == 0 && pthread_detach(t) == 0);
    pthread_exit(&first);
}
