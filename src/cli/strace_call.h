/*
 * strace_call.h - a syscall's report, taken apart and checked.
 */
#ifndef RRL_STRACE_CALL_H
#define RRL_STRACE_CALL_H

#include "rekernel/sysdef.h"
#include "strace.h"

/* A row of the syscall table. */
struct syscall_row {
    const char *name; /* NULL: no such syscall */
    uint8_t nargs;
    uint8_t ret; /* enum sys_ret */
    uint32_t args[6];
};
/* The row of a number; one without a name, with six hexadecimal arguments, for others. */
const struct syscall_row *syscall_row(uint32_t nr);
/* Bytes of a structure; 1 for ST_none and out of range. */
size_t struct_size(unsigned struct_id);

/* Captured memory. `data` points into the report. */
struct mem {
    const uint8_t *data; /* NULL: not captured */
    size_t len;          /* bytes at data */
    uint64_t addr, full; /* where in the guest; bytes there were, >= len */
};

struct capture {
    unsigned arg, flags;
    struct mem mem;
};

struct call {
    const struct strace_options *options;
    const struct syscall_row *row;
    uint32_t nr;
    uint64_t args[6];
    uint64_t ticks, pc;
    int64_t result;
    bool failed; /* result is -errno */
    size_t captures;
    struct capture *capture; /* [captures], malloc'ed */
};

/* Takes a report of kind RK_REPORT_SYSCALL apart. Returns 0, -EBADMSG or -ENOMEM. On 0 the
 * caller ends with call_close. */
int call_open(struct call *call, const struct rk_report *report, size_t len,
              const struct strace_options *options);
void call_close(struct call *call);

enum phase { AT_ENTRY, AT_EXIT };

/* The captured bytes from `addr` on, of argument `arg` at that phase; data is NULL when
 * there are none. A string capture (RK_CAP_STRV, RK_CAP_IOV) counts like any other. */
struct mem call_mem(const struct call *call, unsigned arg, enum phase phase, uint64_t addr);
/* The same, at least `size` bytes, or none. */
struct mem call_struct(const struct call *call, unsigned arg, enum phase phase, uint64_t addr,
                       size_t size);

/* Little-endian number of 1, 2, 4 or 8 bytes at `off`; 0 beyond the end. */
uint64_t mem_uint(const struct mem *mem, size_t off, size_t size);
/* The same, sign extended. */
int64_t mem_int(const struct mem *mem, size_t off, size_t size);
/* Bytes [off, off+len) as far as they are there. */
struct mem mem_sub(const struct mem *mem, size_t off, size_t len);

#endif
