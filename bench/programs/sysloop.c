/* sysloop.c read|clock|getpid COUNT - COUNT calls of one kind and nothing else. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long read_byte(void)
{
    static int fd = -1;
    char byte;
    if (fd < 0)
        fd = open("/dev/zero", O_RDONLY);
    return read(fd, &byte, 1) - 1;
}

/* By the C library, as programs do it: natively that is no kernel entry at all. */
static long get_clock(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_MONOTONIC, &t);
}

static long get_pid(void)
{
    return syscall(SYS_getpid) <= 0;
}

int main(int argc, char **argv)
{
    long (*call)(void) = NULL;
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        call = read_byte;
    else if (argc == 3 && strcmp(argv[1], "clock") == 0)
        call = get_clock;
    else if (argc == 3 && strcmp(argv[1], "getpid") == 0)
        call = get_pid;
    if (!call) {
        fprintf(stderr, "usage: sysloop read|clock|getpid COUNT\n");
        return 64;
    }
    long failed = 0;
    for (long i = atol(argv[2]); i > 0; i--)
        failed |= call();
    return failed != 0;
}
