/*
 * strace_names_net.c - names of flags and enumerations of socket calls.
 */
#include "strace_print.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* The type proper is a field in the low bits. */
#define TYPE 0xf

static const struct name family_list[] = {
    NAME(AF_UNSPEC),       NAME(AF_UNIX),         NAME(AF_INET),
    NAME(AF_AX25),         NAME(AF_IPX),          NAME(AF_APPLETALK),
    NAME(AF_NETROM),       NAME(AF_BRIDGE),       NAME(AF_ATMPVC),
    NAME(AF_X25),          NAME(AF_INET6),        NAME(AF_ROSE),
    NAME(AF_SECURITY),     NAME(AF_KEY),          NAME(AF_NETLINK),
    NAME(AF_PACKET),       NAME(AF_RDS),          NAME(AF_PPPOX),
    NAME(AF_CAN),          NAME(AF_TIPC),         NAME(AF_BLUETOOTH),
    NAME(AF_ISDN),         NAME(AF_ALG),          NAME(AF_NFC),
    NAME(AF_VSOCK),        NAME(AF_KCM),          NAME_AS("AF_QIPCRTR", 42),
    NAME_AS("AF_SMC", 43), NAME_AS("AF_XDP", 44),
};
const struct name_set names_family = NAME_SET(family_list, "AF_???");

static const struct name socktype_list[] = {
    NAME_IN(SOCK_STREAM, TYPE),    NAME_IN(SOCK_DGRAM, TYPE),
    NAME_IN(SOCK_RAW, TYPE),       NAME_IN(SOCK_RDM, TYPE),
    NAME_IN(SOCK_SEQPACKET, TYPE), NAME_IN(SOCK_DCCP, TYPE),
    NAME_IN(SOCK_PACKET, TYPE),    NAME(SOCK_CLOEXEC),
    NAME(SOCK_NONBLOCK),
};
const struct name_set names_socktype = NAME_SET(socktype_list, "SOCK_???");

static const struct name sock_flags_list[] = {
    NAME(SOCK_CLOEXEC),
    NAME(SOCK_NONBLOCK),
};
const struct name_set names_sock_flags = NAME_SET(sock_flags_list, "SOCK_???");

static const struct name sol_list[] = {
    NAME(SOL_SOCKET),
    NAME_AS("SOL_IP", 0),
    NAME_AS("SOL_TCP", 6),
    NAME_AS("SOL_UDP", 17),
    NAME_AS("SOL_IPV6", 41),
    NAME_AS("SOL_ICMPV6", 58),
    NAME_AS("SOL_SCTP", 132),
    NAME_AS("SOL_UDPLITE", 136),
    NAME_AS("SOL_RAW", 255),
    NAME_AS("SOL_PACKET", 263),
    NAME_AS("SOL_ATM", 264),
    NAME_AS("SOL_NETLINK", 270),
    NAME_AS("SOL_BLUETOOTH", 274),
    NAME_AS("SOL_ALG", 279),
    NAME_AS("SOL_KCM", 281),
    NAME_AS("SOL_TLS", 282),
    NAME_AS("SOL_XDP", 283),
};
const struct name_set names_sol = NAME_SET(sol_list, "SOL_???");

static const struct name shutdown_list[] = {
    NAME(SHUT_RD),
    NAME(SHUT_WR),
    NAME(SHUT_RDWR),
};
const struct name_set names_shutdown = NAME_SET(shutdown_list, "SHUT_???");

static const struct name msg_list[] = {
    NAME(MSG_OOB),          NAME(MSG_PEEK),     NAME(MSG_DONTROUTE), NAME(MSG_CTRUNC),
    NAME(MSG_PROXY),        NAME(MSG_TRUNC),    NAME(MSG_DONTWAIT),  NAME(MSG_EOR),
    NAME(MSG_WAITALL),      NAME(MSG_FIN),      NAME(MSG_SYN),       NAME(MSG_CONFIRM),
    NAME(MSG_RST),          NAME(MSG_ERRQUEUE), NAME(MSG_NOSIGNAL),  NAME(MSG_MORE),
    NAME(MSG_WAITFORONE),   NAME(MSG_BATCH),    NAME(MSG_ZEROCOPY),  NAME(MSG_FASTOPEN),
    NAME(MSG_CMSG_CLOEXEC),
};
const struct name_set names_msg = NAME_SET(msg_list, "MSG_???");

