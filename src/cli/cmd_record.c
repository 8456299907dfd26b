/* cmd_record.c - rr-like record */
#include "cli.h"
#include "recording.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "usage: rr-like record [OPTIONS] [--] PROGRAM [ARGUMENT...]\n"
    "\n"
    "Runs PROGRAM, prints what it prints, exits as it exits, and leaves one trace file.\n"
    "\n"
    "options:\n"
    "  -o, --output=FILE  write the trace to FILE, replacing it; otherwise a new file\n"
    "                     PROGRAM.N.trace.zst in $RR_LIKE_TRACE_DIR, $XDG_DATA_HOME/rr-like\n"
    "                     or ~/.local/share/rr-like\n"
    "  --vcpu=MODE        auto (default), native, or translated\n"
    "  --cpu=POLICY       processor that the program is shown: host (default), x86-64,\n"
    "                     x86-64-v2, x86-64-v3, x86-64-v4, no-FEATURE (such as no-avx512)\n"
    "  --max-size=SIZE    stop writing when the trace has SIZE bytes (suffixes K, M, G);\n"
    "                     the program runs on, and the trace replays up to there\n"
    "  --chaos[=SEED]     run threads in an order that provokes bugs; SEED, a number, gives the\n"
    "                     same order again. It is printed, and kept in the trace\n"
    "  --cores=N          number of processors that the program is shown (default 1)\n"
    "  --timeout=SECONDS  end the program by SIGTERM after that time, by SIGKILL 5 s later\n"
    "  --no-cache         do not keep compressed copies of mapped files for the next time\n"
    "  -h, --help         print this\n"
    "\n"
    "for tests of rr-like itself:\n"
    "  --no-sud           trap system calls by seccomp instead of Syscall User Dispatch\n"
    "  --no-patch         never rewrite system call instructions\n"
    "\n"
    "exit status: the program's own, 128+N when signal N ended it; 125 could not record,\n"
    "126 PROGRAM cannot be executed, 127 PROGRAM was not found\n";

int cmd_record(int argc, char **argv)
{
    static const struct option options[] = {
        RECORDING_OPTIONS, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct recording r = {.command = "record"};
    int option;
    while ((option = getopt_long(argc, argv, "+o:h", options, NULL)) >= 0) {
        if (option == 'h') {
            fputs(help, stdout);
            return cli_finish_stdout(CLI_OK);
        }
        int code = recording_option(&r, option, argv);
        if (code)
            return code;
    }
    if (optind == argc)
        return cli_usage("record", "no program is given to record");
    r.argv = argv + optind;
    return recording_run(&r);
}
