/*
 * strace_call.c - takes a syscall's report apart. All that it reads was written by a
 * guest process: no number in it is believed before it is checked.
 */
#include "strace_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROW_COUNT 512
#define ROW_ARGS(...) __VA_ARGS__

static const struct syscall_row rows[ROW_COUNT] = {
#define SYSCALL(nr, name, handler, level, ret, nargs, args, note) \
    [nr] = {#name, nargs, ret, {ROW_ARGS args}},
#include "rekernel/syscalls.def"
#undef SYSCALL
};

static const struct syscall_row unknown_row = {
    NULL, 6, RET_INT, {A_HEX, A_HEX, A_HEX, A_HEX, A_HEX, A_HEX}};

static const uint16_t struct_sizes[ST_END] = {
#define STRUCT(name, size) [ST_##name] = size,
#include "rekernel/structs.def"
#undef STRUCT
};

const struct syscall_row *syscall_row(uint32_t nr)
{
    return nr < ROW_COUNT && rows[nr].name != NULL ? &rows[nr] : &unknown_row;
}

const char *strace_syscall_name(uint32_t nr)
{
    return syscall_row(nr)->name;
}

size_t struct_size(unsigned struct_id)
{
    return struct_id > ST_none && struct_id < ST_END ? struct_sizes[struct_id] : 1;
}

/* Reads the capture at data + *at and moves *at past it; false when it does not fit. */
static bool next_capture(struct capture *out, const uint8_t *data, size_t len, size_t *at)
{
    struct rk_capture head;
    if (len - *at < sizeof(head))
        return false;
    memcpy(&head, data + *at, sizeof(head));
    *at += sizeof(head);
    if (head.len > len - *at)
        return false;
    bool fault = (head.flags & RK_CAP_FAULT) != 0;
    *out = (struct capture){head.arg,
                            head.flags,
                            {fault ? NULL : data + *at, head.len, head.addr,
                             head.full < head.len ? head.len : head.full}};
    /* The padding of the last one may be missing. */
    size_t padded = ((size_t)head.len + 7) & ~(size_t)7;
    *at += padded < len - *at ? padded : len - *at;
    return true;
}

static int read_captures(struct call *call, uint32_t count, const uint8_t *data, size_t len)
{
    if (count > len / sizeof(struct rk_capture))
        return -EBADMSG;
    call->capture = calloc(count + 1u, sizeof(*call->capture));
    if (call->capture == NULL)
        return -ENOMEM;
    size_t at = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!next_capture(&call->capture[i], data, len, &at)) {
            call_close(call);
            return -EBADMSG;
        }
    call->captures = count;
    return 0;
}

int call_open(struct call *call, const struct rk_report *report, size_t len,
              const struct strace_options *options)
{
    struct rk_syscall_report body;
    const uint8_t *data = (const uint8_t *)report;
    if (len < sizeof(*report) + sizeof(body))
        return -EBADMSG;
    memcpy(&body, data + sizeof(*report), sizeof(body));
    *call = (struct call){
        .options = options,
        .row = syscall_row(body.nr),
        .nr = body.nr,
        .ticks = body.ticks,
        .pc = body.pc,
        .result = report->result,
        .failed = report->result < 0 && report->result >= -4095,
    };
    memcpy(call->args, body.args, sizeof(call->args));
    size_t head = sizeof(*report) + sizeof(body);
    return read_captures(call, body.captures, data + head, len - head);
}

void call_close(struct call *call)
{
    free(call->capture);
    call->capture = NULL;
    call->captures = 0;
}

struct mem call_mem(const struct call *call, unsigned arg, enum phase phase, uint64_t addr)
{
    for (size_t i = 0; i < call->captures; i++) {
        const struct capture *c = &call->capture[i];
        bool at_exit = (c->flags & RK_CAP_EXIT) != 0;
        uint64_t off = addr - c->mem.addr;
        if (c->arg != arg || at_exit != (phase == AT_EXIT) || c->mem.data == NULL || addr == 0)
            continue;
        if (addr == c->mem.addr || (addr > c->mem.addr && off < c->mem.len))
            return (struct mem){c->mem.data + off, c->mem.len - off, addr, c->mem.full - off};
    }
    return (struct mem){NULL, 0, addr, 0};
}

struct mem call_struct(const struct call *call, unsigned arg, enum phase phase, uint64_t addr,
                       size_t size)
{
    struct mem mem = call_mem(call, arg, phase, addr);
    if (mem.data != NULL && mem.len < size)
        mem.data = NULL;
    return mem;
}

uint64_t mem_uint(const struct mem *mem, size_t off, size_t size)
{
    uint64_t value = 0;
    if (mem->data != NULL && off <= mem->len && size <= mem->len - off && size <= sizeof(value))
        memcpy(&value, mem->data + off, size);
    return value;
}

int64_t mem_int(const struct mem *mem, size_t off, size_t size)
{
    uint64_t value = mem_uint(mem, off, size);
    unsigned shift = size < 8 ? (unsigned)(64 - 8 * size) : 0;
    return (int64_t)(value << shift) >> shift;
}

struct mem mem_sub(const struct mem *mem, size_t off, size_t len)
{
    if (mem->data == NULL || off > mem->len)
        return (struct mem){NULL, 0, mem->addr + off, 0};
    size_t rest = mem->len - off;
    return (struct mem){mem->data + off, rest < len ? rest : len, mem->addr + off, len};
}
