/*
 * report_builder.c - see report_builder.h.
 */
#include "report_builder.h"

#include "cli/strace_call.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* Addresses that the calls under test use to provoke EFAULT. */
static bool readable(uint64_t addr)
{
    return addr >= 0x10000 && addr < 0x7ffffffff000;
}

/* A capture of a fixed size may take in what follows a smaller object, as a rekernel's does;
 * the address sanitizer must not object. */
__attribute__((no_sanitize("address"))) static void copy(uint8_t *to, const volatile uint8_t *from,
                                                         size_t len)
{
    while (len-- > 0)
        *to++ = *from++;
}

void builder_capture(struct builder *b, unsigned arg, unsigned flags, uint64_t addr,
                     const void *data, size_t len, uint64_t full)
{
    struct rk_syscall_report *body = (struct rk_syscall_report *)(b->report + 1);
    struct rk_capture head = {(uint16_t)arg, (uint16_t)flags, (uint32_t)len, addr, full};
    size_t padded = (len + 7) & ~(size_t)7;
    if ((size_t)(b->end - b->at) < sizeof(head) + padded)
        __builtin_trap(); /* the arena of the test is too small */
    memcpy(b->at, &head, sizeof(head));
    memset(b->at + sizeof(head), 0, padded);
    copy(b->at + sizeof(head), data, len);
    b->at += sizeof(head) + padded;
    body->captures++;
}

static void capture(struct builder *b, unsigned arg, unsigned flags, uint64_t addr, uint64_t full)
{
    size_t len = full < RK_CAPTURE_MAX ? (size_t)full : RK_CAPTURE_MAX;
    if (addr == 0)
        return;
    if (!readable(addr))
        builder_capture(b, arg, flags | RK_CAP_FAULT, addr, "", 0, full);
    else
        builder_capture(b, arg, flags, addr, (const void *)(uintptr_t)addr, len, full);
}

static void capture_string(struct builder *b, unsigned arg, unsigned flags, uint64_t addr)
{
    if (readable(addr))
        capture(b, arg, flags, addr, strlen((const char *)(uintptr_t)addr));
    else
        capture(b, arg, flags, addr, 1);
}

static void capture_strings(struct builder *b, unsigned arg, uint64_t addr)
{
    const uint64_t *vector = (const uint64_t *)(uintptr_t)addr;
    for (size_t i = 0; readable(addr) && vector[i] != 0; i++)
        capture_string(b, arg, RK_CAP_STRV, vector[i]);
}

static void capture_iov(struct builder *b, unsigned arg, unsigned flags, uint64_t addr,
                        uint64_t count, uint64_t bytes)
{
    const struct iovec *iov = (const struct iovec *)(uintptr_t)addr;
    capture(b, arg, flags, addr, count * sizeof(*iov));
    for (size_t i = 0; readable(addr) && i < count && bytes > 0; i++) {
        uint64_t len = iov[i].iov_len < bytes ? iov[i].iov_len : bytes;
        capture(b, arg, flags | RK_CAP_IOV, (uint64_t)(uintptr_t)iov[i].iov_base, len);
        bytes -= len;
    }
}

static void capture_msg(struct builder *b, unsigned arg, unsigned flags, uint64_t addr,
                        uint64_t bytes)
{
    const struct msghdr *msg = (const struct msghdr *)(uintptr_t)addr;
    capture(b, arg, flags, addr, sizeof(*msg));
    if (!readable(addr))
        return;
    capture(b, arg, flags, (uint64_t)(uintptr_t)msg->msg_name, msg->msg_namelen);
    capture(b, arg, flags, (uint64_t)(uintptr_t)msg->msg_control, msg->msg_controllen);
    capture_iov(b, arg, flags, (uint64_t)(uintptr_t)msg->msg_iov, msg->msg_iovlen, bytes);
}

static void capture_mmsg(struct builder *b, unsigned arg, unsigned flags, uint64_t addr,
                         uint64_t count)
{
    const struct mmsghdr *msg = (const struct mmsghdr *)(uintptr_t)addr;
    capture(b, arg, flags, addr, count * sizeof(*msg));
    for (size_t i = 0; i < count; i++)
        capture_msg(b, arg, flags, (uint64_t)(uintptr_t)&msg[i], msg[i].msg_len);
}

static const uint64_t *args_of(const struct builder *b)
{
    return ((const struct rk_syscall_report *)(b->report + 1))->args;
}

