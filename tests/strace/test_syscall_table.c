/*
 * The syscall table against the kernel's own headers: numbers, sizes of structures, and
 * rows that make sense by themselves.
 */
#include "rekernel/sysdef.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/epoll.h>
#include <sys/vfs.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <utime.h>
#include <linux/capability.h>
#include <linux/openat2.h>

struct row {
    unsigned nr;
    const char *name, *handler, *note;
    enum sys_level level;
    enum sys_ret ret;
    unsigned nargs;
    uint32_t args[6];
};

#define ARGS(...) __VA_ARGS__
static const struct row rows[] = {
#define SYSCALL(nr, name, handler, level, ret, nargs, args, note) \
    {nr, #name, #handler, note, level, ret, nargs, {ARGS args}},
#include "rekernel/syscalls.def"
#undef SYSCALL
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct number {
    const char *name;
    unsigned nr;
};
static const struct number kernel_numbers[] = {
#include "kernel_numbers.inc"
};

static const uint32_t struct_sizes[ST_END] = {
#define STRUCT(name, size) [ST_##name] = size,
#include "rekernel/structs.def"
#undef STRUCT
};

static const struct row *find(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

Test(syscall_table, numbers_rise)
{
    for (size_t i = 1; i < ROWS; i++)
        cr_assert_lt(rows[i - 1].nr, rows[i].nr, "%s follows %s", rows[i].name, rows[i - 1].name);
}

Test(syscall_table, has_every_number_of_the_kernel_header)
{
    size_t n = sizeof(kernel_numbers) / sizeof(kernel_numbers[0]);
    cr_assert_gt(n, 300);
    for (size_t i = 0; i < n; i++) {
        const struct row *row = find(kernel_numbers[i].name);
        cr_assert_not_null(row, "no row for %s", kernel_numbers[i].name);
        cr_assert_eq(row->nr, kernel_numbers[i].nr, "%s has another number", row->name);
    }
}

Test(syscall_table, has_no_gap_but_the_one_of_the_kernel)
{
    for (size_t i = 1; i < ROWS; i++)
        if (rows[i].nr != rows[i - 1].nr + 1)
            cr_assert_eq(rows[i].nr, 424u, "gap before %s", rows[i].name);
    cr_assert_geq(rows[ROWS - 1].nr, 463u);
}

Test(syscall_table, levels_have_their_notes)
{
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        bool none = strcmp(row->handler, "none") == 0;
        cr_assert_eq(row->level == LVL_FULL, row->note[0] == '\0', "note of %s", row->name);
        cr_assert(!none || row->level == LVL_NONE || row->level == LVL_ERRNO, "%s", row->name);
        cr_assert(none || row->level != LVL_NONE, "%s", row->name);
        size_t len = strlen(row->note);
        cr_assert(len == 0 || row->note[len - 1] == '.', "note of %s is no sentence", row->name);
    }
}

/* Arguments that an argument's index may name: those that can hold a count. */
static bool holds_count(uint32_t arg)
{
    switch (ARG_KIND(arg)) {
    case AK_INT:
    case AK_UINT:
    case AK_SIZE:
    case AK_LENIO:
        return true;
    default:
        return false;
    }
}

static bool has_index(uint32_t arg)
{
    uint32_t kind = ARG_KIND(arg);
    return (kind >= AK_IBUF && kind <= AK_OSOCK) || kind == AK_OOPT || kind == AK_FDSET;
}

static void check_arg(const struct row *row, unsigned i)
{
    uint32_t arg = row->args[i];
    uint32_t kind = ARG_KIND(arg);
    cr_assert_lt(kind, (uint32_t)AK_KIND_END, "%s argument %u", row->name, i);
    if (has_index(arg)) {
        cr_assert_lt(ARG_INDEX(arg), row->nargs, "%s argument %u", row->name, i);
        cr_assert(holds_count(row->args[ARG_INDEX(arg)]), "%s argument %u", row->name, i);
    }
    if (kind == AK_FLAGS || kind == AK_ENUM)
        cr_assert(ARG_PARAM(arg) > FS_none && ARG_PARAM(arg) < FS_END, "%s %u", row->name, i);
    if (kind == AK_IN || kind == AK_OUT || kind == AK_INOUT)
        cr_assert(ARG_PARAM(arg) > ST_none && ARG_PARAM(arg) < ST_END, "%s %u", row->name, i);
    if (kind == AK_OSOCK || kind == AK_OOPT)
        cr_assert_eq(ARG_KIND(row->args[ARG_INDEX(arg)]), (uint32_t)AK_LENIO, "%s", row->name);
}

Test(syscall_table, arguments_are_well_formed)
{
    for (size_t i = 0; i < ROWS; i++) {
        cr_assert_leq(rows[i].nargs, 6u);
        for (unsigned a = 0; a < 6; a++)
            if (a < rows[i].nargs)
                check_arg(&rows[i], a);
            else
                cr_assert_eq(rows[i].args[a], 0u, "%s has more arguments", rows[i].name);
    }
}

/* What the generic handler can serve: no kind that needs a handler of its own. */
Test(syscall_table, world_rows_need_no_special_handler)
{
    static const uint32_t special[] = {AK_STRV, AK_IIOV, AK_OIOV,  AK_FDSET,
                                       AK_IMSG, AK_OMSG, AK_IOCTL, AK_FCNTL};
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].handler, "world") != 0)
            continue;
        cr_assert_neq(rows[i].ret, RET_FD, "%s makes a descriptor", rows[i].name);
        for (unsigned a = 0; a < rows[i].nargs; a++)
            for (size_t s = 0; s < sizeof(special) / sizeof(special[0]); s++)
                cr_assert_neq(ARG_KIND(rows[i].args[a]), special[s], "%s", rows[i].name);
    }
}

