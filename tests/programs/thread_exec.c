/*
 * thread_exec - a thread that is not the first replaces the program: all other threads
 * are gone, the new program has one thread, whose id is the process's.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int up;
static pid_t pid;

static void *compute(void *arg)
{
    up++;
    for (volatile long i = 0;; i++)
        ;
    return arg;
}

static void *execer(void *arg)
{
    char text[16];
    while (up < 2)
        sched_yield();
    CHECK(gettid() != getpid());
    snprintf(text, sizeof text, "%d", (int)pid);
    execl("/proc/self/exe", "thread_exec", text, NULL);
    CHECK(0);
    return arg;
}

static void *nothing(void *arg)
{
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t t[3];
    if (argc > 1) {
        CHECK(atoi(argv[1]) == getpid() && gettid() == getpid());
        CHECK(pthread_create(&t[0], NULL, nothing, t) == 0 && pthread_join(t[0], NULL) == 0);
        puts("executed");
        return 17;
    }
    pid = getpid();
    CHECK(pthread_create(&t[0], NULL, compute, NULL) == 0 &&
          pthread_create(&t[1], NULL, compute, NULL) == 0);
    CHECK(pthread_create(&t[2], NULL, execer, NULL) == 0);
    pthread_join(t[2], NULL);
    return 1;
}
