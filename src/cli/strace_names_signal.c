/*
 * strace_names_signal.c - names of flags and enumerations of signal, timer and polling calls.
 */
#include "strace_print.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

static const struct name sighow_list[] = {
    NAME(SIG_BLOCK),
    NAME(SIG_UNBLOCK),
    NAME(SIG_SETMASK),
};
const struct name_set names_sighow = NAME_SET(sighow_list, "SIG_???");

static const struct name sa_flags_list[] = {
    NAME_AS("SA_RESTORER", 0x04000000),
    NAME(SA_ONSTACK),
    NAME(SA_RESTART),
    NAME(SA_INTERRUPT),
    NAME(SA_NODEFER),
    NAME(SA_RESETHAND),
    NAME(SA_SIGINFO),
    NAME(SA_NOCLDSTOP),
    NAME(SA_NOCLDWAIT),
    NAME_AS("SA_UNSUPPORTED", 0x400),
    NAME_AS("SA_EXPOSE_TAGBITS", 0x800),
};
const struct name_set names_sa_flags = NAME_SET(sa_flags_list, "SA_???");

static const struct name ss_flags_list[] = {
    NAME(SS_ONSTACK),
    NAME(SS_DISABLE),
    NAME_AS("SS_AUTODISARM", 0x80000000),
};
const struct name_set names_ss_flags = NAME_SET(ss_flags_list, "SS_???");

static const struct name sfd_list[] = {
    NAME(SFD_CLOEXEC),
    NAME(SFD_NONBLOCK),
};
const struct name_set names_sfd = NAME_SET(sfd_list, "SFD_???");

static const struct name sigev_list[] = {
    NAME(SIGEV_SIGNAL),
    NAME(SIGEV_NONE),
    NAME(SIGEV_THREAD),
    NAME(SIGEV_THREAD_ID),
};
const struct name_set names_sigev = NAME_SET(sigev_list, "SIGEV_???");

static const struct name timer_list[] = {
    NAME(TIMER_ABSTIME),
};
const struct name_set names_timer = NAME_SET(timer_list, "TIMER_???");

static const struct name timerfd_create_list[] = {
    NAME(TFD_CLOEXEC),
    NAME(TFD_NONBLOCK),
};
const struct name_set names_timerfd_create = NAME_SET(timerfd_create_list, "TFD_???");

static const struct name timerfd_set_list[] = {
    NAME(TFD_TIMER_ABSTIME),
    NAME(TFD_TIMER_CANCEL_ON_SET),
};
const struct name_set names_timerfd_set = NAME_SET(timerfd_set_list, "TFD_???");

static const struct name itimer_list[] = {
    NAME(ITIMER_REAL),
    NAME(ITIMER_VIRTUAL),
    NAME(ITIMER_PROF),
};
const struct name_set names_itimer = NAME_SET(itimer_list, "ITIMER_???");

static const struct name timex_list[] = {
    NAME_AS("ADJ_OFFSET", 1),    NAME_AS("ADJ_FREQUENCY", 2),     NAME_AS("ADJ_MAXERROR", 4),
    NAME_AS("ADJ_ESTERROR", 8),  NAME_AS("ADJ_STATUS", 0x10),     NAME_AS("ADJ_TIMECONST", 0x20),
    NAME_AS("ADJ_TAI", 0x80),    NAME_AS("ADJ_SETOFFSET", 0x100), NAME_AS("ADJ_MICRO", 0x1000),
    NAME_AS("ADJ_NANO", 0x2000), NAME_AS("ADJ_TICK", 0x4000),
};
const struct name_set names_timex = NAME_SET(timex_list, "ADJ_???");

static const struct name timex_state_list[] = {
    NAME_AS("TIME_OK", 0),  NAME_AS("TIME_INS", 1),  NAME_AS("TIME_DEL", 2),
    NAME_AS("TIME_OOP", 3), NAME_AS("TIME_WAIT", 4), NAME_AS("TIME_ERROR", 5),
};
const struct name_set names_timex_state = NAME_SET(timex_state_list, "TIME_???");

