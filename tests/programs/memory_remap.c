/*
 * memory_remap - mremap: grow in place, grow by moving, shrink, to a fixed place, of
 * shared and file mappings, and its errors; contents checked each time.
 */
#include "check.h"

#define RW (PROT_READ | PROT_WRITE)

static void grow_and_shrink(void)
{
    char *p = map_pages(2, RW);
    size_t pages = 2;
    fill_pattern(p, 2 * PAGE, 1);
    for (int i = 0; i < 8; i++) {
        p = mremap(p, pages * PAGE, pages * 2 * PAGE, MREMAP_MAYMOVE);
        CHECK(p != MAP_FAILED && is_pattern(p, pages * PAGE, 1));
        CHECK(is_zero(p + pages * PAGE, pages * PAGE));
        pages *= 2;
        fill_pattern(p, pages * PAGE, 1);
    }
    char *q = mremap(p, pages * PAGE, 3 * PAGE, 0);
    CHECK(q == p && is_pattern(p, 3 * PAGE, 1));
    unsigned char vec;
    CHECK_ERRNO(mincore(p + 3 * PAGE, PAGE, &vec), ENOMEM);
    CHECK(mremap(p, 3 * PAGE, 9 * PAGE, 0) == p && is_pattern(p, 3 * PAGE, 1)); /* room is there */
    CHECK(munmap(p, 9 * PAGE) == 0);
    printf("grow and shrink: ok\n");
}

static void no_room(void)
{
    char *p = map_pages(4, RW);
    CHECK(mmap(p + 2 * PAGE, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
          MAP_FAILED);
    CHECK_ERRNO(mremap(p, 2 * PAGE, 3 * PAGE, 0), ENOMEM);
    fill_pattern(p, 2 * PAGE, 2);
    char *q = mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q != p && is_pattern(q, 2 * PAGE, 2));
    CHECK_ERRNO(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK_ERRNO(mremap(q + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EINVAL);
    CHECK_ERRNO(mremap(q, PAGE, 0, MREMAP_MAYMOVE), EINVAL);
    CHECK_ERRNO(mremap(q, PAGE, PAGE, 64), EINVAL);
    printf("no room: ok\n");
}

static void to_fixed(void)
{
    char *area = map_pages(16, RW), *p = map_pages(3, RW);
    fill_pattern(p, 3 * PAGE, 3);
    memset(area, 'x', 16 * PAGE);
    CHECK(mremap(p, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 5 * PAGE) ==
          area + 5 * PAGE);
    CHECK(is_pattern(area + 5 * PAGE, 3 * PAGE, 3) && is_zero(area + 8 * PAGE, PAGE));
    CHECK(area[5 * PAGE - 1] == 'x' && area[9 * PAGE] == 'x');
    CHECK_ERRNO(mremap(area, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + PAGE),
                EINVAL);
    CHECK_ERRNO(mremap(area, PAGE, PAGE, MREMAP_FIXED, area + PAGE), EINVAL);
    printf("fixed place: ok\n");
}

static void of_files(void)
{
    int fd = make_file("data", 8 * PAGE, 4);
    char *p = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, PAGE);
    CHECK(p != MAP_FAILED);
    p = mremap(p, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
    CHECK(p != MAP_FAILED);
    char back[5 * PAGE];
    CHECK(pread(fd, back, sizeof(back), PAGE) == sizeof(back) &&
          memcmp(back, p, sizeof(back)) == 0);
    memset(p + 4 * PAGE, 'm', 100);
    CHECK(pread(fd, back, 100, 5 * PAGE) == 100 && back[99] == 'm');
    char *twin = mremap(p, 0, 5 * PAGE, MREMAP_MAYMOVE); /* a second view of a shared mapping */
    CHECK(twin != MAP_FAILED && twin != p && memcmp(twin, p, 5 * PAGE) == 0);
    twin[7] = 'T';
    CHECK(p[7] == 'T');
    char *anon = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fill_pattern(anon, 2 * PAGE, 6);
    anon = mremap(anon, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, map_pages(2, RW));
    CHECK(anon != MAP_FAILED && is_pattern(anon, 2 * PAGE, 6));
    printf("files and shared: ok\n");
}

int main(void)
{
    grow_and_shrink();
    no_room();
    to_fixed();
    of_files();
    return 0;
}
