/*
 * check.h - what the guest test programs share: checks, hashes, small conveniences.
 *
 * A test program checks its own results (CHECK prints the place, the condition and
 * errno to stderr, and exits with 1), prints deterministic text to stdout unless its
 * `run:` line says --random, and passes natively before it is recorded.
 *
 * Two lines in a program's first comment steer the build and the run:
 *   build: extra compiler flags          (one line, optional)
 *   run:   options for tests/lib/rrtest  (one line, optional; then `-- args`)
 */
#ifndef RRL_TEST_CHECK_H
#define RRL_TEST_CHECK_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096ul
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline void check_failed(const char *file, int line, const char *what)
{
    int e = errno;
    fflush(stdout);
    fprintf(stderr, "%s:%d: not true: %s (errno %d, %s)\n", file, line, what, e, strerror(e));
    _exit(1);
}
#define CHECK(cond) ((cond) ? (void)0 : check_failed(__FILE__, __LINE__, #cond))

/* The call must fail with exactly this errno. */
#define CHECK_ERRNO(call, want) \
    do { \
        errno = 0; \
        CHECK((long)(call) == -1); \
        CHECK(errno == (want)); \
    } while (0)

/* Exit status by which a program says that this machine cannot run it. */
#define SKIP(reason) \
    do { \
        printf("skipped: %s\n", reason); \
        exit(77); \
    } while (0)

/* Order-sensitive hash of bytes, to be chained: h = mix(h, p, n). */
static inline uint64_t mix(uint64_t h, const void *data, size_t n)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3ull + (h >> 47);
    return h;
}
#define MIX_START 0xcbf29ce484222325ull

/* Fills memory with bytes that depend on seed and place; check_pattern tests for them. */
static inline unsigned char pattern_at(unsigned seed, size_t i)
{
    return (unsigned char)((i * 2654435761u + seed * 40503u) >> 13);
}
static inline void fill_pattern(void *data, size_t n, unsigned seed)
{
    unsigned char *p = data;
    for (size_t i = 0; i < n; i++)
        p[i] = pattern_at(seed, i);
}
static inline int is_pattern(const void *data, size_t n, unsigned seed)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++)
        if (p[i] != pattern_at(seed, i))
            return 0;
    return 1;
}
static inline int is_zero(const void *data, size_t n)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return 0;
    return 1;
}

/* Anonymous private memory, read-write unless said otherwise. */
static inline void *map_pages(size_t pages, int prot)
{
    void *p = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

/* Creates a file in the current directory that holds a pattern. */
static inline int make_file(const char *name, size_t len, unsigned seed)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    CHECK(fd >= 0);
    char *buf = malloc(len ? len : 1);
    CHECK(buf != NULL);
    fill_pattern(buf, len, seed);
    CHECK(write(fd, buf, len) == (ssize_t)len);
    free(buf);
    return fd;
}

/* A raw syscall: result or -errno, untouched by the C library. */
static inline long raw6(long nr, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long ret;
    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}
#define RAW0(nr) raw6(nr, 0, 0, 0, 0, 0, 0)
#define RAW1(nr, a) raw6(nr, (long)(a), 0, 0, 0, 0, 0)
#define RAW2(nr, a, b) raw6(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define RAW3(nr, a, b, c) raw6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)

#endif
