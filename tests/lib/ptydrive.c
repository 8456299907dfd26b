/*
 * ptydrive - runs a command on a pseudo-terminal and plays a script to it.
 *
 *   ptydrive [-s ROWSxCOLS] [-t SECONDS] SCRIPT CMD [ARGS...]
 *
 * The script file has one order a line:
 *   expect TEXT   wait until TEXT appears in output that was not yet matched
 *   send TEXT     type TEXT
 *   quiet MS      wait until nothing has come for MS milliseconds
 *   resize R C    change the window's size (SIGWINCH)
 * TEXT knows \n \r \t \e \\ and \xHH. What the terminal showed goes to stdout when the
 * command has ended. Exit status: the command's, 128+N when a signal ended it; 124 when
 * something did not come in time (default 30 s for all), 125 for a bad script.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *output;
static size_t output_len, matched;
static int terminal = -1;
static pid_t child;
static long long deadline;

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void finish(int status, const char *why, const char *detail)
{
    fwrite(output, 1, output_len, stdout);
    if (why)
        fprintf(stderr, "ptydrive: %s%s\n", why, detail);
    if (child > 0 && status >= 124)
        kill(child, SIGKILL);
    fflush(NULL);
    _exit(status);
}

/* Takes what the terminal shows within ms; 1: something came, 0: nothing, -1: the end. */
static int take(long long ms)
{
    struct pollfd p = {terminal, POLLIN, 0};
    if (now_ms() > deadline)
        finish(124, "out of time", "");
    if (poll(&p, 1, (int)ms) <= 0)
        return 0;
    output = realloc(output, output_len + 65536);
    if (!output)
        abort();
    ssize_t n = read(terminal, output + output_len, 65536);
    if (n <= 0)
        return -1;
    output_len += (size_t)n;
    return 1;
}

/* Replaces the escapes in place; returns the length. */
static size_t unescape(char *s)
{
    char *from = s, *to = s;
    while (*from) {
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        from++;
        char hex[3] = {from[1], from[1] ? from[2] : 0, 0};
        switch (*from++) {
        case 'n':
            *to++ = '\n';
            break;
        case 'r':
            *to++ = '\r';
            break;
        case 't':
            *to++ = '\t';
            break;
        case 'e':
            *to++ = 27;
            break;
        case 'x':
            *to++ = (char)strtol(hex, NULL, 16);
            from += 2;
            break;
        default:
            *to++ = from[-1];
        }
    }
    return (size_t)(to - s);
}

static void expect(const char *text, size_t len)
{
    for (;;) {
        char *hit = output_len - matched >= len
                        ? memmem(output + matched, output_len - matched, text, len)
                        : NULL;
        if (hit) {
            matched = (size_t)(hit - output) + len;
            return;
        }
        if (take(1000) < 0)
            finish(125, "the command ended before it said: ", text);
    }
}

static void type(const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(terminal, text, len);
        if (n < 0)
            finish(125, "cannot type: ", strerror(errno));
        text += n;
        len -= (size_t)n;
    }
}

static void obey(char *line)
{
    char *text = strchr(line, ' ');
    line[strcspn(line, "\n")] = 0;
    if (!*line || *line == '#')
        return;
    if (!text)
        finish(125, "bad order: ", line);
    *text++ = 0;
    if (strcmp(line, "expect") == 0) {
        size_t n = unescape(text);
        expect(text, n);
    } else if (strcmp(line, "send") == 0) {
        size_t n = unescape(text);
        type(text, n);
    } else if (strcmp(line, "quiet") == 0) {
        while (take(atoi(text)) > 0)
            ;
    } else if (strcmp(line, "resize") == 0) {
        struct winsize w = {0};
        if (sscanf(text, "%hu %hu", &w.ws_row, &w.ws_col) != 2 ||
            ioctl(terminal, TIOCSWINSZ, &w) != 0)
            finish(125, "cannot resize: ", text);
    } else {
        finish(125, "bad order: ", line);
    }
}

static void start(struct winsize *size, char **command)
{
    child = forkpty(&terminal, NULL, NULL, size);
    if (child < 0)
        finish(125, "no pseudo-terminal: ", strerror(errno));
    if (child > 0)
        return;
    signal(SIGPIPE, SIG_DFL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    struct winsize size = {24, 80, 0, 0};
    int opt, seconds = 30, status;
    while ((opt = getopt(argc, argv, "+s:t:")) != -1) {
        if (opt == 't')
            seconds = atoi(optarg);
        else if (opt != 's' || sscanf(optarg, "%hux%hu", &size.ws_row, &size.ws_col) != 2)
            return 125;
    }
    if (argc - optind < 2)
        return 125;
    FILE *script = fopen(argv[optind], "r");
    if (!script)
        finish(125, "cannot read ", argv[optind]);
    deadline = now_ms() + seconds * 1000ll;
    start(&size, argv + optind + 1);
    char line[4096];
    while (fgets(line, sizeof(line), script))
        obey(line);
    while (take(1000) >= 0)
        ;
    if (waitpid(child, &status, 0) != child)
        finish(125, "lost the command", "");
    finish(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), NULL, "");
}
