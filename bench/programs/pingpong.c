/*
 * pingpong - two threads take turns: the cost of changing from one to the other.
 * pingpong futex|yield [SWITCHES]: each turn ends with a futex wake and a wait for the
 * other's, or with sched_yield until the turn is back.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int turn; /* whose it is */
static long switches = 200000;
static int by_futex;

static void hand_over(int me)
{
    atomic_store(&turn, !me);
    if (by_futex)
        syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await(int me)
{
    while (atomic_load(&turn) != me) {
        if (by_futex)
            syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !me, NULL, NULL, 0);
        else
            sched_yield();
    }
}

static void *play(void *arg)
{
    int me = arg != NULL;
    for (long i = 0; i < switches / 2; i++) {
        await(me);
        hand_over(me);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t other;
    if (argc > 1 && strcmp(argv[1], "futex") == 0)
        by_futex = 1;
    if (argc > 2)
        switches = atol(argv[2]);
    if (pthread_create(&other, NULL, play, &other))
        return 1;
    play(NULL);
    pthread_join(other, NULL);
    puts("done");
    return 0;
}
