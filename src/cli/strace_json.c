/*
 * strace_json.c - reports as JSON. What is in "text" is what the other form prints, which
 * is ASCII; "string" holds bytes of the program as they are.
 */
#include "strace_json.h"

#include <string.h>
#include <sys/wait.h>

static void json_str(struct text *out, const char *s)
{
    text_json(out, (const uint8_t *)s, strlen(s));
}

static void member_str(struct text *out, const char *key, const char *value)
{
    text_printf(out, ",\"%s\":", key);
    json_str(out, value);
}

static void begin(struct text *out, const struct rk_report *report, const char *kind)
{
    text_printf(out, "{\"type\":\"%s\",\"event\":%llu,\"tid\":%d", kind,
                (unsigned long long)report->event, report->tid);
}

static void end(struct text *out)
{
    text_str(out, "}\n");
}

/* The value of a member "text": what `print` writes. */
struct scratch {
    struct text text;
    struct printer printer;
};

static struct printer *scratch_open(struct scratch *s, const struct call *call)
{
    *s = (struct scratch){.printer = {.call = call, .phase = AT_ENTRY}};
    s->printer.out = &s->text;
    return &s->printer;
}

static void scratch_close(struct scratch *s, struct text *out, const char *key)
{
    text_printf(out, ",\"%s\":", key);
    text_json(out, (const uint8_t *)s->text.data, s->text.len);
    out->failed = out->failed || s->text.failed;
    text_free(&s->text);
}

/* ------------------------------------------------------------------------ calls */

/* The bytes of a path, string or buffer as the program has them, as far as captured. */
static struct mem bytes_of(const struct call *call, unsigned i)
{
    uint64_t len = UINT64_MAX;
    uint32_t word = call->row->args[i], kind = ARG_KIND(word);
    enum phase phase = kind == AK_OBUF ? AT_EXIT : AT_ENTRY;
    bool text = kind == AK_PATH || kind == AK_STR;
    struct mem mem = call_mem(call, i, phase, call->args[i]);
    if (!text && ((kind != AK_IBUF && kind != AK_OBUF) || ARG_PARAM(word) != ST_none))
        return (struct mem){NULL, 0, 0, 0};
    if (mem.data == NULL || (kind == AK_OBUF && call->failed))
        return (struct mem){NULL, 0, 0, 0};
    if (kind == AK_OBUF)
        len = (uint64_t)call->result;
    else if (kind == AK_IBUF)
        len = ARG_INDEX(word) < 6 ? call->args[ARG_INDEX(word)] : 0;
    if (text)
        mem.len = strnlen((const char *)mem.data, mem.len);
    else if (mem.len > len)
        mem.len = (size_t)len;
    return mem;
}

static void json_arg(struct text *out, const struct call *call, unsigned i)
{
    struct scratch s;
    struct printer *p = scratch_open(&s, call);
    text_printf(out, "{\"value\":\"%#llx\"", (unsigned long long)call->args[i]);
    if (ARG_KIND(call->row->args[i]) != AK_NONE && !arg_is_absent(call, i))
        print_arg(p, i);
    if (s.text.len >= 2 && memcmp(s.text.data, ", ", 2) == 0) {
        /* A kind that prints its own comma. */
        memmove(s.text.data, s.text.data + 2, s.text.len - 2);
        s.text.len -= 2;
    }
    scratch_close(&s, out, "text");
    struct mem bytes = bytes_of(call, i);
    if (bytes.data != NULL) {
        text_str(out, ",\"string\":");
        text_json(out, bytes.data, bytes.len);
    }
    text_char(out, '}');
}

static void json_args(struct text *out, const struct call *call)
{
    struct scratch s;
    text_str(out, ",\"args\":[");
    for (unsigned i = 0; i < call->row->nargs; i++) {
        text_str(out, i > 0 ? "," : "");
        json_arg(out, call, i);
    }
    text_char(out, ']');
    print_args(scratch_open(&s, call));
    scratch_close(&s, out, "arguments");
}

static void json_result(struct text *out, const struct call *call)
{
    struct scratch s;
    const char *name = strace_errno_name(-call->result);
    if (call->row->ret != RET_NONE)
        text_printf(out, ",\"result\":%lld", (long long)call->result);
    if (call->failed && name != NULL) {
        member_str(out, "errno", name);
        member_str(out, "error", strerror((int)-call->result));
    } else if (call->row->ret != RET_NONE) {
        print_result(scratch_open(&s, call));
        scratch_close(&s, out, "returned");
    }
}

void json_call(struct text *out, const struct rk_report *report, const struct call *call)
{
    begin(out, report, "syscall");
    if (call->ticks != RK_TICKS_UNKNOWN)
        text_printf(out, ",\"ticks\":%llu", (unsigned long long)call->ticks);
    text_printf(out, ",\"pc\":\"%#llx\",\"nr\":%u", (unsigned long long)call->pc, call->nr);
    if (call->row->name != NULL)
        member_str(out, "name", call->row->name);
    json_args(out, call);
    json_result(out, call);
    end(out);
}

/* --------------------------------------------------------------------- the others */
void json_signal(struct text *out, const struct rk_report *report, const struct mem *siginfo)
{
    static const struct strace_options options = {.max_string = STRACE_MAX_STRING};
    static const struct syscall_row row;
    struct call none = {.options = &options, .row = &row};
    const char *name = strace_signal_name(report->nr);
    struct scratch s;
    begin(out, report, "signal");
    text_printf(out, ",\"signal\":%u", report->nr);
    if (name != NULL)
        member_str(out, "name", name);
    print_siginfo(scratch_open(&s, &none), siginfo);
    scratch_close(&s, out, "siginfo");
    end(out);
}

void json_exit(struct text *out, const struct rk_report *report)
{
    int status = (int)report->result;
    begin(out, report, "exit");
    text_printf(out, ",\"status\":%d", status);
    if (WIFSIGNALED(status)) {
        const char *name = strace_signal_name((uint64_t)WTERMSIG(status));
        text_printf(out, ",\"signal\":%d", WTERMSIG(status));
        if (name != NULL)
            member_str(out, "name", name);
        text_printf(out, ",\"core\":%s", WCOREDUMP(status) ? "true" : "false");
    } else {
        text_printf(out, ",\"code\":%d", WEXITSTATUS(status));
    }
    end(out);
}

void json_message(struct text *out, const struct rk_report *report, const char *kind,
                  const char *key, const uint8_t *data, size_t len)
{
    begin(out, report, kind);
    text_printf(out, ",\"%s\":", key);
    text_json(out, data, strnlen((const char *)data, len));
    end(out);
}
