/* cmd_replay.c - rr-like replay */
#include "cli.h"
#include "debugging.h"
#include "replaying.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
    "usage: rr-like replay [OPTIONS] [TRACE]\n"
    "       replay [OPTIONS] [TRACE]\n"
    "\n"
    "Runs the recorded program again from the trace alone, under a debugger: gdb attaches to\n"
    "a port of this machine and walks on the recording, forward and backward. With -a it runs\n"
    "to the end without one, prints what the program printed, and checks every event.\n"
    "Without TRACE the latest one of the trace directory is taken.\n"
    "\n"
    "options:\n"
    "  -a, --autopilot  replay to the end without a debugger\n"
    "  --port=N         wait for the debugger on this port of 127.0.0.1 (default: a free one)\n"
    "  -v, --verbose    say so also when the replay was faithful\n"
    "  --vcpu=MODE      auto, native, or translated (default: as recorded)\n"
    "  --progress       show progress also when standard error is no terminal\n"
    "  --no-console     do not print what the program printed\n"
    "  -h, --help       print this\n"
    "\n"
    "for tests of rr-like itself:\n"
    "  --no-sud         trap system calls by seccomp instead of Syscall User Dispatch\n"
    "  --no-patch       never rewrite system call instructions\n"
    "\n"
    "exit status: 0 faithful, 3 diverged, 64 wrong use, 65 not a trace or damaged,\n"
    "66 no such file, 69 this processor lacks what the trace needs\n";

enum { OPT_VCPU = 0x100, OPT_PROGRESS, OPT_NO_CONSOLE, OPT_NO_SUD, OPT_NO_PATCH, OPT_PORT };

static const struct option options[] = {{"autopilot", no_argument, NULL, 'a'},
                                        {"verbose", no_argument, NULL, 'v'},
                                        {"port", required_argument, NULL, OPT_PORT},
                                        {"vcpu", required_argument, NULL, OPT_VCPU},
                                        {"progress", no_argument, NULL, OPT_PROGRESS},
                                        {"no-console", no_argument, NULL, OPT_NO_CONSOLE},
                                        {"no-sud", no_argument, NULL, OPT_NO_SUD},
                                        {"no-patch", no_argument, NULL, OPT_NO_PATCH},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

struct choice {
    struct replaying replay;
    unsigned port;
    int autopilot, help;
};

static int take_port(const char *text, unsigned *port)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || n > 65535)
        return cli_usage("replay", "--port: `%s` is no number from 0 to 65535", text);
    *port = (unsigned)n;
    return 0;
}

static int take_option(struct choice *c, int option, char **argv)
{
    switch (option) {
    case 'a':
        c->autopilot = 1;
        return 0;
    case 'v':
        c->replay.verbose = 1;
        return 0;
    case OPT_PORT:
        return take_port(optarg, &c->port);
    case OPT_VCPU:
        c->replay.vcpu_given = 1;
        if (!cli_parse_vcpu(optarg, &c->replay.vcpu_mode))
            return 0;
        return cli_usage("replay", "--vcpu: `%s` is none of auto, native, translated", optarg);
    case OPT_PROGRESS:
        c->replay.progress = c->replay.verbose = 1;
        return 0;
    case OPT_NO_CONSOLE:
        c->replay.flags |= RK_CTL_NO_CONSOLE;
        return 0;
    case OPT_NO_SUD:
        c->replay.flags |= RK_CTL_NO_SUD;
        return 0;
    case OPT_NO_PATCH:
        c->replay.flags |= RK_CTL_NO_PATCH;
        return 0;
    case 'h':
        c->help = 1;
        return 0;
    default:
        return cli_bad_option("replay", argv);
    }
}

int cmd_replay(int argc, char **argv)
{
    struct choice c = {0};
    int option;
    /* No progress between the lines that the program prints to the same terminal. */
    c.replay.verbose = isatty(STDERR_FILENO);
    c.replay.progress = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
    while ((option = getopt_long(argc, argv, "avh", options, NULL)) >= 0) {
        int code = take_option(&c, option, argv);
        if (code)
            return code;
    }
    if (c.help) {
        fputs(help, stdout);
        return cli_finish_stdout(CLI_OK);
    }
    if (argc - optind > 1)
        return cli_usage("replay", "one trace at a time: `%s` is one too many", argv[optind + 1]);
    c.replay.path = argv[optind];
    if (c.autopilot)
        return replaying_run(&c.replay);
    return debugging_run(&(struct debugging){.replay = c.replay, .port = c.port});
}
