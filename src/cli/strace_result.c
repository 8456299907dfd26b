/*
 * strace_result.c - prints what a call returned and what that means.
 */
#include "strace_print.h"

#include <fcntl.h>
#include <string.h>

/* ------------------------------------------------------------------- meanings */

/* Time left of a time-out that the kernel wrote back. */
static void print_left(struct printer *p, unsigned arg, unsigned st, const char *before)
{
    p->arg = arg;
    p->phase = AT_EXIT;
    if (p->call->args[arg] == 0 || !struct_captured(p, st, p->call->args[arg]))
        return;
    text_printf(p->out, "%sleft ", before);
    print_struct_at(p, st, p->call->args[arg]);
}

static void mean_poll(struct printer *p)
{
    if (p->call->result == 0) {
        text_str(p->out, " (Timeout)");
        return;
    }
    text_str(p->out, " (");
    print_polled(p);
    if (p->call->nr == NR_ppoll)
        print_left(p, 2, ST_timespec, ", ");
    text_char(p->out, ')');
}

static void mean_select(struct printer *p)
{
    static const char *const names[] = {NULL, "in", "out", "except"};
    const char *before = " (";
    if (p->call->result == 0) {
        text_str(p->out, " (Timeout)");
        return;
    }
    for (unsigned i = 1; i <= 3; i++) {
        struct mem mem = call_mem(p->call, i, AT_EXIT, p->call->args[i]);
        bool any = false;
        for (size_t k = 0; k < mem.len && k < (p->call->args[0] + 7) / 8; k++)
            any = any || mem.data[k] != 0;
        if (!any)
            continue;
        text_printf(p->out, "%s%s ", before, names[i]);
        print_fdset(p, &mem, (uint32_t)p->call->args[0]);
        before = ", ";
    }
    print_left(p, 4, p->call->nr == NR_select ? ST_timeval : ST_timespec, before);
    text_char(p->out, ')');
}

static void mean_fcntl(struct printer *p)
{
    uint64_t value = (uint64_t)p->call->result;
    const struct name_set *set = NULL;
    switch ((uint32_t)p->call->args[1]) {
    case F_GETFL:
        set = &names_open;
        break;
    case F_GETFD:
        set = value != 0 ? &names_fd_flags : NULL;
        break;
    case F_GET_SEALS:
        set = value != 0 ? &names_seals : NULL;
        break;
    case F_GETLEASE:
        text_str(p->out, " (");
        print_enum(p, &names_flock_type, value);
        text_char(p->out, ')');
        return;
    }
    if (set == NULL)
        return;
    text_str(p->out, p->call->args[1] == F_GET_SEALS ? " (seals " : " (flags ");
    print_flags(p, set, value);
    text_char(p->out, ')');
}

static void mean_name(struct printer *p, const struct name_set *set)
{
    text_str(p->out, " (");
    print_enum(p, set, (uint64_t)p->call->result);
    text_char(p->out, ')');
}

static void mean_personality(struct printer *p)
{
    mean_name(p, &names_personality);
}

static void mean_policy(struct printer *p)
{
    mean_name(p, &names_sched_policy);
}

static void mean_clock_state(struct printer *p)
{
    mean_name(p, &names_timex_state);
}

static void mean_signal(struct printer *p)
{
    mean_name(p, &names_signal);
}

/* The query answers with the commands that there are. */
static void mean_membarrier(struct printer *p)
{
    if ((uint32_t)p->call->args[0] != 0)
        return;
    text_str(p->out, " (");
    print_flags(p, &names_membarrier, (uint64_t)p->call->result);
    text_char(p->out, ')');
}

static void mean_date(struct printer *p)
{
    char date[64];
    if (format_date(p->call->result, date, sizeof(date)))
        text_printf(p->out, " (%s+0000)", date);
}

static void mean_prctl(struct printer *p)
{
    static const char *const names[] = {"SUID_DUMP_DISABLE", "SUID_DUMP_USER", "SUID_DUMP_ROOT"};
    if ((uint32_t)p->call->args[0] == 3 && p->call->result < 3) /* PR_GET_DUMPABLE */
        text_printf(p->out, " (%s)", names[p->call->result]);
}

static const struct {
    uint32_t nr;
    void (*print)(struct printer *p);
} meanings[] = {
    {NR_poll, mean_poll},
    {NR_ppoll, mean_poll},
    {NR_select, mean_select},
    {NR_pselect6, mean_select},
    {NR_fcntl, mean_fcntl},
    {NR_personality, mean_personality},
    {NR_sched_getscheduler, mean_policy},
    {NR_adjtimex, mean_clock_state},
    {NR_clock_adjtime, mean_clock_state},
    {NR_rt_sigtimedwait, mean_signal},
    {NR_membarrier, mean_membarrier},
    {NR_time, mean_date},
    {NR_prctl, mean_prctl},
};

void print_result_meaning(struct printer *p)
{
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (meanings[i].nr == p->call->nr) {
            meanings[i].print(p);
            return;
        }
}

/* --------------------------------------------------------------------- numbers */
static void print_error(struct printer *p)
{
    int64_t error = -p->call->result;
    const char *name = strace_errno_name(error);
    if (name != NULL && error < 512)
        text_printf(p->out, "-1 %s (%s)", name, strerror((int)error));
    else if (name != NULL)
        text_printf(p->out, "? %s", name);
    else
        text_printf(p->out, "-1 (errno %d)", (int)error);
}

/* fcntl's flags are hexadecimal, its other results are not. */
static bool result_is_flags(const struct call *call)
{
    uint32_t command = (uint32_t)call->args[1];
    return command == F_GETFL || command == F_GETFD || command == F_GET_SEALS;
}

static void print_number(struct printer *p)
{
    const struct call *call = p->call;
    long long result = call->result;
    bool query = call->nr == NR_membarrier && (uint32_t)call->args[0] == 0;
    bool hex = call->row->ret == RET_HEX || query ||
               (call->row->ret == RET_FLAGS_OPEN && result_is_flags(call));
    if (call->row->ret == RET_NONE)
        text_char(p->out, '?');
    else if (call->nr == NR_umask)
        text_printf(p->out, "%#03llo", (unsigned long long)result);
    else if (hex)
        text_printf(p->out, "%#llx", (unsigned long long)result);
    else
        text_printf(p->out, "%lld", result);
}

void print_result(struct printer *p)
{
    if (p->call->failed) {
        print_error(p);
        return;
    }
    print_number(p);
    if (p->call->row->ret != RET_NONE)
        print_result_meaning(p);
}