static const struct name cmsg_list[] = {
    NAME(SCM_RIGHTS),
    NAME_AS("SCM_CREDENTIALS", 2),
    NAME_AS("SCM_SECURITY", 3),
    NAME_AS("SO_TIMESTAMP_OLD", 29),
    NAME_AS("SO_TIMESTAMPNS_OLD", 35),
    NAME_AS("SO_TIMESTAMPING_OLD", 37),
};
const struct name_set names_cmsg = NAME_SET(cmsg_list, "SCM_???");

static const struct name sock_level_list[] = {
    NAME(SO_DEBUG),
    NAME(SO_REUSEADDR),
    NAME(SO_TYPE),
    NAME(SO_ERROR),
    NAME(SO_DONTROUTE),
    NAME(SO_BROADCAST),
    NAME(SO_SNDBUF),
    NAME(SO_RCVBUF),
    NAME(SO_KEEPALIVE),
    NAME(SO_OOBINLINE),
    NAME(SO_NO_CHECK),
    NAME(SO_PRIORITY),
    NAME(SO_LINGER),
    NAME(SO_BSDCOMPAT),
    NAME(SO_REUSEPORT),
    NAME(SO_PASSCRED),
    NAME(SO_PEERCRED),
    NAME(SO_RCVLOWAT),
    NAME(SO_SNDLOWAT),
    NAME_AS("SO_RCVTIMEO_OLD", 20),
    NAME_AS("SO_SNDTIMEO_OLD", 21),
    NAME(SO_BINDTODEVICE),
    NAME(SO_ATTACH_FILTER),
    NAME(SO_DETACH_FILTER),
    NAME(SO_PEERNAME),
    NAME_AS("SO_TIMESTAMP_OLD", 29),
    NAME(SO_ACCEPTCONN),
    NAME(SO_PEERSEC),
    NAME(SO_SNDBUFFORCE),
    NAME(SO_RCVBUFFORCE),
    NAME(SO_PASSSEC),
    NAME_AS("SO_TIMESTAMPNS_OLD", 35),
    NAME(SO_MARK),
    NAME_AS("SO_TIMESTAMPING_OLD", 37),
    NAME(SO_PROTOCOL),
    NAME(SO_DOMAIN),
    NAME(SO_RXQ_OVFL),
    NAME(SO_WIFI_STATUS),
    NAME(SO_PEEK_OFF),
    NAME(SO_NOFCS),
    NAME(SO_LOCK_FILTER),
    NAME(SO_SELECT_ERR_QUEUE),
    NAME(SO_BUSY_POLL),
    NAME(SO_MAX_PACING_RATE),
    NAME(SO_BPF_EXTENSIONS),
    NAME(SO_INCOMING_CPU),
    NAME(SO_ATTACH_BPF),
    NAME(SO_ATTACH_REUSEPORT_CBPF),
    NAME(SO_ATTACH_REUSEPORT_EBPF),
    NAME(SO_CNX_ADVICE),
    NAME_AS("SO_MEMINFO", 55),
    NAME_AS("SO_INCOMING_NAPI_ID", 56),
    NAME_AS("SO_COOKIE", 57),
    NAME_AS("SO_PEERGROUPS", 59),
    NAME_AS("SO_ZEROCOPY", 60),
    NAME_AS("SO_TXTIME", 61),
    NAME_AS("SO_BINDTOIFINDEX", 62),
    NAME_AS("SO_TIMESTAMP_NEW", 63),
    NAME_AS("SO_TIMESTAMPNS_NEW", 64),
    NAME_AS("SO_TIMESTAMPING_NEW", 65),
    NAME_AS("SO_RCVTIMEO_NEW", 66),
    NAME_AS("SO_SNDTIMEO_NEW", 67),
    NAME_AS("SO_DETACH_REUSEPORT_BPF", 68),
    NAME_AS("SO_PREFER_BUSY_POLL", 69),
    NAME_AS("SO_BUSY_POLL_BUDGET", 70),
    NAME_AS("SO_NETNS_COOKIE", 71),
    NAME_AS("SO_BUF_LOCK", 72),
    NAME_AS("SO_RESERVE_MEM", 73),
    NAME_AS("SO_TXREHASH", 74),
    NAME_AS("SO_RCVMARK", 75),
    NAME_AS("SO_PASSPIDFD", 76),
    NAME_AS("SO_PEERPIDFD", 77),
};
const struct name_set names_sock_level = NAME_SET(sock_level_list, "SO_???");

