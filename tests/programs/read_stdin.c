/*
 * read_stdin - counts and hashes what a pipe brings, in whatever pieces it comes; the
 * number of pieces differs from run to run.
 * run: --pipe 'for i in 1 2 3 4 5 6 7 8; do seq $i 20000; sleep 0.01; done' --filter 's/in [0-9]+
 * pieces//'
 */
#include "check.h"

#include <poll.h>

int main(void)
{
    static char buf[30000];
    uint64_t h = MIX_START;
    unsigned long total = 0, pieces = 0;
    struct pollfd f = {0, POLLIN, 0};
    for (;;) {
        CHECK(poll(&f, 1, -1) == 1);
        ssize_t n = read(0, buf, sizeof(buf));
        CHECK(n >= 0);
        if (n == 0)
            break;
        h = mix(h, buf, n);
        total += n;
        pieces++;
    }
    printf("%lu bytes in %lu pieces %016llx\n", total, pieces, (unsigned long long)h);
    return 0;
}
