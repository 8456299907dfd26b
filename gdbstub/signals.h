/* signals.h - GDB numbers signals in its own way. */
#ifndef RRL_GDBSTUB_SIGNALS_H
#define RRL_GDBSTUB_SIGNALS_H

/* GDB's number of a Linux signal (143, "unknown signal", where it has none), and back (0). */
int signal_to_gdb(int linux_signal);
int signal_from_gdb(int gdb_signal);

#endif
