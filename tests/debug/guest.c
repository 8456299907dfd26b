/*
 * guest.c - what the tests of the debug port record: `guest MODE`. It is linked at fixed
 * addresses, so that the tests find its functions by name.
 */
#include <immintrin.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile uint64_t sink;

__attribute__((noinline)) void hit_me(uint64_t n)
{
    sink += n;
}

static void loops(void)
{
    for (int i = 0; i < 10; i++) {
        for (int j = 0; j < 100; j++)
            hit_me((uint64_t)(i * j));
        printf("%d %lu\n", i, (unsigned long)sink);
        fflush(stdout);
    }
}

__attribute__((noinline)) unsigned fib(unsigned n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static void recursion(void)
{
    printf("%u\n", fib(12));
}

/* ----------------------------------------------------------------- signals */
static volatile sig_atomic_t caught;

static void on_signal(int signo)
{
    (void)signo;
    caught++;
}

static void signals(void)
{
    signal(SIGUSR1, on_signal);
    for (int i = 0; i < 20; i++) {
        raise(SIGUSR1);
        hit_me((uint64_t)caught);
    }
    printf("%d\n", (int)caught);
}

/* Signals that come between any two instructions; many, since on a loaded machine most may come
 * while the rekernel is busy with the one before. */
static void timer(void)
{
    struct itimerval every = {{0, 2000}, {0, 2000}};
    signal(SIGALRM, on_signal);
    setitimer(ITIMER_REAL, &every, NULL);
    while (caught < 40)
        hit_me((uint64_t)caught);
    memset(&every, 0, sizeof(every));
    setitimer(ITIMER_REAL, &every, NULL);
    printf("%d\n", (int)caught);
}

static unsigned char *page;

static void on_fault(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    caught++;
    if (signo == SIGILL)
        uc->uc_mcontext.gregs[REG_RIP] += 2;
    else
        mprotect(info->si_addr, 1, PROT_READ | PROT_WRITE);
}

static void faults(void)
{
    struct sigaction act;
    memset(&act, 0, sizeof(act));
    act.sa_sigaction = on_fault;
    act.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &act, NULL);
    sigaction(SIGILL, &act, NULL);
    page = mmap(NULL, 20 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 20; i++) {
        page[i * 4096] = (unsigned char)i;
        __asm__ volatile("ud2");
    }
    printf("%d\n", (int)caught);
}

/* ------------------------------------------------ instructions with more state */
static void strings(void)
{
    static char from[512], to[512];
    memset(from, 'x', sizeof(from));
    for (size_t n = 1; n < 500; n += 17) {
        void *d = to, *s = from;
        size_t c = n;
        __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(c) : : "memory");
        c = n / 8, d = from;
        __asm__ volatile("rep stosq" : "+D"(d), "+c"(c) : "a"(n * 0x0101010101010101ul) : "memory");
        c = n, d = to, s = from;
        __asm__ volatile("repe cmpsb" : "+D"(d), "+S"(s), "+c"(c) : : "memory", "cc");
        sink += c;
    }
    printf("%lu\n", (unsigned long)sink);
}

__attribute__((target("avx2"))) static uint64_t wide(void)
{
    __m256i a = _mm256_set1_epi32(3), b = _mm256_set_epi32(1, 2, 3, 4, 5, 6, 7, 8);
    for (int i = 0; i < 200; i++) {
        a = _mm256_add_epi32(_mm256_mullo_epi32(a, b), b);
        b = _mm256_permute4x64_epi64(_mm256_xor_si256(b, a), 0x39);
    }
    return (uint64_t)_mm256_extract_epi64(a, 2);
}

static void vectors(void)
{
    volatile long double x = 1;
    double y = 1;
    for (int i = 1; i < 200; i++) {
        x = x * i / (i + 1) + 1;
        y = y / i + (double)x;
    }
    printf("%.10Lf %.10f\n", x, y);
    if (__builtin_cpu_supports("avx2"))
        printf("%lx\n", (unsigned long)wide());
}

/* ----------------------------------------------------------------- threads */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;

static void *work(void *arg)
{
    long n = (long)arg;
    char name[16];
    snprintf(name, sizeof(name), "worker-%ld", n);
    pthread_setname_np(pthread_self(), name);
    for (int i = 0; i < 40; i++) {
        double x = (double)n;
        for (int j = 0; j < 200; j++)
            x = x * 1.0001 + (double)j;
        pthread_mutex_lock(&lock);
        hit_me((uint64_t)x);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void *idle(void *arg)
{
    (void)arg;
    pthread_barrier_wait(&barrier);
    return NULL;
}

static void start_threads(pthread_t *threads, long count, void *(*run)(void *))
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    for (long i = 0; i < count; i++)
        if (pthread_create(&threads[i], &attr, run, (void *)i))
            exit(1);
}

static void threads(void)
{
    pthread_t thread[4];
    start_threads(thread, 4, work);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
}

#define CROWD 700

static void crowd(void)
{
    static pthread_t thread[CROWD];
    pthread_barrier_init(&barrier, NULL, CROWD + 1);
    start_threads(thread, CROWD, idle);
    usleep(1000);
    hit_me(1);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < CROWD; i++)
        pthread_join(thread[i], NULL);
}

static void crash(void)
{
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    hit_me(1);
    *(volatile char *)0x123 = 1;
}

static void spin(void)
{
    for (uint64_t i = 0; i < 400000000; i++)
        __asm__ volatile("");
}

/* A word that is written once, on a page that is written all the time. */
__attribute__((aligned(4096))) volatile uint64_t busy_page[512];

