/*
 * bugs - a program under a sanitizer, which lays memory out to its own liking and reports
 * one mistake of each kind. With no argument it makes none, and does some work in threads.
 * run: --filter 's/==[0-9]+==//; s/(tid|pid)=[0-9]+//; /0x[0-9a-f]{6}/d; /BuildId|^ *#[0-9]/d'
 */
#include "../check.h"

#include <pthread.h>

#define OPTIONS "symbolize=0:exitcode=66"
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return OPTIONS;
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return OPTIONS;
}
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return OPTIONS;
}
const char *__msan_default_options(void);
const char *__msan_default_options(void)
{
    return OPTIONS;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counter, racy;

static void *work(void *arg)
{
    for (int i = 1; i < 500; i++) {
        char *p = malloc((size_t)i);
        fill_pattern(p, (size_t)i, (unsigned)i);
        CHECK(is_pattern(p, (size_t)i, (unsigned)i));
        free(p);
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *race(void *arg)
{
    for (int i = 0; i < 1000; i++)
        racy++;
    return arg;
}

static void two_threads(void *(*fn)(void *))
{
    pthread_t t[2];
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&t[i], NULL, fn, NULL) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
}

static void *volatile kept;

/* Own frame, so that no register or stack slot of main still holds the pointer. */
static __attribute__((noinline)) void leak(void)
{
    for (int i = 0; i < 10; i++) {
        kept = malloc(1234);
        memset(kept, i, 1234);
    }
    kept = NULL;
}

static void make(const char *bug)
{
    char *volatile p = malloc(100);
    volatile int big = 0x7fffffff;
    if (strcmp(bug, "overflow") == 0)
        p[100] = 1;
    free(p);
    if (strcmp(bug, "freed") == 0)
        p[5] = 1;
    if (strcmp(bug, "twice") == 0)
        free(p);
    if (strcmp(bug, "leak") == 0)
        leak();
    if (strcmp(bug, "race") == 0)
        two_threads(race);
    if (strcmp(bug, "signed") == 0)
        big = big + 1;
    if (strcmp(bug, "unset") == 0) {
        int *volatile q = malloc(16);
        puts(q[2] ? "one" : "none");
        free(q);
    }
}

int main(int argc, char **argv)
{
    two_threads(work);
    printf("worked: %ld\n", counter);
    fflush(stdout);
    if (argc > 1)
        make(argv[1]);
    return 0;
}
