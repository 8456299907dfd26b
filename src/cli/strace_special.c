/*
 * strace_special.c - calls that print some of their arguments in a way of their own.
 */
#include "strace_print.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* -------------------------------------------------- arguments that are left out */

/* A mode counts only for a call that may create a file. */
static bool creates_nothing(const struct call *call, unsigned i)
{
    uint64_t flags = call->args[i - 1];
    return (flags & O_CREAT) == 0 && (flags & O_TMPFILE) != O_TMPFILE;
}

static bool is_no_device(const struct call *call, unsigned i)
{
    uint64_t type = call->args[i - 1] & S_IFMT;
    return type != S_IFCHR && type != S_IFBLK;
}

static bool moves_anywhere(const struct call *call, unsigned i)
{
    return (call->args[i - 1] & (MREMAP_FIXED | 4)) == 0; /* 4: MREMAP_DONTUNMAP */
}

static bool names_no_cpu(const struct call *call, unsigned i)
{
    return (call->args[i - 1] & 1) == 0; /* MEMBARRIER_CMD_FLAG_CPU */
}

static const struct {
    uint16_t nr, arg;
    bool (*absent)(const struct call *call, unsigned i);
} optional[] = {
    {NR_open, 2, creates_nothing},    {NR_openat, 3, creates_nothing},
    {NR_mq_open, 2, creates_nothing}, {NR_mknod, 2, is_no_device},
    {NR_mknodat, 3, is_no_device},    {NR_mremap, 4, moves_anywhere},
    {NR_membarrier, 2, names_no_cpu},
};

bool arg_is_absent(const struct call *call, unsigned i)
{
    for (size_t k = 0; k < sizeof(optional) / sizeof(optional[0]); k++)
        if (optional[k].nr == call->nr && optional[k].arg == i)
            return optional[k].absent(call, i);
    return false;
}

/* -------------------------------------------------------------- single arguments */

/* The directory: a path with its NUL, whole. */
static void own_cwd(struct printer *p, uint64_t addr)
{
    struct mem mem = call_mem(p->call, p->arg, AT_EXIT, addr);
    if (p->call->failed || mem.data == NULL)
        print_ptr(p, addr);
    else
        text_quoted(p->out, mem.data, strnlen((const char *)mem.data, mem.len));
}

/* Time left, which is written only when a signal ended the sleep. */
static void own_remaining(struct printer *p, uint64_t addr)
{
    p->phase = AT_EXIT;
    if (p->call->result == -EINTR)
        print_struct_at(p, ST_timespec, addr);
    else
        print_ptr(p, addr);
}

static void own_offset(struct printer *p, uint64_t addr)
{
    struct mem before = call_struct(p->call, p->arg, AT_ENTRY, addr, 8);
    struct mem after = call_struct(p->call, p->arg, AT_EXIT, addr, 8);
    if (before.data == NULL) {
        print_ptr(p, addr);
        return;
    }
    text_printf(p->out, "[%lld]", (long long)mem_int(&before, 0, 8));
    if (after.data != NULL && !p->call->failed)
        text_printf(p->out, " => [%lld]", (long long)mem_int(&after, 0, 8));
}

/* The answer of wait: there is none when no child changed. */
static void own_status(struct printer *p, uint64_t addr)
{
    p->phase = AT_EXIT;
    if (p->call->result > 0)
        print_struct_at(p, ST_wstatus, addr);
    else
        print_ptr(p, addr);
}

static void own_child_usage(struct printer *p, uint64_t addr)
{
    p->phase = AT_EXIT;
    if (p->call->result > 0 || (p->call->nr == NR_waitid && p->call->result == 0))
        print_struct_at(p, ST_rusage, addr);
    else
        print_ptr(p, addr);
}

/* The environment is long and seldom of interest: how many strings it has. */
static void own_environment(struct printer *p, uint64_t addr)
{
    unsigned count = 0;
    for (size_t i = 0; i < p->call->captures; i++)
        if (p->call->capture[i].arg == p->arg && (p->call->capture[i].flags & RK_CAP_STRV) != 0)
            count++;
    print_ptr(p, addr);
    if (addr != 0)
        text_printf(p->out, " /* %u var%s */", count, count == 1 ? "" : "s");
}

/* The kernel fills it whatever it is given. */
static void own_timex(struct printer *p, uint64_t addr)
{
    p->phase = p->call->failed ? AT_ENTRY : AT_EXIT;
    print_struct_at(p, ST_timex, addr);
}

static void own_time(struct printer *p, uint64_t addr)
{
    struct mem mem = call_struct(p->call, p->arg, AT_EXIT, addr, 8);
    if (p->call->failed || mem.data == NULL) {
        print_ptr(p, addr);
        return;
    }
    text_printf(p->out, "[%lld", (long long)mem_int(&mem, 0, 8));
    print_date(p, mem_int(&mem, 0, 8), 0, 0);
    text_char(p->out, ']');
}

static void own_received(struct printer *p, uint64_t addr)
{
    p->phase = p->call->failed ? AT_ENTRY : AT_EXIT;
    print_array_at(p, ST_mmsghdr, addr,
                   p->call->failed ? p->call->args[2] : (uint64_t)p->call->result);
}

static const struct {
    uint16_t nr, arg;
    value_fn *print;
} own[] = {
    {NR_getcwd, 0, own_cwd},
    {NR_nanosleep, 1, own_remaining},
    {NR_clock_nanosleep, 3, own_remaining},
    {NR_sendfile, 2, own_offset},
    {NR_wait4, 1, own_status},
    {NR_wait4, 3, own_child_usage},
    {NR_waitid, 4, own_child_usage},
    {NR_execve, 2, own_environment},
    {NR_execveat, 3, own_environment},
    {NR_adjtimex, 0, own_timex},
    {NR_clock_adjtime, 1, own_timex},
    {NR_time, 0, own_time},
    {NR_recvmmsg, 1, own_received},
    {NR_sendmmsg, 1, own_received},
};

bool print_own_arg(struct printer *p, unsigned i)
{
    for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
        if (own[k].nr == p->call->nr && own[k].arg == i) {
            own[k].print(p, p->call->args[i]);
            return true;
        }
    return false;
}
