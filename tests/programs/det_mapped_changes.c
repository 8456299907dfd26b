/*
 * det_mapped_changes - a mapped file changes by the program's own hand, in other ways than
 * through the mapping: each way is an argument, and the mapping must show the change in
 * the replay as it did before.
 * run: -- write append truncate-grow pread-into unlink rename other-name copy-file-range splice punch allocate truncate-path open-truncate
 */
#include "check.h"

#define SIZE (4 * PAGE)
#define RW (PROT_READ | PROT_WRITE)

static int fd, other; /* the mapped file; another of the same size */
static char *view;

static void way_write(void)
{
    int again = open("file", O_RDWR);
    CHECK(again >= 0 && write(again, "by write", 8) == 8);
    CHECK(pwrite(again, "pwrite", 6, PAGE - 3) == 6 && memcmp(view, "by write", 8) == 0);
}

static void way_append(void)
{
    int again = open("file", O_WRONLY | O_APPEND);
    CHECK(again >= 0 && ftruncate(fd, SIZE - 100) == 0 && write(again, "appended", 8) == 8);
    CHECK(memcmp(view + SIZE - 100, "appended", 8) == 0);
}

static void way_truncate_grow(void)
{
    CHECK(ftruncate(fd, PAGE) == 0 && ftruncate(fd, SIZE) == 0 && is_zero(view + PAGE, 3 * PAGE));
}

static void way_pread_into(void)
{
    CHECK(pread(other, view + 10, 2 * PAGE, 0) == 2 * (ssize_t)PAGE);
}

static void way_unlink(void)
{
    CHECK(unlink("file") == 0);
    int again = make_file("file", SIZE, 9);
    char *p = mmap(NULL, SIZE, RW, MAP_SHARED, again, 0);
    CHECK(p != MAP_FAILED && is_pattern(p, SIZE, 9) && is_pattern(view, SIZE, 1));
    CHECK(pwrite(again, "new", 3, 0) == 3 && memcmp(p, "new", 3) == 0 && munmap(p, SIZE) == 0);
}

static void way_rename(void)
{
    CHECK(rename("other", "file") == 0);
    int again = open("file", O_RDONLY);
    char *p = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, again, 0);
    CHECK(p != MAP_FAILED && is_pattern(p, SIZE, 7) && munmap(p, SIZE) == 0);
}

static void way_other_name(void)
{
    CHECK(link("file", "name") == 0);
    int again = open("name", O_RDWR);
    CHECK(again >= 0 && pwrite(again, "by its other name", 17, 5) == 17);
    CHECK(memcmp(view + 5, "by its other name", 17) == 0);
}

static void way_copy_file_range(void)
{
    loff_t in = 0, at = 0;
    CHECK(copy_file_range(other, &in, fd, &at, PAGE, 0) == PAGE && is_pattern(view, PAGE, 7));
}

static void way_splice(void)
{
    loff_t in = 0, at = 0;
    int p[2];
    CHECK(pipe(p) == 0 && splice(other, &in, p[1], NULL, PAGE, 0) == PAGE);
    CHECK(splice(p[0], NULL, fd, &at, PAGE, 0) == PAGE && is_pattern(view, PAGE, 7));
}

static void way_punch(void)
{
    CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE) == 0);
    CHECK(is_zero(view, PAGE));
}

static void way_allocate(void)
{
    CHECK(ftruncate(fd, PAGE) == 0 && fallocate(fd, 0, 0, SIZE) == 0);
    CHECK(is_zero(view + PAGE, SIZE - PAGE));
}

static void way_truncate_path(void)
{
    CHECK(truncate("file", 100) == 0 && truncate("file", SIZE) == 0);
    CHECK(is_zero(view + 100, SIZE - 100));
}

static void way_open_truncate(void)
{
    int again = open("file", O_RDWR | O_TRUNC);
    CHECK(again >= 0 && ftruncate(again, SIZE) == 0 && is_zero(view, SIZE));
}

static const struct way {
    const char *name;
    void (*change)(void);
} ways[] = {
    {"write", way_write},
    {"append", way_append},
    {"truncate-grow", way_truncate_grow},
    {"pread-into", way_pread_into},
    {"unlink", way_unlink},
    {"rename", way_rename},
    {"other-name", way_other_name},
    {"copy-file-range", way_copy_file_range},
    {"splice", way_splice},
    {"punch", way_punch},
    {"allocate", way_allocate},
    {"truncate-path", way_truncate_path},
    {"open-truncate", way_open_truncate},
};

static void show(const struct way *w)
{
    (void)unlink("file");
    fd = make_file("file", SIZE, 1);
    other = make_file("other", SIZE, 7);
    view = mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0);
    CHECK(view != MAP_FAILED && is_pattern(view, SIZE, 1));
    w->change();
    printf("%s: %016llx\n", w->name, (unsigned long long)mix(MIX_START, view, SIZE));
    CHECK(munmap(view, SIZE) == 0 && close(fd) == 0 && close(other) == 0);
    CHECK(unlink("file") == 0);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        for (size_t k = 0; k < COUNT(ways); k++)
            if (strcmp(argv[i], ways[k].name) == 0)
                show(&ways[k]);
    return 0;
}