static const struct name tcp_list[] = {
    NAME(TCP_NODELAY),
    NAME(TCP_MAXSEG),
    NAME(TCP_CORK),
    NAME(TCP_KEEPIDLE),
    NAME(TCP_KEEPINTVL),
    NAME(TCP_KEEPCNT),
    NAME(TCP_SYNCNT),
    NAME(TCP_LINGER2),
    NAME(TCP_DEFER_ACCEPT),
    NAME(TCP_WINDOW_CLAMP),
    NAME(TCP_INFO),
    NAME(TCP_QUICKACK),
    NAME(TCP_CONGESTION),
    NAME_AS("TCP_MD5SIG", 14),
    NAME_AS("TCP_THIN_LINEAR_TIMEOUTS", 16),
    NAME_AS("TCP_THIN_DUPACK", 17),
    NAME_AS("TCP_USER_TIMEOUT", 18),
    NAME_AS("TCP_REPAIR", 19),
    NAME_AS("TCP_REPAIR_QUEUE", 20),
    NAME_AS("TCP_QUEUE_SEQ", 21),
    NAME_AS("TCP_REPAIR_OPTIONS", 22),
    NAME_AS("TCP_FASTOPEN", 23),
    NAME_AS("TCP_TIMESTAMP", 24),
    NAME_AS("TCP_NOTSENT_LOWAT", 25),
    NAME_AS("TCP_CC_INFO", 26),
    NAME_AS("TCP_SAVE_SYN", 27),
    NAME_AS("TCP_SAVED_SYN", 28),
    NAME_AS("TCP_REPAIR_WINDOW", 29),
    NAME_AS("TCP_FASTOPEN_CONNECT", 30),
    NAME_AS("TCP_ULP", 31),
    NAME_AS("TCP_MD5SIG_EXT", 32),
    NAME_AS("TCP_FASTOPEN_KEY", 33),
    NAME_AS("TCP_FASTOPEN_NO_COOKIE", 34),
    NAME_AS("TCP_ZEROCOPY_RECEIVE", 35),
    NAME_AS("TCP_INQ", 36),
    NAME_AS("TCP_TX_DELAY", 37),
};
const struct name_set names_tcp = NAME_SET(tcp_list, "TCP_???");

