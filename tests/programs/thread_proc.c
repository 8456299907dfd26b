/*
 * thread_proc - what a program of several threads sees of them: /proc/self/task, names,
 * status and stat of each, clocks of processor time, scheduling calls by thread number,
 * barriers, and waiting for children that there are none of.
 * build: -pthread
 */
#include "check.h"

#include <dirent.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define THREADS 4

static atomic_int up, stop;
static int tids[THREADS];
static pthread_t threads[THREADS];

static void *sit(void *arg)
{
    long i = (long)arg;
    char name[16];
    sigset_t set;
    snprintf(name, sizeof name, "own-%ld", i);
    CHECK(prctl(PR_SET_NAME, name) == 0);
    sigemptyset(&set);
    sigaddset(&set, 40 + (int)i);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    tids[i] = gettid();
    up++;
    while (!stop)
        usleep(1000);
    return NULL;
}

static void slurp(char *buf, size_t size, const char *format, int tid)
{
    char path[100];
    snprintf(path, sizeof path, format, tid);
    int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    ssize_t n = read(fd, buf, size - 1);
    CHECK(n > 0 && close(fd) == 0);
    buf[n] = 0;
}

static long field(const char *text, const char *name, int base)
{
    const char *at = strstr(text, name);
    CHECK(at != NULL);
    return strtol(at + strlen(name), NULL, base);
}

static void task_directory(void)
{
    DIR *d = opendir("/proc/self/task");
    struct dirent *e;
    int seen = 0, first = 0;
    CHECK(d != NULL);
    while ((e = readdir(d))) {
        int tid = atoi(e->d_name);
        first += tid == getpid();
        for (int i = 0; i < THREADS; i++)
            seen += tid == tids[i];
    }
    CHECK(closedir(d) == 0 && seen == THREADS && first == 1);
    printf("threads listed: %d\n", seen);
}

static void each_thread(void)
{
    char buf[4096], path[64];
    struct stat st;
    for (int i = 0; i < THREADS; i++) {
        slurp(buf, sizeof buf, "/proc/self/task/%d/status", tids[i]);
        CHECK(field(buf, "\nPid:", 10) == tids[i] && field(buf, "\nTgid:", 10) == getpid());
        printf("%.11s, %ld threads, blocked %lx\n", buf, field(buf, "\nThreads:", 10),
               field(buf, "\nSigBlk:", 16));
        slurp(buf, sizeof buf, "/proc/self/task/%d/stat", tids[i]);
        CHECK(atoi(buf) == tids[i]);
        slurp(buf, sizeof buf, "/proc/self/task/%d/comm", tids[i]);
        printf("comm %s", buf);
        snprintf(path, sizeof path, "/proc/self/task/%d", tids[i]);
        CHECK(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
        snprintf(path, sizeof path, "/proc/%d/task/%d/status", getpid(), tids[i]);
        CHECK(stat(path, &st) == 0 && S_ISREG(st.st_mode));
    }
    slurp(buf, sizeof buf, "/proc/self/status%.0d", 0);
    CHECK(field(buf, "\nPid:", 10) == getpid() && field(buf, "\nThreads:", 10) == THREADS + 1);
    CHECK_ERRNO(stat("/proc/self/task/1", &st), ENOENT);
    CHECK_ERRNO(open("/proc/self/task/1/comm", O_RDONLY), ENOENT);
}

static void names(void)
{
    char buf[64];
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_getname_np(threads[i], buf, sizeof buf) == 0);
        printf("named %s", buf);
        snprintf(buf, sizeof buf, "given-%d", i);
        CHECK(pthread_setname_np(threads[i], buf) == 0);
        CHECK(pthread_getname_np(threads[i], buf, sizeof buf) == 0);
        printf(", then %s\n", buf);
    }
    int fd = open("/proc/self/comm", O_RDWR);
    CHECK(fd >= 0 && write(fd, "a name much too long for it", 27) == 27);
    CHECK(close(fd) == 0 && prctl(PR_GET_NAME, buf) == 0);
    printf("own %s\n", buf);
    fd = open("/proc/self/comm", O_RDONLY);
    CHECK_ERRNO(write(fd, "x", 1), EBADF);
    close(fd);
}

static void burn(void)
{
    for (volatile long i = 0; i < 3000000; i++)
        ;
}

