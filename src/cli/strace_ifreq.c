/*
 * strace_ifreq.c - network interfaces as ioctl names and describes them.
 */
#include "strace_print.h"

#include <linux/if.h>
#include <linux/sockios.h>
#include <string.h>

enum { IFREQ = 40, UNION_AT = 16 };

static const struct name flag_list[] = {
    NAME_AS("IFF_UP", 1),           NAME_AS("IFF_BROADCAST", 2),    NAME_AS("IFF_DEBUG", 4),
    NAME_AS("IFF_LOOPBACK", 8),     NAME_AS("IFF_POINTOPOINT", 16), NAME_AS("IFF_NOTRAILERS", 32),
    NAME_AS("IFF_RUNNING", 64),     NAME_AS("IFF_NOARP", 128),      NAME_AS("IFF_PROMISC", 256),
    NAME_AS("IFF_ALLMULTI", 512),   NAME_AS("IFF_MASTER", 1024),    NAME_AS("IFF_SLAVE", 2048),
    NAME_AS("IFF_MULTICAST", 4096), NAME_AS("IFF_PORTSEL", 8192),   NAME_AS("IFF_AUTOMEDIA", 16384),
    NAME_AS("IFF_DYNAMIC", 32768),
};
static const struct name_set interface_flags = NAME_SET(flag_list, "IFF_???");

static void value_flags(struct printer *p, const struct mem *mem)
{
    print_flags(p, &interface_flags, mem_uint(mem, UNION_AT, 2));
}

static void value_int(struct printer *p, const struct mem *mem)
{
    text_printf(p->out, "%d", (int)mem_int(mem, UNION_AT, 4));
}

static void value_address(struct printer *p, const struct mem *mem)
{
    struct mem addr = mem_sub(mem, UNION_AT, 16);
    print_sockaddr(p, &addr, 16);
}

static void value_hardware(struct printer *p, const struct mem *mem)
{
    static const struct name types[] = {NAME_AS("ARPHRD_ETHER", 1), NAME_AS("ARPHRD_TUNNEL", 768),
                                        NAME_AS("ARPHRD_LOOPBACK", 772),
                                        NAME_AS("ARPHRD_NONE", 0xfffe)};
    static const struct name_set set = NAME_SET(types, "ARPHRD_???");
    text_str(p->out, "{sa_family=");
    print_enum(p, &set, mem_uint(mem, UNION_AT, 2));
    text_str(p->out, ", sa_data=");
    for (size_t i = 0; i < 6; i++)
        text_printf(p->out, "%s%02x", i > 0 ? ":" : "",
                    (unsigned)mem_uint(mem, UNION_AT + 2 + i, 1));
    text_char(p->out, '}');
}

static const struct {
    uint32_t request;
    bool set; /* the value goes to the kernel */
    const char *member;
    void (*print)(struct printer *p, const struct mem *mem);
} members[] = {
    {SIOCGIFINDEX, false, "ifr_ifindex", value_int},
    {SIOCGIFFLAGS, false, "ifr_flags", value_flags},
    {SIOCSIFFLAGS, true, "ifr_flags", value_flags},
    {SIOCGIFADDR, false, "ifr_addr", value_address},
    {SIOCSIFADDR, true, "ifr_addr", value_address},
    {SIOCGIFDSTADDR, false, "ifr_dstaddr", value_address},
    {SIOCGIFBRDADDR, false, "ifr_broadaddr", value_address},
    {SIOCGIFNETMASK, false, "ifr_netmask", value_address},
    {SIOCGIFMETRIC, false, "ifr_metric", value_int},
    {SIOCGIFMTU, false, "ifr_mtu", value_int},
    {SIOCSIFMTU, true, "ifr_mtu", value_int},
    {SIOCGIFHWADDR, false, "ifr_hwaddr", value_hardware},
    {SIOCGIFTXQLEN, false, "ifr_qlen", value_int},
};

static void print_interface(struct printer *p, const struct mem *mem)
{
    size_t len = strnlen((const char *)mem->data, UNION_AT);
    text_str(p->out, "ifr_name=");
    text_quoted(p->out, mem->data, len);
}

/* Given is an index, found is the name. */
static void print_index_and_name(struct printer *p, const struct mem *mem, bool found)
{
    text_str(p->out, "{ifr_ifindex=");
    value_int(p, mem);
    text_str(p->out, found ? ", " : "");
    if (found)
        print_interface(p, mem);
    text_char(p->out, '}');
}

void print_ifreq_at(struct printer *p, uint32_t request, uint64_t addr)
{
    struct mem before = call_struct(p->call, p->arg, AT_ENTRY, addr, IFREQ);
    struct mem after = call_struct(p->call, p->arg, AT_EXIT, addr, IFREQ);
    bool found = after.data != NULL;
    struct mem *mem = found ? &after : &before;
    if (mem->data == NULL) {
        print_ptr(p, addr);
        return;
    }
    if (request == SIOCGIFNAME) {
        print_index_and_name(p, mem, found);
        return;
    }
    text_char(p->out, '{');
    print_interface(p, mem);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (members[i].request == request && (found || members[i].set)) {
            text_printf(p->out, ", %s=", members[i].member);
            members[i].print(p, mem);
        }
    text_char(p->out, '}');
}

static void print_interfaces(struct printer *p, const struct mem *list)
{
    text_char(p->out, '[');
    for (size_t at = 0; at + IFREQ <= list->len; at += IFREQ) {
        struct mem one = mem_sub(list, at, IFREQ);
        text_str(p->out, at > 0 ? ", {" : "{");
        print_interface(p, &one);
        text_str(p->out, ", ifr_addr=");
        value_address(p, &one);
        text_char(p->out, '}');
    }
    text_char(p->out, ']');
}

void print_ifconf_at(struct printer *p, uint64_t addr)
{
    struct mem before = call_struct(p->call, p->arg, AT_ENTRY, addr, 16);
    struct mem after = call_struct(p->call, p->arg, AT_EXIT, addr, 16);
    if (before.data == NULL) {
        print_ptr(p, addr);
        return;
    }
    int length = (int)mem_int(&before, 0, 4), filled = (int)mem_int(&after, 0, 4);
    uint64_t list_addr = mem_uint(&before, 8, 8);
    struct mem list = call_mem(p->call, p->arg, AT_EXIT, list_addr);
    text_printf(p->out, "{ifc_len=%d /* %d * sizeof(struct ifreq) */", length, length / IFREQ);
    if (after.data != NULL && filled != length)
        text_printf(p->out, " => %d /* %d * sizeof(struct ifreq) */", filled, filled / IFREQ);
    text_str(p->out, ", ifc_buf=");
    list = mem_sub(&list, 0, filled > 0 ? (size_t)filled : 0);
    if (list.data != NULL)
        print_interfaces(p, &list);
    else
        print_ptr(p, list_addr);
    text_char(p->out, '}');
}
