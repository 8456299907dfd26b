/*
 * det_refused_memory - the host refuses memory: under RLIMIT_AS mmap, mremap, brk and a file
 * mapping fail with ENOMEM, a huge page mapping may fail for want of huge pages. The
 * replay runs where the limit is another, and must see the same refusals.
 * run: --filter 's/^huge .+/huge/'
 */
#include "check.h"

#include <sys/resource.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define GIB (1ul << 30)

static void *map(size_t len, int flags, int fd)
{
    return mmap(NULL, len, RW, flags, fd, 0);
}

static void refused(char *page)
{
    int fd = make_file("file", PAGE, 1);
    CHECK(ftruncate(fd, 8 * (off_t)GIB) == 0);
    CHECK_ERRNO(map(8 * GIB, ANON, -1), ENOMEM);
    CHECK_ERRNO(map(8 * GIB, MAP_SHARED, fd), ENOMEM);
    CHECK_ERRNO(mremap(page, PAGE, 8 * GIB, MREMAP_MAYMOVE), ENOMEM);
    CHECK_ERRNO(sbrk(8 * GIB), ENOMEM);
    CHECK(is_pattern(page, PAGE, 4));
    CHECK(unlink("file") == 0 && close(fd) == 0);
    printf("refused\n");
}

static void huge(void)
{
    char *p = map(2u << 20, ANON | MAP_HUGETLB | (21 << 26), -1);
    printf("huge %s\n", p == MAP_FAILED ? strerrorname_np(errno) : "there");
    if (p != MAP_FAILED)
        memset(p, 1, 2u << 20);
}

int main(void)
{
    struct rlimit limit, small = {6 * GIB, 0};
    char *page = map_pages(1, RW);
    fill_pattern(page, PAGE, 4);
    CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
    small.rlim_max = limit.rlim_max;
    if (limit.rlim_cur != RLIM_INFINITY)
        SKIP("the address space is limited already");
    CHECK(setrlimit(RLIMIT_AS, &small) == 0);
    refused(page);
    huge();
    char *more = map_pages(100, RW);
    fill_pattern(more, 100 * PAGE, 9);
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    char *big = map(8 * GIB, ANON | MAP_NORESERVE, -1);
    CHECK(big != MAP_FAILED);
    big[7 * GIB] = 1;
    CHECK(is_pattern(more, 100 * PAGE, 9));
    printf("granted\n");
    return 0;
}