static const struct name ip_list[] = {
    NAME(IP_TOS),
    NAME(IP_TTL),
    NAME(IP_HDRINCL),
    NAME(IP_OPTIONS),
    NAME(IP_ROUTER_ALERT),
    NAME(IP_RECVOPTS),
    NAME(IP_RETOPTS),
    NAME(IP_PKTINFO),
    NAME(IP_PKTOPTIONS),
    NAME(IP_MTU_DISCOVER),
    NAME(IP_RECVERR),
    NAME(IP_RECVTTL),
    NAME(IP_RECVTOS),
    NAME(IP_MTU),
    NAME(IP_FREEBIND),
    NAME_AS("IP_TRANSPARENT", 19),
    NAME_AS("IP_RECVORIGDSTADDR", 20),
    NAME_AS("IP_MINTTL", 21),
    NAME_AS("IP_NODEFRAG", 22),
    NAME_AS("IP_CHECKSUM", 23),
    NAME_AS("IP_BIND_ADDRESS_NO_PORT", 24),
    NAME_AS("IP_RECVFRAGSIZE", 25),
    NAME(IP_MULTICAST_IF),
    NAME(IP_MULTICAST_TTL),
    NAME(IP_MULTICAST_LOOP),
    NAME(IP_ADD_MEMBERSHIP),
    NAME(IP_DROP_MEMBERSHIP),
    NAME(IP_UNBLOCK_SOURCE),
    NAME(IP_BLOCK_SOURCE),
    NAME(IP_ADD_SOURCE_MEMBERSHIP),
    NAME(IP_DROP_SOURCE_MEMBERSHIP),
    NAME(IP_MSFILTER),
    NAME(MCAST_JOIN_GROUP),
    NAME(MCAST_LEAVE_GROUP),
    NAME_AS("IP_MULTICAST_ALL", 49),
    NAME_AS("IP_UNICAST_IF", 50),
};
const struct name_set names_ip = NAME_SET(ip_list, "IP_???");

static const struct name ipv6_list[] = {
    NAME(IPV6_ADDRFORM),
    NAME(IPV6_2292PKTINFO),
    NAME(IPV6_2292HOPOPTS),
    NAME(IPV6_2292DSTOPTS),
    NAME(IPV6_2292RTHDR),
    NAME(IPV6_2292PKTOPTIONS),
    NAME(IPV6_CHECKSUM),
    NAME(IPV6_2292HOPLIMIT),
    NAME(IPV6_NEXTHOP),
    NAME(IPV6_AUTHHDR),
    NAME(IPV6_UNICAST_HOPS),
    NAME(IPV6_MULTICAST_IF),
    NAME(IPV6_MULTICAST_HOPS),
    NAME(IPV6_MULTICAST_LOOP),
    NAME_AS("IPV6_ADD_MEMBERSHIP", 20),
    NAME_AS("IPV6_DROP_MEMBERSHIP", 21),
    NAME(IPV6_ROUTER_ALERT),
    NAME(IPV6_MTU_DISCOVER),
    NAME(IPV6_MTU),
    NAME(IPV6_RECVERR),
    NAME(IPV6_V6ONLY),
    NAME(IPV6_JOIN_ANYCAST),
    NAME(IPV6_LEAVE_ANYCAST),
    NAME(IPV6_RECVPKTINFO),
    NAME(IPV6_PKTINFO),
    NAME(IPV6_RECVHOPLIMIT),
    NAME(IPV6_HOPLIMIT),
    NAME(IPV6_RECVHOPOPTS),
    NAME(IPV6_HOPOPTS),
    NAME(IPV6_RTHDRDSTOPTS),
    NAME(IPV6_RECVRTHDR),
    NAME(IPV6_RTHDR),
    NAME(IPV6_RECVDSTOPTS),
    NAME(IPV6_DSTOPTS),
    NAME(IPV6_RECVPATHMTU),
    NAME(IPV6_PATHMTU),
    NAME(IPV6_DONTFRAG),
    NAME(IPV6_RECVTCLASS),
    NAME(IPV6_TCLASS),
    NAME_AS("IPV6_AUTOFLOWLABEL", 70),
    NAME_AS("IPV6_ADDR_PREFERENCES", 72),
    NAME_AS("IPV6_MINHOPCOUNT", 73),
    NAME_AS("IPV6_RECVORIGDSTADDR", 74),
    NAME_AS("IPV6_TRANSPARENT", 75),
    NAME_AS("IPV6_UNICAST_IF", 76),
    NAME_AS("IPV6_RECVFRAGSIZE", 77),
    NAME_AS("IPV6_FREEBIND", 78),
};
const struct name_set names_ipv6 = NAME_SET(ipv6_list, "IPV6_???");

