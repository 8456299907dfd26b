/*
 * strace_ioctl.c - ioctl requests: what they are called and what their argument is.
 */
#include "strace_print.h"

#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/sockios.h>

enum argument {
    ARG_NOTHING,
    ARG_VALUE,  /* a number, in decimal */
    ARG_FD,     /* a descriptor by value */
    ARG_ENUM,   /* a number with a name; param: enum flag_set */
    ARG_READ,   /* points to a structure that the kernel reads; param: enum struct_id */
    ARG_WRITE,  /* ... that it fills on success */
    ARG_CHAR,   /* points to one character */
    ARG_IFREQ,  /* struct ifreq; see strace_ifreq.c */
    ARG_IFCONF, /* struct ifconf */
};

struct request {
    uint32_t value;
    uint8_t argument; /* enum argument */
    uint8_t param;
    const char *name;
};
#define REQUEST(name, argument, param) \
    { \
        name, argument, param, #name \
    }

static const struct request requests[] = {
    /* terminals */
    REQUEST(TCGETS, ARG_WRITE, ST_termios),
    REQUEST(TCSETS, ARG_READ, ST_termios),
    REQUEST(TCSETSW, ARG_READ, ST_termios),
    REQUEST(TCSETSF, ARG_READ, ST_termios),
    {0x802c542a, ARG_WRITE, ST_termios2, "TCGETS2"},
    {0x402c542b, ARG_READ, ST_termios2, "TCSETS2"},
    {0x402c542c, ARG_READ, ST_termios2, "TCSETSW2"},
    {0x402c542d, ARG_READ, ST_termios2, "TCSETSF2"},
    REQUEST(TCSBRK, ARG_VALUE, 0),
    REQUEST(TCSBRKP, ARG_VALUE, 0),
    REQUEST(TCXONC, ARG_ENUM, FS_tcflow),
    REQUEST(TCFLSH, ARG_ENUM, FS_tcflush),
    REQUEST(TIOCEXCL, ARG_NOTHING, 0),
    REQUEST(TIOCNXCL, ARG_NOTHING, 0),
    REQUEST(TIOCSCTTY, ARG_VALUE, 0),
    REQUEST(TIOCNOTTY, ARG_NOTHING, 0),
    REQUEST(TIOCGPGRP, ARG_WRITE, ST_pid),
    REQUEST(TIOCSPGRP, ARG_READ, ST_pid),
    REQUEST(TIOCGSID, ARG_WRITE, ST_pid),
    REQUEST(TIOCOUTQ, ARG_WRITE, ST_int),
    REQUEST(TIOCSTI, ARG_CHAR, 0),
    REQUEST(TIOCGWINSZ, ARG_WRITE, ST_winsize),
    REQUEST(TIOCSWINSZ, ARG_READ, ST_winsize),
    REQUEST(TIOCMGET, ARG_WRITE, ST_int),
    REQUEST(TIOCMSET, ARG_READ, ST_int),
    REQUEST(TIOCMBIS, ARG_READ, ST_int),
    REQUEST(TIOCMBIC, ARG_READ, ST_int),
    REQUEST(TIOCGETD, ARG_WRITE, ST_int),
    REQUEST(TIOCSETD, ARG_READ, ST_int),
    REQUEST(TIOCPKT, ARG_READ, ST_int),
    REQUEST(TIOCSBRK, ARG_NOTHING, 0),
    REQUEST(TIOCCBRK, ARG_NOTHING, 0),
    REQUEST(TIOCVHANGUP, ARG_NOTHING, 0),
    {0x80045430, ARG_WRITE, ST_int, "TIOCGPTN"},
    {0x40045431, ARG_READ, ST_int, "TIOCSPTLCK"},
    {0x80045439, ARG_WRITE, ST_int, "TIOCGPTLCK"},
    {0x5441, ARG_VALUE, 0, "TIOCGPTPEER"},
    /* any descriptor */
    REQUEST(FIONREAD, ARG_WRITE, ST_int),
    REQUEST(FIONBIO, ARG_READ, ST_int),
    REQUEST(FIOASYNC, ARG_READ, ST_int),
    REQUEST(FIOCLEX, ARG_NOTHING, 0),
    REQUEST(FIONCLEX, ARG_NOTHING, 0),
    REQUEST(FIOQSIZE, ARG_WRITE, ST_off),
    /* files and block devices */
    REQUEST(FIGETBSZ, ARG_WRITE, ST_int),
    REQUEST(FICLONE, ARG_FD, 0),
    REQUEST(FS_IOC_GETFLAGS, ARG_WRITE, ST_uint),
    REQUEST(FS_IOC_SETFLAGS, ARG_READ, ST_uint),
    REQUEST(FS_IOC_GETVERSION, ARG_WRITE, ST_uint),
    REQUEST(BLKROGET, ARG_WRITE, ST_int),
    REQUEST(BLKGETSIZE, ARG_WRITE, ST_ulong),
    REQUEST(BLKSSZGET, ARG_WRITE, ST_int),
    {0x80081272, ARG_WRITE, ST_u64, "BLKGETSIZE64"},
    REQUEST(BLKFLSBUF, ARG_NOTHING, 0),
    /* sockets and network interfaces */
    REQUEST(SIOCATMARK, ARG_WRITE, ST_int),
    REQUEST(SIOCGPGRP, ARG_WRITE, ST_pid),
    REQUEST(SIOCSPGRP, ARG_READ, ST_pid),
    REQUEST(SIOCGIFCONF, ARG_IFCONF, 0),
    REQUEST(SIOCGIFNAME, ARG_IFREQ, 0),
    REQUEST(SIOCGIFINDEX, ARG_IFREQ, 0),
    REQUEST(SIOCGIFFLAGS, ARG_IFREQ, 0),
    REQUEST(SIOCSIFFLAGS, ARG_IFREQ, 0),
    REQUEST(SIOCGIFADDR, ARG_IFREQ, 0),
    REQUEST(SIOCSIFADDR, ARG_IFREQ, 0),
    REQUEST(SIOCGIFDSTADDR, ARG_IFREQ, 0),
    REQUEST(SIOCGIFBRDADDR, ARG_IFREQ, 0),
    REQUEST(SIOCGIFNETMASK, ARG_IFREQ, 0),
    REQUEST(SIOCGIFMETRIC, ARG_IFREQ, 0),
    REQUEST(SIOCGIFMTU, ARG_IFREQ, 0),
    REQUEST(SIOCSIFMTU, ARG_IFREQ, 0),
    REQUEST(SIOCGIFHWADDR, ARG_IFREQ, 0),
    REQUEST(SIOCGIFTXQLEN, ARG_IFREQ, 0),
};

