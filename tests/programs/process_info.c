/*
 * process_info - what a process asks about itself and the system: ids, limits, names,
 * prctl, affinity, usage, priorities, sleeping, personality, fs and gs bases.
 * run: --random
 */
#include "check.h"

#include <asm/prctl.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>

static void ids(void)
{
    uid_t r, e, s;
    CHECK(getresuid(&r, &e, &s) == 0 && r == getuid() && e == geteuid());
    CHECK(setresuid(-1, -1, -1) == 0 && setuid(getuid()) == 0 && setgid(getgid()) == 0);
    /* In a pid namespace, a session, group or parent from outside of it has number 0. */
    CHECK(RAW0(SYS_gettid) == getpid() && getpgid(0) == getpgrp() && getsid(0) >= 0);
    CHECK(getppid() >= 0 && getpgid(getpid()) == getpgrp());
    gid_t groups[100];
    int n = getgroups(100, groups);
    CHECK(n >= 0 && getgroups(0, NULL) == n);
    printf("pid %d, parent %d, group %d\n", getpid(), getppid(), getpgrp());
}

static void limits(void)
{
    struct rlimit a, b;
    for (int i = 0; i < RLIM_NLIMITS; i++)
        CHECK(getrlimit(i, &a) == 0 && prlimit(0, i, NULL, &b) == 0 && a.rlim_cur == b.rlim_cur);
    CHECK(getrlimit(RLIMIT_CORE, &a) == 0);
    a.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_CORE, &a) == 0 && getrlimit(RLIMIT_CORE, &b) == 0 && b.rlim_cur == 0);
    struct rusage u;
    CHECK(getrusage(RUSAGE_SELF, &u) == 0 && u.ru_maxrss > 0);
    int was = getpriority(PRIO_PROCESS, 0), lower = was + 3 < 19 ? was + 3 : 19;
    CHECK(nice(3) == lower && getpriority(PRIO_PROCESS, 0) == lower);
    struct tms t;
    CHECK(times(&t) != -1);
    printf("rss %ld, times %ld\n", u.ru_maxrss, t.tms_utime);
}

static void names(void)
{
    char name[17] = "";
    struct utsname un;
    struct sysinfo si;
    CHECK(uname(&un) == 0 && strcmp(un.sysname, "Linux") == 0 && strcmp(un.machine, "x86_64") == 0);
    CHECK(sysinfo(&si) == 0 && si.totalram > 0);
    CHECK(prctl(PR_SET_NAME, "renamed-by-prctl-too-long") == 0 && prctl(PR_GET_NAME, name) == 0);
    CHECK(strcmp(name, "renamed-by-prct") == 0);
    CHECK(prctl(PR_GET_DUMPABLE) >= 0 && prctl(PR_SET_PDEATHSIG, 0) == 0);
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
          prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    CHECK_ERRNO(prctl(12345, 0, 0, 0, 0), EINVAL);
    CHECK(personality(0xffffffff) >= 0);
    printf("release %s, uptime %ld\n", un.release, si.uptime);
}

static void processors(void)
{
    cpu_set_t set;
    CHECK(sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) >= 1);
    unsigned cpu = 9999, node = 9999;
    CHECK(syscall(SYS_getcpu, &cpu, &node, NULL) == 0 && cpu < 4096 && node < 4096);
    CHECK(sched_getcpu() >= 0 && sched_yield() == 0 && sched_getscheduler(0) == SCHED_OTHER);
    CHECK(sched_get_priority_max(SCHED_FIFO) == 99 && sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    printf("%d processors, on %u\n", CPU_COUNT(&set), cpu);
}

static void segment_bases(void)
{
    unsigned long fs = 0, gs = 1;
    CHECK(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs) == 0 && fs != 0);
    unsigned long self;
    __asm__("mov %%fs:0,%0" : "=r"(self));
    CHECK(self == fs);
    static unsigned long area[4] = {0x1234, 0x5678};
    CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, area) == 0);
    CHECK(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs) == 0 && gs == (unsigned long)area);
    __asm__("mov %%gs:8,%0" : "=r"(self));
    CHECK(self == 0x5678);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
}

static void sleeping(void)
{
    struct timespec a, b, t = {0, 3000000};
    CHECK(clock_gettime(CLOCK_MONOTONIC, &a) == 0 && nanosleep(&t, NULL) == 0 && usleep(1000) == 0);
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL) == 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &b) == 0);
    long ns = (b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec;
    CHECK(ns >= 7000000);
    b.tv_nsec += 2000000;
    b.tv_sec += b.tv_nsec / 1000000000;
    b.tv_nsec %= 1000000000;
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &b, NULL) == 0);
    CHECK(clock_getres(CLOCK_REALTIME, &a) == 0);
    printf("slept %ld ns\n", ns);
}

int main(void)
{
    ids();
    limits();
    processors();
    segment_bases();
    sleeping();
    names();
    return 0;
}
