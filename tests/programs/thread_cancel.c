/*
 * thread_cancel - cancellation: in a blocking call, in a wait, asynchronously in a loop,
 * deferred and disabled; cleanup handlers run, locks are given back.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static atomic_int up, asked, cleaned;
static int fds[2];

static void clean(void *arg)
{
    cleaned += (int)(long)arg;
}

static void unlock(void *arg)
{
    cleaned++;
    CHECK(pthread_mutex_unlock(&m) == 0);
}

static void *in_read(void *arg)
{
    char b;
    pthread_cleanup_push(clean, (void *)1L);
    up = 1;
    CHECK(read(fds[0], &b, 1) == 1);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *in_wait(void *arg)
{
    CHECK(pthread_mutex_lock(&m) == 0);
    pthread_cleanup_push(unlock, NULL);
    up = 1;
    for (;;)
        pthread_cond_wait(&c, &m);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *in_loop(void *arg)
{
    pthread_cleanup_push(clean, (void *)1L);
    CHECK(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL) == 0);
    up = 1;
    for (volatile int i = 0;; i++)
        ;
    pthread_cleanup_pop(0);
    return NULL;
}

static void *in_sleep(void *arg)
{
    pthread_cleanup_push(clean, (void *)1L);
    up = 1;
    sleep(1000);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *disabled(void *arg)
{
    pthread_cleanup_push(clean, (void *)1L);
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL) == 0);
    up = 1;
    while (!asked)
        usleep(1000);
    up = 2;
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL) == 0);
    pthread_testcancel();
    pthread_cleanup_pop(0);
    return NULL;
}

static void cancel(const char *name, void *(*fn)(void *))
{
    pthread_t t;
    void *result = NULL;
    int before = cleaned;
    up = asked = 0;
    CHECK(pthread_create(&t, NULL, fn, NULL) == 0);
    while (!up)
        sched_yield();
    usleep(1000);
    CHECK(pthread_cancel(t) == 0);
    asked = 1;
    CHECK(pthread_join(t, &result) == 0);
    CHECK(result == PTHREAD_CANCELED && cleaned == before + 1);
    CHECK(pthread_mutex_trylock(&m) == 0 && pthread_mutex_unlock(&m) == 0);
    printf("%s: cancelled\n", name);
}

int main(void)
{
    CHECK(pipe(fds) == 0);
    cancel("read", in_read);
    cancel("condition", in_wait);
    cancel("loop", in_loop);
    cancel("sleep", in_sleep);
    cancel("disabled", disabled);
    CHECK(up == 2);
    return 0;
}
