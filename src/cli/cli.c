/* cli.c - which command it is. */
#include "cli.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

static int cmd_help(int argc, char **argv);

static const struct command commands[] = {
    {"record", cmd_record, "run a program and leave a trace of it"},
    {"replay", cmd_replay, "play a trace again and check every event"},
    {"trace", cmd_trace, "print the system calls of a program or of a trace"},
    {"info", cmd_info, "print what a trace is of, and its statistics"},
    {"dump", cmd_dump, "print the events of a trace"},
    {"backtrace", cmd_backtrace, "print the stacks of all threads where the program died"},
    {"help", cmd_help, "print help, also for one command"},
};
static const int command_count = sizeof(commands) / sizeof(commands[0]);

static const struct command *find_command(const char *name)
{
    for (int i = 0; i < command_count; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static int print_help(void)
{
    printf("usage: rr-like COMMAND [OPTIONS] [ARGUMENTS]\n\n"
           "Records a program once and replays it exactly, as often as you like.\n\n"
           "commands:\n");
    for (int i = 0; i < command_count; i++)
        printf("  %-9s %s\n", commands[i].name, commands[i].summary);
    printf("\n"
           "options:\n"
           "  -h, --help   print this; `rr-like COMMAND --help` prints a command's options\n"
           "  --version    print the version\n\n"
           "`replay` is the same as `rr-like replay`.\n");
    return cli_finish_stdout(CLI_OK);
}

static int print_version(void)
{
    printf("rr-like %s\n", RRL_VERSION);
    return cli_finish_stdout(CLI_OK);
}

static int cmd_help(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-')
        return print_help();
    const struct command *c = find_command(argv[1]);
    if (!c)
        return cli_usage(NULL, "there is no command `%s`", argv[1]);
    char name[32], help[] = "--help";
    snprintf(name, sizeof(name), "%s", c->name);
    char *args[] = {name, help, NULL};
    return c->run(2, args);
}

/* A standard descriptor that the user closed must not become one of our files, where
 * messages would land. The program still finds it closed: these close at its exec. */
static void guard_standard_fds(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", (fd ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

static int called_as_replay(const char *argv0)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
    return argv0 && !strcmp(slash ? slash + 1 : argv0, "replay");
}

int cli_main(int argc, char **argv)
{
    guard_standard_fds();
    opterr = 0; /* we say it ourselves, with our prefix */
    if (argc && called_as_replay(argv[0]))
        return cmd_replay(argc, argv);
    if (argc < 2)
        return cli_usage(NULL, "no command is given");
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return print_help();
    if (!strcmp(argv[1], "--version"))
        return print_version();
    const struct command *c = find_command(argv[1]);
    if (!c)
        return cli_usage(NULL, "there is no command `%s`", argv[1]);
    return c->run(argc - 1, argv + 1);
}
