/*
 * thread_many - 200 threads at once, a thousand one after the other, detached ones, names,
 * stacks of their own, C11 threads.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <threads.h>

#define MANY 200
static pthread_barrier_t all;
static sem_t ended;
static atomic_int sum;
static once_flag flag = ONCE_FLAG_INIT;
static mtx_t lock;
static cnd_t cond;
static int calls, value;
static thread_local int own = 3;

static void *member(void *arg)
{
    int tid = gettid();
    pthread_barrier_wait(&all);
    CHECK(tid == gettid() && tid != getpid());
    sum += (int)(long)arg;
    return arg;
}

static void at_once(void)
{
    static pthread_t t[MANY];
    CHECK(pthread_barrier_init(&all, NULL, MANY) == 0);
    for (long i = 0; i < MANY; i++)
        CHECK(pthread_create(&t[i], NULL, member, (void *)i) == 0);
    for (long i = 0; i < MANY; i++) {
        void *r;
        CHECK(pthread_join(t[i], &r) == 0 && r == (void *)i);
    }
    CHECK(sum == MANY * (MANY - 1) / 2);
    printf("at once: %d\n", sum);
}

static void *quick(void *arg)
{
    sum++;
    return arg;
}

static void *detached(void *arg)
{
    sum++;
    sem_post(&ended);
    return arg;
}

static void one_by_one(void)
{
    pthread_t t;
    sum = 0;
    for (int i = 0; i < 1000; i++)
        CHECK(pthread_create(&t, NULL, quick, NULL) == 0 && pthread_join(t, NULL) == 0);
    CHECK(sum == 1000 && sem_init(&ended, 0, 0) == 0);
    pthread_attr_t a;
    CHECK(pthread_attr_init(&a) == 0 &&
          pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED) == 0);
    CHECK(pthread_attr_setstacksize(&a, 65536) == 0);
    for (int i = 0; i < 50; i++)
        CHECK(pthread_create(&t, &a, detached, NULL) == 0);
    for (int i = 0; i < 50; i++)
        CHECK(sem_wait(&ended) == 0);
    CHECK(sum == 1050);
    printf("one by one: %d\n", sum);
}

static void *named(void *arg)
{
    char name[16];
    CHECK(pthread_getname_np(pthread_self(), name, 16) == 0 && !strcmp(name, "thread_many"));
    CHECK(pthread_setname_np(pthread_self(), "worker") == 0);
    CHECK(pthread_getname_np(pthread_self(), name, 16) == 0 && !strcmp(name, "worker"));
    pthread_barrier_wait(&all);
    pthread_barrier_wait(&all);
    return NULL;
}

/* Another thread's name is in /proc/self/task. */
static void names(void)
{
    pthread_t t = 0;
    char name[16];
    CHECK(pthread_barrier_init(&all, NULL, 2) == 0 && pthread_create(&t, NULL, named, NULL) == 0);
    pthread_barrier_wait(&all);
    CHECK(pthread_getname_np(t, name, 16) == 0 && !strcmp(name, "worker"));
    CHECK(pthread_getname_np(pthread_self(), name, 16) == 0 && !strcmp(name, "thread_many"));
    pthread_barrier_wait(&all);
    CHECK(pthread_join(t, NULL) == 0);
    printf("names: ok\n");
}

static void once(void)
{
    calls++;
}

static int c11(void *arg)
{
    call_once(&flag, once);
    CHECK(mtx_lock(&lock) == thrd_success && own == 3);
    own = ++value;
    CHECK(cnd_signal(&cond) == thrd_success && mtx_unlock(&lock) == thrd_success);
    return own + 10;
}

static void c11_threads(void)
{
    thrd_t t[3];
    int total = 0, r;
    CHECK(mtx_init(&lock, mtx_plain) == thrd_success && cnd_init(&cond) == thrd_success);
    for (int i = 0; i < 3; i++)
        CHECK(thrd_create(&t[i], c11, NULL) == thrd_success);
    CHECK(mtx_lock(&lock) == thrd_success);
    while (value < 3)
        CHECK(cnd_wait(&cond, &lock) == thrd_success);
    CHECK(mtx_unlock(&lock) == thrd_success);
    for (int i = 0; i < 3; i++) {
        CHECK(thrd_join(t[i], &r) == thrd_success);
        total += r;
    }
    CHECK(total == 36 && calls == 1 && own == 3);
    printf("C11: %d\n", total);
}

int main(void)
{
    at_once();
    one_by_one();
    names();
    c11_threads();
    return 0;
}
