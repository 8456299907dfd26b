/*
 * files - the calls on names and metadata: open in all ways, links, rename, directories,
 * permissions, times, truncation, temporary files, stat in its forms, access.
 */
#include "check.h"

#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>

static void opening(void)
{
    CHECK_ERRNO(open("a", O_RDONLY), ENOENT);
    int fd = open("a", O_CREAT | O_EXCL | O_RDWR, 0640);
    CHECK(fd >= 0 && write(fd, "0123456789", 10) == 10);
    CHECK_ERRNO(open("a", O_CREAT | O_EXCL | O_RDWR, 0640), EEXIST);
    CHECK_ERRNO(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR);
    CHECK_ERRNO(open("a/b", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open(".", O_WRONLY), EISDIR);
    int ap = open("a", O_WRONLY | O_APPEND);
    CHECK(ap >= 0 && lseek(ap, 0, SEEK_SET) == 0 && write(ap, "ab", 2) == 2);
    struct stat st;
    CHECK(fstat(fd, &st) == 0 && st.st_size == 12 && (st.st_mode & 0777) == 0640);
    int path = open("a", O_PATH);
    CHECK(path >= 0 && fstat(path, &st) == 0);
    CHECK_ERRNO(read(path, &st, 1), EBADF);
    int tmp = open(".", O_TMPFILE | O_RDWR, 0600);
    CHECK(tmp >= 0 || errno == EOPNOTSUPP);
    if (tmp >= 0)
        CHECK(write(tmp, "temporary", 9) == 9 && fstat(tmp, &st) == 0 && st.st_nlink == 0);
    int tr = open("a", O_WRONLY | O_TRUNC);
    CHECK(tr >= 0 && fstat(fd, &st) == 0 && st.st_size == 0);
    printf("open: ok\n");
}

static void linking(void)
{
    char buf[100];
    struct stat a, b;
    CHECK(close(make_file("x", 10, 1)) == 0 && link("x", "y") == 0 && symlink("x", "s") == 0);
    CHECK(stat("x", &a) == 0 && stat("y", &b) == 0 && a.st_ino == b.st_ino && a.st_nlink == 2);
    CHECK(lstat("s", &b) == 0 && S_ISLNK(b.st_mode) && b.st_size == 1);
    CHECK(readlink("s", buf, sizeof(buf)) == 1 && buf[0] == 'x' && readlink("s", buf, 0) == -1);
    CHECK_ERRNO(readlink("x", buf, 10), EINVAL);
    CHECK_ERRNO(open("s", O_RDONLY | O_NOFOLLOW), ELOOP);
    CHECK(rename("y", "z") == 0 && access("y", F_OK) == -1 && access("z", R_OK) == 0);
    CHECK_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "x", AT_FDCWD, "z", 1), EEXIST);
    CHECK(unlink("x") == 0 && stat("z", &a) == 0 && a.st_nlink == 1);
    CHECK_ERRNO(stat("s", &b), ENOENT);
    CHECK_ERRNO(unlink("x"), ENOENT);
    CHECK(linkat(AT_FDCWD, "s", AT_FDCWD, "s2", 0) == 0 && unlink("s2") == 0);
    printf("links: ok\n");
}

static void directories(void)
{
    char buf[4096];
    CHECK(mkdir("d", 0700) == 0 && mkdir("d/e", 0700) == 0);
    CHECK_ERRNO(mkdir("d", 0700), EEXIST);
    CHECK_ERRNO(rmdir("d"), ENOTEMPTY);
    int d = open("d", O_RDONLY | O_DIRECTORY);
    int f = openat(d, "inside", O_CREAT | O_WRONLY, 0600);
    CHECK(d >= 0 && f >= 0 && faccessat(d, "inside", W_OK, 0) == 0 && fchdir(d) == 0);
    CHECK(access("e", F_OK) == 0 && mkdirat(d, "g", 0755) == 0 &&
          renameat(d, "inside", d, "g/in") == 0);
    CHECK(unlinkat(d, "g/in", 0) == 0 && unlinkat(d, "g", AT_REMOVEDIR) == 0);
    CHECK(getcwd(buf, sizeof(buf)) && strcmp(buf + strlen(buf) - 2, "/d") == 0);
    CHECK(chdir("e") == 0 && rmdir("../e") == 0);
    CHECK_ERRNO(syscall(SYS_getcwd, buf, 4096), ENOENT);
    CHECK(chdir("/") == 0 && getcwd(buf, 2) && strcmp(buf, "/") == 0 && fchdir(d) == 0 &&
          chdir("..") == 0);
    CHECK_ERRNO(chdir("nowhere"), ENOENT);
    printf("directories: ok\n");
}

