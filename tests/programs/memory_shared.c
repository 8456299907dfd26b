/*
 * memory_shared - one file mapped shared and private at once, written through memory,
 * write(2), pwrite, truncate; every view must show what Linux shows. SIGBUS beyond the
 * end, which a later ftruncate heals.
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>

#define RW (PROT_READ | PROT_WRITE)
static sigjmp_buf out;
static void on_fault(int sig)
{
    siglongjmp(out, sig);
}

static int touch(char *p)
{
    int sig = sigsetjmp(out, 1);
    if (sig == 0)
        (void)*(volatile char *)p;
    return sig;
}

static void views(void)
{
    int fd = make_file("file", 4 * PAGE, 1);
    char *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
    char *r = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    char *v = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    char back[64];
    CHECK(s != MAP_FAILED && r != MAP_FAILED && v != MAP_FAILED);
    memset(s + 10, 'S', 20);
    CHECK(memcmp(r + 10, s + 10, 20) == 0 && v[10] == 'S');
    CHECK(pread(fd, back, 20, 10) == 20 && back[19] == 'S');
    CHECK(pwrite(fd, "by write", 8, PAGE + 5) == 8);
    CHECK(memcmp(s + PAGE + 5, "by write", 8) == 0 && memcmp(v + PAGE + 5, "by write", 8) == 0);
    v[PAGE + 5] = 'P'; /* this page is private from here on */
    CHECK(s[PAGE + 5] == 'b' && pwrite(fd, "again", 5, PAGE + 5) == 5);
    CHECK(v[PAGE + 5] == 'P' && v[PAGE + 6] == 'y' && s[PAGE + 6] == 'g');
    CHECK(write(fd, "appended", 8) == 8);
    int other = open("file", O_RDWR);
    CHECK(other >= 0 && pwrite(other, "other fd", 8, 2 * PAGE) == 8);
    CHECK(memcmp(r + 2 * PAGE, "other fd", 8) == 0);
    CHECK(read(other, s + 3 * PAGE, 16) == 16 && memcmp(r + 3 * PAGE, r, 16) == 0);
    CHECK(write(other, v + PAGE, 64) == 64);
    CHECK(msync(s, 4 * PAGE, MS_SYNC) == 0);
    uint64_t h = mix(mix(mix(MIX_START, s, 4 * PAGE), r, 4 * PAGE), v, 4 * PAGE);
    printf("views %016llx\n", (unsigned long long)h);
}

static void beyond_the_end(void)
{
    int fd = make_file("short", PAGE + 10, 2);
    char *p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    CHECK(touch(p + PAGE + 9) == 0 && touch(p + 2 * PAGE - 1) == 0 &&
          touch(p + 2 * PAGE) == SIGBUS);
    CHECK_ERRNO(pwrite(fd, p + 3 * PAGE, 10, 0), EFAULT);
    CHECK(ftruncate(fd, 3 * PAGE) == 0);
    CHECK(touch(p + 2 * PAGE) == 0 && p[2 * PAGE] == 0 && touch(p + 3 * PAGE) == SIGBUS);
    p[2 * PAGE + 1] = 'x';
    CHECK(ftruncate(fd, 100) == 0 && touch(p + PAGE) == SIGBUS && p[99] == (char)pattern_at(2, 99));
    CHECK(ftruncate(fd, 3 * PAGE) == 0 && p[2 * PAGE + 1] == 0 && p[100] == 0);
    printf("end of file: ok\n");
}

static void anonymous_shared(void)
{
    char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    fill_pattern(p, 2 * PAGE, 3);
    CHECK(madvise(p, 2 * PAGE, MADV_DONTNEED) == 0 && is_pattern(p, 2 * PAGE, 3));
    int fd = memfd_create("m", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, p, 2 * PAGE) == 2 * (ssize_t)PAGE);
    char *m = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    CHECK(m != MAP_FAILED && is_pattern(m, 2 * PAGE, 3));
    m[PAGE] = 'm';
    char c;
    CHECK(pread(fd, &c, 1, PAGE) == 1 && c == 'm');
    printf("anonymous and memfd: ok\n");
}

/* The same, many times at random, against a plain array. */
static void random_writes(void)
{
    static char copy[8 * PAGE];
    int fd = make_file("random", sizeof(copy), 5);
    fill_pattern(copy, sizeof(copy), 5);
    char *s = mmap(NULL, sizeof(copy), RW, MAP_SHARED, fd, 0);
    char *v = mmap(NULL, sizeof(copy), PROT_READ, MAP_PRIVATE, fd, 0);
    uint32_t r = 1;
    for (int i = 0; i < 3000; i++) {
        r = r * 1103515245 + 12345;
        size_t at = (r >> 4) % (sizeof(copy) - 100), n = 1 + (r >> 20) % 100;
        memset(copy + at, i, n);
        if (i % 3 == 0)
            CHECK(pwrite(fd, copy + at, n, at) == (ssize_t)n);
        else if (i % 3 == 1)
            memset(s + at, i, n);
        else
            CHECK(pread(fd, s + at, 0, at) == 0 && (memcpy(s + at, copy + at, n), 1));
        CHECK(memcmp(v + at, copy + at, n) == 0);
    }
    CHECK(memcmp(s, copy, sizeof(copy)) == 0 && memcmp(v, copy, sizeof(copy)) == 0);
    printf("random writes: %016llx\n", (unsigned long long)mix(MIX_START, s, sizeof(copy)));
}

int main(void)
{
    signal(SIGBUS, on_fault);
    views();
    beyond_the_end();
    anonymous_shared();
    random_writes();
    return 0;
}
