/*
 * strace.h - prints the reports of a machine as strace(1) prints a traced program.
 *
 * One report makes at most one line. The names, structures and their layout on the line
 * are those of strace, so that eyes and scripts that know strace read them at once. What
 * is not known is printed as a number: no bit is ever left out.
 */
#ifndef RRL_STRACE_H
#define RRL_STRACE_H

#include "revisor/abi.h"

#include <stdbool.h>
#include <stdio.h>

#define STRACE_MAX_STRING 32
#define STRACE_COLUMN 40

struct strace_options {
    bool json;         /* one JSON object a line, described in docs/strace-json.md */
    bool verbose;      /* all members of a structure, not just the telling ones */
    bool show_tid;     /* start the line with "[pid 123] " */
    bool show_event;   /* start the line with the number of the event */
    bool show_ticks;   /* ... and with the thread's ticks at the call */
    size_t max_string; /* longest string shown, in bytes; also elements of an array */
    unsigned column;   /* where "= result" is put; 0: one space after the call */
};
#define STRACE_DEFAULTS \
    ((struct strace_options){.max_string = STRACE_MAX_STRING, .column = STRACE_COLUMN})

/*
 * Writes the line for one report to `out`. `report` is `len` bytes that nobody else
 * changes meanwhile; they need not make sense: every offset in them is checked.
 *
 * Kinds with a line: syscall, signal, exit; with json also exec and notice. Others write
 * nothing. Returns 0, -EBADMSG when the report is malformed (nothing is written), -ENOMEM,
 * or -EIO when `out` did not take it.
 *
 * Memory behind a pointer is looked for in the captures of its argument by address: of an
 * in-argument among those made at entry, of an out-argument among those made at exit
 * (RK_CAP_EXIT). So the captures of an argument may come in any order, and one capture
 * may serve a pointer into its middle. A pointer without a capture prints as an address.
 * A string's capture may end before its NUL; `full` > `len` says that the string is longer.
 */
int strace_format(FILE *out, const struct rk_report *report, size_t len,
                  const struct strace_options *options);

/* Name of a syscall, or NULL for a number without one. Static. */
const char *strace_syscall_name(uint32_t nr);

/* Name of an errno value (positive) such as "ENOENT", of a signal such as "SIGSEGV" or
 * "SIGRT_5"; NULL for a number without one. Static. */
const char *strace_errno_name(int64_t value);
const char *strace_signal_name(uint64_t value);

#endif
