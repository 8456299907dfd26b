/*
 * thread_cpu_clock - each thread's processor time: by clock_gettime, by the clock of another
 * thread, by getrusage and by /proc. One thread works, the others wait.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#define MS 1000000ll

struct thread {
    pthread_t handle;
    clockid_t clock;
    pid_t tid;
    long long before, after, usage, proc;
};

static pthread_barrier_t begin, end;

static long long read_clock(clockid_t id)
{
    struct timespec ts;
    CHECK(clock_gettime(id, &ts) == 0);
    return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

static long long usage_of_thread(void)
{
    struct rusage u;
    CHECK(getrusage(RUSAGE_THREAD, &u) == 0);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 * MS +
           (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

/* User and system time out of /proc/self/task/TID/stat, in nanoseconds. */
static long long proc_of_thread(pid_t tid)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    FILE *f = fopen(path, "r");
    CHECK(f && fgets(text, sizeof text, f));
    fclose(f);
    CHECK(sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                 &user, &system) == 2);
    return (long long)(user + system) * 10 * MS;
}

static void *thread(void *arg)
{
    struct thread *t = arg;
    t->tid = (pid_t)syscall(SYS_gettid);
    t->before = read_clock(CLOCK_THREAD_CPUTIME_ID);
    pthread_barrier_wait(&begin);
    if (t->usage) /* told to work */
        while (read_clock(CLOCK_THREAD_CPUTIME_ID) - t->before < 200 * MS)
            for (volatile int i = 0; i < 100000; i++)
                ;
    t->after = read_clock(CLOCK_THREAD_CPUTIME_ID);
    t->usage = usage_of_thread();
    t->proc = proc_of_thread(t->tid);
    pthread_barrier_wait(&end);
    return NULL;
}

int main(void)
{
    struct thread t[2] = {{.usage = 1}, {.usage = 0}};
    long long own = read_clock(CLOCK_THREAD_CPUTIME_ID), all = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    pthread_barrier_init(&begin, NULL, 2);
    pthread_barrier_init(&end, NULL, 3);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&t[i].handle, NULL, thread, &t[i]) == 0);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_getcpuclockid(t[i].handle, &t[i].clock) == 0);
    pthread_barrier_wait(&end);
    CHECK(t[0].after - t[0].before >= 200 * MS);
    CHECK(t[1].after >= t[1].before && t[1].after - t[1].before < 200 * MS);
    CHECK(t[0].usage > t[1].usage && t[0].proc > t[1].proc);
    CHECK(read_clock(CLOCK_THREAD_CPUTIME_ID) - own < 200 * MS);
    CHECK(read_clock(CLOCK_THREAD_CPUTIME_ID) >= own);
    CHECK(read_clock(CLOCK_PROCESS_CPUTIME_ID) - all >= t[0].after - t[0].before);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_join(t[i].handle, NULL) == 0);
    printf("done\n");
    return 0;
}
