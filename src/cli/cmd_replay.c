/* cmd_replay.c - rr-like replay */
#include "cli.h"
#include "debugging.h"
#include "gdb_front.h"
#include "replaying.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: rr-like replay [OPTIONS] [TRACE] [-- GDB-ARGUMENTS]\n"
    "       replay [OPTIONS] [TRACE] [-- GDB-ARGUMENTS]\n"
    "\n"
    "Runs the recorded program again from the trace alone, under a debugger: gdb attaches to\n"
    "a port of this machine and walks on the recording, forward and backward. With -a it runs\n"
    "to the end without one, prints what the program printed, and checks every event.\n"
    "Without TRACE the latest one of the trace directory is taken.\n"
    "\n"
    "options:\n"
    "  -a, --autopilot  replay to the end without a debugger\n"
    "  --gdb            start gdb on it, with the commands of rr-like.py; its own arguments\n"
    "                   follow behind --\n"
    "  -x, --command=FILE  let gdb run the commands in FILE (implies --gdb)\n"
    "  --goto=MOMENT    begin there: start, end, an event's number, or a point such as\n"
    "                   40:17:0x10001139 (as `rr-like dump --points` tells them)\n"
    "  --at-failure     begin right before the program died by a signal (default when it did)\n"
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

enum {
    OPT_VCPU = 0x100,
    OPT_PROGRESS,
    OPT_NO_CONSOLE,
    OPT_NO_SUD,
    OPT_NO_PATCH,
    OPT_PORT,
    OPT_GDB,
    OPT_GOTO,
    OPT_AT_FAILURE
};

static const struct option options[] = {{"autopilot", no_argument, NULL, 'a'},
                                        {"verbose", no_argument, NULL, 'v'},
                                        {"gdb", no_argument, NULL, OPT_GDB},
                                        {"command", required_argument, NULL, 'x'},
                                        {"goto", required_argument, NULL, OPT_GOTO},
                                        {"at-failure", no_argument, NULL, OPT_AT_FAILURE},
                                        {"port", required_argument, NULL, OPT_PORT},
                                        {"vcpu", required_argument, NULL, OPT_VCPU},
                                        {"progress", no_argument, NULL, OPT_PROGRESS},
                                        {"no-console", no_argument, NULL, OPT_NO_CONSOLE},
                                        {"no-sud", no_argument, NULL, OPT_NO_SUD},
                                        {"no-patch", no_argument, NULL, OPT_NO_PATCH},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

struct choice {
    struct debugging debug; /* its `replay` counts without a debugger, too */
    struct gdb_front gdb;
    int with_gdb, autopilot;
};

static int take_port(const char *text, unsigned *port)
{
    uint64_t n;
    if (cli_parse_decimal(text, 65535, &n))
        return cli_usage("replay", "--port: `%s` is no number from 0 to 65535", text);
    *port = (unsigned)n;
    return 0;
}

static int take_command_file(struct choice *c, const char *path)
{
    c->with_gdb = 1;
    if (c->gdb.script_count == GDB_SCRIPTS_MAX)
        return cli_usage("replay", "--command: at most %d of them", GDB_SCRIPTS_MAX);
    c->gdb.scripts[c->gdb.script_count++] = path;
    return 0;
}

static int take_option(void *command, int option, char **argv)
{
    struct choice *c = command;
    switch (option) {
    case 'a':
        c->autopilot = 1;
        return 0;
    case 'v':
        c->debug.replay.verbose = 1;
        return 0;
    case OPT_PORT:
        return take_port(optarg, &c->debug.port);
    case OPT_GDB:
        c->with_gdb = 1;
        return 0;
    case 'x':
        return take_command_file(c, optarg);
    case OPT_GOTO:
        c->debug.at_given = 1;
        return cli_take_moment("replay", "--goto", optarg, &c->debug.at);
    case OPT_AT_FAILURE:
        c->debug.at_failure = 1;
        return 0;
    case OPT_VCPU:
        c->debug.replay.vcpu_given = 1;
        if (!cli_parse_vcpu(optarg, &c->debug.replay.vcpu_mode))
            return 0;
        return cli_usage("replay", "--vcpu: `%s` is none of auto, native, translated", optarg);
    case OPT_PROGRESS:
        c->debug.replay.progress = c->debug.replay.verbose = 1;
        return 0;
    case OPT_NO_CONSOLE:
        c->debug.replay.flags |= RK_CTL_NO_CONSOLE;
        return 0;
    case OPT_NO_SUD:
        c->debug.replay.flags |= RK_CTL_NO_SUD;
        return 0;
    case OPT_NO_PATCH:
        c->debug.replay.flags |= RK_CTL_NO_PATCH;
        return 0;
    default:
        return cli_bad_option("replay", argv);
    }
}

/* What stands behind -- is gdb's; returns how many arguments stand before it. */
static int split_arguments(struct choice *c, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0)
            continue;
        c->gdb.arguments = argv + i + 1;
        c->gdb.argument_count = argc - i - 1;
        return i;
    }
    return argc;
}

static int check(const struct choice *c, int operands, char **operand)
{
    int code = cli_one_trace("replay", operands, operand);
    if (code)
        return code;
    if (c->gdb.argument_count && !c->with_gdb)
        return cli_usage("replay", "`%s` behind -- would be gdb's: give --gdb, too",
                         c->gdb.arguments[0]);
    if (c->autopilot && (c->with_gdb || c->debug.at_given || c->debug.at_failure))
        return cli_usage("replay", "-a replays to the end without a debugger: it does not go with "
                                   "--gdb, --command, --goto and --at-failure");
    if (c->debug.at_given && c->debug.at_failure)
        return cli_usage("replay", "--goto and --at-failure say different things");
    return 0;
}

int cmd_replay(int argc, char **argv)
{
    struct choice c = {0};
    struct cli_options o = {help, "avhx:", options, take_option, &c};
    int code;
    /* No progress between the lines that the program prints to the same terminal. */
    c.debug.replay.verbose = isatty(STDERR_FILENO);
    c.debug.replay.progress = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
    argc = split_arguments(&c, argc, argv);
    if (cli_options(&o, argc, argv, &code))
        return code;
    code = check(&c, argc - optind, argv + optind);
    if (code)
        return code;
    c.debug.replay.path = optind < argc ? argv[optind] : NULL;
    if (c.autopilot)
        return replaying_run(&c.debug.replay);
    return c.with_gdb ? gdb_front_run(&c.gdb, &c.debug) : debugging_run(&c.debug);
}
