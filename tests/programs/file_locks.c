/*
 * file_locks - flock, POSIX and open-file-description locks within one process, leases
 * refused or granted, extended attributes where the file system has them, inotify.
 */
#include "check.h"

#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/xattr.h>

static void locks(void)
{
    int a = make_file("lock", 100, 1), b = open("lock", O_RDWR);
    CHECK(flock(a, LOCK_EX | LOCK_NB) == 0);
    CHECK_ERRNO(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    CHECK(flock(a, LOCK_UN) == 0 && flock(b, LOCK_SH | LOCK_NB) == 0 && flock(a, LOCK_SH) == 0);
    CHECK(flock(a, LOCK_UN) == 0 && flock(b, LOCK_UN) == 0);
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10};
    CHECK(fcntl(a, F_SETLK, &l) == 0 && fcntl(b, F_SETLKW, &l) == 0); /* the same owner */
    l.l_type = F_RDLCK;
    CHECK(fcntl(b, F_GETLK, &l) == 0 && l.l_type == F_UNLCK);
    struct flock o = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 50, .l_len = 10};
    CHECK(fcntl(a, F_OFD_SETLK, &o) == 0);
    CHECK_ERRNO(fcntl(b, F_OFD_SETLK, &o), EAGAIN);
    CHECK(fcntl(b, F_OFD_GETLK, &o) == 0 && o.l_type == F_WRLCK && o.l_start == 50 &&
          o.l_pid == -1);
    CHECK_ERRNO(fcntl(b, F_OFD_SETLK, &(struct flock){.l_pid = 5}), EINVAL);
    printf("locks: ok\n");
}

static void attributes(void)
{
    char value[64], list[256];
    int fd = make_file("attr", 10, 1);
    if (fsetxattr(fd, "user.one", "value", 5, 0) != 0) {
        CHECK(errno == EOPNOTSUPP);
        return;
    }
    CHECK(setxattr("attr", "user.two", "second", 6, XATTR_CREATE) == 0);
    CHECK_ERRNO(setxattr("attr", "user.two", "x", 1, XATTR_CREATE), EEXIST);
    CHECK(getxattr("attr", "user.one", value, sizeof(value)) == 5 &&
          memcmp(value, "value", 5) == 0);
    CHECK(fgetxattr(fd, "user.two", NULL, 0) == 6);
    CHECK_ERRNO(getxattr("attr", "user.two", value, 2), ERANGE);
    CHECK_ERRNO(getxattr("attr", "user.none", value, 2), ENODATA);
    CHECK(listxattr("attr", list, sizeof(list)) >= 18 && removexattr("attr", "user.one") == 0);
}

static void watching(void)
{
    char buf[4096] __attribute__((aligned(8)));
    int in = inotify_init1(IN_NONBLOCK);
    CHECK(in >= 0 && mkdir("watched", 0755) == 0);
    int wd = inotify_add_watch(in, "watched", IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_CLOSE_WRITE);
    CHECK(wd == 1);
    CHECK_ERRNO(read(in, buf, sizeof(buf)), EAGAIN);
    CHECK(close(make_file("watched/a", 5, 1)) == 0 && rename("watched/a", "watched/b") == 0);
    CHECK(unlink("watched/b") == 0);
    ssize_t n = read(in, buf, sizeof(buf));
    CHECK(n > 0);
    for (ssize_t at = 0; at < n;) {
        struct inotify_event *e = (void *)(buf + at);
        printf("inotify: %s %x\n", e->name, e->mask);
        at += sizeof(*e) + e->len;
    }
    CHECK(inotify_rm_watch(in, wd) == 0 && read(in, buf, sizeof(buf)) == 16);
}

int main(void)
{
    locks();
    attributes();
    watching();
    return 0;
}
