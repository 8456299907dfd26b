/*
 * cpu_random - everything that differs from run to run: time-stamp counter, CPUID,
 * RDRAND (only if CPUID shows it), getrandom, clocks, pids, addresses. Prints a hash:
 * the replay must print the same.
 * run: --random
 */
#include "check.h"

#include <cpuid.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <x86intrin.h>

static uint64_t hash = MIX_START;
static void add(const char *what, uint64_t v)
{
    hash = mix(hash, &v, sizeof(v));
    printf("%s %016llx, hash %016llx\n", what, (unsigned long long)v, (unsigned long long)hash);
}

static void tsc(void)
{
    uint64_t last = 0;
    unsigned aux = 0;
    for (int i = 0; i < 500; i++) {
        uint64_t t = (i & 1) ? __rdtscp(&aux) : __rdtsc();
        CHECK(t > last);
        last = t;
        hash = mix(hash, &t, sizeof(t));
    }
    add("tsc", last);
}

__attribute__((target("rdrnd,rdseed"))) static void hardware_random(void)
{
    unsigned a, b, c, d;
    unsigned long long v = 0;
    __cpuid(1, a, b, c, d);
    if (c & bit_RDRND)
        for (int i = 0; i < 10; i++)
            if (__builtin_ia32_rdrand64_step(&v))
                add("rdrand", v);
    __cpuid_count(7, 0, a, b, c, d);
    if (b & bit_RDSEED && __builtin_ia32_rdseed_di_step(&v))
        add("rdseed", v);
}

static void cpuid(void)
{
    for (unsigned leaf = 0; leaf < 0x20; leaf++)
        for (unsigned sub = 0; sub < 3; sub++) {
            unsigned r[4];
            __cpuid_count(leaf, sub, r[0], r[1], r[2], r[3]);
            hash = mix(hash, r, sizeof(r));
        }
    add("cpuid", 0);
}

static void clocks(void)
{
    static const clockid_t ids[] = {CLOCK_REALTIME,        CLOCK_MONOTONIC,
                                    CLOCK_BOOTTIME,        CLOCK_MONOTONIC_RAW,
                                    CLOCK_REALTIME_COARSE, CLOCK_PROCESS_CPUTIME_ID};
    struct timespec t;
    for (int i = 0; i < 3000; i++) {
        CHECK(clock_gettime(ids[i % COUNT(ids)], &t) == 0);
        hash = mix(hash, &t, sizeof(t));
    }
    struct timeval tv;
    CHECK(gettimeofday(&tv, NULL) == 0);
    hash = mix(hash, &tv, sizeof(tv));
    add("clocks", (uint64_t)time(NULL));
}

int main(void)
{
    for (int round = 0; round < 5; round++) {
        tsc();
        hardware_random();
        cpuid();
        clocks();
        uint64_t random[4];
        CHECK(getrandom(random, sizeof(random), 0) == sizeof(random));
        add("getrandom", random[2]);
        add("pid", getpid());
    }
    add("stack", (uintptr_t)&hash ^ (uintptr_t)__builtin_frame_address(0));
    add("heap", (uintptr_t)malloc(100));
    add("mmap", (uintptr_t)map_pages(1, PROT_READ));
    add("at_random", *(uint64_t *)getauxval(AT_RANDOM));
    int fd = open("/dev/urandom", O_RDONLY);
    uint64_t v = 0;
    CHECK(fd >= 0 && read(fd, &v, 8) == 8);
    add("urandom", v);
    return 0;
}