static const struct name poll_list[] = {
    NAME(POLLIN),
    NAME(POLLPRI),
    NAME(POLLOUT),
    NAME(POLLRDNORM),
    NAME(POLLWRNORM),
    NAME(POLLRDBAND),
    NAME(POLLWRBAND),
    NAME(POLLERR),
    NAME(POLLHUP),
    NAME(POLLNVAL),
    NAME_AS("POLLMSG", 0x400),
    NAME_AS("POLLREMOVE", 0x1000),
    NAME(POLLRDHUP),
};
const struct name_set names_poll = NAME_SET(poll_list, "POLL???");

static const struct name epoll_create_list[] = {
    NAME(EPOLL_CLOEXEC),
    NAME_AS("EPOLL_NONBLOCK", O_NONBLOCK),
};
const struct name_set names_epoll_create = NAME_SET(epoll_create_list, "EPOLL_???");

static const struct name epoll_op_list[] = {
    NAME(EPOLL_CTL_ADD),
    NAME(EPOLL_CTL_MOD),
    NAME(EPOLL_CTL_DEL),
};
const struct name_set names_epoll_op = NAME_SET(epoll_op_list, "EPOLL_CTL_???");

static const struct name epoll_list[] = {
    NAME(EPOLLIN),
    NAME(EPOLLPRI),
    NAME(EPOLLOUT),
    NAME(EPOLLRDNORM),
    NAME(EPOLLRDBAND),
    NAME(EPOLLWRNORM),
    NAME(EPOLLWRBAND),
    NAME(EPOLLMSG),
    NAME(EPOLLERR),
    NAME(EPOLLHUP),
    NAME(EPOLLRDHUP),
    NAME_AS("EPOLLEXCLUSIVE", 0x10000000),
    NAME_AS("EPOLLWAKEUP", 0x20000000),
    NAME(EPOLLONESHOT),
    NAME(EPOLLET),
};
const struct name_set names_epoll = NAME_SET(epoll_list, "EPOLL???");

static const struct name eventfd_list[] = {
    NAME(EFD_SEMAPHORE),
    NAME(EFD_CLOEXEC),
    NAME(EFD_NONBLOCK),
};
const struct name_set names_eventfd = NAME_SET(eventfd_list, "EFD_???");

static const struct name clock_list[] = {
    NAME_AS("CLOCK_REALTIME", 0),           NAME_AS("CLOCK_MONOTONIC", 1),
    NAME_AS("CLOCK_PROCESS_CPUTIME_ID", 2), NAME_AS("CLOCK_THREAD_CPUTIME_ID", 3),
    NAME_AS("CLOCK_MONOTONIC_RAW", 4),      NAME_AS("CLOCK_REALTIME_COARSE", 5),
    NAME_AS("CLOCK_MONOTONIC_COARSE", 6),   NAME_AS("CLOCK_BOOTTIME", 7),
    NAME_AS("CLOCK_REALTIME_ALARM", 8),     NAME_AS("CLOCK_BOOTTIME_ALARM", 9),
    NAME_AS("CLOCK_SGI_CYCLE", 10),         NAME_AS("CLOCK_TAI", 11),
};
static const struct name_set clocks = NAME_SET(clock_list, "CLOCK_???");
static const struct name cpu_clock_list[] = {
    NAME_AS("CPUCLOCK_PROF", 0),
    NAME_AS("CPUCLOCK_VIRT", 1),
    NAME_AS("CPUCLOCK_SCHED", 2),
};
static const struct name_set cpu_clocks = NAME_SET(cpu_clock_list, "CPUCLOCK_???");

/* A negative clock is a process's CPU clock (the pid inverted, above three bits of kind) or,
 * with kind 3, that of a device's descriptor. */
static void print_clock(struct printer *p, uint64_t value)
{
    int32_t clock = (int32_t)value;
    if (clock >= 0) {
        print_enum(p, &clocks, (uint64_t)clock);
    } else if ((clock & 7) == 3) {
        text_printf(p->out, "FD_TO_CLOCKID(%d)", ~(clock >> 3));
    } else {
        text_printf(p->out, "MAKE_%s_CPUCLOCK(%d, ", (clock & 4) != 0 ? "THREAD" : "PROCESS",
                    ~(clock >> 3));
        print_enum(p, &cpu_clocks, (uint64_t)(clock & 3));
        text_char(p->out, ')');
    }
}
const struct name_set names_clockid = NAME_SET_FN(print_clock);
