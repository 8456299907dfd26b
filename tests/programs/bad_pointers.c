/*
 * bad_pointers - EFAULT, EBADF and EINVAL of many calls: bad addresses of all kinds in
 * each pointer argument, bad descriptors, nonsense flags. Errors must be Linux's.
 */
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>

#define BAD (-1234) /* stands for the bad pointer in the table */
static long file, dir, in, out, sock;

struct row {
    const char *name;
    long nr;
    long *fd; /* first argument, when not NULL */
    long args[6];
    int want;
};

static struct row rows[] = {
    {"read", SYS_read, &file, {0, BAD, 10}, EFAULT},
    {"write", SYS_write, &out, {0, BAD, 10}, EFAULT},
    {"pread64", SYS_pread64, &file, {0, BAD, 10, 0}, EFAULT},
    {"pwrite64", SYS_pwrite64, &file, {0, BAD, 10, 0}, EFAULT},
    {"readv", SYS_readv, &file, {0, BAD, 1}, EFAULT},
    {"writev", SYS_writev, &out, {0, BAD, 1}, EFAULT},
    {"open", SYS_open, 0, {BAD, 0}, EFAULT},
    {"openat", SYS_openat, &dir, {0, BAD, 0}, EFAULT},
    {"stat", SYS_stat, 0, {BAD, 0}, EFAULT},
    {"fstat", SYS_fstat, &file, {0, BAD}, EFAULT},
    {"newfstatat", SYS_newfstatat, &dir, {0, BAD, BAD, 0}, EFAULT},
    {"statx", SYS_statx, &dir, {0, BAD, 0, 0x7ff, BAD}, EFAULT},
    {"access", SYS_access, 0, {BAD, 0}, EFAULT},
    {"getcwd", SYS_getcwd, 0, {BAD, 100}, EFAULT},
    {"chdir", SYS_chdir, 0, {BAD}, EFAULT},
    {"mkdir", SYS_mkdir, 0, {BAD, 0755}, EFAULT},
    {"unlink", SYS_unlink, 0, {BAD}, EFAULT},
    {"rename", SYS_rename, 0, {BAD, BAD}, EFAULT},
    {"symlink", SYS_symlink, 0, {BAD, BAD}, EFAULT},
    {"readlink", SYS_readlink, 0, {BAD, BAD, 10}, EFAULT},
    {"truncate", SYS_truncate, 0, {BAD, 1}, EFAULT},
    {"utimensat", SYS_utimensat, &dir, {0, BAD, 0, 0}, EFAULT},
    {"getdents64", SYS_getdents64, &dir, {0, BAD, 1000}, EFAULT},
    {"pipe2", SYS_pipe2, 0, {BAD, 0}, EFAULT},
    {"poll", SYS_poll, 0, {BAD, 1, 0}, EFAULT},
    {"select", SYS_select, 0, {1, BAD, 0, 0, 0}, EFAULT},
    {"nanosleep", SYS_nanosleep, 0, {BAD, 0}, EFAULT},
    {"clock_gettime", SYS_clock_gettime, 0, {0, BAD}, EFAULT},
    {"clock_getres", SYS_clock_getres, 0, {0, BAD}, EFAULT},
    {"gettimeofday", SYS_gettimeofday, 0, {BAD, 0}, EFAULT},
    {"time", SYS_time, 0, {BAD}, EFAULT},
    {"uname", SYS_uname, 0, {BAD}, EFAULT},
    {"sysinfo", SYS_sysinfo, 0, {BAD}, EFAULT},
    {"times", SYS_times, 0, {BAD}, EFAULT},
    {"getrusage", SYS_getrusage, 0, {0, BAD}, EFAULT},
    {"getrlimit", SYS_getrlimit, 0, {0, BAD}, EFAULT},
    {"statfs", SYS_statfs, 0, {BAD, BAD}, EFAULT},
    {"fstatfs", SYS_fstatfs, &file, {0, BAD}, EFAULT},
    {"rt_sigaction", SYS_rt_sigaction, 0, {SIGUSR1, BAD, 0, 8}, EFAULT},
    {"rt_sigprocmask", SYS_rt_sigprocmask, 0, {0, BAD, 0, 8}, EFAULT},
    {"rt_sigpending", SYS_rt_sigpending, 0, {BAD, 8}, EFAULT},
    {"sigaltstack", SYS_sigaltstack, 0, {BAD, 0}, EFAULT},
    {"getrandom", SYS_getrandom, 0, {BAD, 10, 0}, EFAULT},
    {"epoll_ctl", SYS_epoll_ctl, &file, {0, EPOLL_CTL_ADD, 0, BAD}, EFAULT},
    {"socketpair", SYS_socketpair, 0, {AF_UNIX, SOCK_STREAM, 0, BAD}, EFAULT},
    {"sendto", SYS_sendto, &sock, {0, BAD, 10, 0, 0, 0}, EFAULT},
    {"sendmsg", SYS_sendmsg, &sock, {0, BAD, 0}, EFAULT},
    {"recvmsg", SYS_recvmsg, &sock, {0, BAD, MSG_DONTWAIT}, EFAULT},
    {"bind", SYS_bind, &sock, {0, BAD, 16}, EFAULT},
    {"getsockname", SYS_getsockname, &sock, {0, BAD, BAD}, EFAULT},
    {"sched_getaffinity", SYS_sched_getaffinity, 0, {0, 128, BAD}, EFAULT},
    {"memfd_create", SYS_memfd_create, 0, {BAD, 0}, EFAULT},
    {"setitimer", SYS_setitimer, 0, {0, BAD, 0}, EFAULT},
    {"mincore", SYS_mincore, 0, {0x10000000, 4096, BAD}, EFAULT},
    {"getgroups", SYS_getgroups, 0, {1000, BAD}, 0},
    {"getcpu", SYS_getcpu, 0, {BAD, 0, 0}, EFAULT},
    {"fcntl lock", SYS_fcntl, &file, {0, F_GETLK, BAD}, EFAULT},
    {"ioctl", SYS_ioctl, &in, {0, 0x541b, BAD}, EFAULT},
};

