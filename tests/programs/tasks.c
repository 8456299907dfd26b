/*
 * tasks - fork, vfork, posix_spawn and wait either work or fail in a way that a program
 * can handle; both are accepted, a hang or a crash is not. A thread must work.
 * build: -pthread
 * run: --filter 's/: .+//'
 */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;
static int shared;

static void *thread(void *arg)
{
    shared = 5;
    return arg;
}

static void report(const char *what, pid_t pid, int want)
{
    int status = 0;
    if (pid < 0) {
        CHECK(errno == ENOSYS || errno == EAGAIN || errno == ENOMEM);
        printf("%s: %s\n", what, strerrorname_np(errno));
        return;
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == want);
    printf("%s: status %d\n", what, want);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return 23;
    pid_t pid = fork();
    if (pid == 0)
        _exit(21);
    report("fork", pid, 21);
    pid = vfork();
    if (pid == 0)
        _exit(22);
    report("vfork", pid, 22);
    char *args[] = {argv[0], "child", NULL};
    int err = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, args, environ);
    errno = err;
    report("posix_spawn", err ? -1 : pid, 23);
    pthread_t t;
    void *result;
    CHECK(pthread_create(&t, NULL, thread, &shared) == 0);
    CHECK(pthread_join(t, &result) == 0 && result == &shared && shared == 5);
    printf("thread: joined\n");
    CHECK_ERRNO(waitpid(-1, NULL, WNOHANG), ECHILD);
    return 0;
}
