/*
 * exec_self - execve of itself, with other arguments and another environment, many
 * times; what survives (pid, mask, pending signals, cwd, ignored signals) and what does
 * not (handlers, CLOEXEC descriptors, memory).
 */
#include "check.h"

#include <signal.h>

static int marker = 1;

static void on_signal(int sig)
{
}

static void first(char **argv)
{
    CHECK(getpid() == atoi(getenv("EXPECT_PID")) && getenv("HOME") == NULL);
    CHECK(marker == 1);
    CHECK(strcmp(argv[0], "renamed") == 0);
    struct sigaction sa;
    CHECK(sigaction(SIGUSR1, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL);
    CHECK(sigaction(SIGUSR2, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN);
    sigset_t set;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &set) == 0);
    CHECK(sigismember(&set, SIGHUP) && !sigismember(&set, SIGTERM));
    CHECK(sigpending(&set) == 0 && sigismember(&set, SIGHUP));
    CHECK_ERRNO(fcntl(100, F_GETFD), EBADF);
    CHECK(fcntl(101, F_GETFD) == 0);
    char buf[4] = "";
    CHECK(lseek(101, 0, SEEK_CUR) == 2 && read(101, buf, 3) == 3);
    char cwd[200];
    CHECK(getcwd(cwd, sizeof(cwd)) && strcmp(strrchr(cwd, '/'), "/sub") == 0);
    printf("after exec: everything as it should be\n");
    fflush(stdout);
    char *args[] = {argv[0], "count", "20", NULL};
    execve("/proc/self/exe", args, (char *[]){NULL});
    check_failed(__FILE__, __LINE__, "second execve");
}

static void prepare(char *self)
{
    marker = 2;
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGHUP);
    int fd = make_file("data", 100, 5);
    CHECK(dup3(fd, 100, O_CLOEXEC) == 100 && dup2(fd, 101) == 101);
    CHECK(lseek(fd, 2, SEEK_SET) == 2);
    CHECK(mkdir("sub", 0755) == 0 && chdir("sub") == 0);
    char pid[40];
    snprintf(pid, sizeof(pid), "EXPECT_PID=%d", getpid());
    char *args[] = {"renamed", "first", NULL};
    char *env[] = {pid, NULL};
    execve(self, args, env);
    check_failed(__FILE__, __LINE__, "first execve");
}

/* Big arguments and environment: 100 KB each. */
static void big(char *self)
{
    char **args = calloc(1003, sizeof(*args));
    char **env = calloc(1001, sizeof(*env));
    CHECK(args && env);
    args[0] = self;
    args[1] = "big";
    for (int i = 0; i < 1000; i++) {
        CHECK(asprintf(&args[i + 2], "%0100d", i) == 100);
        CHECK(asprintf(&env[i], "V%d=%0100d", i, i) > 100);
    }
    execve(self, args, env);
    check_failed(__FILE__, __LINE__, "execve with big arguments");
}

static void check_big(int argc, char **argv)
{
    CHECK(argc == 1002);
    char want[128];
    for (int i = 0; i < 1000; i++) {
        snprintf(want, sizeof(want), "%0100d", i);
        CHECK(strcmp(argv[i + 2], want) == 0);
        char name[16];
        snprintf(name, sizeof(name), "V%d", i);
        CHECK(getenv(name) && strcmp(getenv(name), want) == 0);
    }
    printf("big arguments and environment: ok\n");
}

int main(int argc, char **argv)
{
    if (argc == 1)
        prepare(argv[0]);
    if (strcmp(argv[1], "first") == 0)
        first(argv);
    if (strcmp(argv[1], "big") == 0) {
        check_big(argc, argv);
        return 9;
    }
    int left = atoi(argv[2]);
    CHECK(strcmp(argv[1], "count") == 0);
    if (left == 0)
        big("/proc/self/exe");
    printf("exec %d\n", left);
    fflush(stdout);
    char number[16];
    snprintf(number, sizeof(number), "%d", left - 1);
    execve("/proc/self/exe", (char *[]){argv[0], "count", number, NULL}, (char *[]){NULL});
    return 1;
}
