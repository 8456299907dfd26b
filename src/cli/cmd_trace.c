/* cmd_trace.c - rr-like trace: system calls, live or from a trace */
#include "cli.h"
#include "recording.h"
#include "replaying.h"
#include "strace.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: rr-like trace [OPTIONS] [--] PROGRAM [ARGUMENT...]\n"
    "       rr-like trace [OPTIONS] TRACE\n"
    "\n"
    "Prints one line for each system call and signal: of PROGRAM while it runs (on standard\n"
    "error), or of the recorded run in TRACE (on standard output).\n"
    "\n"
    "options:\n"
    "  --json             one JSON object a line\n"
    "  -o, --output=FILE  with PROGRAM: keep the trace as FILE\n"
    "  -s, --string=N     show at most N bytes of a string (default 32)\n"
    "  --events           begin each line with the number of the event before it\n"
    "  --vcpu=MODE, --cpu=POLICY, --max-size=SIZE, --chaos[=SEED], --cores=N,\n"
    "  --timeout=SECONDS, --no-cache, --no-sud, --no-patch\n"
    "                     as for `rr-like record`\n"
    "  -h, --help         print this\n"
    "\n"
    "exit status: with PROGRAM that of `rr-like record`, with TRACE that of `rr-like replay`\n";

enum { OPT_JSON = OPT_OWN, OPT_EVENTS };

struct tracing {
    FILE *out;
    struct strace_options style;
};

static void print_report(void *ctx, const struct rk_report *report, size_t len)
{
    struct tracing *t = ctx;
    strace_format(t->out, report, len, &t->style);
}

/* A first argument that is a file beginning as a trace does is a trace. A trace is known
 * by its first bytes; whether it is a good one is found out later. */
static int is_trace(const char *path)
{
    static const unsigned char zstd_skippable[3] = {0x2a, 0x4d, 0x18};
    unsigned char head[64];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
    if (fd >= 0)
        close(fd);
    return n >= 16 && (head[0] & 0xf0) == 0x50 && !memcmp(head + 1, zstd_skippable, 3) &&
           memmem(head, (size_t)n, "rr-like", 7) != NULL;
}

static int trace_trace(struct tracing *t, const struct recording *options, const char *path)
{
    struct replaying r = {.path = path,
                          .vcpu_mode = options->vcpu_mode,
                          .flags = options->flags | RK_CTL_TRACE_SYSCALLS | RK_CTL_NO_CONSOLE,
                          .report = print_report,
                          .ctx = t};
    t->out = stdout;
    return cli_finish_stdout(replaying_run(&r));
}

static int trace_program(struct tracing *t, struct recording *r, char **argv)
{
    t->out = stderr;
    r->argv = argv;
    r->flags |= RK_CTL_TRACE_SYSCALLS;
    r->no_trace = !r->output;
    r->report = print_report;
    r->ctx = t;
    setvbuf(stderr, NULL, _IOLBF, 0);
    return recording_run(r);
}

static int take_option(struct tracing *t, struct recording *r, int option, char **argv)
{
    uint64_t n;
    switch (option) {
    case OPT_JSON:
        t->style.json = true;
        return 0;
    case OPT_EVENTS:
        t->style.show_event = true;
        return 0;
    case 's':
        if (cli_parse_size(optarg, &n))
            return cli_usage("trace", "-s: `%s` is no number", optarg);
        t->style.max_string = n;
        return 0;
    default:
        return recording_option(r, option, argv);
    }
}

int cmd_trace(int argc, char **argv)
{
    static const struct option options[] = {RECORDING_OPTIONS,
                                            {"json", no_argument, NULL, OPT_JSON},
                                            {"events", no_argument, NULL, OPT_EVENTS},
                                            {"string", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct tracing t = {.style = STRACE_DEFAULTS};
    struct recording r = {.command = "trace"};
    int option, code;
    while ((option = getopt_long(argc, argv, "+o:s:h", options, NULL)) >= 0) {
        if (option == 'h') {
            fputs(help, stdout);
            return cli_finish_stdout(CLI_OK);
        }
        code = take_option(&t, &r, option, argv);
        if (code)
            return code;
    }
    if (optind == argc)
        return cli_usage("trace", "no program or trace is given");
    int program = optind > 1 && !strcmp(argv[optind - 1], "--");
    if (!program && optind + 1 == argc && is_trace(argv[optind]))
        return trace_trace(&t, &r, argv[optind]);
    return trace_program(&t, &r, argv + optind);
}
