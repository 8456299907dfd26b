/*
 * vsyscall - the legacy calls at fixed addresses (gettimeofday, time, getcpu): where the
 * kernel has them they are one more way to the world, and a replay must give the same.
 * run: --random
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

static sigjmp_buf out;
static void on_fault(int sig)
{
    siglongjmp(out, sig);
}

int main(void)
{
    int (*get_time)(struct timeval *, void *) = (void *)0xffffffffff600000ul;
    time_t (*seconds)(time_t *) = (void *)0xffffffffff600400ul;
    signal(SIGSEGV, on_fault);
    if (sigsetjmp(out, 1)) {
        printf("no such calls here\n");
        return 0;
    }
    for (int i = 0; i < 100; i++) {
        struct timeval tv;
        CHECK(get_time(&tv, NULL) == 0 && tv.tv_sec > 1500000000);
        time_t t = seconds(NULL);
        CHECK(t >= tv.tv_sec && t <= tv.tv_sec + 5);
        printf("%ld.%06ld\n", tv.tv_sec, tv.tv_usec);
    }
    return 0;
}
