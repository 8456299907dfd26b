/*
 * thread_affinity - the processors that each thread may run on, and what getcpu, rdtscp and
 * /proc say of them.
 * build: -pthread
 * run: --record-opt --cores=4
 */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <x86intrin.h>

static int count_cpus(void)
{
    cpu_set_t set;
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
    return CPU_COUNT(&set);
}

static int last_cpu(void)
{
    cpu_set_t set;
    int last = -1;
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
    for (int i = 0; i < CPU_SETSIZE; i++)
        last = CPU_ISSET(i, &set) ? i : last;
    return last;
}

/* Cpus_allowed_list of the calling thread is this one processor. */
static void check_status(int cpu)
{
    char want[64], line[256];
    int found = 0;
    FILE *f = fopen("/proc/thread-self/status", "r");
    snprintf(want, sizeof want, "Cpus_allowed_list:\t%d\n", cpu);
    while (fgets(line, sizeof line, f))
        found += strcmp(line, want) == 0;
    CHECK(fclose(f) == 0 && found == 1);
}

static void *pinned_child(void *arg)
{
    CHECK(count_cpus() == 1);
    return NULL;
}

static void *pinned(void *arg)
{
    cpu_set_t set;
    unsigned cpu, node, aux;
    pthread_t t;
    int last = last_cpu();
    CPU_ZERO(&set);
    CPU_SET(last, &set);
    CHECK(sched_setaffinity(0, sizeof set, &set) == 0);
    CHECK(count_cpus() == 1 && last_cpu() == last);
    CHECK(syscall(SYS_getcpu, &cpu, &node, NULL) == 0 && (int)cpu == last &&
          sched_getcpu() == last);
    __rdtscp(&aux);
    CHECK((int)(aux & 0xfff) == last);
    check_status(last);
    CHECK(pthread_create(&t, NULL, pinned_child, NULL) == 0 && pthread_join(t, NULL) == 0);
    return NULL;
}

/* As many lines as processors are online. */
static void check_stat(void)
{
    char line[65536];
    long n = 0;
    FILE *f = fopen("/proc/stat", "r");
    CHECK(f != NULL);
    while (fgets(line, sizeof line, f))
        n += strncmp(line, "cpu", 3) == 0 && line[3] != ' ';
    CHECK(fclose(f) == 0 && n == sysconf(_SC_NPROCESSORS_ONLN));
}

int main(void)
{
    pthread_t t;
    cpu_set_t none;
    int before = count_cpus();
    CHECK(pthread_create(&t, NULL, pinned, NULL) == 0 && pthread_join(t, NULL) == 0);
    CHECK(count_cpus() == before);
    CPU_ZERO(&none);
    CHECK_ERRNO(sched_setaffinity(0, sizeof none, &none), EINVAL);
    check_stat();
    printf("done\n");
    return 0;
}