static void busy(void)
{
    busy_page[0] = 1;
    for (uint64_t i = 0; i < 150000000; i++)
        busy_page[1 + i % 511] += i;
}

/* ----------------------------------------------------------------- accesses */
__attribute__((aligned(64))) char watched[8192];

/* The accesses to `watched`, in this order, that watch.c expects. */
static void accesses(void)
{
    static const char from[100] = "from here";
    char *w = watched;
    int pipes[2];
    if (pipe(pipes) || write(pipes[1], "hello", 5) != 5)
        exit(1);
    __asm__ volatile("movq %1, 61(%0)" : : "r"(w), "r"(0x1122334455667788) : "memory");
    __asm__ volatile("movb $0, 4000(%0)" : : "r"(w) : "memory");
    __asm__ volatile("lock incl 128(%0)" : : "r"(w) : "memory");
    void *d = w + 200;
    const void *s = from;
    size_t n = sizeof(from);
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
    __asm__ volatile("movb $120, 6003(%0)" : : "r"(w) : "memory");
    d = w + 6000, n = 2000;
    __asm__ volatile("repne scasb" : "+D"(d), "+c"(n) : "a"('x') : "memory");
    d = w + 399, n = 50;
    __asm__ volatile("std; rep stosq; cld" : "+D"(d), "+c"(n) : "a"(~0ul) : "memory");
    __asm__ volatile("movaps 512(%0), %%xmm3; movntps %%xmm3, 528(%0)"
                     :
                     : "r"(w)
                     : "xmm3", "memory");
    __asm__ volatile("mov %%rsp, %%rdx; lea 7000(%0), %%rsp; pushq $5; pop %%rcx; mov %%rdx, %%rsp"
                     :
                     : "r"(w)
                     : "rcx", "rdx", "memory");
    __asm__ volatile("lea 8188(%0), %%rcx; mov (%%rcx), %%edx" : : "r"(w) : "rcx", "rdx", "memory");
    if (syscall(SYS_read, pipes[0], w + 1000, 100) != 5 || syscall(SYS_clock_gettime, 0, w + 2000))
        exit(1);
    sink = (uint64_t)w[1000];
}

/* ------------------------------------------------ memory that copies must not share */
static int file_of(size_t size)
{
    char name[] = "/tmp/rrl-debug-file-XXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    return ftruncate(fd, (off_t)size) ? -1 : fd;
}

static void shared(void)
{
    int fd = file_of(8192), other = file_of(4096);
    uint64_t *anon = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t *file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint64_t *seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, other, 0);
    uint64_t *own = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    /* A copy is no child. */
    if (madvise(own, 4096, MADV_DONTFORK) || madvise(own + 512, 4096, MADV_WIPEONFORK))
        exit(1);
    for (uint64_t i = 1; i < 60; i++) {
        anon[i * 20] += i;
        anon[1]++;
        file[i * 10] = file[i * 10 - 10] + anon[1];
        own[i] = own[i - 1] + i;
        own[512] += own[i];
        if (i == 30)
            seen[1] = 77; /* its own from now on */
        if (i % 4 == 0 && pwrite(other, &i, sizeof(i), 16) != sizeof(i))
            exit(1);
        sink = sink * 3 + anon[i * 20] + file[i * 10] + seen[1] + seen[2] + own[512];
    }
    printf("%lu\n", (unsigned long)sink);
}

/* A copy of this file takes its time, and must be made before each first store in a copy of the
 * process. */
static void large(void)
{
    size_t size = 16 << 20;
    int fd = file_of(size);
    uint64_t *seen = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char *data = malloc(size);
    memset(data, 3, size);
    if (pwrite(fd, data, size, 0) != (ssize_t)size)
        exit(1);
    for (uint64_t i = 1; i < 40; i++) {
        if (pwrite(fd, &i, sizeof(i), (off_t)(i * 400000)) != sizeof(i))
            exit(1);
        for (uint64_t j = 0; j < 20000; j++)
            sink += seen[i * 50000] + j;
    }
    printf("%lu\n", (unsigned long)sink);
}

static void jit(void)
{
    unsigned char *code =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned i = 0; i < 40; i++) {
        unsigned char *p = code + i % 3 * 8;
        memcpy(p, "\xb8\0\0\0\0\xc3", 6); /* mov $0,%eax; ret */
        p[1] = (unsigned char)i;
        sink += ((unsigned (*)(void))(uintptr_t)p)();
    }
    printf("%lu\n", (unsigned long)sink);
}

static jmp_buf back;

__attribute__((noinline)) static void jump(int n)
{
    sink += (uint64_t)n;
    longjmp(back, n);
}

static void jumps(void)
{
    volatile int i = 0;
    setjmp(back);
    if (i++ < 40)
        jump(i);
    printf("%lu\n", (unsigned long)sink);
}

static void again(void)
{
    hit_me(1);
    execl("/proc/self/exe", "again", "recursion", (char *)NULL);
    exit(1);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {{"loops", loops},     {"recursion", recursion},
                 {"signals", signals}, {"timer", timer},
                 {"faults", faults},   {"strings", strings},
                 {"vectors", vectors}, {"spin", spin},     {"busy", busy},
                 {"large", large},
                 {"threads", threads}, {"crowd", crowd},
                 {"crash", crash},     {"accesses", accesses},
                 {"shared", shared},   {"jit", jit},
                 {"jumps", jumps},     {"again", again}};
    for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (!strcmp(argv[1], modes[i].name)) {
            modes[i].run();
            return 0;
        }
    }
    return 64;
}
