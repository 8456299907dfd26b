/*
 * tasks - fork, vfork, posix_spawn, threads and wait: either they work or they fail in
 * a way that a program can handle; both are accepted, a hang or a crash is not.
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
    err = pthread_create(&t, NULL, thread, &shared);
    CHECK(err == 0 || err == EAGAIN || err == ENOSYS);
    if (err == 0) {
        void *result;
        CHECK(pthread_join(t, &result) == 0 && result == &shared && shared == 5);
    }
    printf("thread: %s\n", err ? strerrorname_np(err) : "joined");
    CHECK_ERRNO(waitpid(-1, NULL, WNOHANG), ECHILD);
    return 0;
}
