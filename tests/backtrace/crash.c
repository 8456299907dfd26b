/* crash.c - a program that dies in many ways: `crash MODE`. Functions are named after what the
 * tests look for. */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static volatile int sink;

NOINLINE static void do_abort(void)
{
    abort();
}

NOINLINE static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    if (x == 3)
        *(volatile int *)0x10 = 1;
    return x - y;
}

NOINLINE static void do_sort(void)
{
    int numbers[] = {5, 4, 3, 2, 1};
    qsort(numbers, 5, sizeof(numbers[0]), compare);
    sink = numbers[0];
}

/* Frames of some size, so that little of the program's memory suffices to run out of stack. */
NOINLINE static int recurse(int n)
{
    volatile char room[4000];
    room[0] = (char)n;
    return recurse(n + 1) + room[0];
}

NOINLINE static void call_null(void)
{
    void (*volatile nowhere)(void) = NULL;
    nowhere();
    sink = 1;
}

NOINLINE static void on_signal(int signo)
{
    sink = signo;
    abort();
}

NOINLINE static void do_signal(void)
{
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    sink = 2;
}

/* A fault, and its handler on a stack of its own. */
NOINLINE static void do_alternate(void)
{
    static char room[65536];
    stack_t stack = {.ss_sp = room, .ss_size = sizeof(room)};
    struct sigaction act;
    memset(&act, 0, sizeof(act));
    act.sa_handler = on_signal;
    act.sa_flags = SA_ONSTACK;
    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &act, NULL);
    *(volatile int *)0x20 = 1;
}

/* What was the caller's part of the stack leads back to itself. */
NOINLINE static void do_smash(void)
{
    volatile uint64_t *stack = __builtin_frame_address(0);
    for (int i = -8; i < 64; i++)
        stack[i] = (uint64_t)(uintptr_t)(stack + i % 3);
    __builtin_trap();
}

/* Code without any description, that keeps a frame pointer: push rbp; mov rbp, rsp; ud2. */
NOINLINE static void do_jit(void)
{
    static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0x0f, 0x0b};
    void *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(p, code, sizeof(code));
    ((void (*)(void))(uintptr_t)p)();
    sink = 3;
}

/* ----------------------------------------------------------------- deadlock */
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;

NOINLINE static void take(pthread_mutex_t *one, pthread_mutex_t *other)
{
    pthread_mutex_lock(one);
    pthread_barrier_wait(&both);
    pthread_mutex_lock(other);
    sink = 4;
}

static void *first_thread(void *arg)
{
    pthread_setname_np(pthread_self(), "first");
    take(&first, &second);
    return arg;
}

static void *second_thread(void *arg)
{
    pthread_setname_np(pthread_self(), "second");
    take(&second, &first);
    return arg;
}

NOINLINE static void do_deadlock(void)
{
    pthread_t thread[2];
    pthread_barrier_init(&both, NULL, 2);
    pthread_create(&thread[0], NULL, first_thread, NULL);
    pthread_create(&thread[1], NULL, second_thread, NULL);
    usleep(100000);
    do_abort();
}

NOINLINE static void do_exit(void)
{
    exit(3);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {{"abort", do_abort},   {"sort", do_sort},           {"null", call_null},
                 {"signal", do_signal}, {"alternate", do_alternate}, {"smash", do_smash},
                 {"jit", do_jit},       {"deadlock", do_deadlock},   {"exit", do_exit}};
    if (argc > 1 && !strcmp(argv[1], "recurse"))
        return recurse(0);
    for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++)
        if (!strcmp(argv[1], modes[i].name))
            modes[i].run();
    return 64;
}