/* ---------------------------------------------- what depends on other arguments */
static const struct name ip_proto_list[] = {
    NAME(IPPROTO_IP),      NAME(IPPROTO_ICMP),
    NAME(IPPROTO_IGMP),    NAME(IPPROTO_IPIP),
    NAME(IPPROTO_TCP),     NAME(IPPROTO_EGP),
    NAME(IPPROTO_PUP),     NAME(IPPROTO_UDP),
    NAME(IPPROTO_IDP),     NAME(IPPROTO_TP),
    NAME(IPPROTO_DCCP),    NAME(IPPROTO_IPV6),
    NAME(IPPROTO_RSVP),    NAME(IPPROTO_GRE),
    NAME(IPPROTO_ESP),     NAME(IPPROTO_AH),
    NAME(IPPROTO_ICMPV6),  NAME(IPPROTO_MTP),
    NAME(IPPROTO_ENCAP),   NAME(IPPROTO_PIM),
    NAME(IPPROTO_COMP),    NAME(IPPROTO_SCTP),
    NAME(IPPROTO_UDPLITE), NAME(IPPROTO_MPLS),
    NAME(IPPROTO_RAW),     NAME_AS("IPPROTO_MPTCP", 262),
};
static const struct name_set ip_protos = NAME_SET(ip_proto_list, "IPPROTO_???");
static const struct name netlink_list[] = {
    NAME_AS("NETLINK_ROUTE", 0),
    NAME_AS("NETLINK_USERSOCK", 2),
    NAME_AS("NETLINK_FIREWALL", 3),
    NAME_AS("NETLINK_SOCK_DIAG", 4),
    NAME_AS("NETLINK_NFLOG", 5),
    NAME_AS("NETLINK_XFRM", 6),
    NAME_AS("NETLINK_SELINUX", 7),
    NAME_AS("NETLINK_ISCSI", 8),
    NAME_AS("NETLINK_AUDIT", 9),
    NAME_AS("NETLINK_FIB_LOOKUP", 10),
    NAME_AS("NETLINK_CONNECTOR", 11),
    NAME_AS("NETLINK_NETFILTER", 12),
    NAME_AS("NETLINK_IP6_FW", 13),
    NAME_AS("NETLINK_DNRTMSG", 14),
    NAME_AS("NETLINK_KOBJECT_UEVENT", 15),
    NAME_AS("NETLINK_GENERIC", 16),
    NAME_AS("NETLINK_SCSITRANSPORT", 18),
    NAME_AS("NETLINK_ECRYPTFS", 19),
    NAME_AS("NETLINK_RDMA", 20),
    NAME_AS("NETLINK_CRYPTO", 21),
    NAME_AS("NETLINK_SMC", 22),
};
static const struct name_set netlink_protos = NAME_SET(netlink_list, "NETLINK_???");

/* The protocol of socket and socketpair: by the family, argument 0. */
static void print_sockproto(struct printer *p, uint64_t value)
{
    uint64_t family = (uint32_t)p->call->args[0];
    if (family == AF_INET || family == AF_INET6)
        print_enum(p, &ip_protos, value);
    else if (family == AF_NETLINK)
        print_enum(p, &netlink_protos, value);
    else
        text_printf(p->out, "%llu", (unsigned long long)value);
}
const struct name_set names_sockproto = NAME_SET_FN(print_sockproto);

/* The option of setsockopt and getsockopt: by the level, argument 1. */
static void print_option_name(struct printer *p, uint64_t value)
{
    static const struct {
        uint32_t level;
        const struct name_set *set;
    } levels[] = {
        {SOL_SOCKET, &names_sock_level},
        {SOL_IP, &names_ip},
        {SOL_TCP, &names_tcp},
        {SOL_IPV6, &names_ipv6},
    };
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if ((uint32_t)p->call->args[1] == levels[i].level) {
            print_enum(p, levels[i].set, value);
            return;
        }
    text_printf(p->out, "%#llx", (unsigned long long)value);
}
const struct name_set names_sockopt = NAME_SET_FN(print_option_name);
