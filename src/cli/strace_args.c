/*
 * strace_args.c - prints arguments by their kinds (sysdef.h).
 */
#include "strace_print.h"

typedef void arg_fn(struct printer *p, uint32_t word, uint64_t value);

/* Other arguments of the call that this one refers to. */
static uint64_t counted(const struct printer *p, uint32_t word)
{
    return p->call->args[ARG_INDEX(word) < 6 ? ARG_INDEX(word) : 0];
}

static bool succeeded(const struct printer *p)
{
    return !p->call->failed;
}

/* ---------------------------------------------------------------- plain numbers */
static void arg_int(struct printer *p, uint32_t word, uint64_t value)
{
    text_printf(p->out, "%d", (int)value);
}

static void arg_long(struct printer *p, uint32_t word, uint64_t value)
{
    text_printf(p->out, "%lld", (long long)value);
}

static void arg_uint(struct printer *p, uint32_t word, uint64_t value)
{
    text_printf(p->out, "%u", (unsigned)value);
}

static void arg_hex(struct printer *p, uint32_t word, uint64_t value)
{
    text_printf(p->out, "%#llx", (unsigned long long)value);
}

static void arg_size(struct printer *p, uint32_t word, uint64_t value)
{
    text_printf(p->out, "%llu", (unsigned long long)value);
}

static void arg_fd(struct printer *p, uint32_t word, uint64_t value)
{
    print_fd(p, value);
}

static void arg_dirfd(struct printer *p, uint32_t word, uint64_t value)
{
    print_dirfd(p, value);
}

static void arg_ptr(struct printer *p, uint32_t word, uint64_t value)
{
    print_ptr(p, value);
}

static void arg_mode(struct printer *p, uint32_t word, uint64_t value)
{
    print_file_mode(p, value);
}

static void arg_id(struct printer *p, uint32_t word, uint64_t value)
{
    print_id(p, value);
}

static void arg_signal(struct printer *p, uint32_t word, uint64_t value)
{
    print_signal(p, value);
}

/* --------------------------------------------------------------- names and strings */

/* Most sets are ints: what a program leaves in the upper half does not count. */
static uint64_t set_value(uint32_t word, uint64_t value)
{
    unsigned set = ARG_PARAM(word);
    bool wide = set == FS_clone || set == FS_dev || set == FS_map;
    return wide ? value : (uint32_t)value;
}

static void arg_flags(struct printer *p, uint32_t word, uint64_t value)
{
    print_flags(p, name_set(ARG_PARAM(word)), set_value(word, value));
}

static void arg_enum(struct printer *p, uint32_t word, uint64_t value)
{
    print_enum(p, name_set(ARG_PARAM(word)), set_value(word, value));
}

static void arg_path(struct printer *p, uint32_t word, uint64_t value)
{
    print_string_at(p, value, true);
}

static void arg_str(struct printer *p, uint32_t word, uint64_t value)
{
    print_string_at(p, value, false);
}

/* Strings have no order but that of the captures: their addresses are not in the report. */
static void arg_strv(struct printer *p, uint32_t word, uint64_t value)
{
    size_t shown = 0, max = p->call->options->max_string;
    for (size_t i = 0; i < p->call->captures; i++) {
        const struct capture *c = &p->call->capture[i];
        if (c->arg != p->arg || (c->flags & RK_CAP_STRV) == 0)
            continue;
        text_str(p->out, shown == 0 ? "[" : ", ");
        if (shown++ == max) {
            text_str(p->out, "...");
            break;
        }
        p->phase = (c->flags & RK_CAP_EXIT) != 0 ? AT_EXIT : AT_ENTRY;
        print_captured_string(p, &c->mem);
    }
    if (shown > 0)
        text_char(p->out, ']');
    else
        print_ptr(p, value);
}

/* --------------------------------------------------------------------- structures */
static void arg_in(struct printer *p, uint32_t word, uint64_t value)
{
    print_struct_at(p, ARG_PARAM(word), value);
}

