/*
 * thread_points - one thread runs short sections, the other sends it signals, one at a time: how
 * many instructions were interrupted is a matter of the schedule. No signal may be lost, come
 * twice, or leave a trace in what the section computes. Prints where the section was hit.
 *
 *   thread_points ROUNDS
 */
#include "every_point.h"

#include <sched.h>
#include <stdatomic.h>

int with_avx;
static pthread_t worker;
static atomic_int hits, sent, over;
static unsigned char hit[4096]; /* by offset in the section */
static struct machine_state undisturbed, state;
static struct pair pair;
static struct guarded_pair guarded = GUARDED_PAIR_INIT;
static int stream[2], side[2]; /* pipes */

static void on_signal(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    uint64_t at = (uint64_t)uc->uc_mcontext.gregs[REG_RIP] - (uint64_t)section_begin;
    CHECK(signo == SIGUSR1 && info->si_code == SI_TKILL && info->si_pid == getpid());
    CHECK(pthread_equal(pthread_self(), worker));
    CHECK(pair.a == pair.b && guarded_pair_fits(&guarded));
    if (at < (uint64_t)(section_end - section_begin))
        hit[at] = 1;
    pair_add(&pair);
    atomic_fetch_add(&hits, 1);
    spoil_registers();
}

static void *send_signals(void *arg)
{
    while (!over) {
        CHECK(pthread_kill(worker, SIGUSR1) == 0);
        sent++;
        while (hits != sent)
            sched_yield();
    }
    return arg;
}

static uint64_t sections(long rounds)
{
    uint64_t own = 0;
    for (long i = 0; i < rounds; i++) {
        memset(&state, 0, sizeof state);
        work_section(&state);
        CHECK(memcmp(&state, &undisturbed, sizeof state) == 0);
        pair_add(&pair);
        own++;
        guarded_pair_add(&guarded);
    }
    return own;
}

static void interrupted_sections(long rounds)
{
    pthread_t sender;
    CHECK(pthread_create(&sender, NULL, send_signals, NULL) == 0);
    while (!hits)
        sched_yield();
    uint64_t own = sections(rounds);
    over = 1;
    CHECK(pthread_join(sender, NULL) == 0);
    CHECK(hits == sent && pair.a == own + (uint64_t)hits && pair.b == pair.a);
    CHECK(guarded.pair.a == (uint64_t)rounds && guarded.pair.b == guarded.pair.a);
    printf("hit:");
    for (size_t i = 0; i < sizeof hit; i++)
        if (hit[i])
            printf(" %zu", i);
    puts("");
}

/* ------------------------------------------- a call that waits and is made again */
#define STREAM 200000
static char data[STREAM];

/* Makes a call of the kind that it interrupts. */
static void write_aside(int signo)
{
    int e = errno;
    CHECK(write(side[1], "0123456789", 10) == 10);
    hits++;
    errno = e;
}

static void *drain(void *arg)
{
    static char got[STREAM];
    size_t total = 0;
    char ten[10];
    while (total < STREAM) {
        ssize_t n = read(stream[0], got + total, total % 7 ? 3000 : 70000);
        CHECK(n > 0);
        total += (size_t)n;
        int before = hits;
        CHECK(pthread_kill(worker, SIGUSR2) == 0);
        while (hits == before)
            sched_yield();
        CHECK(read(side[0], ten, 10) == 10 && memcmp(ten, "0123456789", 10) == 0);
    }
    CHECK(memcmp(got, data, STREAM) == 0);
    return arg;
}

/* What a write that a signal interrupts has moved is neither moved again nor left out. */
static void interrupted_writes(int restart)
{
    struct sigaction sa = {.sa_handler = write_aside, .sa_flags = restart};
    pthread_t reader;
    size_t done = 0;
    CHECK(sigaction(SIGUSR2, &sa, NULL) == 0 && pipe(stream) == 0 && pipe(side) == 0);
    CHECK(pthread_create(&reader, NULL, drain, NULL) == 0);
    while (done < STREAM) {
        ssize_t n = write(stream[1], data + done, STREAM - done);
        CHECK(n > 0 || (n == -1 && errno == EINTR && !restart));
        done += n > 0 ? (size_t)n : 0;
    }
    CHECK(pthread_join(reader, NULL) == 0);
    for (int i = 0; i < 2; i++)
        close(stream[i]), close(side[i]);
    puts("a stream is whole");
}

int main(int argc, char **argv)
{
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    worker = pthread_self();
    with_avx = __builtin_cpu_supports("avx");
    work_section(&undisturbed);
    fill_pattern(data, STREAM, 3);
    CHECK(sigaction(SIGUSR1, &sa, NULL) == 0);
    interrupted_sections(argc > 1 ? atol(argv[1]) : 1000);
    interrupted_writes(0);
    interrupted_writes(SA_RESTART);
    return 0;
}