static void metadata(void)
{
    struct stat st;
    struct statx sx;
    int fd = make_file("m", 5000, 1);
    CHECK(umask(027) == 022 && umask(022) == 027);
    CHECK(chmod("m", 0604) == 0 && fchmod(fd, 0606) == 0 && stat("m", &st) == 0);
    CHECK((st.st_mode & 07777) == 0606 && S_ISREG(st.st_mode) && st.st_uid == geteuid());
    struct timespec t[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
    CHECK(futimens(fd, t) == 0 && fstat(fd, &st) == 0 && st.st_mtim.tv_sec == 1100000000);
    CHECK(st.st_atim.tv_nsec / 1000 == 123456);
    t[0].tv_nsec = UTIME_OMIT;
    t[1].tv_nsec = UTIME_NOW;
    CHECK(utimensat(AT_FDCWD, "m", t, 0) == 0 && stat("m", &st) == 0);
    CHECK(st.st_atim.tv_sec == 1000000000 && st.st_mtim.tv_sec > 1500000000);
    CHECK(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &sx) == 0);
    CHECK(sx.stx_size == 5000 && sx.stx_ino == st.st_ino && sx.stx_nlink == 1);
    CHECK(makedev(sx.stx_dev_major, sx.stx_dev_minor) == st.st_dev);
    CHECK(truncate("m", 100) == 0 && ftruncate(fd, 200) == 0 && fstat(fd, &st) == 0 &&
          st.st_size == 200);
    CHECK(fallocate(fd, 0, 0, 10000) == 0 || errno == EOPNOTSUPP);
    CHECK(fsync(fd) == 0 && fdatasync(fd) == 0 &&
          posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
    struct statfs sf;
    struct statvfs sv;
    CHECK(fstatfs(fd, &sf) == 0 && statfs(".", &sf) == 0 && statvfs("m", &sv) == 0 &&
          sf.f_bsize > 0);
    CHECK(chown("m", -1, -1) == 0 && fchownat(AT_FDCWD, "m", -1, -1, AT_SYMLINK_NOFOLLOW) == 0);
    CHECK(pathconf(".", _PC_NAME_MAX) == 255);
    printf("metadata: ok\n");
}

static void vectors(void)
{
    char a[10], b[20], c[5];
    struct iovec v[3] = {{a, 10}, {b, 20}, {c, 5}};
    int fd = make_file("v", 100, 2), out = make_file("w", 0, 0);
    CHECK(preadv(fd, v, 3, 10) == 35 && a[0] == (char)pattern_at(2, 10) &&
          c[4] == (char)pattern_at(2, 44));
    CHECK(writev(out, v, 3) == 35 && pwritev(out, v + 1, 1, 100) == 20);
    CHECK(lseek(fd, 90, SEEK_SET) == 90 && readv(fd, v, 3) == 10 && readv(fd, v, 3) == 0);
    CHECK(preadv2(out, v, 3, 0, 0) == 35 && b[0] == (char)pattern_at(2, 20));
    CHECK(readv(fd, v, 0) == 0 && lseek(out, 0, SEEK_END) == 120);
    printf("vectors: ok\n");
}

int main(void)
{
    opening();
    linking();
    directories();
    metadata();
    vectors();
    return 0;
}
