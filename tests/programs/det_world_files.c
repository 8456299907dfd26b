/*
 * det_world_files - files by which the kernel tells about the machine and this process:
 * their contents change from moment to moment, a replay must read the recorded ones. A
 * file that this kernel does not have is skipped.
 * run: --random
 */
#include "check.h"

#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

static const char *const names[] = {
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/uptime",
    "/proc/loadavg",
    "/proc/stat",
    "/proc/interrupts",
    "/proc/version",
    "/proc/mounts",
    "/proc/self/limits",
    "/proc/self/io",
    "/proc/self/cgroup",
    "/proc/self/mountinfo",
    "/proc/self/sched",
    "/proc/self/schedstat",
    "/proc/self/oom_score",
    "/proc/self/personality",
    "/proc/self/wchan",
    "/proc/self/task/",
    "/proc/net/dev",
    "/proc/sys/kernel/random/uuid",
    "/sys/devices/system/cpu/online",
};

static uint64_t hash = MIX_START;

static void read_whole(const char *name)
{
    static char buf[65536];
    int fd = open(name, O_RDONLY);
    long n, total = 0;
    if (fd < 0) {
        printf("%s: %s\n", name, strerrorname_np(errno));
        return;
    }
    while ((n = read(fd, buf, sizeof(buf))) > 0) {
        hash = mix(hash, buf, (size_t)n);
        total += n;
    }
    printf("%s: %ld bytes, then %ld, hash %016llx\n", name, total, n, (unsigned long long)hash);
    close(fd);
}

static void calls(void)
{
    struct sysinfo si;
    struct utsname un;
    struct rusage ru;
    struct tms tms;
    struct statfs fs;
    struct stat st;
    CHECK(sysinfo(&si) == 0 && uname(&un) == 0 && getrusage(RUSAGE_SELF, &ru) == 0);
    CHECK(times(&tms) != -1 && statfs(".", &fs) == 0 && stat(".", &st) == 0);
    hash = mix(hash, &si, sizeof(si));
    hash = mix(hash, &un, sizeof(un));
    hash = mix(hash, &ru, sizeof(ru));
    hash = mix(hash, &tms, sizeof(tms));
    hash = mix(hash, &fs, sizeof(fs));
    hash = mix(hash, &st, sizeof(st));
    printf("calls: hash %016llx\n", (unsigned long long)hash);
}

int main(void)
{
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(names); i++)
            read_whole(names[i]);
        calls();
    }
    return 0;
}
