/*
 * capture.c - see capture.h. What is captured follows from the argument kinds; structures
 * whose meaning depends on other arguments are captured as far as their size is known.
 */
#include "capture.h"

#include <linux/fcntl.h>
#include <linux/uio.h>

#define REPORT_MAX (192u << 10)
#define STRV_MAX 64
#define IOV_CAPTURE_MAX 16

/* The running call's, and that of a call whose wait the running one ends. */
static struct report {
    struct rk_report r;
    struct rk_syscall_report s;
    u8 data[REPORT_MAX];
    u64 used;
} reports[2], *rep = &reports[0];

static void add_capture(u32 arg, u32 flags, u64 addr, u64 full)
{
    u64 len = MIN(full, (u64)RK_CAPTURE_MAX);
    struct rk_capture c = {(u16)arg, (u16)flags, (u32)len, addr, full};
    if (!addr || rep->used + sizeof c + ALIGN_UP(len, 8) > REPORT_MAX)
        return;
    u8 *at = rep->data + rep->used + sizeof c;
    memset(at, 0, ALIGN_UP(len, 8));
    if (copy_from_guest(at, addr, len)) {
        c.flags |= RK_CAP_FAULT;
        c.len = 0;
        len = 0;
    }
    memcpy(rep->data + rep->used, &c, sizeof c);
    rep->used += sizeof c + ALIGN_UP(len, 8);
    rep->s.captures++;
}

static void add_string(u32 arg, u32 flags, u64 addr)
{
    static char buf[RK_CAPTURE_MAX];
    s64 n = addr ? copy_string(buf, addr, sizeof buf) : -1;
    if (n == -ENAMETOOLONG)
        add_capture(arg, flags, addr, RK_CAPTURE_MAX + 1);
    else if (addr)
        add_capture(arg, flags, addr, n < 0 ? 1 : (u64)n + 1);
}

static void add_strv(u32 arg, u64 addr)
{
    u64 p;
    for (u32 i = 0; addr && i < STRV_MAX; i++) {
        if (copy_from_guest(&p, addr + i * 8, 8) || !p)
            return;
        add_string(arg, RK_CAP_STRV, p);
    }
}

static void add_iov(u32 arg, u32 flags, u64 addr, u64 count, u64 bytes)
{
    struct iovec v;
    count = MIN(count, 1024ull);
    add_capture(arg, flags, addr, count * sizeof v);
    for (u64 i = 0; i < MIN(count, (u64)IOV_CAPTURE_MAX) && bytes; i++) {
        if (copy_from_guest(&v, addr + i * sizeof v, sizeof v))
            return;
        u64 n = MIN(v.iov_len, bytes);
        add_capture(arg, flags | RK_CAP_IOV, (u64)v.iov_base, n);
        bytes -= n;
    }
}

static void add_msg(u32 arg, u32 flags, u64 addr, u64 bytes)
{
    u64 h[7]; /* name, its length, vector, its count, control, its length, flags */
    add_capture(arg, flags, addr, sizeof h);
    if (copy_from_guest(h, addr, sizeof h))
        return;
    if (h[2])
        add_iov(arg, flags, h[2], h[3], bytes);
    if (h[0] && (u32)h[1])
        add_capture(arg, flags, h[0], MIN((u32)h[1], 128u));
    if (h[4] && h[5])
        add_capture(arg, flags, h[4], h[5]);
}

/* struct mmsghdr: a header, then the length that went. */
static void add_messages(u32 arg, u32 flags, u64 addr, u64 count)
{
    u32 len;
    for (u64 i = 0; i < MIN(count, (u64)IOV_CAPTURE_MAX); i++) {
        u64 at = addr + i * struct_size(ST_mmsghdr);
        if (copy_from_guest(&len, at + struct_size(ST_msghdr), 4))
            return;
        add_msg(arg, flags, at, flags & RK_CAP_EXIT ? len : ~0ull);
    }
}

/* An array that is read and written: of messages, or of plain structures. */
static void add_array(u32 arg, u32 flags, u32 word, u64 addr, u64 count)
{
    add_capture(arg, flags, addr, struct_size(ARG_PARAM(word)) * (count & 0xffff));
    if (ARG_PARAM(word) == ST_mmsghdr)
        add_messages(arg, flags, addr, count);
}

/* pselect's mask lies behind a pointer of its own. */
static void add_in(u32 arg, u32 word, u64 addr)
{
    u64 pointer;
    add_capture(arg, 0, addr, struct_size(ARG_PARAM(word)));
    if (ARG_PARAM(word) == ST_sigset_arg && addr && !copy_from_guest(&pointer, addr, 8))
        add_capture(arg, 0, pointer, 8);
}

/* Bytes at the argument of a fcntl: a lock, or a small structure. */
static u64 fcntl_size(u64 cmd)
{
    bool lock = (cmd >= F_GETLK && cmd <= F_SETLKW) || (cmd >= F_OFD_GETLK && cmd <= F_OFD_SETLKW);
    return lock ? 32 : 8;
}

/* Device controls that are not known are not looked behind. */
static void add_control(u32 arg, u32 flags, u32 word, const u64 a[6])
{
    u64 in = 0, out = 0;
    if (a[arg] < 0x10000)
        return;
    if (ARG_KIND(word) == AK_FCNTL)
        in = out = fcntl_size(a[1]);
    else if (!ioctl_sizes((u32)a[1], &in, &out))
        return;
    add_capture(arg, flags, a[arg], flags & RK_CAP_EXIT ? out : in);
}

