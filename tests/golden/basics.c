/*
 * basics - the program of the golden traces: a little of everything that makes events. It
 * prints what differs from run to run, so that only a faithful replay prints it again.
 * Small and without a C library's weight: scripts/make-golden links it statically.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define BIG 300000 /* more than one event holds */
#define UNKNOWN_CALL 479
#define HUGE_PAGE_SHIFT 30
#define HUGE_PAGE (1ul << HUGE_PAGE_SHIFT)

extern char **environ;

static void need(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "basics: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned long long hash(const void *data, size_t n)
{
    const unsigned char *p = data;
    unsigned long long h = 0xcbf29ce484222325ull;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3ull;
    return h;
}

static void start(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("argument %d: %s\n", i, argv[i]);
    for (char **e = environ; *e; e++)
        printf("environment: %s\n", *e);
    printf("pid %d, ppid %d\n", getpid(), getppid());
    printf("stack %p, heap %p\n", (void *)&argc, malloc(1));
}

static void chance(void)
{
    uint64_t random[2];
    struct timespec t;
    need(getrandom(random, sizeof(random), 0) == sizeof(random), "getrandom");
    printf("random %016llx %016llx\n", (unsigned long long)random[0],
           (unsigned long long)random[1]);
    for (int i = 0; i < 5; i++) {
        need(clock_gettime(CLOCK_REALTIME, &t) == 0, "clock_gettime");
        printf("time %lld.%09ld, counter %llu\n", (long long)t.tv_sec, t.tv_nsec,
               (unsigned long long)__rdtsc());
    }
}

static void files(void)
{
    static char big[BIG];
    int fd = open("data", O_RDWR);
    need(fd >= 0, "data");
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    need(p != MAP_FAILED, "mmap");
    printf("mapped: %.20s\n", p);
    memcpy(p + 100, "by store", 8);
    need(pwrite(fd, "by write", 8, 120) == 8, "pwrite");
    printf("mapped: %016llx, read: ", hash(p, 8192));
    need(lseek(fd, 100, SEEK_SET) == 100 && read(fd, big, 28) == 28, "read");
    printf("%.8s, %.8s\n", big, big + 20);
    int zero = open("/dev/zero", O_RDONLY);
    need(zero >= 0 && read(zero, big, BIG) == BIG, "/dev/zero");
    struct iovec v[2] = {{big, 3}, {big + 3, 4}};
    need(lseek(fd, 0, SEEK_SET) == 0 && readv(fd, v, 2) == 7, "readv");
    printf("zeros: %016llx\n", hash(big, BIG));
    need(open("missing", O_RDONLY) == -1, "missing file");
    printf("missing: %s\n", strerror(errno));
}

static volatile sig_atomic_t got;
static void on_signal(int sig, siginfo_t *info, void *context)
{
    got = sig;
    if (sig == SIGSEGV) {
        printf("fault at %p\n", info->si_addr);
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
    }
}

static void signals(void)
{
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    struct itimerval soon = {{0, 0}, {0, 2000}};
    need(sigaction(SIGSEGV, &sa, NULL) == 0 && sigaction(SIGALRM, &sa, NULL) == 0, "sigaction");
    __asm__ volatile("movl (%0), %%eax" ::"r"(0x1000ul) : "rax", "memory");
    need(got == SIGSEGV, "SIGSEGV");
    need(setitimer(ITIMER_REAL, &soon, NULL) == 0 && pause() == -1, "pause");
    printf("signal %d, %s\n", got, strerror(errno));
}

/* What an old kernel does not have: a notice, and a refusal of the host. */
static void refused(void)
{
    printf("unknown call: %ld\n", syscall(UNKNOWN_CALL));
    void *p = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | HUGE_PAGE_SHIFT << 26, -1, 0);
    printf("huge page: %s\n", p == MAP_FAILED ? strerror(errno) : "granted");
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    start(argc, argv);
    chance();
    files();
    signals();
    refused();
    return 7;
}
