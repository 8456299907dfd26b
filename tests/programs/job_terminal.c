/*
 * job_terminal - a program and the terminal that controls it: sessions and process groups,
 * the signals that keys send, windows, modes. Given a word, it is a job for a shell to
 * stop and go on with (tests/robust/jobs.sh).
 */
#include "check.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

static volatile sig_atomic_t last, total;

static void note(int s)
{
    last = s;
    total++;
}

static void handle(int s)
{
    struct sigaction sa = {.sa_handler = note};
    CHECK(sigaction(s, &sa, NULL) == 0);
}

static int terminal_of_our_own(int *slave)
{
    char name[64];
    int number, unlock = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    if (master < 0)
        SKIP("no pseudo-terminals");
    CHECK(ioctl(master, TIOCSPTLCK, &unlock) == 0 && ioctl(master, TIOCGPTN, &number) == 0);
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    *slave = open(name, O_RDWR | O_NOCTTY);
    if (*slave < 0)
        SKIP("no pseudo-terminals");
    return master;
}

static void session(int slave)
{
    CHECK(setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid());
    CHECK_ERRNO(setsid(), EPERM);
    CHECK_ERRNO(setpgid(0, 0), EPERM);
    CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
    CHECK_ERRNO(tcgetpgrp(slave), ENOTTY);
    CHECK(ioctl(slave, TIOCSCTTY, 0) == 0);
    CHECK(tcgetpgrp(slave) == getpgrp() && tcgetsid(slave) == getsid(0));
    CHECK(tcsetpgrp(slave, getpgrp()) == 0);
    CHECK_ERRNO(tcsetpgrp(slave, 1), EPERM);
    CHECK_ERRNO(tcsetpgrp(slave, 0x3ffffff), ESRCH);
    int tty = open("/dev/tty", O_RDWR);
    CHECK(tty >= 0 && tcgetsid(tty) == getsid(0) && close(tty) == 0);
    printf("session\n");
}

static void key(int master, char c, int expected)
{
    last = 0;
    CHECK(write(master, &c, 1) == 1);
    for (int i = 0; i < 2000 && !last; i++)
        usleep(1000);
    printf("key %d: signal %d\n", c, (int)last);
    CHECK(last == expected);
}

static void keys(int master, int slave)
{
    struct winsize w = {30, 90, 0, 0};
    char buf[64];
    handle(SIGINT), handle(SIGQUIT), handle(SIGTSTP), handle(SIGWINCH), handle(SIGCONT), handle(SIGHUP);
    key(master, 3, SIGINT);
    key(master, 28, SIGQUIT);
    key(master, 26, SIGTSTP);
    last = 0;
    CHECK(ioctl(master, TIOCSWINSZ, &w) == 0);
    for (int i = 0; i < 2000 && !last; i++)
        usleep(1000);
    CHECK(last == SIGWINCH && ioctl(slave, TIOCGWINSZ, &w) == 0 && w.ws_row == 30 && w.ws_col == 90);
    CHECK(tcflush(slave, TCIOFLUSH) == 0);
    CHECK(write(master, "a line\n", 7) == 7 && read(slave, buf, sizeof buf) == 7);
    CHECK(!memcmp(buf, "a line\n", 7));
    signal(SIGTSTP, SIG_DFL); /* nobody could go on with us: an orphaned job does not stop */
    CHECK(raise(SIGTSTP) == 0 && raise(SIGTTIN) == 0 && raise(SIGTTOU) == 0);
    printf("keys and window\n");
}

static void modes(int master, int slave)
{
    struct termios was, raw, now;
    char c;
    CHECK(tcgetattr(slave, &was) == 0);
    raw = was;
    cfmakeraw(&raw);
    CHECK(tcsetattr(slave, TCSAFLUSH, &raw) == 0 && tcgetattr(slave, &now) == 0);
    CHECK(now.c_lflag == raw.c_lflag && now.c_iflag == raw.c_iflag);
    last = 0;
    CHECK(write(master, "\x03", 1) == 1 && read(slave, &c, 1) == 1 && c == 3 && !last);
    CHECK(tcsetattr(slave, TCSADRAIN, &was) == 0);
    printf("modes\n");
}

/* -------------------------------------------------------------------- for a shell */
static struct termios cooked;

static void set_raw(void)
{
    struct termios raw = cooked;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    CHECK(tcsetattr(0, TCSAFLUSH, &raw) == 0);
}

/* What editors do: the terminal is given back before the stop, and taken after it. */
static void editor_stops(int s)
{
    tcsetattr(0, TCSAFLUSH, &cooked);
    signal(SIGTSTP, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGTSTP, editor_stops);
    set_raw();
    total++;
}

static int editor(void)
{
    char c = 0;
    CHECK(tcgetattr(0, &cooked) == 0);
    handle(SIGCONT);
    struct sigaction sa = {.sa_handler = editor_stops, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGTSTP, &sa, NULL) == 0);
    set_raw();
    printf("editing\n");
    fflush(stdout);
    while (c != 'q') {
        if (read(0, &c, 1) != 1)
            continue;
        printf("<%c %d>\n", c, (int)total);
        fflush(stdout);
    }
    tcsetattr(0, TCSAFLUSH, &cooked);
    return 0;
}

static int lines(void)
{
    char line[100];
    printf("reading\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) && strcmp(line, "end\n") != 0) {
        printf("got %s", line);
        fflush(stdout);
    }
    return 7;
}

static int compute(void)
{
    struct timespec from, now;
    printf("computing\n");
    fflush(stdout);
    clock_gettime(CLOCK_MONOTONIC, &from);
    do {
        for (volatile int i = 0; i < 100000000; i++)
            ;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - from.tv_sec < 2);
    printf("computed\n");
    return 0;
}

int main(int argc, char **argv)
{
    int slave, master;
    if (argc > 1)
        return !strcmp(argv[1], "editor") ? editor() : !strcmp(argv[1], "compute") ? compute() : lines();
    master = terminal_of_our_own(&slave);
    session(slave);
    keys(master, slave);
    modes(master, slave);
    return 0;
}
