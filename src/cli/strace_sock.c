/*
 * strace_sock.c - socket addresses, option values, messages and their control data.
 */
#include "strace_print.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ------------------------------------------------------------------- addresses */
static unsigned port(const struct mem *mem, size_t off)
{
    return mem->len >= off + 2 ? (unsigned)(mem->data[off] << 8 | mem->data[off + 1]) : 0;
}

/* Path, or a name in the abstract space that starts with a NUL. */
static void print_unix(struct printer *p, const struct mem *mem)
{
    struct mem path = mem_sub(mem, 2, sizeof(((struct sockaddr_un *)0)->sun_path));
    text_str(p->out, ", sun_path=");
    if (path.len > 0 && path.data[0] == 0) {
        text_char(p->out, '@');
        text_quoted(p->out, path.data + 1, path.len - 1);
    } else {
        text_quoted(p->out, path.data, strnlen((const char *)path.data, path.len));
    }
}

static void print_inet(struct printer *p, const struct mem *mem)
{
    char ip[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, mem->data + 4, ip, sizeof(ip));
    text_printf(p->out, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", port(mem, 2), ip);
}

static void print_inet6(struct printer *p, const struct mem *mem)
{
    char ip[INET6_ADDRSTRLEN];
    uint32_t flow = (uint32_t)mem_uint(mem, 4, 4);
    inet_ntop(AF_INET6, mem->data + 8, ip, sizeof(ip));
    text_printf(p->out, ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u)", port(mem, 2),
                ntohl(flow));
    text_printf(p->out, ", inet_pton(AF_INET6, \"%s\", &sin6_addr)", ip);
    text_printf(p->out, ", sin6_scope_id=%u", (unsigned)mem_uint(mem, 24, 4));
}

static void print_netlink(struct printer *p, const struct mem *mem)
{
    text_printf(p->out, ", nl_pid=%d, nl_groups=%08x", (int)mem_int(mem, 4, 4),
                (unsigned)mem_uint(mem, 8, 4));
}

static const struct {
    unsigned family;
    size_t least;
    void (*print)(struct printer *p, const struct mem *mem);
} families[] = {
    {AF_UNIX, 3, print_unix},
    {AF_INET, 16, print_inet},
    {AF_INET6, 28, print_inet6},
    {AF_NETLINK, 12, print_netlink},
};

void print_sockaddr(struct printer *p, const struct mem *mem, uint64_t len)
{
    struct mem addr = mem_sub(mem, 0, len < 128 ? (size_t)len : 128);
    unsigned family = (unsigned)mem_uint(&addr, 0, 2);
    if (addr.data == NULL || addr.len < 2) {
        print_ptr(p, mem->addr);
        return;
    }
    text_str(p->out, "{sa_family=");
    print_enum(p, &names_family, family);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (families[i].family == family && addr.len >= families[i].least) {
            families[i].print(p, &addr);
            text_char(p->out, '}');
            return;
        }
    if (addr.len > 2) {
        text_str(p->out, ", sa_data=");
        text_quoted(p->out, addr.data + 2, addr.len - 2);
    }
    text_char(p->out, '}');
}

void print_sockaddr_at(struct printer *p, uint64_t addr, uint64_t len)
{
    struct mem mem = call_mem(p->call, p->arg, p->phase, addr);
    print_sockaddr(p, &mem, len);
}

static void print_sockaddr_mem(struct printer *p, const struct mem *mem)
{
    print_sockaddr(p, mem, mem->len);
}
const struct struct_print layout_sockaddr = STRUCT_FN(print_sockaddr_mem);

/* --------------------------------------------------------------------- options */
static const struct field linger_fields[] = {
    FIELD("l_onoff", 0, 4, FF_INT),
    FIELD("l_linger", 4, 4, FF_INT),
};
const struct struct_print layout_linger = STRUCT_FIELDS(linger_fields);

static const struct field ucred_fields[] = {
    FIELD("pid", 0, 4, FF_INT),
    FIELD("uid", 4, 4, FF_UINT),
    FIELD("gid", 8, 4, FF_UINT),
};
const struct struct_print layout_ucred = STRUCT_FIELDS(ucred_fields);

static void option_errno(struct printer *p, const struct mem *mem)
{
    const char *name = strace_errno_name(mem_int(mem, 0, 4));
    if (name != NULL)
        text_printf(p->out, "[%s]", name);
    else
        print_struct_mem(p, ST_int, mem);
}

static void option_socktype(struct printer *p, const struct mem *mem)
{
    text_char(p->out, '[');
    print_flags(p, &names_socktype, mem_uint(mem, 0, 4));
    text_char(p->out, ']');
}

static void option_family(struct printer *p, const struct mem *mem)
{
    text_char(p->out, '[');
    print_enum(p, &names_family, mem_uint(mem, 0, 4));
    text_char(p->out, ']');
}

static void option_text(struct printer *p, const struct mem *mem)
{
    size_t len = strnlen((const char *)mem->data, mem->len);
    print_string(p, mem->data, len, len);
}

static void option_linger(struct printer *p, const struct mem *mem)
{
    print_struct_mem(p, ST_linger, mem);
}

static void option_ucred(struct printer *p, const struct mem *mem)
{
    print_struct_mem(p, ST_ucred, mem);
}

static void option_timeval(struct printer *p, const struct mem *mem)
{
    print_struct_mem(p, ST_timeval, mem);
}

/* Options whose value is not just an int. */
static const struct {
    int level, option;
    size_t least;
    void (*print)(struct printer *p, const struct mem *mem);
} options[] = {
    {SOL_SOCKET, SO_ERROR, 4, option_errno},       {SOL_SOCKET, SO_TYPE, 4, option_socktype},
    {SOL_SOCKET, SO_DOMAIN, 4, option_family},     {SOL_SOCKET, SO_LINGER, 8, option_linger},
    {SOL_SOCKET, SO_PEERCRED, 12, option_ucred},   {SOL_SOCKET, 20, 16, option_timeval},
    {SOL_SOCKET, 21, 16, option_timeval},          {SOL_SOCKET, SO_BINDTODEVICE, 1, option_text},
    {IPPROTO_TCP, TCP_CONGESTION, 1, option_text}, {IPPROTO_TCP, 31, 1, option_text},
};

static void print_option(struct printer *p, const struct mem *mem)
{
    int level = (int)p->call->args[1], option = (int)p->call->args[2];
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (options[i].level == level && options[i].option == option &&
            mem->len >= options[i].least) {
            options[i].print(p, mem);
            return;
        }
    if (mem->len == 4)
        print_struct_mem(p, ST_int, mem);
    else
        print_string(p, mem->data, mem->len, mem->full);
}

void print_sockopt(struct printer *p, uint64_t addr, uint64_t len)
{
    struct mem mem = call_mem(p->call, p->arg, p->phase, addr);
    if (mem.data == NULL || len == 0) {
        print_ptr(p, addr);
        return;
    }
    mem = mem_sub(&mem, 0, len < mem.len ? (size_t)len : mem.len);
    print_option(p, &mem);
}

static void print_sockopt_mem(struct printer *p, const struct mem *mem)
{
    print_option(p, mem);
}
const struct struct_print layout_sockopt = STRUCT_FN(print_sockopt_mem);
