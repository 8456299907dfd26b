/*
 * strace_special_process.c - clone, futex and prctl: what their arguments are, and how many,
 * depends on the first ones.
 */
#include "strace_print.h"

#include <string.h>

static void named(struct printer *p, const char *name, uint64_t addr)
{
    text_printf(p->out, ", %s=", name);
    print_ptr(p, addr);
}

/* ------------------------------------------------------------------------ clone */
enum { SETTLS = 0x80000, PARENT_SETTID = 0x100000, PIDFD = 0x1000, CHILD_TID = 0x1200000 };

static void own_clone(struct printer *p)
{
    const uint64_t *a = p->call->args;
    text_str(p->out, "child_stack=");
    print_ptr(p, a[1]);
    text_str(p->out, ", flags=");
    print_flags(p, &names_clone, a[0]);
    p->arg = 2;
    p->phase = AT_EXIT;
    if ((a[0] & (PARENT_SETTID | PIDFD)) != 0) {
        text_str(p->out, ", parent_tid=");
        print_struct_at(p, ST_pid, a[2]);
    }
    if ((a[0] & SETTLS) != 0)
        text_printf(p->out, ", tls=%#llx", (unsigned long long)a[4]);
    if ((a[0] & CHILD_TID) != 0)
        named(p, "child_tidptr", a[3]);
}

/* ------------------------------------------------------------------------ futex
 * What follows the address and the operation, one letter each: v val, t time-out in the
 * fourth argument, 2 val2 there, p second address, 3 val3, m mask, o encoded operation. */
static const char *const futex_forms[] = {
    "vt", "v", "v", "v2p", "v2p3", "v2po", "t", "", "", "vtm", "vm", "vtp", "v2p3", "t",
};

static void print_mask(struct printer *p, uint64_t mask)
{
    if ((uint32_t)mask == UINT32_MAX)
        text_str(p->out, "FUTEX_BITSET_MATCH_ANY");
    else
        text_printf(p->out, "%#x", (unsigned)mask);
}

/* FUTEX_WAKE_OP: what to do with the second word, and when to wake there too. */
static void print_wake_op(struct printer *p, uint64_t code)
{
    static const char *const ops[] = {"SET", "ADD", "OR", "ANDN", "XOR"};
    static const char *const compares[] = {"EQ", "NE", "LT", "LE", "GT", "GE"};
    unsigned op = code >> 28 & 7, compare = code >> 24 & 15;
    if (op >= 5 || compare >= 6) {
        text_printf(p->out, "%#x", (unsigned)code);
        return;
    }
    text_printf(p->out, "%sFUTEX_OP_%s<<28|%#x<<12|FUTEX_OP_CMP_%s<<24|%#x",
                (code >> 31 & 1) != 0 ? "FUTEX_OP_OPARG_SHIFT<<28|" : "", ops[op],
                (unsigned)(code >> 12 & 0xfff), compares[compare], (unsigned)(code & 0xfff));
}

static void print_futex_part(struct printer *p, char part)
{
    const uint64_t *a = p->call->args;
    text_str(p->out, ", ");
    p->arg = 3;
    p->phase = AT_ENTRY;
    switch (part) {
    case 'v':
        text_printf(p->out, "%u", (unsigned)a[2]);
        break;
    case 't':
        print_struct_at(p, ST_timespec, a[3]);
        break;
    case '2':
        text_printf(p->out, "%u", (unsigned)a[3]);
        break;
    case 'p':
        print_ptr(p, a[4]);
        break;
    case '3':
        text_printf(p->out, "%u", (unsigned)a[5]);
        break;
    case 'm':
        print_mask(p, a[5]);
        break;
    default:
        print_wake_op(p, a[5]);
        break;
    }
}

static void own_futex(struct printer *p)
{
    const uint64_t *a = p->call->args;
    unsigned op = (uint32_t)a[1] & ~(unsigned)(128 | 256);
    bool known = op < sizeof(futex_forms) / sizeof(futex_forms[0]);
    print_ptr(p, a[0]);
    text_str(p->out, ", ");
    print_enum(p, &names_futex, (uint32_t)a[1]);
    for (const char *part = known ? futex_forms[op] : "v2p3"; *part != 0; part++)
        print_futex_part(p, *part);
}

