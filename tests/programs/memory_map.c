/*
 * memory_map - mmap's rules: fixed over something, NOREPLACE, hints, splitting and
 * merging, PROT_NONE, errors, brk up and down, mincore, MADV_DONTNEED, msync, mlock.
 */
#include "check.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

static void fixed(void)
{
    char *p = map_pages(8, RW);
    memset(p, 'a', 8 * PAGE);
    CHECK(mmap(p + 2 * PAGE, 3 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + 2 * PAGE);
    CHECK(is_zero(p + 2 * PAGE, 3 * PAGE) && p[2 * PAGE - 1] == 'a' && p[5 * PAGE] == 'a');
    CHECK_ERRNO(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    CHECK(munmap(p + PAGE, 2 * PAGE) == 0);
    CHECK(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p + PAGE);
    CHECK(mmap(p + 2 * PAGE, PAGE, RW, ANON, -1, 0) == p + 2 * PAGE); /* a free hint is taken */
    char *q = mmap(p, PAGE, RW, ANON, -1, 0);                         /* a taken one is not */
    CHECK(q != MAP_FAILED && q != p && p[0] == 'a');
    CHECK(munmap(p, 8 * PAGE) == 0 && munmap(q, PAGE) == 0);
    CHECK_ERRNO(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
    CHECK_ERRNO(mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
    CHECK_ERRNO(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERRNO(mmap(NULL, PAGE, RW, MAP_PRIVATE, 999, 0), EBADF);
    CHECK_ERRNO(mmap(NULL, 1ul << 60, RW, ANON, -1, 0), ENOMEM);
    CHECK_ERRNO(mmap((void *)(1ul << 50), PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
    printf("fixed: ok\n");
}

static void file_rules(void)
{
    int fd = make_file("data", 3 * PAGE + 100, 4);
    char *p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED && is_pattern(p, 3 * PAGE + 100, 4));
    CHECK(is_zero(p + 3 * PAGE + 100, PAGE - 100));
    CHECK_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
    int ro = open("data", O_RDONLY), wo = open("data", O_WRONLY);
    CHECK_ERRNO(mmap(NULL, PAGE, RW, MAP_SHARED, ro, 0), EACCES);
    CHECK_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wo, 0), EACCES);
    char *c = mmap(NULL, PAGE, RW, MAP_PRIVATE, ro, PAGE);
    CHECK(c != MAP_FAILED);
    memset(c, 7, PAGE);
    CHECK(is_pattern(p, 2 * PAGE, 4));
    int dir = open(".", O_RDONLY);
    CHECK_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
    int zero = open("/dev/zero", O_RDWR);
    char *z = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, zero, 0);
    CHECK(z != MAP_FAILED && is_zero(z, 2 * PAGE));
    z[5] = 5;
    CHECK(close(fd) == 0 && unlink("data") == 0 && is_pattern(p, 3 * PAGE, 4));
    printf("files: ok\n");
}

static void brk_moves(void)
{
    char *start = sbrk(0);
    CHECK(sbrk(100000) == start);
    memset(start, 0x5a, 100000);
    CHECK(sbrk(-90000) != (void *)-1 && sbrk(90000) != (void *)-1);
    CHECK(start[9000] == 0x5a && start[99999] == 0);
    CHECK(brk(start) == 0 && sbrk(0) == start);
    unsigned long now = (unsigned long)RAW1(SYS_brk, 0);
    CHECK((unsigned long)RAW1(SYS_brk, 1) == now && (unsigned long)RAW1(SYS_brk, -1) == now);
    CHECK((unsigned long)RAW1(SYS_brk, now + 12345) == now + 12345);
    CHECK(is_zero((void *)now, 12345));
    printf("brk: ok\n");
}

static void advice(void)
{
    unsigned char vec[8];
    char *p = map_pages(8, RW);
    memset(p, 1, 8 * PAGE);
    CHECK(madvise(p + PAGE, 3 * PAGE, MADV_DONTNEED) == 0);
    CHECK(is_zero(p + PAGE, 3 * PAGE) && p[0] == 1 && p[4 * PAGE] == 1);
    CHECK(mincore(p, 8 * PAGE, vec) == 0);
    CHECK(munmap(p + 3 * PAGE, PAGE) == 0);
    CHECK_ERRNO(mincore(p, 8 * PAGE, vec), ENOMEM);
    CHECK_ERRNO(mincore(p + 1, PAGE, vec), EINVAL);
    CHECK_ERRNO(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_ERRNO(madvise(p, 8 * PAGE, MADV_DONTNEED), ENOMEM);
    CHECK_ERRNO(madvise(p, 8 * PAGE, MADV_DONTFORK), ENOMEM);
    CHECK(madvise(p, PAGE, MADV_WIPEONFORK) == 0 && madvise(p, PAGE, MADV_KEEPONFORK) == 0);
    CHECK_ERRNO(madvise(p, PAGE, 9999), EINVAL);
    CHECK(is_zero(p, 2 * PAGE) && munmap(p, 8 * PAGE) == 0);
    int fd = make_file("dontneed", 2 * PAGE, 9);
    p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    memset(p, 0, 2 * PAGE);
    CHECK(madvise(p, 2 * PAGE, MADV_DONTNEED) == 0 && is_pattern(p, 2 * PAGE, 9));
    CHECK(madvise(p, 2 * PAGE, MADV_WILLNEED) == 0 && madvise(p, PAGE, MADV_SEQUENTIAL) == 0);
    CHECK(madvise(p, PAGE, MADV_DONTFORK) == 0 && madvise(p, PAGE, MADV_DOFORK) == 0);
    CHECK_ERRNO(madvise(p, PAGE, MADV_WIPEONFORK), EINVAL);
    CHECK(msync(p, PAGE, MS_SYNC) == 0);
    CHECK_ERRNO(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    printf("advice: ok\n");
}

static void protection(void)
{
    char *p = map_pages(6, RW);
    CHECK(mprotect(p + 2 * PAGE, PAGE, PROT_NONE) == 0);
    int fd = open("/dev/zero", O_RDONLY);
    CHECK(fd >= 0);
    CHECK_ERRNO(read(fd, p + 2 * PAGE, 10), EFAULT);
    CHECK(read(fd, p, 10) == 10);
    CHECK(mprotect(p + 2 * PAGE, PAGE, PROT_READ) == 0);
    CHECK_ERRNO(read(fd, p + 2 * PAGE, 10), EFAULT);
    CHECK_ERRNO(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
    CHECK(munmap(p + 4 * PAGE, PAGE) == 0);
    CHECK_ERRNO(mprotect(p, 6 * PAGE, PROT_READ), ENOMEM);
    CHECK_ERRNO(munmap(p + 1, PAGE), EINVAL);
    CHECK_ERRNO(munmap(p, 0), EINVAL);
    CHECK(munmap((char *)0x10000, PAGE) == 0); /* nothing there: fine */
    CHECK(munmap(p, 6 * PAGE) == 0);
    printf("protection: ok\n");
}

int main(void)
{
    fixed();
    file_rules();
    brk_moves();
    advice();
    protection();
    return 0;
}
