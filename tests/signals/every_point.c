/*
 * every_point - takes a signal from outside at every point of short sections: each instruction,
 * and each moment just before the host is asked. None may be lost, come twice, or leave a trace
 * in what the section computes. Recorded by record_points; without it nobody sends anything.
 */
#include "every_point.h"

#include <poll.h>
#include <sys/time.h>
#include <time.h>

#define MAGIC 0x73746e696f70l /* RK_POINTS_MAGIC of src/revisor/abi.h */
#define POINTS_MAX 100000
#define RESCUE_US 400000 /* much longer than a section takes: points behind a wait cost as much */
#define BEHIND_MAX 3

int with_avx;
static volatile int hits, rescued;
static struct pair pair;
static struct guarded_pair guarded = GUARDED_PAIR_INIT;
static int fds[2];
static void (*also)(void); /* what the handler does besides */

/* After n more instructions; 0: not any more. */
static void ask(long n, int signo)
{
    RAW3(SYS_sched_yield, MAGIC, n, signo);
}

static void on_signal(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    uint64_t cs = (uint64_t)uc->uc_mcontext.gregs[REG_CSGSFS] & 0xffff;
    CHECK(info->si_signo == signo && info->si_code == SI_USER && cs == 0x33);
    CHECK(pair.a == pair.b);
    CHECK(guarded_pair_fits(&guarded));
    hits++;
    if (also)
        also();
    spoil_registers();
}

/* Where a section waits for the signal and the point lies behind the wait. */
static void on_alarm(int signo)
{
    rescued = 1;
    if (also)
        also();
}

static void handle(int flags)
{
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags};
    CHECK(sigaction(SIGUSR1, &sa, NULL) == 0 && sigaction(SIGRTMIN + 3, &sa, NULL) == 0);
    struct sigaction alarms = {.sa_handler = on_alarm, .sa_flags = flags};
    CHECK(sigaction(SIGALRM, &alarms, NULL) == 0);
}

/* ---------------------------------------------------------------- the sections */
static struct machine_state undisturbed, state;

static void registers(void)
{
    memset(&state, 0, sizeof state);
    work_section(&state);
}

static void registers_after(void)
{
    CHECK(memcmp(&state, &undisturbed, sizeof state) == 0);
}

static void mutex(void)
{
    guarded_pair_add(&guarded);
}

static uint64_t mutex_count;
static void mutex_after(void)
{
    CHECK(guarded.pair.a == ++mutex_count && guarded.pair.b == mutex_count);
}

static void add_pair(void)
{
    pair_add(&pair);
}

static uint64_t pair_count;
static void lock_free(void)
{
    pair_add(&pair);
    pair_add(&pair);
}

static void lock_free_after(void)
{
    pair_count += 2 + (uint64_t)hits;
    CHECK(pair.a == pair_count && pair.b == pair_count);
}

static void calls(void)
{
    char out = 'p', in = 0;
    struct timespec now = {0, 0};
    CHECK(RAW3(SYS_write, fds[1], &out, 1) == 1);
    CHECK(RAW0(SYS_getpid) == RAW0(SYS_gettid));
    CHECK(RAW1(SYS_close, -1) == -EBADF);
    CHECK(RAW2(SYS_clock_gettime, CLOCK_MONOTONIC, &now) == 0 && (now.tv_sec || now.tv_nsec));
    CHECK(RAW3(SYS_read, fds[0], &in, 1) == 1 && in == 'p');
}

static void masks(void)
{
    uint64_t usr1 = 1ull << (SIGUSR1 - 1), old, now;
    CHECK(raw6(SYS_rt_sigprocmask, SIG_BLOCK, (long)&usr1, (long)&old, 8, 0, 0) == 0);
    int before = hits;
    guarded.pair.a++;
    guarded.pair.b++;
    CHECK(hits == before);
    CHECK(raw6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, (long)&now, 8, 0, 0) == 0 &&
          now & usr1);
    mutex_count++;
}

/* A byte comes by the handler only, so the read may have to wait for it. */
static void feed(void)
{
    CHECK(RAW3(SYS_write, fds[1], "h", 1) == 1);
}

static void restarted_read(void)
{
    char in = 0;
    CHECK(RAW3(SYS_read, fds[0], &in, 1) == 1 && in == 'h');
}

static void interrupted_read(void)
{
    char in = 0;
    long n;
    do
        n = RAW3(SYS_read, fds[0], &in, 1);
    while (n == -EINTR);
    CHECK(n == 1 && in == 'h');
}

