/*
 * big_output - 20 MB to stdout and some to stderr, in writes of all sizes, through
 * write, writev, stdio and sendfile.
 */
#include "check.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

static char buf[1 << 20];

static void all(const void *data, size_t n)
{
    while (n) {
        ssize_t done = write(1, data, n);
        CHECK(done > 0);
        data = (const char *)data + done;
        n -= done;
    }
}

int main(void)
{
    fill_pattern(buf, sizeof(buf), 1);
    for (int i = 0; i < 10; i++)
        all(buf, sizeof(buf) - i);
    for (size_t n = 1; n < 3000; n++)
        all(buf + n, n);
    for (int i = 0; i < 500; i++) {
        struct iovec v[4] = {{buf, 100}, {buf + i, i}, {NULL, 0}, {buf + 5000, 7000}};
        CHECK(writev(1, v, 4) == 7100 + i);
        if (i % 50 == 0)
            fprintf(stderr, "%d done\n", i);
    }
    for (int i = 0; i < 20000; i++)
        printf("line %d\n", i);
    fflush(stdout);
    int fd = make_file("file", 500000, 2);
    off_t at = 0;
    while (at < 500000)
        CHECK(sendfile(1, fd, &at, 500000 - at) > 0);
    return 0;
}
