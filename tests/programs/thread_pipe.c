/*
 * thread_pipe - one thread writes far more than a pipe holds, another reads it: the write
 * must come through whole, in order, and stop nobody else.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>

#define LEN 300000

static int ends[2];
static char sent[LEN], got[LEN];

static void *writer(void *arg)
{
    CHECK(write(ends[1], sent, LEN) == LEN);
    CHECK(close(ends[1]) == 0);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    size_t n = 0;
    ssize_t r;
    fill_pattern(sent, LEN, 3);
    CHECK(pipe(ends) == 0 && pthread_create(&thread, NULL, writer, NULL) == 0);
    while ((r = read(ends[0], got + n, LEN - n > 7000 ? 7000 : LEN - n)) > 0)
        n += (size_t)r;
    CHECK(pthread_join(thread, NULL) == 0 && n == LEN && memcmp(sent, got, LEN) == 0);
    printf("%zu bytes through a pipe\n", n);
    return 0;
}
