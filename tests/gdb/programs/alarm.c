/* alarm.c - a line that goes round millions of times, with a signal in the midst of it. */
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile int rings;

static void ring(int signo)
{
    rings++;
}

int main(void)
{
    long result, pid = getpid();
    signal(SIGALRM, ring);
    /* One line, and kill() without leaving it. */
    /* clang-format off */
    for (long i = 0; i < 4000000; i++) if (i == 3000000) __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_kill), "D"(pid), "S"(SIGALRM) : "rcx", "r11", "memory");
    /* clang-format on */
    printf("%d rings\n", rings);
    return 0;
}
