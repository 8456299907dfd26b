/*
 * directory - a directory of 3000 entries read in small and large pieces, with seeks,
 * while entries go away; the names are hashed without order.
 */
#include "check.h"

#include <dirent.h>

struct entry {
    uint64_t ino;
    int64_t off;
    uint16_t len;
    uint8_t type;
    char name[];
};

static unsigned read_all(int fd, size_t piece, uint64_t *sum)
{
    char buf[65536];
    unsigned count = 0;
    long n;
    *sum = 0;
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    while ((n = RAW3(SYS_getdents64, fd, buf, piece)) > 0)
        for (long at = 0; at < n;) {
            struct entry *e = (void *)(buf + at);
            CHECK(e->len >= 24 && e->len % 8 == 0);
            *sum += mix(MIX_START, e->name, strlen(e->name));
            count++;
            at += e->len;
        }
    CHECK(n == 0);
    return count;
}

int main(void)
{
    char name[64];
    uint64_t a, b;
    CHECK(mkdir("many", 0755) == 0);
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "many/%d-%0*d", i, i % 40, i);
        int fd = open(name, O_CREAT | O_WRONLY, 0644);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    int fd = open("many", O_RDONLY | O_DIRECTORY);
    CHECK(read_all(fd, 65536, &a) == 3002 && read_all(fd, 300, &b) == 3002 && a == b);
    CHECK(RAW3(SYS_getdents64, fd, name, 10) <= 0);
    printf("3002 entries, %016llx\n", (unsigned long long)a);
    DIR *d = opendir("many");
    int removed = 0;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') {
            CHECK(unlinkat(dirfd(d), e->d_name, 0) == 0);
            removed++;
        }
    CHECK(removed == 3000 && closedir(d) == 0 && rmdir("many") == 0);
    CHECK_ERRNO(unlinkat(fd, "x", 0), ENOENT);
    printf("removed\n");
    return 0;
}
