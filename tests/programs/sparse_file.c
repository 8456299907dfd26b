/*
 * sparse_file - huge and empty transfers: reads and writes of 0 bytes, a sparse file of
 * 3 GB read in one gigabyte, holes by lseek, fallocate and punching, mmap far out.
 * run: --timeout 120
 */
#include "check.h"

#include <sys/uio.h>

#define GIB (1ul << 30)

int main(void)
{
    int fd = open("sparse", O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0 && ftruncate(fd, 3 * GIB) == 0);
    CHECK(pwrite(fd, "at two", 6, 2 * GIB) == 6);
    CHECK(read(fd, NULL, 0) == 0 && write(fd, NULL, 0) == 0);
    char *big =
        mmap(NULL, GIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(big != MAP_FAILED);
    ssize_t n = pread(fd, big, 64ul << 20, 2 * GIB);
    CHECK(n == 64 << 20 && memcmp(big, "at two", 6) == 0 && is_zero(big + 6, 1 << 20));
    printf("64 MB read: ok\n");
    CHECK(madvise(big, GIB, MADV_DONTNEED) == 0);
    n = pread(fd, big, GIB, 2 * GIB - 100);
    CHECK(n == (ssize_t)GIB && memcmp(big + 100, "at two", 6) == 0);
    printf("1 GB read: ok\n");
    n = pread(fd, big, GIB, 3 * GIB - 5);
    CHECK(n == 5 && pread(fd, big, GIB, 5 * GIB) == 0);
    CHECK(lseek(fd, 0, SEEK_END) == (off_t)(3 * GIB));
    off_t data = lseek(fd, 0, SEEK_DATA);
    CHECK(data >= 0 && data <= (off_t)(2 * GIB));
    int null = open("/dev/null", O_WRONLY);
    CHECK(write(null, big, GIB) == (ssize_t)GIB);
    printf("1 GB to /dev/null: ok\n");
    char *far = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 2 * GIB);
    CHECK(far != MAP_FAILED && memcmp(far, "at two", 6) == 0 && is_zero(far + 6, PAGE - 6));
    CHECK(ftruncate(fd, 4096) == 0 && close(fd) == 0);
    return 0;
}
