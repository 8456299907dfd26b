/*
 * terminal - a pseudo-terminal opened by the program itself: modes, window size, canonical
 * input, echo, isatty, and the terminal calls on what is none.
 */
#include "check.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
    char name[100], buf[200];
    int m = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(m >= 0 && grantpt(m) == 0 && unlockpt(m) == 0 && ptsname_r(m, name, sizeof(name)) == 0);
    int s = open(name, O_RDWR | O_NOCTTY);
    CHECK(s >= 0 && isatty(s) && isatty(m) && !isatty(0));
    struct winsize w = {25, 91, 0, 0}, got;
    CHECK(ioctl(m, TIOCSWINSZ, &w) == 0 && ioctl(s, TIOCGWINSZ, &got) == 0 && got.ws_col == 91);
    CHECK(write(m, "typed\n", 6) == 6 && read(s, buf, 100) == 6 && memcmp(buf, "typed\n", 6) == 0);
    CHECK(read(m, buf, 100) == 7 && memcmp(buf, "typed\r\n", 7) == 0); /* the echo */
    struct termios t;
    CHECK(tcgetattr(s, &t) == 0 && (t.c_lflag & ICANON));
    cfmakeraw(&t);
    CHECK(tcsetattr(s, TCSANOW, &t) == 0 && write(m, "x", 1) == 1 && read(s, buf, 10) == 1);
    struct pollfd f = {m, POLLIN, 0};
    CHECK(poll(&f, 1, 0) == 0 && write(s, "raw\n", 4) == 4 && read(m, buf, 10) == 4);
    int n;
    CHECK(write(m, "12345", 5) == 5 && poll(&(struct pollfd){s, POLLIN, 0}, 1, 1000) == 1);
    CHECK(ioctl(s, FIONREAD, &n) == 0 && n == 5 && tcflush(s, TCIFLUSH) == 0);
    CHECK(ioctl(s, FIONREAD, &n) == 0 && n == 0 && tcdrain(s) == 0);
    CHECK_ERRNO(tcgetattr(0, &t), ENOTTY);
    CHECK_ERRNO(ioctl(0, TIOCGWINSZ, &got), ENOTTY);
    CHECK_ERRNO(ioctl(s, 0x12345678, buf), ENOTTY);
    printf("terminal: ok\n");
    return 0;
}