static void clocks(void)
{
    struct timespec a, b, res;
    clockid_t id;
    timer_t timer;
    CHECK(clock_getcpuclockid(0, &id) == 0 && clock_gettime(id, &a) == 0);
    burn();
    CHECK(clock_gettime(id, &b) == 0 && (b.tv_sec > a.tv_sec || b.tv_nsec > a.tv_nsec));
    CHECK(clock_getcpuclockid(getpid(), &id) == 0 && clock_gettime(id, &a) == 0);
    CHECK(clock_getcpuclockid(0x3ffffff, &id) == ESRCH);
    CHECK(pthread_getcpuclockid(pthread_self(), &id) == 0 && clock_gettime(id, &a) == 0);
    burn();
    CHECK(clock_gettime(id, &b) == 0 && (b.tv_sec > a.tv_sec || b.tv_nsec > a.tv_nsec));
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_getcpuclockid(threads[i], &id) == 0);
        CHECK(clock_gettime(id, &a) == 0 && clock_getres(id, &res) == 0);
        CHECK(timer_create(id, NULL, &timer) == 0 && timer_delete(timer) == 0);
    }
    CHECK_ERRNO(clock_gettime((clockid_t)(~0x3ffffffu << 3 | 6), &a), EINVAL);
    CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a) == 0);
    printf("clocks\n");
}

static void scheduling(void)
{
    struct sched_param p = {0};
    cpu_set_t cpus;
    struct rlimit lim;
    struct timespec ts;
    for (int i = 0; i < THREADS; i++) {
        CHECK(sched_getscheduler(tids[i]) == SCHED_OTHER && sched_getparam(tids[i], &p) == 0);
        CHECK(p.sched_priority == 0 && sched_setscheduler(tids[i], SCHED_OTHER, &p) == 0);
        CHECK(sched_rr_get_interval(tids[i], &ts) == 0);
        CHECK(sched_getaffinity(tids[i], sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) > 0);
        CHECK(getpriority(PRIO_PROCESS, (id_t)tids[i]) == 0);
        CHECK(setpriority(PRIO_PROCESS, (id_t)tids[i], 0) == 0);
        CHECK(prlimit(tids[i], RLIMIT_NOFILE, NULL, &lim) == 0 && getpgid(tids[i]) == getpgrp());
    }
    p.sched_priority = 1;
    CHECK_ERRNO(sched_setscheduler(tids[0], SCHED_OTHER, &p), EINVAL);
    CHECK_ERRNO(sched_getscheduler(0x3ffffff), ESRCH);
    CHECK_ERRNO(getpriority(PRIO_PROCESS, 0x3ffffff), ESRCH);
    CHECK_ERRNO(sched_getaffinity(0x3ffffff, sizeof cpus, &cpus), ESRCH);
    printf("scheduling\n");
}

static void barriers(void)
{
    long known = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
    CHECK(known & MEMBARRIER_CMD_PRIVATE_EXPEDITED && known & MEMBARRIER_CMD_GLOBAL);
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_membarrier, 3, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
    CHECK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0);
    CHECK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0);
    CHECK(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0);
    printf("barriers\n");
}

static void no_children(void)
{
    siginfo_t info;
    int status;
    CHECK_ERRNO(wait(NULL), ECHILD);
    CHECK_ERRNO(waitpid(-1, &status, WNOHANG), ECHILD);
    CHECK_ERRNO(waitpid(getpid(), &status, 0), ECHILD);
    CHECK_ERRNO(waitpid(-1, &status, 0x100), EINVAL);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    CHECK_ERRNO(waitid(P_PID, 12, &info, WEXITED | WNOHANG), ECHILD);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, 0), EINVAL);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WNOHANG), EINVAL);
    CHECK_ERRNO(waitid(P_PID, 0, &info, WEXITED), EINVAL);
    CHECK_ERRNO(waitid((idtype_t)9, 0, &info, WEXITED), EINVAL);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WEXITED | 0x40000), EINVAL);
    printf("no children\n");
}

static void settings(void)
{
    int value = 7;
    CHECK(prctl(PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 0);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    CHECK(prctl(PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 1);
    CHECK(prctl(PR_GET_TIMING) == 0 && prctl(PR_TASK_PERF_EVENTS_ENABLE) == 0);
    CHECK_ERRNO(prctl(PR_SET_TIMING, 1), EINVAL);
    CHECK_ERRNO(prctl(9999), EINVAL);
    CHECK_ERRNO(prctl(PR_SET_PDEATHSIG, 99), EINVAL);
    printf("settings\n");
}

int main(void)
{
    for (long i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, sit, (void *)i) == 0);
    while (up != THREADS)
        usleep(1000);
    task_directory();
    each_thread();
    names();
    clocks();
    scheduling();
    barriers();
    no_children();
    settings();
    stop = 1;
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    return 0;
}
