/*
 * ioctl.c - device controls. Requests made with the _IOR/_IOW macros say the size and
 * direction of their argument; the older ones are in a table. Anything else is
 * answered as a kernel without that driver would.
 */
#include "syscall.h"

struct ioctl_row {
    u32 request;
    u8 in, out; /* bytes read from and written to the argument */
};

static const struct ioctl_row rows[] = {
    {0x5401, 0, 36},  /* TCGETS */
    {0x5402, 36, 0},  /* TCSETS */
    {0x5403, 36, 0},  /* TCSETSW */
    {0x5404, 36, 0},  /* TCSETSF */
    {0x5405, 0, 18},  /* TCGETA */
    {0x5406, 18, 0},  /* TCSETA */
    {0x5407, 18, 0},  /* TCSETAW */
    {0x5408, 18, 0},  /* TCSETAF */
    {0x5409, 0, 0},   /* TCSBRK */
    {0x540a, 0, 0},   /* TCXONC */
    {0x540b, 0, 0},   /* TCFLSH */
    {0x540c, 0, 0},   /* TIOCEXCL */
    {0x540d, 0, 0},   /* TIOCNXCL */
    {0x540e, 0, 0},   /* TIOCSCTTY */
    {0x540f, 0, 4},   /* TIOCGPGRP */
    {0x5410, 4, 0},   /* TIOCSPGRP */
    {0x5411, 0, 4},   /* TIOCOUTQ */
    {0x5412, 1, 0},   /* TIOCSTI */
    {0x5413, 0, 8},   /* TIOCGWINSZ */
    {0x5414, 8, 0},   /* TIOCSWINSZ */
    {0x5415, 0, 4},   /* TIOCMGET */
    {0x541b, 0, 4},   /* FIONREAD */
    {0x5420, 4, 0},   /* TIOCPKT */
    {0x5421, 4, 0},   /* FIONBIO */
    {0x5422, 0, 0},   /* TIOCNOTTY */
    {0x5423, 4, 0},   /* TIOCSETD */
    {0x5424, 0, 4},   /* TIOCGETD */
    {0x5425, 0, 0},   /* TCSBRKP */
    {0x5429, 0, 4},   /* TIOCGSID */
    {0x5452, 4, 0},   /* FIOASYNC */
    {0x5460, 0, 8},   /* FIOQSIZE */
    {0x8904, 0, 4},   /* SIOCGPGRP */
    {0x8905, 0, 4},   /* SIOCATMARK */
    {0x8906, 0, 16},  /* SIOCGSTAMP */
    {0x8910, 40, 40}, /* SIOCGIFNAME */
    {0x8913, 40, 40}, /* SIOCGIFFLAGS */
    {0x8915, 40, 40}, /* SIOCGIFADDR */
    {0x8917, 40, 40}, /* SIOCGIFDSTADDR */
    {0x8919, 40, 40}, /* SIOCGIFBRDADDR */
    {0x891b, 40, 40}, /* SIOCGIFNETMASK */
    {0x891d, 40, 40}, /* SIOCGIFMETRIC */
    {0x8921, 40, 40}, /* SIOCGIFMTU */
    {0x8927, 40, 40}, /* SIOCGIFHWADDR */
    {0x8933, 40, 40}, /* SIOCGIFINDEX */
    {0x8942, 40, 40}, /* SIOCGIFTXQLEN */
};

#define IOC_SIZE(r) ((r) >> 16 & 0x3fff)
#define IOC_DIR(r) ((r) >> 30)

/* FICLONE takes a descriptor as its argument; these name memory of their own. */
#define FICLONE_REQUEST 0x40049409u
#define FICLONERANGE_REQUEST 0x4020940du
#define TIOCGPTPEER_REQUEST 0x5441u
#define SIOCGIFCONF_REQUEST 0x8912u

bool ioctl_sizes(u32 request, u64 *in, u64 *out)
{
    for (u32 i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].request == request) {
            *in = rows[i].in, *out = rows[i].out;
            return true;
        }
    *in = IOC_DIR(request) & 1 ? IOC_SIZE(request) : 0;
    *out = IOC_DIR(request) & 2 ? IOC_SIZE(request) : 0;
    return *in || *out;
}

static s64 clone_file(struct call *c, u32 request)
{
    s64 from = fd_host((s32)c->w.a[2]);
    if (request == FICLONERANGE_REQUEST)
        return -EOPNOTSUPP; /* programs copy instead */
    if (from < 0)
        return from;
    c->w.a[2] = (u64)from;
    return call_make(c);
}

/* SIOCGIFCONF: a length, which becomes that of what is there, and the list's address. */
static s64 interface_list(struct call *c)
{
    static struct {
        u32 len, pad;
        u64 list;
    } conf;
    u64 at = c->w.a[2];
    if (copy_from_guest(&conf, at, sizeof conf) || (conf.list && !guest_range(conf.list, conf.len)))
        return -EFAULT;
    c->w.a[2] = (u64)&conf;
    call_out_kernel(c, &conf.len, sizeof conf.len, OUT_FULL, 1);
    s64 r = call_out(c, conf.list, conf.len, OUT_LENPTR, 1);
    if (r == 0 && c->w.nout == 2)
        c->out[1].lenptr = (u64)&conf.len;
    r = r < 0 ? r : call_make(c);
    return r == 0 && copy_to_guest(at, &conf.len, sizeof conf.len) ? -EFAULT : r;
}

s64 sys_ioctl(struct task *t, const u64 a[6])
{
    struct call *c = call_scratch();
    u32 request = (u32)a[1];
    u64 in, out;
    struct file *f = fd_get((s32)a[0]);
    if (!f)
        return -EBADF;
    if (request == 0x5451 || request == 0x5450) { /* FIOCLEX, FIONCLEX */
        fd_table()->e[(s32)a[0]].cloexec = request == 0x5451;
        return 0;
    }
    if (f->kind != FILE_HOST)
        return -ENOTTY;
    call_init(c, __NR_ioctl, a, WORLD_BLOCKS);
    c->w.a[0] = (u64)f->host_fd;
    if (request == SIOCGIFCONF_REQUEST)
        return interface_list(c);
    if (request == FICLONE_REQUEST || request == FICLONERANGE_REQUEST)
        return clone_file(c, request);
    if (request == TIOCGPTPEER_REQUEST || !ioctl_sizes(request, &in, &out)) {
        notice_once(NOTICE_KEY(NG_IOCTL, request), "ioctl request 0x%x on %s is not supported (ENOTTY)",
                    (u64)request, f->path);
        return -ENOTTY;
    }
    if (in && !guest_range(a[2], in))
        return -EFAULT;
    if (call_out(c, a[2], out, OUT_FULL, 1) < 0)
        return -EFAULT;
    t->restartable = true;
    return call_make(c);
}