static sigset_t blocked_set, empty_set;
static void block(int how)
{
    CHECK(sigprocmask(how, &blocked_set, NULL) == 0);
}

static void suspended(void)
{
    while (!hits && !rescued)
        CHECK(sigsuspend(&empty_set) == -1 && errno == EINTR);
}

static void polled(void)
{
    struct timespec limit = {5, 0};
    while (!hits && !rescued)
        CHECK(ppoll(NULL, 0, &limit, &empty_set) == -1 && errno == EINTR);
}

static void slept(void)
{
    struct timespec ts = {0, 200000}, left = {0, 0};
    while (nanosleep(&ts, &left) != 0) {
        CHECK(errno == EINTR && (left.tv_sec == 0 && left.tv_nsec <= ts.tv_nsec));
        ts = left;
    }
}

static void waited(void)
{
    siginfo_t info;
    int got = sigwaitinfo(&blocked_set, &info);
    CHECK(got == info.si_signo && (got == SIGUSR1 || got == SIGALRM));
    hits += got == SIGUSR1;
    rescued = got == SIGALRM;
}

/* ------------------------------------------------------------------ all points */
struct section {
    const char *name;
    void (*run)(void), (*after)(void), (*also)(void);
    int flags, signo;
    int waits;   /* it needs the signal to go on */
    int blocked; /* ... which is blocked but where it waits */
};

static const struct section sections[] = {
    {"registers", registers, registers_after, NULL, 0, SIGUSR1, 0, 0},
    {"registers, queued signal", registers, registers_after, NULL, SA_ONSTACK, 0, 0, 0},
    {"mutex", mutex, mutex_after, NULL, SA_RESTART, SIGUSR1, 0, 0},
    {"two words at once", lock_free, lock_free_after, add_pair, 0, SIGUSR1, 0, 0},
    {"calls", calls, NULL, NULL, 0, SIGUSR1, 0, 0},
    {"calls, restarted", calls, NULL, NULL, SA_RESTART, SIGUSR1, 0, 0},
    {"masked", masks, NULL, NULL, 0, SIGUSR1, 0, 0},
    {"read, restarted", restarted_read, NULL, feed, SA_RESTART, SIGUSR1, 1, 0},
    {"read, interrupted", interrupted_read, NULL, feed, 0, SIGUSR1, 1, 0},
    {"sigsuspend", suspended, NULL, NULL, SA_RESTART, SIGUSR1, 1, 1},
    {"ppoll", polled, NULL, NULL, SA_RESTART, SIGUSR1, 1, 1},
    {"nanosleep", slept, NULL, NULL, SA_RESTART, SIGUSR1, 0, 0},
    {"sigwaitinfo", waited, NULL, NULL, 0, SIGUSR1, 1, 1},
};

/* Of a wait that nobody ends. */
static void rescue_after(int us)
{
    struct itimerval t = {{0, 0}, {0, us}};
    CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

static int at_point(const struct section *s, long n)
{
    hits = rescued = 0;
    if (s->blocked)
        block(SIG_BLOCK);
    if (s->waits)
        rescue_after(RESCUE_US);
    ask(n, s->signo ? s->signo : SIGRTMIN + 3);
    s->run();
    ask(0, 0);
    if (s->waits)
        rescue_after(0);
    if (s->blocked)
        block(SIG_UNBLOCK);
    CHECK(hits <= 1);
    if (s->after)
        s->after();
    return hits;
}

static void all_points(const struct section *s)
{
    long n = 1;
    int behind = 0; /* of the points looked at last, how many lay behind the wait */
    also = s->also;
    handle(s->flags);
    while (behind < BEHIND_MAX && at_point(s, n)) {
        CHECK(n < POINTS_MAX);
        behind = rescued ? behind + 1 : 0;
        n++;
    }
    printf("%s: %ld points\n", s->name, n - 1);
    fflush(stdout);
}

int main(void)
{
    static char stack[65536];
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
    with_avx = __builtin_cpu_supports("avx");
    sigemptyset(&empty_set);
    sigemptyset(&blocked_set);
    sigaddset(&blocked_set, SIGUSR1);
    sigaddset(&blocked_set, SIGALRM);
    CHECK(sigaltstack(&ss, NULL) == 0 && pipe(fds) == 0);
    registers();
    undisturbed = state;
    for (size_t i = 0; i < COUNT(sections); i++)
        all_points(&sections[i]);
    return 0;
}
