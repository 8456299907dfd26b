/*
 * strace_signal.c - signals: names, sets, actions and what a siginfo says.
 */
#include "strace_print.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define SIGNALS 64
#define FIRST_RT 32

static const char *const signal_names[FIRST_RT] = {
    NULL,        "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
    "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
    "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
    "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS",
};

/* strace counts real-time signals from the kernel's first one: SIGRTMIN is 32, then SIGRT_1. */
static const char *const rt_names[SIGNALS - FIRST_RT + 1] = {
    "SIGRTMIN", "SIGRT_1",  "SIGRT_2",  "SIGRT_3",  "SIGRT_4",  "SIGRT_5",  "SIGRT_6",
    "SIGRT_7",  "SIGRT_8",  "SIGRT_9",  "SIGRT_10", "SIGRT_11", "SIGRT_12", "SIGRT_13",
    "SIGRT_14", "SIGRT_15", "SIGRT_16", "SIGRT_17", "SIGRT_18", "SIGRT_19", "SIGRT_20",
    "SIGRT_21", "SIGRT_22", "SIGRT_23", "SIGRT_24", "SIGRT_25", "SIGRT_26", "SIGRT_27",
    "SIGRT_28", "SIGRT_29", "SIGRT_30", "SIGRT_31", "SIGRT_32",
};

const char *strace_signal_name(uint64_t value)
{
    if (value < FIRST_RT)
        return signal_names[value];
    return value <= SIGNALS ? rt_names[value - FIRST_RT] : NULL;
}

void print_signal(struct printer *p, uint64_t signal)
{
    const char *name = strace_signal_name((uint32_t)signal);
    if (name != NULL)
        text_str(p->out, name);
    else
        text_printf(p->out, "%d", (int)signal);
}
const struct name_set names_signal = NAME_SET_FN(print_signal);

/* Members without their SIG; a set with more members than not is shown as ~ the others. */
static void print_members(struct printer *p, uint64_t set, bool inverted)
{
    unsigned shown = 0;
    text_str(p->out, inverted ? "~[" : "[");
    for (unsigned sig = 1; sig <= SIGNALS; sig++) {
        if ((set >> (sig - 1) & 1) == 0)
            continue;
        const char *name = strace_signal_name(sig);
        text_printf(p->out, "%s%s", shown++ > 0 ? " " : "", name + 3);
    }
    text_char(p->out, ']');
}

void print_sigset(struct printer *p, uint64_t set)
{
    bool inverted = __builtin_popcountll(set) >= 43; /* two thirds */
    print_members(p, inverted ? ~set : set, inverted);
}

static void print_sigset_bytes(struct printer *p, const struct mem *mem)
{
    print_sigset(p, mem_uint(mem, 0, 8));
}
const struct struct_print layout_sigset = STRUCT_FN(print_sigset_bytes);

/* Sixth argument of pselect6: a pointer to the set, and its size. */
static void print_sigset_arg(struct printer *p, const struct mem *mem)
{
    uint64_t addr = mem_uint(mem, 0, 8);
    text_str(p->out, "{sigmask=");
    print_struct_at(p, ST_sigset, addr);
    text_printf(p->out, ", sigsetsize=%llu}", (unsigned long long)mem_uint(mem, 8, 8));
}
const struct struct_print layout_sigset_arg = STRUCT_FN(print_sigset_arg);

/* ---------------------------------------------------------------- sigaction */
static void field_handler(struct printer *p, const struct mem *mem, const struct field *f)
{
    uint64_t handler = mem_uint(mem, f->off, 8);
    if (handler == (uint64_t)(uintptr_t)SIG_DFL)
        text_str(p->out, "SIG_DFL");
    else if (handler == (uint64_t)(uintptr_t)SIG_IGN)
        text_str(p->out, "SIG_IGN");
    else
        print_ptr(p, handler);
}

static void field_sigset(struct printer *p, const struct mem *mem, const struct field *f)
{
    print_sigset(p, mem_uint(mem, f->off, 8));
}

#define RESTORER 0x04000000u
static bool has_restorer(const struct mem *mem)
{
    return (mem_uint(mem, 8, 8) & RESTORER) != 0;
}

static const struct field sigaction_fields[] = {
    FIELD_FN("sa_handler", 0, 8, field_handler),
    FIELD_FN("sa_mask", 24, 8, field_sigset),
    FIELD_OF("sa_flags", 8, 8, FF_FLAGS, FS_sa_flags),
    FIELD_IF("sa_restorer", 16, 8, FF_PTR, NULL, has_restorer),
};
const struct struct_print layout_sigaction = STRUCT_FIELDS(sigaction_fields);

static const struct field stack_fields[] = {
    FIELD("ss_sp", 0, 8, FF_PTR),
    FIELD_OF("ss_flags", 8, 4, FF_FLAGS, FS_ss_flags),
    FIELD("ss_size", 16, 8, FF_UINT),
};
const struct struct_print layout_stack = STRUCT_FIELDS(stack_fields);

/* ----------------------------------------------------------------- sigevent */
static bool has_sigval(const struct mem *mem)
{
    return mem_uint(mem, 0, 8) != 0;
}

static bool notifies_by_signal(const struct mem *mem)
{
    uint64_t how = mem_uint(mem, 12, 4);
    return how == SIGEV_SIGNAL || how == SIGEV_THREAD_ID;
}

static bool notifies_thread(const struct mem *mem)
{
    return mem_uint(mem, 12, 4) == SIGEV_THREAD_ID;
}

static bool notifies_otherwise(const struct mem *mem)
{
    return !notifies_by_signal(mem);
}

static void field_sigval(struct printer *p, const struct mem *mem, const struct field *f)
{
    text_printf(p->out, "{sival_int=%d, sival_ptr=", (int)mem_int(mem, f->off, 4));
    print_ptr(p, mem_uint(mem, f->off, 8));
    text_char(p->out, '}');
}

static void field_signal(struct printer *p, const struct mem *mem, const struct field *f)
{
    print_signal(p, mem_uint(mem, f->off, f->size));
}

static const struct field sigevent_fields[] = {
    FIELD_IF("sigev_value", 0, 8, FF_FN, field_sigval, has_sigval),
    FIELD_IF("sigev_signo", 8, 4, FF_FN, field_signal, notifies_by_signal),
    FIELD_IF("sigev_signo", 8, 4, FF_INT, NULL, notifies_otherwise),
    FIELD_OF("sigev_notify", 12, 4, FF_ENUM, FS_sigev),
    FIELD_IF("sigev_notify_thread_id", 16, 4, FF_INT, NULL, notifies_thread),
};
const struct struct_print layout_sigevent = STRUCT_FIELDS(sigevent_fields);