/* ------------------------------------------------------------------------ prctl
 * Arguments after the option, one letter each: d decimal, x hexadecimal, s string read,
 * S signal, i int written, n name written, g signal written, D dumpable, p pointer. */
static const struct {
    uint32_t option;
    const char *form;
} prctl_forms[] = {
    {1, "S"},     {2, "g"},
    {3, ""},      {4, "D"},
    {7, ""},      {8, "d"},
    {15, "s"},    {16, "n"},
    {21, ""},     {23, "c"},
    {24, "c"},    {27, ""},
    {29, "d"},    {30, ""},
    {36, "d"},    {37, "i"},
    {38, "dddd"}, {39, "dddd"},
    {40, "p"},    {41, "dddd"},
    {42, "dddd"}, {0x53564d41, "xpdp"},
};

static const char *prctl_form(uint32_t option)
{
    for (size_t i = 0; i < sizeof(prctl_forms) / sizeof(prctl_forms[0]); i++)
        if (prctl_forms[i].option == option)
            return prctl_forms[i].form;
    return "xxxx";
}

static void print_name_written(struct printer *p, uint64_t addr)
{
    struct mem mem = call_mem(p->call, p->arg, AT_EXIT, addr);
    print_captured_string(p, &mem);
}

static void print_dumpable(struct printer *p, uint64_t value)
{
    static const char *const names[] = {"SUID_DUMP_DISABLE", "SUID_DUMP_USER", "SUID_DUMP_ROOT"};
    if (value < 3)
        text_str(p->out, names[value]);
    else
        text_printf(p->out, "%#llx /* SUID_DUMP_??? */", (unsigned long long)value);
}

static void print_signal_written(struct printer *p, uint64_t addr)
{
    struct mem mem = call_struct(p->call, p->arg, AT_EXIT, addr, 4);
    if (mem.data == NULL) {
        print_ptr(p, addr);
        return;
    }
    text_char(p->out, '[');
    print_signal(p, mem_uint(&mem, 0, 4));
    text_char(p->out, ']');
}

static void print_int_written(struct printer *p, uint64_t addr)
{
    p->phase = AT_EXIT;
    print_struct_at(p, ST_int, addr);
}

static void print_string_read(struct printer *p, uint64_t addr)
{
    print_string_at(p, addr, false);
}

static void print_decimal(struct printer *p, uint64_t value)
{
    text_printf(p->out, "%llu", (unsigned long long)value);
}

static void print_hex(struct printer *p, uint64_t value)
{
    text_printf(p->out, "%#llx", (unsigned long long)value);
}

static value_fn *const prctl_printers[128] = {
    ['S'] = print_signal,       ['g'] = print_signal_written,
    ['D'] = print_dumpable,     ['s'] = print_string_read,
    ['n'] = print_name_written, ['i'] = print_int_written,
    ['d'] = print_decimal,      ['x'] = print_hex,
    ['p'] = print_ptr,          ['c'] = print_capability,
};

static void own_prctl(struct printer *p)
{
    const char *form = prctl_form((uint32_t)p->call->args[0]);
    print_enum(p, &names_prctl, (uint32_t)p->call->args[0]);
    for (unsigned i = 0; i < 4 && form[i] != 0; i++) {
        p->arg = i + 1;
        p->phase = AT_ENTRY;
        text_str(p->out, ", ");
        prctl_printers[(unsigned char)form[i]](p, p->call->args[i + 1]);
    }
}

static const struct {
    uint32_t nr;
    void (*print)(struct printer *p);
} calls[] = {{NR_clone, own_clone}, {NR_futex, own_futex}, {NR_prctl, own_prctl}};

bool print_own_args(struct printer *p)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (calls[i].nr == p->call->nr) {
            calls[i].print(p);
            return true;
        }
    return false;
}
