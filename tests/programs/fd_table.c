/*
 * fd_table - descriptor numbers: lowest free, dup, dup2, dup3, F_DUPFD, shared offsets,
 * flags per descriptor and per open file, close_range, many descriptors, EMFILE, and
 * CLOEXEC across an exec.
 */
#include "check.h"

#include <sys/resource.h>
#include <sys/socket.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

static void lowest_free(void)
{
    int a = open("/dev/null", O_RDWR), b = open("/dev/null", O_RDWR), c = dup(a);
    CHECK(a == 3 && b == 4 && c == 5);
    CHECK(close(4) == 0 && dup(a) == 4);
    CHECK(close(3) == 0 && close(5) == 0 && open("/dev/zero", O_RDONLY) == 3);
    CHECK(fcntl(3, F_DUPFD, 10) == 10 && fcntl(3, F_DUPFD, 10) == 11);
    CHECK(fcntl(3, F_DUPFD_CLOEXEC, 0) == 5 && fcntl(5, F_GETFD) == FD_CLOEXEC);
    CHECK(dup2(3, 3) == 3 && dup2(3, 20) == 20 && dup2(4, 20) == 20);
    CHECK_ERRNO(dup2(99, 20), EBADF);
    CHECK(fcntl(20, F_GETFD) == 0 && dup3(3, 21, O_CLOEXEC) == 21 && fcntl(21, F_GETFD) == 1);
    CHECK_ERRNO(dup2(3, -1), EBADF);
    CHECK_ERRNO(dup2(3, 1 << 30), EBADF);
    CHECK_ERRNO(fcntl(3, F_DUPFD, -1), EINVAL);
    CHECK_ERRNO(close(19), EBADF);
    int p[2];
    CHECK(pipe(p) == 0 && p[0] == 6 && p[1] == 7);
    CHECK(socket(2, 1, 0) == 8);
    printf("lowest free: ok\n");
}

static void shared_offsets(void)
{
    char buf[10];
    int a = make_file("file", 100, 1), b = dup(a), c = open("file", O_RDONLY);
    CHECK(lseek(a, 10, SEEK_SET) == 10 && lseek(b, 0, SEEK_CUR) == 10 &&
          lseek(c, 0, SEEK_CUR) == 0);
    CHECK(read(b, buf, 5) == 5 && lseek(a, 0, SEEK_CUR) == 15);
    CHECK(fcntl(a, F_SETFL, O_APPEND | O_NONBLOCK) == 0);
    CHECK((fcntl(b, F_GETFL) & (O_APPEND | O_NONBLOCK)) == (O_APPEND | O_NONBLOCK));
    CHECK((fcntl(c, F_GETFL) & O_APPEND) == 0 && (fcntl(c, F_GETFL) & O_ACCMODE) == O_RDONLY);
    CHECK(fcntl(a, F_SETFD, FD_CLOEXEC) == 0 && fcntl(b, F_GETFD) == 0);
    CHECK(write(a, "end", 3) == 3 && lseek(b, 0, SEEK_CUR) == 103);
    CHECK(close(a) == 0 && lseek(b, 0, SEEK_CUR) == 103 && close(b) == 0 && close(c) == 0);
    printf("offsets and flags: ok\n");
}

static int count_open(void)
{
    int n = 0;
    for (int fd = 0; fd < 1200; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void ranges(void)
{
    CHECK(syscall(SYS_close_range, 3, ~0u, 0) == 0 && count_open() == 3);
    for (int i = 3; i < 900; i++)
        CHECK(dup(0) == i);
    CHECK(syscall(SYS_close_range, 100, 199, 0) == 0);
    CHECK(fcntl(99, F_GETFD) == 0 && fcntl(200, F_GETFD) == 0 && dup(0) == 100);
    CHECK(syscall(SYS_close_range, 300, 400, CLOSE_RANGE_CLOEXEC) == 0);
    CHECK(fcntl(350, F_GETFD) == FD_CLOEXEC && fcntl(299, F_GETFD) == 0);
    CHECK_ERRNO(syscall(SYS_close_range, 5, 4, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_close_range, 5, 6, 64), EINVAL);
    printf("ranges: %d open\n", count_open());
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 150;
    CHECK(syscall(SYS_close_range, 3, ~0u, 0) == 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
    int fd;
    while ((fd = dup(0)) >= 0)
        ;
    CHECK(errno == EMFILE && count_open() == 150);
    CHECK_ERRNO(open("/dev/null", O_RDONLY), EMFILE);
    CHECK_ERRNO(dup2(0, 150), EBADF);
    CHECK_ERRNO(fcntl(0, F_DUPFD, 150), EINVAL);
    CHECK(close(77) == 0 && open("/dev/null", O_RDONLY) == 77);
    printf("limit: ok\n");
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        printf("after exec: %d open\n", count_open());
        CHECK(fcntl(10, F_GETFD) == 0 && fcntl(11, F_GETFD) < 0 && fcntl(12, F_GETFD) < 0);
        CHECK(lseek(10, 0, SEEK_CUR) == 33);
        return 0;
    }
    CHECK(count_open() == 3);
    lowest_free();
    CHECK(syscall(SYS_close_range, 3, ~0u, 0) == 0);
    shared_offsets();
    ranges();
    CHECK(syscall(SYS_close_range, 3, ~0u, 0) == 0);
    int fd = make_file("exec", 100, 1);
    CHECK(lseek(fd, 33, SEEK_SET) == 33);
    CHECK(dup2(fd, 10) == 10 && dup3(fd, 11, O_CLOEXEC) == 11 && dup2(fd, 12) == 12);
    CHECK(fcntl(12, F_SETFD, FD_CLOEXEC) == 0 && close(fd) == 0);
    fflush(stdout);
    execl("/proc/self/exe", argv[0], "again", (char *)NULL);
    return 1;
}
