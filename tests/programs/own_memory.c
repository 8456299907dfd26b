/*
 * own_memory - a program that reaches its own memory by the kernel: /proc/self/mem,
 * process_vm_readv and writev. Refusals are accepted; when a write succeeds it must show,
 * in the replay as well.
 * run: --filter 's/: .+//; s/^end .+//'
 */
#include "check.h"

#include <sys/uio.h>

static char target[3 * PAGE];

static void by_proc(void)
{
    char buf[100];
    int fd = open("/proc/self/mem", O_RDWR);
    if (fd < 0) {
        printf("mem: %s\n", strerrorname_np(errno));
        return;
    }
    fill_pattern(target, sizeof(target), 1);
    ssize_t n = pread(fd, buf, 100, (off_t)(target + 1000));
    CHECK(n == 100 ? memcmp(buf, target + 1000, 100) == 0 : n < 0);
    n = pwrite(fd, "written", 7, (off_t)(target + PAGE - 3));
    printf("mem: read and write %zd\n", n);
    CHECK(n == 7 ? memcmp(target + PAGE - 3, "written", 7) == 0 : n < 0);
    n = pwrite(fd, "bad", 3, 16);
    CHECK(n < 0);
    close(fd);
}

static void by_call(void)
{
    char buf[100];
    struct iovec mine = {buf, 100}, theirs = {target + 500, 100};
    fill_pattern(target, sizeof(target), 2);
    ssize_t n = process_vm_readv(getpid(), &mine, 1, &theirs, 1, 0);
    CHECK(n == 100 ? memcmp(buf, target + 500, 100) == 0 : n < 0);
    memset(buf, 'v', 100);
    n = process_vm_writev(getpid(), &mine, 1, &theirs, 1, 0);
    printf("process_vm: %zd\n", n);
    CHECK(n == 100 ? target[599] == 'v' && target[500] == 'v'
                   : n < 0 && is_pattern(target, sizeof(target), 2));
}

int main(void)
{
    by_proc();
    by_call();
    printf("end %d\n", target[500]);
    return 0;
}
