/* threads.c - three threads, each with a name of its own, that work in turns and at once. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define THREADS 3
#define ROUNDS 40

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static __thread int mine;
int total, busy[THREADS];

void add(int n)
{
    pthread_mutex_lock(&mutex);
    total += n;
    pthread_mutex_unlock(&mutex);
}

void all_there(int n)
{
    mine = n;
    busy[n] = 1;
}

static void *work(void *arg)
{
    int n = (int)(long)arg;
    char name[16];
    snprintf(name, sizeof(name), "worker-%d", n);
    pthread_setname_np(pthread_self(), name);
    pthread_barrier_wait(&barrier);
    all_there(n);
    for (int i = 0; i < ROUNDS; i++)
        add(n + 1);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (long i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("%d\n", total);
    return total != ROUNDS * 6;
}