static void entry_arg(struct builder *b, const struct syscall_row *row, unsigned i)
{
    const uint64_t *a = args_of(b);
    uint32_t word = row->args[i];
    uint64_t count = a[ARG_INDEX(word)], size = struct_size(ARG_PARAM(word));
    switch (ARG_KIND(word)) {
    case AK_PATH:
    case AK_STR:
        capture_string(b, i, 0, a[i]);
        break;
    case AK_STRV:
        capture_strings(b, i, a[i]);
        break;
    case AK_IN:
    case AK_INOUT:
    case AK_IARR:
    case AK_IOARR:
        capture(b, i, 0, a[i], ARG_KIND(word) >= AK_IARR ? size * count : size);
        break;
    case AK_IBUF:
        capture(b, i, 0, a[i], count);
        break;
    case AK_IIOV:
    case AK_OIOV:
        capture_iov(b, i, 0, a[i], count, ARG_KIND(word) == AK_IIOV ? UINT64_MAX : 0);
        break;
    case AK_LENIO:
        capture(b, i, 0, a[i], 4);
        break;
    case AK_FDSET:
        capture(b, i, 0, a[i], (count + 63) / 64 * 8);
        break;
    case AK_IMSG:
    case AK_OMSG:
        capture_msg(b, i, 0, a[i], ARG_KIND(word) == AK_IMSG ? UINT64_MAX : 0);
        break;
    case AK_IOCTL:
    case AK_FCNTL:
        capture(b, i, 0, a[i] >= 0x10000 ? a[i] : 0, 64);
        break;
    }
}

static void exit_arg(struct builder *b, const struct syscall_row *row, unsigned i, uint64_t result)
{
    const uint64_t *a = args_of(b);
    uint32_t word = row->args[i];
    uint64_t count = a[ARG_INDEX(word)], size = struct_size(ARG_PARAM(word));
    uint64_t got = result < count ? result : count;
    switch (ARG_KIND(word)) {
    case AK_OUT:
    case AK_INOUT:
        capture(b, i, RK_CAP_EXIT, a[i], size);
        break;
    case AK_OBUF:
        capture(b, i, RK_CAP_EXIT, a[i], got);
        break;
    case AK_ORARR:
        capture(b, i, RK_CAP_EXIT, a[i], size * got);
        break;
    case AK_OARR:
        capture(b, i, RK_CAP_EXIT, a[i], size * count);
        break;
    case AK_IOARR:
        if (ARG_PARAM(word) == ST_mmsghdr)
            capture_mmsg(b, i, RK_CAP_EXIT, a[i], result);
        else
            capture(b, i, RK_CAP_EXIT, a[i], size * count);
        break;
    case AK_OIOV:
        capture_iov(b, i, RK_CAP_EXIT, a[i], count, result);
        break;
    case AK_OSOCK:
    case AK_OOPT:
        if (readable(count))
            capture(b, i, RK_CAP_EXIT, a[i], *(const uint32_t *)(uintptr_t)count);
        break;
    case AK_LENIO:
        capture(b, i, RK_CAP_EXIT, a[i], 4);
        break;
    case AK_FDSET:
        capture(b, i, RK_CAP_EXIT, a[i], (count + 63) / 64 * 8);
        break;
    case AK_OMSG:
        capture_msg(b, i, RK_CAP_EXIT, a[i], result);
        break;
    case AK_IOCTL:
    case AK_FCNTL:
        capture(b, i, RK_CAP_EXIT, a[i] >= 0x10000 ? a[i] : 0, 64);
        break;
    }
}

void builder_entry(struct builder *b, uint32_t nr, const uint64_t args[6])
{
    const struct syscall_row *row = syscall_row(nr);
    struct rk_syscall_report body = {.pc = 0x401000, .ticks = RK_TICKS_UNKNOWN, .nr = nr};
    memcpy(body.args, args, sizeof(body.args));
    b->report = (struct rk_report *)b->at;
    *b->report = (struct rk_report){.kind = RK_REPORT_SYSCALL, .tid = 1, .nr = nr};
    memcpy(b->report + 1, &body, sizeof(body));
    b->at += sizeof(*b->report) + sizeof(body);
    for (unsigned i = 0; i < row->nargs; i++)
        entry_arg(b, row, i);
}

void builder_exit(struct builder *b, int64_t result)
{
    const struct syscall_row *row = syscall_row(b->report->nr);
    b->report->result = result;
    bool slept = result == -EINTR && b->report->nr == SYS_nanosleep;
    for (unsigned i = 0; i < row->nargs && (result >= 0 || slept); i++)
        exit_arg(b, row, i, (uint64_t)result);
    b->report->size = (uint32_t)(b->at - (uint8_t *)b->report);
}
