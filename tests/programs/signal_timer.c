/*
 * signal_timer - signals that the outside world times: alarm and setitimer among many
 * short calls, in pause, in a blocking read with and without SA_RESTART, in nanosleep and
 * its remainder. Where a signal lands differs from run to run and is printed.
 * run: --random
 */
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

static volatile int ticks;
static volatile unsigned long spins;
static uint64_t hash = MIX_START;

static void on_alarm(int sig)
{
    ticks++;
    unsigned long now = spins;
    hash = mix(hash, &now, sizeof(now));
}

static void install(int flags)
{
    struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = flags};
    CHECK(sigaction(SIGALRM, &sa, NULL) == 0);
}

static void every(int first_us, int interval_us)
{
    struct itimerval t = {{0, interval_us}, {0, first_us}};
    CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

static void among_calls(void)
{
    ticks = 0;
    every(1000, 3000);
    while (ticks < 20)
        if (++spins % 64 == 0)
            (void)getppid();
    every(0, 0);
    printf("among calls: %lu spins, hash %016llx\n", spins, (unsigned long long)hash);
}

static void blocking(void)
{
    int p[2];
    char c;
    CHECK(pipe(p) == 0);
    install(0);
    every(20000, 0);
    CHECK_ERRNO(read(p[0], &c, 1), EINTR);
    every(20000, 0);
    CHECK_ERRNO(pause(), EINTR);
    every(20000, 0);
    struct pollfd pfd = {p[0], POLLIN, 0};
    CHECK_ERRNO(poll(&pfd, 1, -1), EINTR);
    every(5000, 0);
    struct timespec one = {1, 0}, left;
    CHECK_ERRNO(nanosleep(&one, &left), EINTR);
    CHECK(left.tv_sec == 0 && left.tv_nsec > 500000000);
    printf("interrupted: remainder %ld\n", left.tv_nsec);
}

static int restart_pipe[2];
static void on_restart(int sig)
{
    ticks++;
    if (ticks == 3)
        CHECK(write(restart_pipe[1], "x", 1) == 1);
}

static void restarting(void)
{
    char c = 0;
    struct sigaction sa = {.sa_handler = on_restart, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGALRM, &sa, NULL) == 0 && pipe(restart_pipe) == 0);
    ticks = 0;
    every(2000, 2000);
    CHECK(read(restart_pipe[0], &c, 1) == 1 && c == 'x');
    every(0, 0);
    CHECK(ticks >= 3);
    printf("restarted: %d\n", ticks);
}

int main(void)
{
    install(SA_RESTART);
    among_calls();
    blocking();
    restarting();
    CHECK(alarm(100) == 0);
    unsigned left = alarm(0);
    CHECK(left >= 99 && left <= 100);
    return 0;
}
