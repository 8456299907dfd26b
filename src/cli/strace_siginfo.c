/*
 * strace_siginfo.c - what a siginfo says: which members count depends on signal and code.
 */
#include "strace_print.h"

#include <signal.h>

static const struct name any_codes[] = {
    NAME(SI_USER),
    NAME(SI_KERNEL),
    NAME(SI_QUEUE),
    NAME(SI_TIMER),
    NAME(SI_MESGQ),
    NAME(SI_ASYNCIO),
    NAME(SI_SIGIO),
    NAME(SI_TKILL),
    NAME_AS("SI_DETHREAD", -7),
    NAME_AS("SI_ASYNCNL", -60),
};
static const struct name ill_codes[] = {NAME(ILL_ILLOPC), NAME(ILL_ILLOPN), NAME(ILL_ILLADR),
                                        NAME(ILL_ILLTRP), NAME(ILL_PRVOPC), NAME(ILL_PRVREG),
                                        NAME(ILL_COPROC), NAME(ILL_BADSTK)};
static const struct name fpe_codes[] = {NAME(FPE_INTDIV), NAME(FPE_INTOVF), NAME(FPE_FLTDIV),
                                        NAME(FPE_FLTOVF), NAME(FPE_FLTUND), NAME(FPE_FLTRES),
                                        NAME(FPE_FLTINV), NAME(FPE_FLTSUB)};
static const struct name segv_codes[] = {NAME(SEGV_MAPERR), NAME(SEGV_ACCERR),
                                         NAME_AS("SEGV_BNDERR", 3), NAME_AS("SEGV_PKUERR", 4),
                                         NAME_AS("SEGV_CPERR", 10)};
static const struct name bus_codes[] = {NAME(BUS_ADRALN), NAME(BUS_ADRERR), NAME(BUS_OBJERR),
                                        NAME_AS("BUS_MCEERR_AR", 4), NAME_AS("BUS_MCEERR_AO", 5)};
static const struct name trap_codes[] = {NAME(TRAP_BRKPT),          NAME(TRAP_TRACE),
                                         NAME_AS("TRAP_BRANCH", 3), NAME_AS("TRAP_HWBKPT", 4),
                                         NAME_AS("TRAP_UNK", 5),    NAME_AS("TRAP_PERF", 6)};
static const struct name cld_codes[] = {NAME(CLD_EXITED),  NAME(CLD_KILLED),  NAME(CLD_DUMPED),
                                        NAME(CLD_TRAPPED), NAME(CLD_STOPPED), NAME(CLD_CONTINUED)};
static const struct name poll_codes[] = {NAME(POLL_IN),  NAME(POLL_OUT), NAME(POLL_MSG),
                                         NAME(POLL_ERR), NAME(POLL_PRI), NAME(POLL_HUP)};
static const struct name sys_codes[] = {NAME_AS("SYS_SECCOMP", 1), NAME_AS("SYS_USER_DISPATCH", 2)};

/* Offsets in the kernel's siginfo. */
enum { AT_SIGNO = 0, AT_ERRNO = 4, AT_CODE = 8, AT_UNION = 16 };

static void member_int(struct printer *p, const struct mem *mem, const char *name, size_t off)
{
    text_printf(p->out, ", %s=%d", name, (int)mem_int(mem, off, 4));
}

static void member_uint(struct printer *p, const struct mem *mem, const char *name, size_t off)
{
    text_printf(p->out, ", %s=%u", name, (unsigned)mem_uint(mem, off, 4));
}

static void members_sender(struct printer *p, const struct mem *mem)
{
    member_int(p, mem, "si_pid", AT_UNION);
    member_uint(p, mem, "si_uid", AT_UNION + 4);
}

static void member_value(struct printer *p, const struct mem *mem, size_t off)
{
    text_printf(p->out, ", si_int=%d, si_ptr=", (int)mem_int(mem, off, 4));
    print_ptr(p, mem_uint(mem, off, 8));
}

static void members_address(struct printer *p, const struct mem *mem)
{
    text_str(p->out, ", si_addr=");
    print_ptr(p, mem_uint(mem, AT_UNION, 8));
}

static void members_segv(struct printer *p, const struct mem *mem)
{
    members_address(p, mem);
    if (mem_int(mem, AT_CODE, 4) == 3) { /* SEGV_BNDERR */
        text_str(p->out, ", si_lower=");
        print_ptr(p, mem_uint(mem, AT_UNION + 16, 8));
        text_str(p->out, ", si_upper=");
        print_ptr(p, mem_uint(mem, AT_UNION + 24, 8));
    } else if (mem_int(mem, AT_CODE, 4) == 4) { /* SEGV_PKUERR */
        member_uint(p, mem, "si_pkey", AT_UNION + 16);
    }
}