static u64 count_of(u32 word, const u64 a[6])
{
    return ARG_INDEX(word) < 6 ? a[ARG_INDEX(word)] : 0;
}

static void entry_arg(u32 i, u32 word, const u64 a[6])
{
    u64 n = count_of(word, a);
    switch (ARG_KIND(word)) {
    case AK_PATH:
    case AK_STR:
        add_string(i, 0, a[i]);
        break;
    case AK_STRV:
        add_strv(i, a[i]);
        break;
    case AK_IN:
    case AK_INOUT:
        add_in(i, word, a[i]);
        break;
    case AK_IBUF:
        add_capture(i, 0, a[i], n & 0x7fffffff);
        break;
    case AK_IARR:
    case AK_IOARR:
        add_array(i, 0, word, a[i], n);
        break;
    case AK_IIOV:
        add_iov(i, 0, a[i], n, ~0ull);
        break;
    case AK_LENIO:
        add_capture(i, 0, a[i], 4);
        break;
    case AK_FDSET:
        add_capture(i, 0, a[i], ALIGN_UP(n & 0xffff, 64) / 8);
        break;
    case AK_IMSG:
        add_msg(i, 0, a[i], ~0ull);
        break;
    case AK_OMSG:
        add_capture(i, 0, a[i], struct_size(ST_msghdr));
        break;
    case AK_IOCTL:
    case AK_FCNTL:
        add_control(i, 0, word, a);
        break;
    default:
        break;
    }
}

static void exit_arg(u32 i, u32 word, const u64 a[6], s64 result)
{
    u64 size = struct_size(ARG_PARAM(word)), n = count_of(word, a), got = (u64)result;
    u32 len = 0;
    switch (ARG_KIND(word)) {
    case AK_OUT:
    case AK_INOUT:
        add_capture(i, RK_CAP_EXIT, a[i], size);
        break;
    case AK_OBUF:
        add_capture(i, RK_CAP_EXIT, a[i], MIN(got, n));
        break;
    case AK_OARR:
        add_capture(i, RK_CAP_EXIT, a[i], size * (n & 0xffff));
        break;
    case AK_IOARR:
        add_array(i, RK_CAP_EXIT, word, a[i], ARG_PARAM(word) == ST_mmsghdr ? got : n);
        break;
    case AK_ORARR:
        add_capture(i, RK_CAP_EXIT, a[i], size * MIN(got, n & 0xffff));
        break;
    case AK_OIOV:
        add_iov(i, RK_CAP_EXIT, a[i], n, got);
        break;
    case AK_OSOCK:
    case AK_OOPT:
        if (n && !copy_from_guest(&len, n, 4))
            add_capture(i, RK_CAP_EXIT, a[i], MIN(len, 256u));
        break;
    case AK_LENIO:
        add_capture(i, RK_CAP_EXIT, a[i], 4);
        break;
    case AK_FDSET:
        add_capture(i, RK_CAP_EXIT, a[i], ALIGN_UP(n & 0xffff, 64) / 8);
        break;
    case AK_OMSG:
        add_msg(i, RK_CAP_EXIT, a[i], got);
        break;
    case AK_IOCTL:
    case AK_FCNTL:
        add_control(i, RK_CAP_EXIT, word, a);
        break;
    default:
        break;
    }
}

static void send_report(struct task *t, s64 result)
{
    rep->r = (struct rk_report){(u32)(sizeof rep->r + sizeof rep->s + rep->used), RK_REPORT_SYSCALL, 0, t->tid,
                               rep->s.nr, result, 0};
    plat_report(rep, rep->r.size);
}

/* Calls that do not come back are reported as they begin. */
static bool never_returns(u32 nr)
{
    return nr == __NR_exit || nr == __NR_exit_group;
}

void capture_entry(struct task *t, const struct syscall_row *row, const u64 a[6])
{
    rep->used = 0;
    rep->s = (struct rk_syscall_report){.pc = t->syscall_pc, .ticks = VCPU->ticks, .nr = t->syscall_nr};
    for (u32 i = 0; i < 6; i++)
        rep->s.args[i] = a[i];
    for (u32 i = 0; row && i < row->nargs; i++)
        entry_arg(i, row->args[i], a);
    if (never_returns(t->syscall_nr))
        send_report(t, 0);
}

/* Most calls write only when they succeed; these tell the time that is left. */
static bool writes_on_failure(u32 nr, s64 result)
{
    bool sleeps = nr == __NR_nanosleep || nr == __NR_clock_nanosleep;
    return nr == __NR_select || nr == __NR_pselect6 || (sleeps && result == -EINTR);
}

void capture_exit(struct task *t, const struct syscall_row *row, const u64 a[6], s64 result)
{
    bool all = result >= 0 || writes_on_failure(t->syscall_nr, result);
    for (u32 i = 0; row && i < row->nargs && all; i++)
        exit_arg(i, row->args[i], a, result);
    send_report(t, result);
}

void capture_woken(struct task *t, const u64 *gpr, s64 result)
{
    u64 a[6] = {gpr[RDI], gpr[RSI], gpr[RDX], gpr[R10], gpr[R8], gpr[R9]};
    const struct syscall_row *row = t->syscall_nr < SYSCALL_MAX ? &syscall_table[t->syscall_nr] : NULL;
    if (!(plat_control()->flags & RK_CTL_TRACE_SYSCALLS))
        return;
    rep = &reports[1];
    capture_entry(t, row, a);
    capture_exit(t, row, a, result);
    rep = &reports[0];
}
