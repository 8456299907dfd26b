/* supervise.c - signals of the launcher while a program runs. */
#include "supervise.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int forwarded[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,   SIGUSR1, SIGUSR2,
                                SIGALRM, SIGTSTP, SIGCONT, SIGTTIN,   SIGTTOU, SIGWINCH,
                                SIGURG,  SIGIO,   SIGPWR,  SIGVTALRM, SIGPROF};

static void watched_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
        sigaddset(set, forwarded[i]);
    sigaddset(set, SIGCHLD);
}

static void set_disposition(int sig, void (*handler)(int), struct sigaction *old)
{
    struct sigaction sa;
    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = handler;
    sigaction(sig, &sa, old);
}

/* SIGPIPE and SIGXFSZ would end the recording where an error return will do; a parent
 * that ignores SIGCHLD would have taken the program's status from us. */
int supervise_begin(struct supervisor *s, pid_t program)
{
    sigset_t set;
    s->program = program;
    watched_set(&set);
    set_disposition(SIGPIPE, SIG_IGN, &s->old_pipe);
    set_disposition(SIGXFSZ, SIG_IGN, &s->old_xfsz);
    set_disposition(SIGCHLD, SIG_DFL, &s->old_child);
    if (sigprocmask(SIG_BLOCK, &set, &s->old_mask))
        return -errno;
    s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->fd < 0 ? -errno : 0;
}

/* Whoever continued us may have continued the program too, with the same call: a moment is
 * given to that. */
static int was_continued(pid_t program)
{
    const struct timespec moment = {0, 2000000};
    for (int i = 0; i < 10; i++) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_PID, (id_t)program, &info, WCONTINUED | WNOHANG) || info.si_pid)
            return 1;
        nanosleep(&moment, NULL);
    }
    return 0;
}

/* The program stopped: so do we, until the shell continues its job. What continued us is not
 * forwarded: the program sees one SIGCONT, as without us. */
static void follow_stop(struct supervisor *s)
{
    siginfo_t info = {.si_pid = 0};
    const struct timespec none = {0, 0};
    sigset_t cont;
    if (waitid(P_PID, (id_t)s->program, &info, WSTOPPED | WNOHANG) || !info.si_pid)
        return;
    raise(SIGSTOP);
    if (!was_continued(s->program))
        kill(s->program, SIGCONT);
    sigemptyset(&cont);
    sigaddset(&cont, SIGCONT);
    sigtimedwait(&cont, NULL, &none);
}

/* The kernel's own (terminal keys, hang-up, window size) went to the whole group. */
static int from_terminal(const struct signalfd_siginfo *info)
{
    return info->ssi_code == SI_KERNEL;
}

void supervise_handle(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            follow_stop(s);
        else if (!from_terminal(&info) && (pid_t)info.ssi_pid != s->program)
            kill(s->program, (int)info.ssi_signo);
    }
}

void supervise_end(struct supervisor *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
    sigaction(SIGPIPE, &s->old_pipe, NULL);
    sigaction(SIGXFSZ, &s->old_xfsz, NULL);
    sigaction(SIGCHLD, &s->old_child, NULL);
}
