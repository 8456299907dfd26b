/*
 * thread_policy - scheduling policy, nice value and I/O priority are each thread's own, and new
 * threads have those of the thread that made them.
 * build: -pthread
 */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#define IO_IDLE (3 << 13)
#define IO_BEST_EFFORT(n) (2 << 13 | (n))

/* The kernel's struct sched_attr, which not every C library has. */
struct attr {
    uint32_t size, sched_policy;
    uint64_t sched_flags;
    int32_t sched_nice;
    uint32_t sched_priority;
    uint64_t runtime, deadline, period;
};

static pthread_barrier_t step;
static volatile pid_t first, second;

static int nice_of(pid_t tid)
{
    errno = 0;
    int n = getpriority(PRIO_PROCESS, (id_t)tid);
    CHECK(errno == 0);
    return n;
}

static int io_of(pid_t tid)
{
    return (int)syscall(SYS_ioprio_get, 1, tid);
}

static int policy_of(pid_t tid)
{
    struct attr attr = {.size = sizeof attr};
    struct sched_param param;
    int policy = sched_getscheduler(tid);
    CHECK(syscall(SYS_sched_getattr, tid, &attr, sizeof attr, 0) == 0);
    CHECK((int)attr.sched_policy == (policy & 0xffff) && attr.sched_nice == nice_of(tid));
    CHECK(sched_getparam(tid, &param) == 0 && param.sched_priority == (int)attr.sched_priority);
    return policy;
}

static void *child(void *arg)
{
    CHECK(policy_of(0) == SCHED_BATCH && nice_of(0) == 7 && io_of(0) == IO_IDLE);
    return NULL;
}

static void *changes(void *arg)
{
    struct sched_param none = {0};
    pthread_t t;
    first = (pid_t)syscall(SYS_gettid);
    CHECK(sched_setscheduler(0, SCHED_BATCH, &none) == 0);
    CHECK(setpriority(PRIO_PROCESS, 0, 7) == 0);
    CHECK(syscall(SYS_ioprio_set, 1, 0, IO_IDLE) == 0);
    pthread_barrier_wait(&step);
    pthread_barrier_wait(&step);
    CHECK(policy_of(0) == SCHED_BATCH && nice_of(0) == 7);
    CHECK(policy_of(second) == (SCHED_OTHER | SCHED_RESET_ON_FORK) && nice_of(second) == 9);
    CHECK(pthread_create(&t, NULL, child, NULL) == 0 && pthread_join(t, NULL) == 0);
    pthread_barrier_wait(&step);
    return NULL;
}

static void *looks(void *arg)
{
    struct attr attr = {.size = sizeof attr, .sched_flags = 1, .sched_nice = 9};
    second = (pid_t)syscall(SYS_gettid);
    pthread_barrier_wait(&step);
    CHECK(policy_of(0) == SCHED_OTHER && nice_of(0) == 0 && io_of(0) != IO_IDLE);
    CHECK(policy_of(first) == SCHED_BATCH && nice_of(first) == 7 && io_of(first) == IO_IDLE);
    CHECK(syscall(SYS_sched_setattr, 0, &attr, 0) == 0);
    CHECK(syscall(SYS_ioprio_set, 1, 0, IO_BEST_EFFORT(6)) == 0 && io_of(0) == IO_BEST_EFFORT(6));
    pthread_barrier_wait(&step);
    pthread_barrier_wait(&step); /* the other has looked */
    return NULL;
}

int main(void)
{
    pthread_t a, b;
    if (nice_of(0) || policy_of(0))
        SKIP("started with another policy or nice value than usual");
    pthread_barrier_init(&step, NULL, 2);
    CHECK(pthread_create(&a, NULL, changes, NULL) == 0 &&
          pthread_create(&b, NULL, looks, NULL) == 0);
    CHECK(pthread_join(a, NULL) == 0 && pthread_join(b, NULL) == 0);
    CHECK(policy_of(0) == SCHED_OTHER && nice_of(0) == 0 && io_of(0) != IO_IDLE);
    CHECK_ERRNO(sched_setscheduler(0, 77, &(struct sched_param){0}), EINVAL);
    printf("done\n");
    return 0;
}
