/*
 * strace_struct_system.c - structures of processes, resources and the system; and plain
 * numbers behind a pointer.
 */
#include "strace_print.h"

#include <sys/resource.h>

/* ----------------------------------------------------------------- plain values */
static void value_int(struct printer *p, const struct mem *mem)
{
    text_printf(p->out, "%lld", (long long)mem_int(mem, 0, mem->len));
}

static void value_uint(struct printer *p, const struct mem *mem)
{
    text_printf(p->out, "%llu", (unsigned long long)mem_uint(mem, 0, mem->len));
}

static void value_ptr(struct printer *p, const struct mem *mem)
{
    print_ptr(p, mem_uint(mem, 0, 8));
}

static void value_id(struct printer *p, const struct mem *mem)
{
    print_id(p, mem_uint(mem, 0, 4));
}

static void value_status(struct printer *p, const struct mem *mem)
{
    print_wait_status(p, mem_uint(mem, 0, 4));
}

static void print_fdpair(struct printer *p, const struct mem *mem)
{
    text_printf(p->out, "[%d, %d]", (int)mem_int(mem, 0, 4), (int)mem_int(mem, 4, 4));
}

const struct struct_print layout_byte = SCALAR_FN(value_uint);
const struct struct_print layout_int = SCALAR_FN(value_int);
const struct struct_print layout_uint = SCALAR_FN(value_uint);
const struct struct_print layout_long = SCALAR_FN(value_int);
const struct struct_print layout_ulong = SCALAR_FN(value_uint);
const struct struct_print layout_off = SCALAR_FN(value_int);
const struct struct_print layout_pid = SCALAR_FN(value_int);
const struct struct_print layout_fd = SCALAR_FN(value_int);
const struct struct_print layout_socklen = SCALAR_FN(value_int);
const struct struct_print layout_u64 = SCALAR_FN(value_uint);
const struct struct_print layout_ptr = SCALAR_FN(value_ptr);
const struct struct_print layout_id = SCALAR_FN(value_id);
const struct struct_print layout_wstatus = SCALAR_FN(value_status);
const struct struct_print layout_sched_param = SCALAR_FN(value_int);
const struct struct_print layout_fdpair = STRUCT_FN(print_fdpair);
const struct struct_print layout_rawbytes = STRUCT_FN(NULL);

/* -------------------------------------------------------------------- resources */
static const struct field rusage_fields[] = {
    FIELD_OF("ru_utime", 0, 16, FF_STRUCT, ST_timeval),
    FIELD_OF("ru_stime", 16, 16, FF_STRUCT, ST_timeval),
    DETAIL("ru_maxrss", 32, 8, FF_UINT),
    DETAIL("ru_ixrss", 40, 8, FF_UINT),
    DETAIL("ru_idrss", 48, 8, FF_UINT),
    DETAIL("ru_isrss", 56, 8, FF_UINT),
    DETAIL("ru_minflt", 64, 8, FF_UINT),
    DETAIL("ru_majflt", 72, 8, FF_UINT),
    DETAIL("ru_nswap", 80, 8, FF_UINT),
    DETAIL("ru_inblock", 88, 8, FF_UINT),
    DETAIL("ru_oublock", 96, 8, FF_UINT),
    DETAIL("ru_msgsnd", 104, 8, FF_UINT),
    DETAIL("ru_msgrcv", 112, 8, FF_UINT),
    DETAIL("ru_nsignals", 120, 8, FF_UINT),
    DETAIL("ru_nvcsw", 128, 8, FF_UINT),
    DETAIL("ru_nivcsw", 136, 8, FF_UINT),
};
const struct struct_print layout_rusage = STRUCT_FIELDS(rusage_fields);

/* A limit in whole KiB reads better as a product. */
static void field_limit(struct printer *p, const struct mem *mem, const struct field *f)
{
    unsigned long long limit = mem_uint(mem, f->off, 8);
    if (limit == UINT64_MAX)
        text_str(p->out, "RLIM64_INFINITY");
    else if (limit > 1024 && limit % 1024 == 0)
        text_printf(p->out, "%llu*1024", limit / 1024);
    else
        text_printf(p->out, "%llu", limit);
}

static const struct field rlimit_fields[] = {
    FIELD_FN("rlim_cur", 0, 8, field_limit),
    FIELD_FN("rlim_max", 8, 8, field_limit),
};
const struct struct_print layout_rlimit = STRUCT_FIELDS(rlimit_fields);

/* ----------------------------------------------------------------------- system */
static void field_loads(struct printer *p, const struct mem *mem, const struct field *f)
{
    for (size_t i = 0; i < 3; i++)
        text_printf(p->out, "%s%llu", i > 0 ? ", " : "[",
                    (unsigned long long)mem_uint(mem, f->off + 8 * i, 8));
    text_char(p->out, ']');
}

static const struct field sysinfo_fields[] = {
    FIELD("uptime", 0, 8, FF_INT),      FIELD_FN("loads", 8, 24, field_loads),
    FIELD("totalram", 32, 8, FF_UINT),  FIELD("freeram", 40, 8, FF_UINT),
    FIELD("sharedram", 48, 8, FF_UINT), FIELD("bufferram", 56, 8, FF_UINT),
    FIELD("totalswap", 64, 8, FF_UINT), FIELD("freeswap", 72, 8, FF_UINT),
    FIELD("procs", 80, 2, FF_UINT),     FIELD("totalhigh", 88, 8, FF_UINT),
    FIELD("freehigh", 96, 8, FF_UINT),  FIELD("mem_unit", 104, 4, FF_UINT),
};
const struct struct_print layout_sysinfo = STRUCT_FIELDS(sysinfo_fields);

