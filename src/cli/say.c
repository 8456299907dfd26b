/* say.c - what the tool says, and how it reads option values. */
#include "cli.h"
#include "strace.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One write for one line: the program may be writing to the same terminal. */
static void say(const char *format, va_list args)
{
    char line[4096] = "rr-like: ";
    const size_t prefix = 9;
    int n = vsnprintf(line + prefix, sizeof(line) - prefix - 1, format, args);
    size_t len = prefix + (n < 0 ? 0 : (size_t)n);
    if (len > sizeof(line) - 2)
        len = sizeof(line) - 2;
    line[len++] = '\n';
    (void)!write(STDERR_FILENO, line, len);
}

void cli_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

void cli_say_text(void *ctx, const char *text)
{
    cli_say("%s", text);
}

int cli_usage(const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    if (command)
        cli_say("`rr-like %s --help` lists the options", command);
    else
        cli_say("`rr-like --help` lists the commands");
    return command && !strcmp(command, "record") ? CLI_FAILED : CLI_USAGE;
}

int cli_bad_option(const char *command, char **argv)
{
    if (optopt && optopt < 0x100)
        return cli_usage(command, "option -%c is unknown or lacks its value", optopt);
    return cli_usage(command,
                     "option %s is unknown or ambiguous, or its value is missing or not wanted",
                     argv[optind - 1]);
}

int cli_finish_stdout(int code)
{
    if (!fflush(stdout) && !ferror(stdout))
        return code;
    if (errno != EPIPE)
        cli_say("standard output cannot be written: %s", strerror(errno));
    return CLI_FAILED;
}

/* ------------------------------------------------------------ option values */

int cli_parse_size(const char *text, uint64_t *bytes)
{
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    double v = strtod(text, &end);
    if (end == text || errno || !(v >= 0) || v > 1e18)
        return -EINVAL;
    const char *unit = *end ? strchr(units, *end >= 'a' ? *end - 32 : *end) : NULL;
    if (unit) {
        for (long i = unit - units; i >= 0; i--)
            v *= 1024;
        end++;
        if (!strcmp(end, "iB") || !strcmp(end, "B"))
            end += strlen(end);
    }
    if (*end || v > 1e18)
        return -EINVAL;
    *bytes = (uint64_t)v;
    return 0;
}

int cli_parse_vcpu(const char *text, enum rk_vcpu_mode *mode)
{
    static const char *const names[] = {"auto", "native", "translated"};
    for (int i = 0; i < 3; i++) {
        if (!strcmp(text, names[i])) {
            *mode = (enum rk_vcpu_mode)i;
            return 0;
        }
    }
    return -EINVAL;
}

static int number(const char **p, uint64_t *out)
{
    char *end;
    if (**p < '0' || **p > '9')
        return -EINVAL;
    errno = 0;
    *out = strtoull(*p, &end, 10);
    *p = end;
    return errno ? -EINVAL : 0;
}

int cli_parse_number(const char *text, uint64_t *value)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    *value = strtoull(text, &end, 0);
    return errno || *end ? -EINVAL : 0;
}

int cli_parse_decimal(const char *text, uint64_t max, uint64_t *value)
{
    return number(&text, value) || *text || *value > max ? -EINVAL : 0;
}

int cli_parse_seconds(const char *text, uint64_t *ns)
{
    char *end;
    if (!strchr("0123456789.", *text))
        return -EINVAL;
    double seconds = strtod(text, &end);
    if (*end || end == text || !(seconds > 0) || seconds > 1e9)
        return -EINVAL;
    *ns = (uint64_t)(seconds * 1e9) + 1;
    return 0;
}

int cli_parse_range(const char *text, uint64_t *first, uint64_t *last)
{
    *first = 1;
    *last = UINT64_MAX;
    if (*text != '-' && number(&text, first))
        return -EINVAL;
    if (!*text) {
        *last = *first;
        return *first ? 0 : -EINVAL;
    }
    if (*text++ != '-')
        return -EINVAL;
    if (*text && number(&text, last))
        return -EINVAL;
    return *text || !*first || *last < *first ? -EINVAL : 0;
}

/* ------------------------------------------------------------------ statuses */

int cli_program_code(int wait_status)
{
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

const char *cli_status_text(int wait_status)
{
    static char text[64];
    if (WIFSIGNALED(wait_status)) {
        const char *name = strace_signal_name((uint64_t)WTERMSIG(wait_status));
        snprintf(text, sizeof(text), "was killed by %s (signal %d)", name ? name : "a signal",
                 WTERMSIG(wait_status));
    } else {
        snprintf(text, sizeof(text), "exited with %d", WEXITSTATUS(wait_status));
    }
    return text;
}
