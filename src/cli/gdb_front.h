/* gdb_front.h - gdb, started on a trace. */
#ifndef RRL_GDB_FRONT_H
#define RRL_GDB_FRONT_H

#include "debugging.h"

#define GDB_SCRIPTS_MAX 16

struct gdb_front {
    const char *scripts[GDB_SCRIPTS_MAX]; /* command files */
    int script_count;
    char **arguments; /* gdb's own */
    int argument_count;
};

/* Becomes gdb: the terminal, signals and exit status are gdb's own then. A second process serves
 * the trace until gdb ends. Returns only when there is no gdb: an exit code, after saying why. */
int gdb_front_run(const struct gdb_front *f, const struct debugging *g);

#endif