static void arg_out(struct printer *p, uint32_t word, uint64_t value)
{
    p->phase = AT_EXIT;
    if (succeeded(p))
        print_struct_at(p, ARG_PARAM(word), value);
    else
        print_ptr(p, value);
}

static void arg_ibuf(struct printer *p, uint32_t word, uint64_t value)
{
    unsigned st = ARG_PARAM(word);
    uint64_t len = counted(p, word);
    if (st == ST_sockaddr)
        print_sockaddr_at(p, value, (uint32_t)len);
    else if (st == ST_sockopt)
        print_sockopt(p, value, (uint32_t)len);
    else if (st != ST_none)
        print_buffer_at(p, st, value, len);
    else
        print_bytes_at(p, value, len);
}

static void arg_obuf(struct printer *p, uint32_t word, uint64_t value)
{
    uint64_t len = (uint64_t)p->call->result, cap = counted(p, word);
    p->phase = AT_EXIT;
    if (!succeeded(p) || (cap == 0 && len > 0))
        print_ptr(p, value);
    else if (ARG_PARAM(word) != ST_none)
        print_buffer_at(p, ARG_PARAM(word), value, len < cap ? len : cap);
    else
        print_bytes_at(p, value, len < cap ? len : cap);
}

static void arg_iarr(struct printer *p, uint32_t word, uint64_t value)
{
    print_array_at(p, ARG_PARAM(word), value, counted(p, word));
}

static void arg_oarr(struct printer *p, uint32_t word, uint64_t value)
{
    p->phase = AT_EXIT;
    if (succeeded(p))
        print_array_at(p, ARG_PARAM(word), value, counted(p, word));
    else
        print_ptr(p, value);
}

static void arg_orarr(struct printer *p, uint32_t word, uint64_t value)
{
    uint64_t count = (uint64_t)p->call->result, cap = counted(p, word);
    p->phase = AT_EXIT;
    if (!succeeded(p) || (cap == 0 && count > 0))
        print_ptr(p, value);
    else
        print_array_at(p, ARG_PARAM(word), value, count);
}

static void arg_iiov(struct printer *p, uint32_t word, uint64_t value)
{
    print_iovec(p, value, counted(p, word), UINT64_MAX);
}

static void arg_oiov(struct printer *p, uint32_t word, uint64_t value)
{
    p->phase = AT_EXIT;
    if (succeeded(p))
        print_iovec(p, value, counted(p, word), (uint64_t)p->call->result);
    else
        print_iovec(p, value, counted(p, word), UINT64_MAX);
}

/* ------------------------------------------------------------------------ sockets */

/* Length in and out at the pointer in argument i: false when it was not captured. */
static bool length_at(const struct printer *p, unsigned i, enum phase phase, uint64_t *len)
{
    struct mem mem = call_struct(p->call, i, phase, p->call->args[i], 4);
    *len = mem_uint(&mem, 0, 4);
    return mem.data != NULL;
}

/* How many bytes of an answer are in the buffer. */
static bool answer_length(const struct printer *p, uint32_t word, uint64_t *len)
{
    uint64_t room;
    unsigned i = ARG_INDEX(word) < 6 ? ARG_INDEX(word) : 0;
    if (!succeeded(p) || !length_at(p, i, AT_EXIT, len))
        return false;
    if (length_at(p, i, AT_ENTRY, &room) && room < *len)
        *len = room;
    return true;
}

static void arg_osock(struct printer *p, uint32_t word, uint64_t value)
{
    uint64_t len;
    p->phase = AT_EXIT;
    if (answer_length(p, word, &len))
        print_sockaddr_at(p, value, len);
    else
        print_ptr(p, value);
}

static void arg_oopt(struct printer *p, uint32_t word, uint64_t value)
{
    uint64_t len;
    p->phase = AT_EXIT;
    if (answer_length(p, word, &len))
        print_sockopt(p, value, len);
    else
        print_ptr(p, value);
}

