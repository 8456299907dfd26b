/* cli.h - the command line: commands, exit codes, and how the tool speaks. */
#ifndef RRL_CLI_H
#define RRL_CLI_H

#include "revisor/abi.h"
#include "trace-format/trace.h"

#include <stddef.h>
#include <stdint.h>

/* Exit codes (docs: rr-like(1)). */
enum {
    CLI_OK = 0,
    CLI_DIVERGED = 3,
    CLI_USAGE = 64,
    CLI_BAD_TRACE = 65,
    CLI_NO_FILE = 66,
    CLI_CPU = 69,
    CLI_FAILED = 125, /* the tool itself could not do it */
};

/* The whole program; returns its exit code. */
int cli_main(int argc, char **argv);

/* Commands: argv[0] is the command's own name. */
int cmd_record(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_backtrace(int argc, char **argv);

/* One line on stderr, prefixed "rr-like: ". */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for the sentences of recorder and replayer; ctx is not used. */
void cli_say_text(void *ctx, const char *text);
/* Says what is wrong with the command line and where help is. Returns CLI_USAGE, but for
 * `record` CLI_FAILED: the codes below 125 are the program's there. */
int cli_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same after getopt_long returned '?'. */
int cli_bad_option(const char *command, char **argv);
/* What a command takes. `take` gets each option but -h, with optarg set, or '?'; it returns 0, or
 * an exit code after saying what is wrong. */
struct option;
struct cli_options {
    const char *help, *letters;
    const struct option *names;
    int (*take)(void *command, int option, char **argv);
    void *command;
};
/* Goes through the options. 0: the operands begin at optind. Otherwise *code is the exit code, also
 * after help was asked for and printed. */
int cli_options(const struct cli_options *o, int argc, char **argv, int *code);
/* At most one operand is a trace: 0, or CLI_USAGE after saying so. */
int cli_one_trace(const char *command, int operands, char **operand);
/* Writes all of stdout out; a failure to do so (full disk, closed pipe) is said and
 * makes the code CLI_FAILED. */
int cli_finish_stdout(int code);

/* Option values. 0 or -EINVAL. */
int cli_parse_size(const char *text, uint64_t *bytes);                  /* 10, 64K, 20M, 1.5G */
int cli_parse_number(const char *text, uint64_t *value);                /* 17, 0x2a */
int cli_parse_decimal(const char *text, uint64_t max, uint64_t *value); /* 17, at most max */
int cli_parse_seconds(const char *text, uint64_t *ns);                  /* 5, 0.25; not 0 */
int cli_parse_vcpu(const char *text, enum rk_vcpu_mode *mode);
int cli_parse_range(const char *text, uint64_t *first, uint64_t *last); /* 5, 5-9, 5-, -9 */

/* A moment as the value of an option, "--at": 0, or CLI_USAGE after saying what is wrong. */
struct moment;
int cli_take_moment(const char *command, const char *option, const char *text, struct moment *out);

/* Opens a trace for reading; path NULL: the latest one. 0, or an exit code after saying
 * why. *name receives the path as it is to be shown (static storage). */
int cli_open_trace(struct tf_reader **out, const char *path, const char **name);

/* Exit code of this tool for a program that ended so: its own, or 128+N. */
int cli_program_code(int wait_status);
/* "exited with 3", "was killed by SIGSEGV (signal 11)"; static storage. */
const char *cli_status_text(int wait_status);

#endif
