/*
 * supervise.h - the launcher's manners towards signals while a program is recorded.
 *
 * The program and the launcher share a process group. What the terminal sends reaches the
 * program by itself, so the launcher must survive it; what somebody sends to the launcher
 * alone is meant for the program and is passed on. When the program stops, the launcher
 * stops with it, so that the shell's job control sees one job.
 */
#ifndef RRL_SUPERVISE_H
#define RRL_SUPERVISE_H

#include <signal.h>
#include <sys/types.h>

struct supervisor {
    int fd; /* readable when a signal waits, for poll */
    pid_t program;
    sigset_t old_mask;
    struct sigaction old_pipe, old_xfsz, old_child;
};

/* Begins to care for `program`, a child of this process. To be called after the child was
 * made (it must not inherit this) and before other threads are. 0 or -errno. */
int supervise_begin(struct supervisor *s, pid_t program);
/* Handles the signals that wait; call when fd is readable. */
void supervise_handle(struct supervisor *s);
/* Restores what supervise_begin changed. */
void supervise_end(struct supervisor *s);

#endif