static void members_child(struct printer *p, const struct mem *mem)
{
    members_sender(p, mem);
    text_str(p->out, ", si_status=");
    if (mem_int(mem, AT_CODE, 4) == CLD_EXITED)
        text_printf(p->out, "%d", (int)mem_int(mem, AT_UNION + 8, 4));
    else
        print_signal(p, mem_uint(mem, AT_UNION + 8, 4));
    text_str(p->out, ", si_utime=");
    print_ticks(p, mem_int(mem, AT_UNION + 16, 8));
    text_str(p->out, ", si_stime=");
    print_ticks(p, mem_int(mem, AT_UNION + 24, 8));
}

static void members_poll(struct printer *p, const struct mem *mem)
{
    text_printf(p->out, ", si_band=%lld", (long long)mem_int(mem, AT_UNION, 8));
    member_int(p, mem, "si_fd", AT_UNION + 8);
}

static void members_sys(struct printer *p, const struct mem *mem)
{
    uint64_t nr = mem_uint(mem, AT_UNION + 8, 4);
    const char *name = strace_syscall_name((uint32_t)nr);
    text_str(p->out, ", si_call_addr=");
    print_ptr(p, mem_uint(mem, AT_UNION, 8));
    if (name != NULL)
        text_printf(p->out, ", si_syscall=__NR_%s", name);
    else
        text_printf(p->out, ", si_syscall=%u", (unsigned)nr);
    uint64_t arch = mem_uint(mem, AT_UNION + 12, 4);
    text_printf(p->out, arch == 0xc000003e ? ", si_arch=AUDIT_ARCH_X86_64" : ", si_arch=%#x",
                (unsigned)arch);
}

#define CODES(list) list, sizeof(list) / sizeof((list)[0])
static const struct signal_kind {
    int signo;
    const struct name *codes;
    size_t count;
    void (*members)(struct printer *p, const struct mem *mem);
} kinds[] = {
    {SIGILL, CODES(ill_codes), members_address},   {SIGFPE, CODES(fpe_codes), members_address},
    {SIGSEGV, CODES(segv_codes), members_segv},    {SIGBUS, CODES(bus_codes), members_address},
    {SIGTRAP, CODES(trap_codes), members_address}, {SIGCHLD, CODES(cld_codes), members_child},
    {SIGIO, CODES(poll_codes), members_poll},      {SIGSYS, CODES(sys_codes), members_sys},
};

static const struct signal_kind *kind_of(int signo)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].signo == signo)
            return &kinds[i];
    return NULL;
}

static const char *code_name(const struct name *list, size_t count, int code)
{
    for (size_t i = 0; i < count; i++)
        if ((int)list[i].value == code)
            return list[i].text;
    return NULL;
}

static void print_code(struct printer *p, const struct signal_kind *kind, int code)
{
    const char *name = code_name(CODES(any_codes), code);
    if (name == NULL && kind != NULL && code > 0)
        name = code_name(kind->codes, kind->count, code);
    if (name != NULL)
        text_str(p->out, name);
    else
        text_printf(p->out, "%#x", (unsigned)code);
}

/* Members of a signal that a process or the kernel sent on somebody's behalf. */
static void members_sent(struct printer *p, const struct mem *mem, int code)
{
    if (code == SI_TIMER) {
        text_printf(p->out, ", si_timerid=%#x", (unsigned)mem_uint(mem, AT_UNION, 4));
        member_int(p, mem, "si_overrun", AT_UNION + 4);
    } else {
        members_sender(p, mem);
    }
    bool has_value = code != SI_USER && code != SI_TKILL;
    if (has_value && mem_uint(mem, AT_UNION + 8, 8) != 0)
        member_value(p, mem, AT_UNION + 8);
}

void print_siginfo(struct printer *p, const struct mem *mem)
{
    int signo = (int)mem_int(mem, AT_SIGNO, 4);
    int code = (int)mem_int(mem, AT_CODE, 4);
    const struct signal_kind *kind = kind_of(signo);
    if (mem->data == NULL || mem->len < 48) {
        print_ptr(p, mem->addr);
        return;
    }
    if (signo == 0) { /* waitid found no child */
        text_str(p->out, "{}");
        return;
    }
    text_str(p->out, "{si_signo=");
    print_signal(p, (uint64_t)signo);
    text_str(p->out, ", si_code=");
    print_code(p, kind, code);
    if (mem_int(mem, AT_ERRNO, 4) != 0)
        member_int(p, mem, "si_errno", AT_ERRNO);
    if (code <= 0)
        members_sent(p, mem, code);
    else if (code != SI_KERNEL && kind != NULL)
        kind->members(p, mem);
    text_char(p->out, '}');
}
const struct struct_print layout_siginfo = STRUCT_FN(print_siginfo);
