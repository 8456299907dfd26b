/*
 * stack_growth - the main stack grows by itself: alloca of megabytes touched from the
 * far end, deep recursion, a signal handler deep down.
 */
#include "check.h"

#include <alloca.h>
#include <signal.h>

static volatile int handled;
static void on_signal(int sig)
{
    char room[3000];
    memset(room, sig, sizeof(room));
    handled += room[sizeof(room) - 1];
}

__attribute__((noinline)) static unsigned long dive(unsigned depth)
{
    volatile unsigned char frame[200];
    frame[depth % sizeof(frame)] = (unsigned char)depth;
    if (depth == 0) {
        raise(SIGUSR1);
        return 0;
    }
    return dive(depth - 1) + frame[depth % sizeof(frame)];
}

__attribute__((noinline)) static int big_frames(size_t bytes)
{
    unsigned char *p = alloca(bytes);
    p[0] = 1; /* the far end first */
    for (size_t i = 0; i < bytes; i += 1000)
        p[i] = (unsigned char)(i / 1000);
    int sum = 0;
    for (size_t i = 0; i < bytes; i += 1000)
        sum += p[i];
    return sum;
}

int main(void)
{
    signal(SIGUSR1, on_signal);
    for (size_t mb = 1; mb <= 6; mb++)
        printf("alloca of %zu MB: %d\n", mb, big_frames(mb << 20));
    printf("recursion: %lu\n", dive(20000));
    CHECK(handled == SIGUSR1);
    return 0;
}
