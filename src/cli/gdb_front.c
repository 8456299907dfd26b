/*
 * gdb_front.c - replay --gdb.
 *
 * This process becomes gdb, so that job control, ^C and the exit status are as if the user had
 * started gdb himself. The trace is served by a child in a session of its own, which no key of
 * the terminal reaches; it ends with gdb.
 */
#include "gdb_front.h"
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN_ARGUMENTS 16

/* ------------------------------------------------------------------ the server */
static void tell_port(void *ctx, unsigned port, const char *name)
{
    int *fd = ctx;
    (void)name;
    dprintf(*fd, "%u\n", port);
    close(*fd);
}

static void serve(const struct debugging *g, int fd, pid_t parent)
{
    struct debugging served = *g;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (null >= 0)
        dup2(null, STDIN_FILENO); /* the terminal's input is gdb's */
    if (getppid() != parent)
        _exit(CLI_OK);
    served.ready = tell_port;
    served.ctx = &fd;
    int code = debugging_run(&served);
    fflush(NULL);
    _exit(code);
}

/* The port, or 0: the server has ended, *code is its exit code. */
static unsigned start_server(const struct debugging *g, int *code)
{
    int ends[2], status;
    unsigned port = 0;
    char text[16] = "";
    pid_t self = getpid();
    *code = CLI_FAILED;
    if (pipe2(ends, O_CLOEXEC)) {
        cli_say("replay: cannot make a pipe: %s", strerror(errno));
        return 0;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        cli_say("replay: cannot make a process: %s", strerror(errno));
    if (!pid) {
        close(ends[0]);
        serve(g, ends[1], self);
    }
    close(ends[1]);
    if (pid > 0 && read(ends[0], text, sizeof(text) - 1) > 0)
        port = (unsigned)strtoul(text, NULL, 10);
    close(ends[0]);
    if (!port && pid > 0 && waitpid(pid, &status, 0) == pid)
        *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return port;
}

/* ------------------------------------------------------------------------- gdb */
/* ../share/rr-like/rr-like.py, as seen from this program: so it is installed and built. */
static int find_commands(char *path, size_t cap)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n <= 0)
        return -1;
    self[n] = 0;
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(self, '/');
        if (!slash)
            return -1;
        *slash = 0;
    }
    int len = snprintf(path, cap, "%s/share/rr-like/rr-like.py", self);
    return len < 0 || (size_t)len >= cap || access(path, R_OK) ? -1 : 0;
}

struct words {
    char **word;
    int count;
};

static void add(struct words *w, const char *option, const char *value)
{
    w->word[w->count++] = (char *)(uintptr_t)option; /* execvp does not write */
    if (value)
        w->word[w->count++] = (char *)(uintptr_t)value;
}

/* The target must be there before anybody's commands, and ours before those of the user. */
static void fill(struct words *w, const struct gdb_front *f, const char *gdb, const char *attach,
                 const char *commands)
{
    add(w, gdb, "-q");
    add(w, "-iex", "set sysroot target:");
    if (commands)
        add(w, "-x", commands);
    add(w, "-ex", attach);
    for (int i = 0; i < f->script_count; i++)
        add(w, "-x", f->scripts[i]);
    for (int i = 0; i < f->argument_count; i++)
        add(w, f->arguments[i], NULL);
    w->word[w->count] = NULL;
}

static int become_gdb(const struct gdb_front *f, unsigned port)
{
    char attach[64], commands[PATH_MAX];
    const char *gdb = getenv("RR_LIKE_GDB");
    size_t room = OWN_ARGUMENTS + 2u * (size_t)f->script_count + (size_t)f->argument_count;
    struct words w = {calloc(room, sizeof(char *)), 0};
    int found = !find_commands(commands, sizeof(commands));
    if (!w.word) {
        cli_say("replay: %s", strerror(ENOMEM));
        return CLI_FAILED;
    }
    if (!found)
        cli_say("replay: share/rr-like/rr-like.py is not there: its commands are missing in gdb; "
                "`monitor help` lists others");
    snprintf(attach, sizeof(attach), "target extended-remote 127.0.0.1:%u", port);
    fill(&w, f, gdb && *gdb ? gdb : "gdb", attach, found ? commands : NULL);
    execvp(w.word[0], w.word);
    cli_say("replay: cannot start %s: %s; install gdb, or attach another debugger to what "
            "`rr-like replay` without --gdb serves",
            w.word[0], strerror(errno));
    free(w.word);
    return CLI_FAILED;
}

int gdb_front_run(const struct gdb_front *f, const struct debugging *g)
{
    int code;
    unsigned port = start_server(g, &code);
    return port ? become_gdb(f, port) : code;
}