static void arg_lenio(struct printer *p, uint32_t word, uint64_t value)
{
    uint64_t before, after;
    bool entry = length_at(p, p->arg, AT_ENTRY, &before);
    bool exit = succeeded(p) && length_at(p, p->arg, AT_EXIT, &after);
    if (entry && exit && before != after)
        text_printf(p->out, "[%d => %d]", (int)before, (int)after);
    else if (entry || exit)
        text_printf(p->out, "[%d]", (int)(entry ? before : after));
    else
        print_ptr(p, value);
}

static void arg_fdset(struct printer *p, uint32_t word, uint64_t value)
{
    struct mem mem = call_mem(p->call, p->arg, AT_ENTRY, value);
    if (mem.data != NULL)
        print_fdset(p, &mem, (uint32_t)counted(p, word));
    else
        print_ptr(p, value);
}

static void arg_imsg(struct printer *p, uint32_t word, uint64_t value)
{
    print_msghdr(p, value);
}

static void arg_omsg(struct printer *p, uint32_t word, uint64_t value)
{
    if (succeeded(p)) {
        p->phase = AT_EXIT;
        print_msghdr(p, value);
    } else {
        print_msghdr_unfilled(p, value);
    }
}

static void arg_ioctl(struct printer *p, uint32_t word, uint64_t value)
{
    print_ioctl_arg(p, value);
}

static void arg_fcntl(struct printer *p, uint32_t word, uint64_t value)
{
    print_fcntl_arg(p, value);
}

static arg_fn *const printers[AK_KIND_END] = {
    [AK_INT] = arg_int,     [AK_LONG] = arg_long,   [AK_UINT] = arg_uint,   [AK_HEX] = arg_hex,
    [AK_SIZE] = arg_size,   [AK_OFF] = arg_long,    [AK_FD] = arg_fd,       [AK_DIRFD] = arg_dirfd,
    [AK_PATH] = arg_path,   [AK_STR] = arg_str,     [AK_STRV] = arg_strv,   [AK_PTR] = arg_ptr,
    [AK_FLAGS] = arg_flags, [AK_ENUM] = arg_enum,   [AK_MODE] = arg_mode,   [AK_PID] = arg_int,
    [AK_UID] = arg_id,      [AK_SIG] = arg_signal,  [AK_IN] = arg_in,       [AK_OUT] = arg_out,
    [AK_INOUT] = arg_in,    [AK_IBUF] = arg_ibuf,   [AK_OBUF] = arg_obuf,   [AK_IARR] = arg_iarr,
    [AK_OARR] = arg_oarr,   [AK_ORARR] = arg_orarr, [AK_IOARR] = arg_iarr,  [AK_IIOV] = arg_iiov,
    [AK_OIOV] = arg_oiov,   [AK_OSOCK] = arg_osock, [AK_LENIO] = arg_lenio, [AK_OOPT] = arg_oopt,
    [AK_FDSET] = arg_fdset, [AK_IMSG] = arg_imsg,   [AK_OMSG] = arg_omsg,   [AK_IOCTL] = arg_ioctl,
    [AK_FCNTL] = arg_fcntl,
};

void print_arg(struct printer *p, unsigned i)
{
    uint32_t word = p->call->row->args[i];
    p->arg = i;
    p->phase = AT_ENTRY;
    if (print_own_arg(p, i))
        return;
    arg_fn *fn = ARG_KIND(word) < AK_KIND_END ? printers[ARG_KIND(word)] : NULL;
    if (fn != NULL)
        fn(p, word, p->call->args[i]);
    else
        arg_hex(p, word, p->call->args[i]);
}

/* An argument that brings its own comma. */
static bool has_own_comma(uint32_t word)
{
    return ARG_KIND(word) == AK_IOCTL || ARG_KIND(word) == AK_FCNTL;
}

void print_args(struct printer *p)
{
    const struct syscall_row *row = p->call->row;
    bool first = true;
    if (print_own_args(p))
        return;
    for (unsigned i = 0; i < row->nargs; i++) {
        if (ARG_KIND(row->args[i]) == AK_NONE || arg_is_absent(p->call, i))
            continue;
        text_str(p->out, first || has_own_comma(row->args[i]) ? "" : ", ");
        print_arg(p, i);
        first = false;
    }
}
