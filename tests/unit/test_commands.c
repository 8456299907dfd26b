/* test_commands.c - exit codes and messages of the command line, run in a child. */
#include "cli/cli.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/rrl-commands-XXXXXX";
static char out[8192], err[8192];

static void setup(void)
{
    cr_assert_not_null(mkdtemp(dir));
    cr_assert_eq(chdir(dir), 0);
    setenv("RR_LIKE_TRACE_DIR", dir, 1);
}

static void teardown(void)
{
    char command[256];
    snprintf(command, sizeof(command), "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
}

TestSuite(commands, .init = setup, .fini = teardown, .timeout = 30);

static void slurp(const char *file, char *text, size_t cap)
{
    int fd = open(file, O_RDONLY);
    ssize_t n = read(fd, text, cap - 1);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
}

/* Runs cli_main with the words of `line`; the exit code. */
static int run(const char *line)
{
    static char words[512];
    char *argv[32];
    int argc = 0, status;
    snprintf(words, sizeof(words), "%s", line);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    argv[argc] = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
        dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
        int code = cli_main(argc, argv);
        fflush(stdout);
        _exit(code);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    slurp("out", out, sizeof(out));
    slurp("err", err, sizeof(err));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void expect(const char *line, int code, const char *word)
{
    int got = run(line);
    cr_expect_eq(got, code, "%s: %d\n%s", line, got, err);
    cr_expect_not_null(strstr(err, word), "%s: %s", line, err);
    for (const char *p = err; *p; p = strchr(p, '\n') + 1)
        cr_assert_eq(strncmp(p, "rr-like: ", 9), 0, "%s: %s", line, err);
}

Test(commands, help_and_version)
{
    static const char *const helps[] = {"rr-like --help", "rr-like help", "rr-like -h"};
    static const char *const names[] = {"record", "replay", "trace", "info", "dump"};
    char line[64];
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(run(helps[i]), 0);
        cr_expect_not_null(strstr(out, "usage: rr-like"));
    }
    for (int i = 0; i < 5; i++) {
        snprintf(line, sizeof(line), "rr-like %s --help", names[i]);
        cr_expect_eq(run(line), 0);
        cr_expect_not_null(strstr(out, names[i]));
        cr_expect_str_eq(err, "");
        snprintf(line, sizeof(line), "rr-like help %s", names[i]);
        cr_expect_eq(run(line), 0);
        cr_expect_not_null(strstr(out, "usage:"));
    }
    cr_expect_eq(run("rr-like --version"), 0);
    cr_expect_eq(strncmp(out, "rr-like ", 8), 0);
}

Test(commands, wrong_use)
{
    expect("rr-like", 64, "no command");
    expect("rr-like nonsense", 64, "`nonsense`");
    expect("rr-like help nonsense", 64, "`nonsense`");
    expect("rr-like replay --nonsense", 64, "--nonsense");
    expect("rr-like replay a b", 64, "`b`");
    expect("rr-like replay --vcpu=x -a", 64, "`x`");
    expect("rr-like replay nothing", 66, "nothing");
    expect("replay nothing", 66, "nothing");
    expect("/usr/bin/replay nothing", 66, "nothing");
    expect("rr-like dump --events=9-5", 64, "`9-5`");
    expect("rr-like info --nonsense", 64, "--nonsense");
    expect("rr-like trace", 64, "no program");
}

Test(commands, record_refuses)
{
    expect("rr-like record", 125, "no program");
    expect("rr-like record --cpu=z80 true", 125, "`z80`");
    expect("rr-like record --max-size=much true", 125, "`much`");
    expect("rr-like record --vcpu=fast true", 125, "`fast`");
    expect("rr-like record -o", 125, "-o");
    expect("rr-like record -o /nonexistent/x true", 125, "/nonexistent/x");
    expect("rr-like record ./nonexistent", 127, "./nonexistent");
    expect("rr-like record nonexistent-tool", 127, "PATH");
    expect("rr-like record /", 126, "directory");
    expect("rr-like record ./err", 126, "permission");
    cr_expect_neq(access("err.1.trace.zst", F_OK), 0, "nothing is left behind");
}

Test(commands, files_that_are_no_traces)
{
    expect("rr-like replay -a ./nonexistent", 66, "./nonexistent");
    expect("rr-like replay -a", 66, "record one first");
    expect("rr-like replay -a /bin/true", 65, "/bin/true");
    expect("rr-like info /bin/true", 65, "/bin/true");
    expect("rr-like dump /dev/null", 65, "regular");
    expect("rr-like dump .", 65, "regular");
}