static const struct field utsname_fields[] = {
    FIELD("sysname", 0, 65, FF_CHARS),    FIELD("nodename", 65, 65, FF_CHARS),
    DETAIL("release", 130, 65, FF_CHARS), DETAIL("version", 195, 65, FF_CHARS),
    DETAIL("machine", 260, 65, FF_CHARS), DETAIL("domainname", 325, 65, FF_CHARS),
};
const struct struct_print layout_utsname = STRUCT_FIELDS(utsname_fields);

static const struct field cap_header_fields[] = {
    FIELD_OF("version", 0, 4, FF_ENUM, FS_cap_version),
    FIELD("pid", 4, 4, FF_INT),
};
const struct struct_print layout_cap_header = STRUCT_FIELDS(cap_header_fields);

static const char *const cap_names[] = {
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
};
#define CAP_COUNT (sizeof(cap_names) / sizeof(cap_names[0]))

void print_capability(struct printer *p, uint64_t number)
{
    if (number < CAP_COUNT)
        text_printf(p->out, "CAP_%s", cap_names[number]);
    else
        text_printf(p->out, "%#llx /* CAP_??? */", (unsigned long long)number);
}

static void print_cap_names(struct printer *p, uint64_t caps)
{
    unsigned shown = 0;
    for (size_t i = 0; i < CAP_COUNT; i++)
        if ((caps >> i & 1) != 0)
            text_printf(p->out, "%s1<<CAP_%s", shown++ > 0 ? "|" : "", cap_names[i]);
    uint64_t rest = caps >> CAP_COUNT << CAP_COUNT;
    if (rest != 0)
        text_printf(p->out, "%s%#llx", shown > 0 ? "|" : "", (unsigned long long)rest);
    else if (shown == 0)
        text_char(p->out, '0');
}

/* Three sets, each in two halves 12 bytes apart; the second set of words is there from
 * version 2 on. */
static void print_cap_data(struct printer *p, const struct mem *mem)
{
    static const char *const names[] = {"effective", "permitted", "inheritable"};
    for (size_t i = 0; i < 3; i++) {
        text_printf(p->out, "%s%s=", i > 0 ? ", " : "{", names[i]);
        print_cap_names(p, mem_uint(mem, 4 * i, 4) | mem_uint(mem, 12 + 4 * i, 4) << 32);
    }
    text_char(p->out, '}');
}
const struct struct_print layout_cap_data = STRUCT_FN(print_cap_data);

/* -------------------------------------------------------------------- scheduler */
static const struct field sched_attr_fields[] = {
    FIELD("size", 0, 4, FF_UINT),
    FIELD_OF("sched_policy", 4, 4, FF_ENUM, FS_sched_policy),
    FIELD_OF("sched_flags", 8, 8, FF_FLAGS, FS_sched_flags),
    FIELD("sched_nice", 16, 4, FF_INT),
    FIELD("sched_priority", 20, 4, FF_UINT),
    FIELD("sched_runtime", 24, 8, FF_UINT),
    FIELD("sched_deadline", 32, 8, FF_UINT),
    FIELD("sched_period", 40, 8, FF_UINT),
    FIELD("sched_util_min", 48, 4, FF_UINT),
    FIELD("sched_util_max", 52, 4, FF_UINT),
};
const struct struct_print layout_sched_attr = STRUCT_FIELDS(sched_attr_fields);

/* Numbers of the processors in a mask. */
static void print_cpuset(struct printer *p, const struct mem *mem)
{
    unsigned shown = 0;
    text_char(p->out, '[');
    for (size_t i = 0; i < mem->len * 8; i++)
        if ((mem->data[i / 8] >> (i % 8) & 1) != 0)
            text_printf(p->out, "%s%zu", shown++ > 0 ? " " : "", i);
    text_str(p->out, mem->len < mem->full ? " ...]" : "]");
}
const struct struct_print layout_cpuset = STRUCT_FN(print_cpuset);

static bool has_clone_pidfd(const struct mem *mem)
{
    return (mem_uint(mem, 0, 8) & 0x1000) != 0;
}

static bool has_child_tid(const struct mem *mem)
{
    return (mem_uint(mem, 0, 8) & 0x1200000) != 0;
}

static bool has_parent_tid(const struct mem *mem)
{
    return (mem_uint(mem, 0, 8) & 0x100000) != 0;
}

static bool has_clone_tls(const struct mem *mem)
{
    return (mem_uint(mem, 0, 8) & 0x80000) != 0;
}

static const struct field clone_args_fields[] = {
    FIELD_OF("flags", 0, 8, FF_FLAGS, FS_clone),
    FIELD_IF("pidfd", 8, 8, FF_PTR, NULL, has_clone_pidfd),
    FIELD_IF("child_tid", 16, 8, FF_PTR, NULL, has_child_tid),
    FIELD_IF("parent_tid", 24, 8, FF_PTR, NULL, has_parent_tid),
    FIELD_OF("exit_signal", 32, 8, FF_ENUM, FS_signal),
    FIELD("stack", 40, 8, FF_PTR),
    FIELD("stack_size", 48, 8, FF_HEX),
    FIELD_IF("tls", 56, 8, FF_HEX, NULL, has_clone_tls),
};
const struct struct_print layout_clone_args = STRUCT_FIELDS(clone_args_fields);
