/*
 * pages.c - which memory a process has written since it was last copied. After a fork all private
 * pages are mapped twice; a store gives the process a page of its own again, and
 * /proc/PID/pagemap (proc_pid_pagemap(5)) says of each whether it is mapped only once.
 */
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PM_EXCLUSIVE (1ull << 56)
#define PM_SWAPPED (1ull << 62)

#define BATCH 2048
#define AREAS_MAX (8ull << 30) /* bytes; more takes too long to look through */

static void set_bit(uint64_t *bits, uint64_t addr)
{
    bits[rk_page_bit(addr) / 64] |= 1ull << rk_page_bit(addr) % 64;
    bits[page_bit2(addr) / 64] |= 1ull << page_bit2(addr) % 64;
}

static int look_at(int fd, uint64_t addr, uint64_t pages, uint64_t *bits)
{
    uint64_t entry[BATCH];
    while (pages) {
        size_t n = pages < BATCH ? (size_t)pages : BATCH;
        if (pread(fd, entry, n * 8, (off_t)(addr / RK_PAGE * 8)) != (ssize_t)(n * 8))
            return -EIO;
        for (size_t i = 0; i < n; i++)
            if (entry[i] & (PM_EXCLUSIVE | PM_SWAPPED))
                set_bit(bits, addr + i * RK_PAGE);
        addr += n * RK_PAGE;
        pages -= n;
    }
    return 0;
}

int pages_written(pid_t pid, const struct rk_map *areas, size_t count, uint64_t *bits)
{
    char name[64];
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += areas[i].end - areas[i].start;
    if (total > AREAS_MAX)
        return -EFBIG;
    snprintf(name, sizeof(name), "/proc/%d/pagemap", (int)pid);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    int err = fd < 0 ? -errno : 0;
    for (size_t i = 0; !err && i < count; i++)
        err = look_at(fd, areas[i].start, (areas[i].end - areas[i].start) / RK_PAGE, bits);
    if (fd >= 0)
        close(fd);
    return err;
}

/* Linux before 6.0 has no Pss_Dirty: then what belongs to it alone. */
uint64_t pages_held(pid_t pid)
{
    char name[64], line[128];
    unsigned long long dirty = 0, part = 0;
    snprintf(name, sizeof(name), "/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(name, "re");
    while (f && fgets(line, sizeof(line), f)) {
        sscanf(line, "Private_Dirty: %llu", &dirty);
        sscanf(line, "Pss_Dirty: %llu", &part);
    }
    if (f)
        fclose(f);
    return (part ? part : dirty) * 1024;
}

uint64_t pages_faults(pid_t pid)
{
    char name[64], line[1024] = "";
    unsigned long long faults = 0;
    snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
    FILE *f = fopen(name, "re");
    if (f) {
        const char *behind = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
        /* state, ppid, pgrp, session, tty_nr, tpgid, flags, minflt */
        if (!behind || sscanf(behind, ") %*c %*d %*d %*d %*d %*d %*u %llu", &faults) != 1)
            faults = 0;
        fclose(f);
    }
    return faults;
}
