/*
 * end - every way to end: exit statuses, death by each signal, output that nobody
 * takes. The way is the argument; one test each.
 */
#include "check.h"

#include <signal.h>
#include <sys/resource.h>

static const char constant[] = "read only";

static void read_only(void)
{
    *(volatile char *)(uintptr_t)constant = 1;
}

static void divide(void)
{
    volatile int zero = 0, ten = 10;
    printf("%d\n", ten / zero);
}

static void bus(void)
{
    int fd = make_file("short", 10, 1);
    volatile char *p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(p[9] == (char)pattern_at(1, 9) && p[10] == 0);
    printf("%d\n", p[PAGE]);
}

static void too_much_cpu(void)
{
    struct rlimit limit = {1, 60};
    CHECK(setrlimit(RLIMIT_CPU, &limit) == 0);
    for (volatile unsigned long i = 0;; i++)
        ;
}

static void broken_pipe(void)
{
    int p[2];
    CHECK(pipe(p) == 0 && close(p[0]) == 0);
    CHECK(write(p[1], "x", 1) == 1);
}

static void closed_stdout(void)
{
    close(1);
    CHECK(printf("lost\n") == 5);
    CHECK(fflush(stdout) == EOF && errno == EBADF);
    int fd = open("new", O_CREAT | O_WRONLY, 0644);
    CHECK(fd == 1 && write(1, "in the file\n", 12) == 12);
    _exit(11);
}

static void full_device(void)
{
    int fd = open("/dev/full", O_WRONLY);
    CHECK(fd >= 0);
    CHECK_ERRNO(write(fd, "x", 1), ENOSPC);
    CHECK(dup2(fd, 1) == 1);
    printf("this does not fit\n");
    CHECK(fflush(stdout) == EOF && errno == ENOSPC);
    _exit(12);
}

static void by_name(const char *way)
{
    static const struct {
        const char *name;
        int sig;
    } signals[] = {{"kill", SIGKILL}, {"term", SIGTERM}, {"trap", SIGTRAP}, {"rt", 40}};
    for (size_t i = 0; i < COUNT(signals); i++)
        if (strcmp(signals[i].name, way) == 0)
            raise(signals[i].sig);
}

static void fault(const char *way)
{
    if (strcmp(way, "segv") == 0)
        *(volatile int *)16 = 1;
    if (strcmp(way, "unhandled-read-only") == 0)
        read_only();
    if (strcmp(way, "fpe") == 0)
        divide();
    if (strcmp(way, "ill") == 0)
        __asm__ volatile("ud2");
    if (strcmp(way, "bus") == 0)
        bus();
    if (strcmp(way, "abort") == 0)
        abort();
    if (strcmp(way, "pipe") == 0)
        broken_pipe();
    if (strcmp(way, "xcpu") == 0)
        too_much_cpu();
}

static void at_end(void)
{
    printf("atexit ran\n");
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    const char *way = argv[1];
    atexit(at_end);
    printf("about to %s\n", way);
    fflush(stdout);
    if (strcmp(way, "return") == 0)
        return 200;
    if (strcmp(way, "exit") == 0)
        exit(255);
    if (strcmp(way, "exit-group") == 0)
        RAW1(SYS_exit_group, 17);
    if (strcmp(way, "exit-256") == 0)
        RAW1(SYS_exit, 256 + 7);
    if (strcmp(way, "closed-stdout") == 0)
        closed_stdout();
    if (strcmp(way, "full-device") == 0)
        full_device();
    fault(way);
    by_name(way);
    return 1;
}
