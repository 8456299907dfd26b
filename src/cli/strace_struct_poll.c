/*
 * strace_struct_poll.c - structures of calls that wait for descriptors.
 */
#include "strace_print.h"

static void print_pollfd(struct printer *p, const struct mem *mem)
{
    int fd = (int)mem_int(mem, 0, 4);
    text_printf(p->out, "{fd=%d", fd);
    if (fd >= 0) {
        text_str(p->out, p->phase == AT_EXIT ? ", revents=" : ", events=");
        print_flags(p, &names_poll, mem_uint(mem, p->phase == AT_EXIT ? 6 : 4, 2));
    }
    text_char(p->out, '}');
}
const struct struct_print layout_pollfd = STRUCT_FN(print_pollfd);

void print_polled(struct printer *p)
{
    uint64_t count = p->call->args[1];
    struct mem mem = call_mem(p->call, 0, AT_EXIT, p->call->args[0]);
    size_t shown = 0, max = p->call->options->max_string;
    p->phase = AT_EXIT;
    text_char(p->out, '[');
    for (size_t i = 0; i < count && i < mem.len / 8; i++) {
        struct mem one = mem_sub(&mem, i * 8, 8);
        if (mem_uint(&one, 6, 2) == 0)
            continue;
        text_str(p->out, shown > 0 ? ", " : "");
        if (shown++ == max) {
            text_str(p->out, "...");
            break;
        }
        print_pollfd(p, &one);
    }
    text_char(p->out, ']');
}

/* The user's word may be anything: as a descriptor and as a number when it looks like it. */
static void field_data(struct printer *p, const struct mem *mem, const struct field *f)
{
    text_printf(p->out, "{u32=%u, u64=%llu}", (unsigned)mem_uint(mem, f->off, 4),
                (unsigned long long)mem_uint(mem, f->off, 8));
}

static const struct field epoll_fields[] = {
    FIELD_OF("events", 0, 4, FF_FLAGS, FS_epoll),
    FIELD_FN("data", 4, 8, field_data),
};
const struct struct_print layout_epoll_event = STRUCT_FIELDS(epoll_fields);

static const struct field waitv_fields[] = {
    FIELD("val", 0, 8, FF_HEX),
    FIELD("uaddr", 8, 8, FF_PTR),
    FIELD_OF("flags", 16, 4, FF_FLAGS, FS_futex2),
};
const struct struct_print layout_futex_waitv = STRUCT_FIELDS(waitv_fields);

void print_fdset(struct printer *p, const struct mem *mem, uint64_t count)
{
    unsigned shown = 0;
    text_char(p->out, '[');
    for (size_t i = 0; i < count && i / 8 < mem->len; i++)
        if ((mem->data[i / 8] >> (i % 8) & 1) != 0)
            text_printf(p->out, "%s%zu", shown++ > 0 ? " " : "", i);
    text_char(p->out, ']');
}