/* The kernel's forms, where the C library's differ. */
struct kernel_sigaction {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};
struct kernel_termios {
    uint32_t flags[4];
    uint8_t line, cc[19];
};

#define SAME_SIZE(st, type) \
    cr_expect_eq((size_t)struct_sizes[ST_##st], sizeof(type), "size of " #st)

Test(syscall_table, sizes_of_file_structures)
{
    SAME_SIZE(stat, struct stat);
    SAME_SIZE(statx, struct statx);
    SAME_SIZE(statfs, struct statfs);
    SAME_SIZE(utimbuf, struct utimbuf);
    SAME_SIZE(timeval2, struct timeval[2]);
    SAME_SIZE(timespec2, struct timespec[2]);
    SAME_SIZE(open_how, struct open_how);
    SAME_SIZE(flock, struct flock);
    SAME_SIZE(f_owner_ex, struct f_owner_ex);
    SAME_SIZE(iovec, struct iovec);
    SAME_SIZE(termios, struct kernel_termios);
    SAME_SIZE(off, off_t);
    SAME_SIZE(fdpair, int[2]);
}

Test(syscall_table, sizes_of_time_and_system_structures)
{
    SAME_SIZE(timespec, struct timespec);
    SAME_SIZE(timeval, struct timeval);
    SAME_SIZE(timezone, struct timezone);
    SAME_SIZE(timex, struct timex);
    SAME_SIZE(itimerval, struct itimerval);
    SAME_SIZE(itimerspec, struct itimerspec);
    SAME_SIZE(tms, struct tms);
    SAME_SIZE(rusage, struct rusage);
    SAME_SIZE(sysinfo, struct sysinfo);
    SAME_SIZE(utsname, struct utsname);
    SAME_SIZE(rlimit, struct rlimit);
    SAME_SIZE(cap_header, struct __user_cap_header_struct);
    SAME_SIZE(cap_data, struct __user_cap_data_struct[2]);
    SAME_SIZE(clone_args, uint64_t[11]);
}

Test(syscall_table, sizes_of_signal_and_socket_structures)
{
    SAME_SIZE(sigset, uint64_t);
    SAME_SIZE(sigaction, struct kernel_sigaction);
    SAME_SIZE(stack, stack_t);
    SAME_SIZE(siginfo, siginfo_t);
    SAME_SIZE(sigevent, struct sigevent);
    SAME_SIZE(pollfd, struct pollfd);
    SAME_SIZE(epoll_event, struct epoll_event);
    SAME_SIZE(msghdr, struct msghdr);
    SAME_SIZE(mmsghdr, struct mmsghdr);
    SAME_SIZE(linger, struct linger);
    SAME_SIZE(ucred, struct ucred);
    SAME_SIZE(sched_param, struct sched_param);
}
