/*
 * signal_far - signals far into a computation that does not enter the kernel: one that
 * counts in memory, one whose counter lies in a caller's frame while the inner work comes
 * back to the same state, one in registers alone. Where they land differs from run to run
 * and is printed: the replay must be exact to the iteration, and find the place in time.
 * run: --random --timeout 60
 */
#include "check.h"

#include <signal.h>
#include <sys/time.h>

static volatile int rings;

static void on_alarm(int sig)
{
    rings++;
}

static void ring_in(int us)
{
    struct itimerval t = {{0, 0}, {0, us}};
    signal(SIGALRM, on_alarm);
    rings = 0;
    CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

static void in_memory(void)
{
    static volatile unsigned long spins;
    ring_in(200000);
    while (!rings)
        spins++;
    printf("in memory: %lu\n", spins);
}

/* Comes back to the state that it began with. */
static __attribute__((noinline)) void there_and_back(volatile unsigned char *cells)
{
    for (int i = 0; i < 64; i++)
        cells[i]++;
    for (int i = 0; i < 64; i++)
        cells[i]--;
}

static void in_frame(void)
{
    volatile unsigned long rounds = 0;
    volatile unsigned char cells[64] = {0};
    ring_in(200000);
    while (!rings) {
        there_and_back(cells);
        rounds++;
    }
    printf("in the caller's frame: %lu\n", rounds);
}

static void in_registers(void)
{
    uint64_t x = 88172645463325252u, rounds = 0;
    ring_in(200000);
    while (!rings) {
        for (int i = 0; i < 1000; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
        }
        rounds++;
    }
    printf("in registers: %llu, %016llx\n", (unsigned long long)rounds, (unsigned long long)x);
}

int main(void)
{
    in_memory();
    in_frame();
    in_registers();
    return 0;
}
