/* event_text.c - one event of a trace as a line of text or a JSON object. */
#include "event_text.h"
#include "strace.h"

#include <inttypes.h>
#include <string.h>

static const char *const kinds[] = {
    [RK_EV_SYSCALL] = "syscall", [RK_EV_DATA] = "data",     [RK_EV_TSC] = "tsc",
    [RK_EV_OBJECT] = "object",   [RK_EV_SIGNAL] = "signal", [RK_EV_HOST_FAIL] = "host-fail",
    [RK_EV_RANDOM] = "random",   [RK_EV_NOTICE] = "notice", [RK_EV_EXIT] = "exit",
    [RK_EV_KILLED] = "killed",   [RK_EV_EXEC] = "exec",     [RK_EV_SWITCH] = "switch",
};

const char *event_kind_name(unsigned kind)
{
    return kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[kind] ? kinds[kind] : "?";
}

void json_string(FILE *out, const char *text, size_t len)
{
    putc('"', out);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < ' ' || c > '~')
            fprintf(out, "\\u%04x", c);
        else
            putc(c, out);
    }
    putc('"', out);
}

/* What `nr` means depends on the kind. */
static const char *nr_name(const struct rk_event *e)
{
    if (e->kind == RK_EV_SYSCALL)
        return strace_syscall_name(e->nr);
    if (e->kind == RK_EV_SIGNAL)
        return strace_signal_name(e->nr);
    return NULL;
}

static const char *payload(const void *event, const struct rk_event *e, size_t len, size_t *n)
{
    *n = len > sizeof(*e) ? len - sizeof(*e) : 0;
    return (const char *)event + sizeof(*e);
}

/* Objects, notices and execs end in (or are) text. */
static const char *payload_text(const void *event, const struct rk_event *e, size_t len, size_t *n)
{
    const char *p = payload(event, e, len, n);
    size_t skip = e->kind == RK_EV_OBJECT ? sizeof(struct rk_object) : 0;
    if ((e->kind != RK_EV_OBJECT && e->kind != RK_EV_NOTICE && e->kind != RK_EV_EXEC) || *n < skip)
        return NULL;
    *n = strnlen(p + skip, *n - skip);
    return p + skip;
}

static void print_nr(FILE *out, const struct rk_event *e)
{
    const char *name = nr_name(e);
    if (name)
        fprintf(out, " %s", name);
    else if (e->kind == RK_EV_OBJECT || e->kind == RK_EV_SYSCALL || e->kind == RK_EV_SIGNAL)
        fprintf(out, " %" PRIu32, e->nr);
}

static void print_result(FILE *out, const struct rk_event *e)
{
    const char *name =
        e->kind == RK_EV_SYSCALL && e->result < 0 ? strace_errno_name(-e->result) : NULL;
    if (e->kind == RK_EV_TSC || e->kind == RK_EV_RANDOM)
        fprintf(out, " = 0x%" PRIx64, (uint64_t)e->result);
    else if (name)
        fprintf(out, " = -%s", name);
    else
        fprintf(out, " = %" PRId64, e->result);
}

static void print_point(FILE *out, const struct rk_event *e)
{
    fprintf(out, "  tid %" PRId32 " at ", e->tid);
    if (e->ticks == RK_TICKS_UNKNOWN)
        fputs("-", out);
    else
        fprintf(out, "%" PRIu64, e->ticks);
    fprintf(out, ":0x%" PRIx64 " regs %016" PRIx64, e->pc, e->regs);
    if (e->check)
        fprintf(out, " check %016" PRIx64, e->check);
}

void event_print(FILE *out, uint64_t number, const void *event, size_t len)
{
    struct rk_event e = {0};
    size_t n;
    memcpy(&e, event, len < sizeof(e) ? len : sizeof(e));
    fprintf(out, "%8" PRIu64 " %s", number, event_kind_name(e.kind));
    print_nr(out, &e);
    print_result(out, &e);
    print_point(out, &e);
    payload(event, &e, len, &n);
    if (n)
        fprintf(out, " +%zu", n);
    if (e.flags)
        fprintf(out, " flags 0x%x", e.flags);
    const char *text = payload_text(event, &e, len, &n);
    if (text) {
        putc(' ', out);
        json_string(out, text, n);
    }
    putc('\n', out);
}

static void print_json_hex(FILE *out, const char *p, size_t n)
{
    fputs(",\"payload\":\"", out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%02x", (unsigned char)p[i]);
    putc('"', out);
}

void event_print_json(FILE *out, uint64_t number, const void *event, size_t len, int with_payload)
{
    struct rk_event e = {0};
    size_t n;
    memcpy(&e, event, len < sizeof(e) ? len : sizeof(e));
    const char *name = nr_name(&e);
    fprintf(out, "{\"event\":%" PRIu64 ",\"kind\":\"%s\",\"nr\":%" PRIu32, number,
            event_kind_name(e.kind), e.nr);
    if (name)
        fprintf(out, ",\"name\":\"%s\"", name);
    fprintf(out, ",\"result\":%" PRId64 ",\"tid\":%" PRId32, e.result, e.tid);
    if (e.ticks != RK_TICKS_UNKNOWN)
        fprintf(out, ",\"ticks\":%" PRIu64, e.ticks);
    /* 64-bit hashes and addresses as strings: JSON's readers round numbers past 2^53. */
    fprintf(out,
            ",\"pc\":\"0x%" PRIx64 "\",\"regs\":\"%016" PRIx64 "\",\"check\":\"%016" PRIx64 "\"",
            e.pc, e.regs, e.check);
    const char *text = payload_text(event, &e, len, &n);
    if (text) {
        fputs(",\"text\":", out);
        json_string(out, text, n);
    }
    const char *p = payload(event, &e, len, &n);
    fprintf(out, ",\"flags\":%u,\"payload_size\":%zu", e.flags, n);
    if (with_payload)
        print_json_hex(out, p, n);
    fputs("}\n", out);
}

void event_print_payload(FILE *out, const void *event, size_t len)
{
    struct rk_event e = {0};
    size_t n;
    const unsigned char *p = (const unsigned char *)payload(event, &e, len, &n);
    for (size_t at = 0; at < n; at += 16) {
        fprintf(out, "         %06zx ", at);
        for (size_t i = 0; i < 16; i++) {
            if (at + i < n)
                fprintf(out, " %02x", p[at + i]);
            else
                fputs("   ", out);
        }
        fputs("  ", out);
        for (size_t i = 0; i < 16 && at + i < n; i++)
            putc(p[at + i] >= ' ' && p[at + i] <= '~' ? p[at + i] : '.', out);
        putc('\n', out);
    }
}
