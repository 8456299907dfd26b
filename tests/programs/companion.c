/*
 * companion - a process that shares the program's memory and descriptors, as LeakSanitizer
 * makes one: its numbers, its end and what wait4 says of it, its own signal actions, and what
 * it sees by ptrace of threads that it holds.
 * build: -pthread
 */
#include "check.h"

#include <dirent.h>
#include <linux/elf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#define SHARED (CLONE_VM | CLONE_FS | CLONE_FILES)
#define STACK (64 * 1024)

static volatile int go, ready, stop, seen, turns;
static volatile pid_t worker_tid, child_pid, child_parent, main_pid;
static volatile long marker;

/* The child has no thread-local storage of its own: system calls without errno. */
static long call(long nr, long a, long b, long c, long d)
{
    return raw6(nr, a, b, c, d, 0, 0);
}

static pid_t start(int (*fn)(void *), int flags, void **stack)
{
    *stack = malloc(STACK);
    pid_t pid = clone(fn, (char *)*stack + STACK, SHARED | flags, NULL);
    CHECK(pid > 0);
    return pid;
}

static int answers(void *arg)
{
    child_pid = (pid_t)call(SYS_getpid, 0, 0, 0, 0);
    child_parent = (pid_t)call(SYS_getppid, 0, 0, 0, 0);
    return 7;
}

static void ending(void)
{
    void *stack;
    int status;
    pid_t pid = start(answers, 0, &stack);
    CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD); /* it does not end with SIGCHLD */
    CHECK(waitpid(pid, &status, __WALL) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK(child_pid == pid && child_parent == getpid() && pid != getpid());
    CHECK_ERRNO(waitpid(pid, &status, __WALL), ECHILD);
    free(stack);
    pid = start(answers, SIGCHLD, &stack);
    while (waitpid(pid, &status, WNOHANG) == 0)
        sched_yield();
    CHECK(WEXITSTATUS(status) == 7);
    CHECK_ERRNO(wait(NULL), ECHILD);
    free(stack);
}

static void on_usr1(int signo)
{
    seen++;
}

/* Its actions are a copy: what it sets is not the parent's. */
static int ignores(void *arg)
{
    struct {
        void *handler;
        unsigned long flags, restorer, mask;
    } act = {(void *)SIG_IGN, 0, 0, 0};
    long r = call(SYS_rt_sigaction, SIGUSR1, (long)&act, 0, 8);
    r |= call(SYS_kill, call(SYS_getpid, 0, 0, 0, 0), SIGUSR1, 0, 0);
    return r ? 1 : call(SYS_kill, main_pid, SIGUSR1, 0, 0) ? 2 : 0;
}

static void actions(void)
{
    void *stack;
    int status;
    signal(SIGUSR1, on_usr1);
    pid_t pid = start(ignores, 0, &stack);
    while (waitpid(pid, &status, __WALL) < 0)
        CHECK(errno == EINTR);
    CHECK(status == 0 && seen == 1);
    free(stack);
}

static void *worker(void *arg)
{
    worker_tid = (pid_t)syscall(SYS_gettid);
    register long r12 __asm__("r12") = 0x1234567;
    ready = 1;
    while (!stop)
        __asm__ volatile("incl %0" : "+m"(turns) : "r"(r12));
    return NULL;
}

static long trace(long request, long pid, long addr, long data)
{
    return call(SYS_ptrace, request, pid, addr, data);
}

/* 0, or the number of the line that something is wrong in. */
#define EXPECT(cond) \
    do { \
        if (!(cond)) \
            return __LINE__ & 0xff; \
    } while (0)

static int holds(void *arg)
{
    struct user_regs_struct regs, again;
    struct iovec iov = {&again, sizeof again};
    int status = 0, before;
    long word = 0;
    while (!go)
        call(SYS_sched_yield, 0, 0, 0, 0);
    EXPECT(trace(PTRACE_GETREGS, worker_tid, 0, (long)&regs) == -ESRCH);
    EXPECT(trace(PTRACE_ATTACH, worker_tid, 0, 0) == 0);
    EXPECT(call(SYS_wait4, worker_tid, (long)&status, __WALL, 0) == worker_tid);
    EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    EXPECT(trace(PTRACE_ATTACH, worker_tid, 0, 0) == -EPERM);
    EXPECT(trace(PTRACE_GETREGS, worker_tid, 0, (long)&regs) == 0 && regs.r12 == 0x1234567);
    EXPECT(trace(PTRACE_GETREGSET, worker_tid, NT_PRSTATUS, (long)&iov) == 0);
    EXPECT(iov.iov_len == sizeof regs && memcmp(&regs, &again, sizeof regs) == 0);
    EXPECT(trace(PTRACE_PEEKDATA, worker_tid, (long)&marker, (long)&word) == 0 && word == 99);
    before = turns;
    for (int i = 0; i < 1000; i++)
        call(SYS_sched_yield, 0, 0, 0, 0);
    EXPECT(before == turns);
    EXPECT(trace(PTRACE_DETACH, worker_tid, 0, 0) == 0);
    while (before == turns)
        call(SYS_sched_yield, 0, 0, 0, 0);
    EXPECT(trace(PTRACE_DETACH, worker_tid, 0, 0) == -ESRCH);
    return 0;
}

static void tracing(void)
{
    pthread_t t;
    void *stack;
    int status, threads = 0;
    marker = 99;
    CHECK(pthread_create(&t, NULL, worker, NULL) == 0);
    while (!ready)
        sched_yield();
    pid_t pid = start(holds, 0, &stack);
    prctl(PR_SET_PTRACER, pid, 0, 0, 0);
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; (e = readdir(d));)
        threads += e->d_name[0] != '.';
    CHECK(closedir(d) == 0 && threads == 2); /* the companion is none of them */
    go = 1;
    CHECK(waitpid(pid, &status, __WALL) == pid);
    if (WIFEXITED(status) && WEXITSTATUS(status)) {
        printf("the tracer failed in line %d (modulo 256)\n", WEXITSTATUS(status));
        exit(1);
    }
    CHECK(status == 0);
    stop = 1;
    CHECK(pthread_join(t, NULL) == 0);
    free(stack);
}

int main(void)
{
    main_pid = getpid();
    ending();
    actions();
    tracing();
    printf("done\n");
    return 0;
}
