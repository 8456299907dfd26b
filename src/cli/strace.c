/*
 * strace.c - one line for one report.
 */
#include "strace.h"

#include "strace_json.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

/* What stands before every line. */
static void print_prefix(struct text *out, const struct rk_report *report, uint64_t ticks,
                         const struct strace_options *options)
{
    if (options->show_tid)
        text_printf(out, "[pid %5d] ", report->tid);
    if (options->show_event)
        text_printf(out, "%llu ", (unsigned long long)report->event);
    if (options->show_ticks && ticks != RK_TICKS_UNKNOWN)
        text_printf(out, "@%llu ", (unsigned long long)ticks);
}

static void text_call(struct text *out, const struct rk_report *report, const struct call *call)
{
    struct printer p = {.out = out, .call = call, .phase = AT_ENTRY};
    print_prefix(out, report, call->ticks, call->options);
    size_t start = out->len;
    if (call->row->name != NULL)
        text_printf(out, "%s(", call->row->name);
    else
        text_printf(out, "syscall_%#x(", call->nr);
    print_args(&p);
    text_char(out, ')');
    if (out->len - start >= call->options->column)
        text_char(out, ' ');
    text_pad(out, start + call->options->column);
    text_str(out, "= ");
    print_result(&p);
    text_char(out, '\n');
}

static int format_call(struct text *out, const struct rk_report *report, size_t len,
                       const struct strace_options *options)
{
    struct call call;
    int rc = call_open(&call, report, len, options);
    if (rc != 0)
        return rc;
    if (options->json)
        json_call(out, report, &call);
    else
        text_call(out, report, &call);
    call_close(&call);
    return 0;
}

static void text_signal(struct text *out, const struct rk_report *report, const struct mem *siginfo,
                        const struct strace_options *options)
{
    static const struct syscall_row row;
    struct call none = {.options = options, .row = &row};
    struct printer p = {.out = out, .call = &none, .phase = AT_ENTRY};
    print_prefix(out, report, RK_TICKS_UNKNOWN, options);
    text_str(out, "--- ");
    print_signal(&p, report->nr);
    text_char(out, ' ');
    print_siginfo(&p, siginfo);
    text_str(out, " ---\n");
}

static int format_signal(struct text *out, const struct rk_report *report, size_t len,
                         const struct strace_options *options)
{
    const uint8_t *data = (const uint8_t *)(report + 1);
    struct mem siginfo = {data, len - sizeof(*report), 0, len - sizeof(*report)};
    if (siginfo.len < struct_size(ST_siginfo))
        return -EBADMSG;
    if (options->json)
        json_signal(out, report, &siginfo);
    else
        text_signal(out, report, &siginfo, options);
    return 0;
}

static int format_exit(struct text *out, const struct rk_report *report, size_t len,
                       const struct strace_options *options)
{
    int status = (int)report->result;
    if (options->json) {
        json_exit(out, report);
        return 0;
    }
    struct printer p = {.out = out};
    print_prefix(out, report, RK_TICKS_UNKNOWN, options);
    if (WIFSIGNALED(status)) {
        text_str(out, "+++ killed by ");
        print_signal(&p, (uint64_t)WTERMSIG(status));
        text_str(out, WCOREDUMP(status) ? " (core dumped) +++\n" : " +++\n");
    } else {
        text_printf(out, "+++ exited with %d +++\n", WEXITSTATUS(status));
    }
    return 0;
}

/* In text, an exec is seen as its syscall and notices are the caller's to show. */
static int format_exec(struct text *out, const struct rk_report *report, size_t len,
                       const struct strace_options *options)
{
    if (options->json)
        json_message(out, report, "exec", "path", (const uint8_t *)(report + 1),
                     len - sizeof(*report));
    return 0;
}

static int format_notice(struct text *out, const struct rk_report *report, size_t len,
                         const struct strace_options *options)
{
    if (options->json)
        json_message(out, report, "notice", "text", (const uint8_t *)(report + 1),
                     len - sizeof(*report));
    return 0;
}

typedef int format_fn(struct text *out, const struct rk_report *report, size_t len,
                      const struct strace_options *options);
static const struct {
    uint16_t kind;
    format_fn *format;
} kinds[] = {
    {RK_REPORT_SYSCALL, format_call},  {RK_REPORT_SIGNAL, format_signal},
    {RK_REPORT_EXIT, format_exit},     {RK_REPORT_EXEC, format_exec},
    {RK_REPORT_NOTICE, format_notice},
};

static int format(struct text *out, const struct rk_report *report, size_t len,
                  const struct strace_options *options)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].kind == report->kind)
            return kinds[i].format(out, report, len, options);
    return 0;
}

int strace_format(FILE *out, const struct rk_report *report, size_t len,
                  const struct strace_options *options)
{
    struct text line = {0};
    if (len < sizeof(*report))
        return -EBADMSG;
    int rc = format(&line, report, len, options);
    if (rc == 0 && line.failed)
        rc = -ENOMEM;
    if (rc == 0 && line.len > 0 && fwrite(line.data, 1, line.len, out) != line.len)
        rc = -EIO;
    text_free(&line);
    return rc;
}
