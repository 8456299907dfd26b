/*
 * strace_msg.c - I/O vectors and socket messages with all they point to.
 */
#include "strace_print.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* ------------------------------------------------------------------- I/O vectors */
enum { IOVEC = 16 };

/* One buffer; `rest` is what is left to show of all of them. */
static void print_iov(struct printer *p, const struct mem *iov, uint64_t *rest)
{
    uint64_t base = mem_uint(iov, 0, 8), len = mem_uint(iov, 8, 8);
    uint64_t shown = len < *rest ? len : *rest;
    *rest -= shown;
    text_str(p->out, "{iov_base=");
    print_bytes_at(p, base, shown);
    text_printf(p->out, ", iov_len=%llu}", (unsigned long long)len);
}

void print_iovec(struct printer *p, uint64_t addr, uint64_t count, uint64_t bytes)
{
    struct mem mem = call_mem(p->call, p->arg, AT_ENTRY, addr);
    if (mem.data == NULL)
        mem = call_mem(p->call, p->arg, AT_EXIT, addr);
    size_t max = p->call->options->max_string, there = mem.len / IOVEC;
    if (addr == 0 || (count > 0 && there == 0)) {
        print_ptr(p, addr);
        return;
    }
    text_char(p->out, '[');
    for (size_t i = 0; i < count && i < there && i < max; i++) {
        struct mem one = mem_sub(&mem, i * IOVEC, IOVEC);
        text_str(p->out, i > 0 ? ", " : "");
        print_iov(p, &one, &bytes);
    }
    text_str(p->out, count > there || count > max ? ", ...]" : "]");
}

static void print_iovec_mem(struct printer *p, const struct mem *mem)
{
    uint64_t all = UINT64_MAX;
    print_iov(p, mem, &all);
}
const struct struct_print layout_iovec = STRUCT_FN(print_iovec_mem);

/* ------------------------------------------------------------------ control data */
enum { CMSG_HEAD = 16 };

static void print_rights(struct printer *p, const struct mem *data)
{
    text_char(p->out, '[');
    for (size_t i = 0; i + 4 <= data->len; i += 4)
        text_printf(p->out, "%s%d", i > 0 ? ", " : "", (int)mem_int(data, i, 4));
    text_char(p->out, ']');
}

static void print_cmsg_type(struct printer *p, uint64_t level, uint64_t type)
{
    if (level == SOL_SOCKET)
        print_enum(p, &names_cmsg, type);
    else if (level == SOL_IP)
        print_enum(p, &names_ip, type);
    else if (level == SOL_IPV6)
        print_enum(p, &names_ipv6, type);
    else
        text_printf(p->out, "%#llx", (unsigned long long)type);
}

static void print_cmsg(struct printer *p, const struct mem *cmsg)
{
    uint64_t len = mem_uint(cmsg, 0, 8), level = mem_uint(cmsg, 8, 4), type = mem_uint(cmsg, 12, 4);
    struct mem data = mem_sub(cmsg, CMSG_HEAD, cmsg->len - CMSG_HEAD);
    text_printf(p->out, "{cmsg_len=%llu, cmsg_level=", (unsigned long long)len);
    print_enum(p, &names_sol, level);
    text_str(p->out, ", cmsg_type=");
    print_cmsg_type(p, level, type);
    if (data.len > 0) {
        text_str(p->out, ", cmsg_data=");
        if (level == SOL_SOCKET && type == SCM_RIGHTS)
            print_rights(p, &data);
        else if (level == SOL_SOCKET && type == 2 && data.len >= struct_size(ST_ucred))
            print_struct_mem(p, ST_ucred, &data);
        else
            print_string(p, data.data, data.len, len - CMSG_HEAD);
    }
    text_char(p->out, '}');
}

static void print_control(struct printer *p, uint64_t addr, uint64_t len)
{
    struct mem mem = call_mem(p->call, p->arg, p->phase, addr);
    struct mem control = mem_sub(&mem, 0, len < mem.len ? (size_t)len : mem.len);
    if (control.data == NULL || control.len < CMSG_HEAD) {
        print_ptr(p, addr);
        return;
    }
    text_char(p->out, '[');
    for (size_t at = 0; at + CMSG_HEAD <= control.len;) {
        uint64_t size = mem_uint(&control, at, 8);
        if (size < CMSG_HEAD || size > control.len - at) {
            text_printf(p->out, "%s...", at > 0 ? ", " : "");
            break;
        }
        struct mem one = mem_sub(&control, at, (size_t)size);
        text_str(p->out, at > 0 ? ", " : "");
        print_cmsg(p, &one);
        at += ((size_t)size + 7) & ~(size_t)7;
    }
    text_char(p->out, ']');
}