static const struct request *find_request(uint32_t value)
{
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        if (requests[i].value == value)
            return &requests[i];
    return NULL;
}

/* A request without a name, taken apart as the kernel's _IOC macro composes it. */
static void print_request(struct printer *p, uint64_t value)
{
    static const char *const directions[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
                                             "_IOC_READ|_IOC_WRITE"};
    uint32_t v = (uint32_t)value;
    const struct request *request = find_request(v);
    if (request != NULL)
        text_str(p->out, request->name);
    else
        text_printf(p->out, "_IOC(%s, %#x, %#x, %#x)", directions[v >> 30], v >> 8 & 0xff, v & 0xff,
                    v >> 16 & 0x3fff);
}
const struct name_set names_ioctl = NAME_SET_FN(print_request);

static void print_char_at(struct printer *p, uint64_t addr)
{
    struct mem mem = call_mem(p->call, p->arg, AT_ENTRY, addr);
    if (mem.len == 0)
        print_ptr(p, addr);
    else
        text_quoted(p->out, mem.data, 1);
}

/* The argument after the comma, for requests that have one. */
static void print_argument(struct printer *p, const struct request *request, uint64_t value)
{
    switch ((enum argument)request->argument) {
    case ARG_NOTHING:
        break;
    case ARG_VALUE:
    case ARG_FD:
        text_printf(p->out, "%d", (int)value);
        break;
    case ARG_ENUM:
        print_enum(p, name_set(request->param), value);
        break;
    case ARG_WRITE:
        p->phase = AT_EXIT;
        print_struct_at(p, request->param, value);
        break;
    case ARG_READ:
        print_struct_at(p, request->param, value);
        break;
    case ARG_CHAR:
        print_char_at(p, value);
        break;
    case ARG_IFREQ:
        print_ifreq_at(p, request->value, value);
        break;
    case ARG_IFCONF:
        print_ifconf_at(p, value);
        break;
    }
}

void print_ioctl_arg(struct printer *p, uint64_t value)
{
    const struct request *request = find_request((uint32_t)p->call->args[1]);
    if (request == NULL) {
        text_printf(p->out, ", %#llx", (unsigned long long)value);
        return;
    }
    text_str(p->out, request->argument != ARG_NOTHING ? ", " : "");
    print_argument(p, request, value);
}
