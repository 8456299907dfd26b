/*
 * odd_syscalls - unknown numbers, both ways of asking (libc and raw), negative and huge
 * numbers, upper register halves, calls that new kernels have and old ones have not.
 * run: --filter 's/^(new call [a-z0-9_]+|int 0x80): .+/\1/'
 */
#include "check.h"

#include <signal.h>
#include <setjmp.h>

static sigjmp_buf out;
static void on_fault(int sig)
{
    siglongjmp(out, sig);
}

/* The 32-bit entry: getpid there is 20. It works, gives ENOSYS or a SIGSEGV. */
static void int80(void)
{
    signal(SIGSEGV, on_fault);
    int sig = sigsetjmp(out, 1);
    if (sig) {
        printf("int 0x80: signal %d\n", sig);
        return;
    }
    long ret, r8 = 0x1234567812345678;
    register long kept __asm__("r12") = r8;
    __asm__ volatile("int $0x80"
                     : "=a"(ret), "+r"(kept)
                     : "0"(20)
                     : "r8", "r9", "r10", "r11", "memory");
    CHECK(kept == r8);
    CHECK(ret == getpid() || ret == -ENOSYS);
    printf("int 0x80: %s\n", ret < 0 ? "ENOSYS" : "pid");
}

static void new_call(const char *name, long nr, long a, long b)
{
    long ret = raw6(nr, a, b, 0, 0, 0, 0);
    CHECK(ret < 0 && ret > -4096);
    printf("new call %s: %ld\n", name, ret);
}

int main(void)
{
    static const long unknown[] = {600, 9999, 0x7fffffff, -2, -100, 500000, 350, 400};
    for (size_t i = 0; i < COUNT(unknown); i++) {
        CHECK(RAW0(unknown[i]) == -ENOSYS);
        CHECK_ERRNO(syscall(unknown[i], 1, 2, 3), ENOSYS);
    }
    /* Bits 32 to 63 of rax: the kernel looks at 32 bits only (since 5.x) or refuses. */
    long ret = RAW0(0x100000000 | SYS_getpid);
    CHECK(ret == getpid() || ret == -ENOSYS);
    /* int arguments: upper halves are ignored. */
    CHECK(RAW1(SYS_close, 0x1ffffffffl) == -EBADF);
    CHECK(raw6(SYS_fcntl, 0x700000001l, F_GETFD, 0, 0, 0, 0) == 0);
    CHECK(RAW2(SYS_dup2, 0x500000001l, 0x900000021l) == 33);
    printf("unknown numbers: ENOSYS\n");
    new_call("io_uring_setup", 425, 0, 0);
    new_call("userfaultfd", 323, -1, 0);
    new_call("bpf", 321, 9999, 0);
    new_call("perf_event_open", 298, 0, 0);
    new_call("ptrace", 101, 12345, 1);
    new_call("kexec_load", 246, 0, -1);
    new_call("landlock_create_ruleset", 444, 1, 1);
    int80();
    return 0;
}