/* -------------------------------------------------------------------- messages */
enum {
    NAME_AT = 0,
    NAMELEN_AT = 8,
    IOV_AT = 16,
    IOVLEN_AT = 24,
    CONTROL_AT = 32,
    CONTROLLEN_AT = 40,
    FLAGS_AT = 48,
    MSGHDR = 56
};

static void print_name(struct printer *p, const struct mem *entry, const struct mem *now)
{
    uint64_t addr = mem_uint(now, NAME_AT, 8);
    uint64_t len = mem_uint(now, NAMELEN_AT, 4), before = mem_uint(entry, NAMELEN_AT, 4);
    text_str(p->out, "msg_name=");
    print_sockaddr_at(p, addr, len);
    text_printf(p->out, ", msg_namelen=%u", (unsigned)before);
    if (entry->data != NULL && before != len)
        text_printf(p->out, " => %u", (unsigned)len);
}

static void print_header(struct printer *p, const struct mem *entry, const struct mem *now,
                         uint64_t bytes)
{
    uint64_t iovlen = mem_uint(now, IOVLEN_AT, 8), controllen = mem_uint(now, CONTROLLEN_AT, 8);
    text_char(p->out, '{');
    print_name(p, entry->data != NULL ? entry : now, now);
    text_str(p->out, ", msg_iov=");
    print_iovec(p, mem_uint(now, IOV_AT, 8), iovlen, bytes);
    text_printf(p->out, ", msg_iovlen=%llu", (unsigned long long)iovlen);
    if (controllen > 0) {
        text_str(p->out, ", msg_control=");
        print_control(p, mem_uint(now, CONTROL_AT, 8), controllen);
    }
    text_printf(p->out, ", msg_controllen=%llu, msg_flags=", (unsigned long long)controllen);
    print_flags(p, &names_msg, mem_uint(now, FLAGS_AT, 4));
    text_char(p->out, '}');
}

void print_msghdr(struct printer *p, uint64_t addr)
{
    struct mem entry = call_struct(p->call, p->arg, AT_ENTRY, addr, MSGHDR);
    struct mem now = call_struct(p->call, p->arg, p->phase, addr, MSGHDR);
    uint64_t bytes = p->phase == AT_EXIT ? (uint64_t)p->call->result : UINT64_MAX;
    if (now.data == NULL)
        print_ptr(p, addr);
    else
        print_header(p, &entry, &now, bytes);
}

void print_msghdr_unfilled(struct printer *p, uint64_t addr)
{
    struct mem mem = call_struct(p->call, p->arg, AT_ENTRY, addr, MSGHDR);
    if (mem.data == NULL)
        print_ptr(p, addr);
    else
        text_printf(p->out, "{msg_namelen=%u}", (unsigned)mem_uint(&mem, NAMELEN_AT, 4));
}

static void print_msghdr_mem(struct printer *p, const struct mem *mem)
{
    print_header(p, mem, mem, UINT64_MAX);
}
const struct struct_print layout_msghdr = STRUCT_FN(print_msghdr_mem);

/* An element of recvmmsg and sendmmsg: after the call it says how much went. */
static void print_mmsghdr(struct printer *p, const struct mem *mem)
{
    bool done = p->phase == AT_EXIT;
    uint64_t len = mem_uint(mem, MSGHDR, 4);
    struct mem entry = call_struct(p->call, p->arg, AT_ENTRY, mem->addr, MSGHDR);
    text_str(p->out, "{msg_hdr=");
    print_header(p, &entry, mem, done ? len : UINT64_MAX);
    if (done)
        text_printf(p->out, ", msg_len=%u", (unsigned)len);
    text_char(p->out, '}');
}
const struct struct_print layout_mmsghdr = STRUCT_FN(print_mmsghdr);
