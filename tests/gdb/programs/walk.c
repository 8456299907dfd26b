/* walk.c - two threads that compute at the same time, get signals, jump and wait: long ways without
 * a system call, so that each loses the processor where it does not expect it. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 30

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static __thread jmp_buf out;
uint64_t sums[3];
int handled, jumped;

int mix(int n)
{
    int r = n * 31 + 7;
    r ^= r >> 3;
    return r;
}

void compute(int who, int times)
{
    for (int i = 0; i < times; i++)
        sums[who] += (uint64_t)mix(i) & 0xff;
}

static void on_signal(int signo)
{
    handled += signo == SIGUSR1 ? 1 : 2;
}

static void jump(int who)
{
    if (sums[who] & 1)
        longjmp(out, 1);
}

void share(int who)
{
    pthread_mutex_lock(&mutex);
    sums[2] += sums[who];
    pthread_mutex_unlock(&mutex);
}

void round_of(int who, int i)
{
    compute(who, 20000);
    share(who);
    if (i % 5 == who)
        pthread_kill(pthread_self(), who ? SIGUSR1 : SIGUSR2);
    if (!setjmp(out))
        jump(who);
    else
        jumped++;
}

static void *work(void *arg)
{
    for (int i = 0; i < ROUNDS; i++)
        round_of((int)(intptr_t)arg, i);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    pthread_create(&thread, NULL, work, (void *)1);
    work(0);
    pthread_join(thread, NULL);
    printf("%lu %d %d\n", (unsigned long)sums[2], handled, jumped);
    return 0;
}
