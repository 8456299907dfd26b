/*
 * signal_loop - signals that must land in pure computation, with no kernel entry near:
 * setitimer, a POSIX timer, a handler that leaves the loop by siglongjmp. Where they land
 * differs from run to run and is printed: the replay must be exact to the iteration.
 * run: --random --timeout 20
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

static volatile int ticks;
static volatile unsigned long spins;
static uint64_t hash = MIX_START;
static sigjmp_buf out;

static void on_alarm(int sig)
{
    ticks++;
    unsigned long now = spins;
    hash = mix(hash, &now, sizeof(now));
}

static void leave(int sig)
{
    siglongjmp(out, 1);
}

static void every(int first_us, int interval_us)
{
    struct itimerval t = {{0, interval_us}, {0, first_us}};
    CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

static void interval(void)
{
    signal(SIGALRM, on_alarm);
    every(1000, 3000);
    while (ticks < 20)
        spins++;
    every(0, 0);
    printf("interval: %lu spins, hash %016llx\n", spins, (unsigned long long)hash);
}

static void jump(void)
{
    signal(SIGALRM, leave);
    for (volatile int i = 0; i < 5; i++) {
        if (sigsetjmp(out, 1) == 0) {
            every(2000, 0);
            for (;;)
                spins++;
        }
        printf("left the loop at %lu\n", spins);
    }
}

static void posix_timer(void)
{
    timer_t t;
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec spec = {{0, 2000000}, {0, 1000000}};
    signal(SIGALRM, on_alarm);
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &t) == 0);
    ticks = 0;
    CHECK(timer_settime(t, 0, &spec, NULL) == 0);
    while (ticks < 5)
        spins++;
    CHECK(timer_gettime(t, &spec) == 0 && spec.it_interval.tv_nsec == 2000000);
    CHECK(timer_delete(t) == 0);
    printf("timer: %lu spins\n", spins);
}

int main(void)
{
    interval();
    jump();
    posix_timer();
    return 0;
}
