/*
 * sanitized - a program under AddressSanitizer: its shadow takes terabytes at a fixed
 * place; it must start, work, and report an overflow.
 * build: -fsanitize=address -fno-omit-frame-pointer
 * run: --filter 's/==[0-9]+==//; /0x[0-9a-f]{6}/d; /BuildId/d'
 */
#include "check.h"

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:symbolize=0:exitcode=66";
}

int main(void)
{
    for (int i = 1; i < 2000; i++) {
        char *p = malloc(i);
        fill_pattern(p, i, i);
        CHECK(is_pattern(p, i, i));
        free(p);
    }
    printf("works\n");
    fflush(stdout);
    char *volatile p = malloc(100);
    p[100] = 1;
    return 0;
}