static void with_bad_pointer(long bad)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        long a[6];
        for (int k = 0; k < 6; k++)
            a[k] = rows[i].args[k] == BAD ? bad : rows[i].args[k];
        if (rows[i].fd)
            a[0] = *rows[i].fd;
        if (rows[i].nr == SYS_mincore)
            a[0] = (long)&rows & ~(PAGE - 1);
        long ret = raw6(rows[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (ret != -rows[i].want && rows[i].want)
            fprintf(stderr, "%s(%lx): %ld, expected %d\n", rows[i].name, bad, ret, -rows[i].want);
        CHECK(ret == -rows[i].want || !rows[i].want);
    }
    printf("%zu calls\n", COUNT(rows));
}

static void expect_bad_fd(long nr, long fd, long room)
{
    long ret = raw6(nr, fd, nr == SYS_flock ? 1 : room, 1, 1, 0, 0);
    if (ret != -EBADF)
        fprintf(stderr, "syscall %ld of descriptor %ld: %ld\n", nr, fd, ret);
    CHECK(ret == -EBADF);
}

static void bad_descriptors(void)
{
    static const long calls[] = {
        SYS_read,   SYS_write,      SYS_close,           SYS_fstat,      SYS_lseek,
        SYS_ioctl,  SYS_pread64,    SYS_readv,           SYS_dup,        SYS_fcntl,
        SYS_flock,  SYS_fsync,      SYS_ftruncate,       SYS_getdents64, SYS_fchdir,
        SYS_fchmod, SYS_fstatfs,    SYS_connect,         SYS_listen,     SYS_shutdown,
        SYS_sendto, SYS_epoll_wait, SYS_timerfd_gettime, SYS_fallocate,  SYS_syncfs};
    static char room[4096];
    static const long fds[] = {-1, 999, 0x7fffffff, -100};
    for (size_t i = 0; i < COUNT(calls); i++)
        for (size_t k = 0; k < COUNT(fds); k++)
            expect_bad_fd(calls[i], fds[k], (long)room);
    printf("descriptors: ok\n");
}

static void invalid(void)
{
    struct timespec bad = {0, 2000000000};
    CHECK(RAW2(SYS_nanosleep, &bad, 0) == -EINVAL);
    CHECK(RAW3(SYS_lseek, file, 0, 99) == -EINVAL);
    CHECK(RAW3(SYS_lseek, file, -5, SEEK_SET) == -EINVAL);
    CHECK(RAW3(SYS_lseek, sock, 0, SEEK_SET) == -ESPIPE);
    CHECK(RAW2(SYS_clock_gettime, 99, &bad) == -EINVAL);
    CHECK(RAW2(SYS_pipe2, &bad, 1) == -EINVAL);
    CHECK(RAW3(SYS_socket, 999, 1, 0) == -EAFNOSUPPORT);
    CHECK(RAW2(SYS_epoll_create1, 77, 0) == -EINVAL);
    CHECK(RAW2(SYS_eventfd2, 0, 77) == -EINVAL);
    CHECK(raw6(SYS_rt_sigprocmask, 0, (long)&bad, 0, 4, 0, 0) == -EINVAL);
    CHECK(raw6(SYS_rt_sigprocmask, 9, (long)&bad, 0, 8, 0, 0) == -EINVAL);
    CHECK(RAW3(SYS_fcntl, file, 9999, 0) == -EINVAL);
    CHECK(RAW3(SYS_ioctl, file, 0x5401, &rows) == -ENOTTY);
    CHECK(RAW3(SYS_dup3, 1, 1, 0) == -EINVAL && RAW3(SYS_dup3, 1, 50, 77) == -EINVAL);
    CHECK(RAW2(SYS_getcwd, rows, 1) == -ERANGE && RAW2(SYS_getrlimit, 99, rows) == -EINVAL);
    struct iovec v = {rows, -1ul};
    CHECK(RAW3(SYS_readv, file, &v, 1) == -EINVAL && RAW3(SYS_readv, file, &v, 5000) == -EINVAL);
    printf("invalid: ok\n");
}

int main(void)
{
    int p[2], s[2];
    file = make_file("file", 100, 1);
    CHECK(lseek((int)file, 0, SEEK_SET) == 0 && pipe(p) == 0);
    in = p[0];
    out = p[1];
    dir = open(".", O_RDONLY | O_DIRECTORY);
    CHECK(dir >= 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    sock = s[0];
    char *none = map_pages(2, PROT_NONE);
    with_bad_pointer(16);
    with_bad_pointer((long)none);
    with_bad_pointer(-4096);
    with_bad_pointer((long)0x8000000000000000);
    bad_descriptors();
    invalid();
    return 0;
}
