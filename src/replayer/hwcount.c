/* hwcount.c - see hwcount.h. */
#include "hwcount.h"

#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ------------------------------------------------------------------- slots */
/* The smallest that holds [addr, end), which lies in one word. */
static struct hwcount_slot around(uint64_t addr, uint64_t end, int reads)
{
    uint64_t len = 1;
    while ((addr & ~(len - 1)) + len < end)
        len *= 2;
    return (struct hwcount_slot){addr & ~(len - 1), len, reads};
}

/* Slots for the ranges: their number, or -E2BIG. */
static int place(const struct hwcount_range *ranges, size_t n, struct hwcount_slot *slots)
{
    int used = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t at = ranges[i].addr, end = at + ranges[i].len;
        while (at < end) {
            uint64_t word_end = (at & ~7ull) + 8, stop = end < word_end ? end : word_end;
            if (used == HWCOUNT_SLOTS)
                return -E2BIG;
            slots[used++] = around(at, stop, ranges[i].reads);
            at = stop;
        }
    }
    return used;
}

int hwcount_fits(const struct hwcount_range *ranges, size_t n)
{
    struct hwcount_slot slots[HWCOUNT_SLOTS];
    return place(ranges, n, slots) > 0;
}

/* ------------------------------------------------------------------ counting */
/* A trap takes as long as thousands of instructions, so an event ends with the first. */
static int open_slot(const struct hwcount_slot *s, pid_t pid)
{
    struct perf_event_attr a = {.type = PERF_TYPE_BREAKPOINT,
                                .size = sizeof(a),
                                .bp_type = s->reads ? HW_BREAKPOINT_RW : HW_BREAKPOINT_W,
                                .bp_addr = s->addr,
                                .bp_len = s->len,
                                .sample_period = 1,
                                .read_format =
                                    PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
                                .disabled = 1,
                                .exclude_kernel = 1,
                                .exclude_hv = 1};
    long fd = syscall(SYS_perf_event_open, &a, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (ioctl((int)fd, PERF_EVENT_IOC_REFRESH, 1)) {
        int err = -errno;
        close((int)fd);
        return err;
    }
    return (int)fd;
}

int hwcount_open(struct hwcount *c, pid_t pid, const struct hwcount_range *ranges, size_t n)
{
    int used = place(ranges, n, c->slot);
    c->count = 0;
    c->pid = pid;
    if (used <= 0)
        return used ? used : -EINVAL;
    for (int i = 0; i < used; i++) {
        int fd = open_slot(&c->slot[i], pid);
        if (fd < 0) {
            hwcount_close(c);
            return fd;
        }
        c->fd[c->count++] = fd;
    }
    return 0;
}

/* An event that was not on the processor all the time has not seen all. */
static int has_counted(int fd)
{
    struct {
        uint64_t value, enabled, running;
    } got;
    if (read(fd, &got, sizeof(got)) != (ssize_t)sizeof(got))
        return 1;
    return got.value || got.enabled != got.running;
}

/* What has ended cannot be told reliably to go on: a new event takes its place. */
static void replace(struct hwcount *c, unsigned i)
{
    close(c->fd[i]);
    c->fd[i] = open_slot(&c->slot[i], c->pid);
}

int hwcount_touched(struct hwcount *c)
{
    int touched = c->count == 0;
    for (unsigned i = 0; i < c->count; i++) {
        if (c->fd[i] >= 0 && !has_counted(c->fd[i]))
            continue;
        touched = 1;
        replace(c, i);
    }
    return touched;
}

void hwcount_close(struct hwcount *c)
{
    while (c->count)
        if (c->fd[--c->count] >= 0)
            close(c->fd[c->count]);
}

/* --------------------------------------------------------------------- probe */
/* Some virtual machines take such events and never count. Twice: it must go on after a rest. */
static int probe(void)
{
    volatile uint64_t word = 0;
    struct hwcount c;
    const struct hwcount_range r = {(uint64_t)(uintptr_t)&word, sizeof(word), 0};
    int err = hwcount_open(&c, 0, &r, 1);
    for (int i = 0; !err && i < 2; i++) {
        word = 1;
        if (!hwcount_touched(&c) || hwcount_touched(&c))
            err = -ENODEV;
    }
    hwcount_close(&c);
    return err;
}

int hwcount_usable(void)
{
    static int known, err;
    if (!known)
        err = probe();
    known = 1;
    return err;
}
