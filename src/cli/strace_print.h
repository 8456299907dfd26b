/*
 * strace_print.h - what the parts of the printer share: the printer's state, sets of names,
 * descriptions of structures, and the printers of values.
 */
#ifndef RRL_STRACE_PRINT_H
#define RRL_STRACE_PRINT_H

#include "strace_call.h"
#include "strace_text.h"

struct printer {
    struct text *out;
    const struct call *call;
    unsigned arg;     /* the argument being printed, 0..5 */
    enum phase phase; /* which captures count */
};

/* ------------------------------------------------------------------ names */

/* One name. In a set of flags it stands for the bits of `mask` when they equal `value`; in
 * an enumeration mask is not used. */
struct name {
    uint64_t value, mask;
    const char *text;
};
#define NAME(x) \
    { \
        (uint64_t)(x), (uint64_t)(x), #x \
    }
/* A value in a field of several bits. */
#define NAME_IN(x, field) \
    { \
        (uint64_t)(x), (uint64_t)(field), #x \
    }
/* For constants that the oldest supported headers lack. */
#define NAME_AS(text, value) \
    { \
        (uint64_t)(value), (uint64_t)(value), text \
    }

/* Prints a value whose meaning needs more than a list. */
typedef void value_fn(struct printer *p, uint64_t value);

struct name_set {
    const struct name *names;
    size_t count;
    const char *unknown; /* such as "O_???", put behind a number without any name */
    value_fn *print;     /* prints instead of the list when not NULL */
};
#define NAME_SET(list, unknown) \
    { \
        list, sizeof(list) / sizeof((list)[0]), unknown, NULL \
    }
#define NAME_SET_FN(fn) \
    { \
        NULL, 0, NULL, fn \
    }

#define FLAGSET(name) extern const struct name_set names_##name;
#include "rekernel/flagsets.def"
#undef FLAGSET

/* Numbers by name: NR_openat. */
enum syscall_number {
#define SYSCALL(nr, name, handler, level, ret, nargs, args, note) NR_##name = nr,
#include "rekernel/syscalls.def"
#undef SYSCALL
};

/* Sets beyond those of arguments. */
extern const struct name_set names_tcp, names_ip, names_ipv6, names_sock_level;

const struct name_set *name_set(unsigned set); /* enum flag_set; never NULL */
/* The name of exactly this value, or NULL. */
const char *name_of(const struct name_set *set, uint64_t value);
void print_flags(struct printer *p, const struct name_set *set, uint64_t value);
void print_enum(struct printer *p, const struct name_set *set, uint64_t value);

/* ------------------------------------------------------------- structures */

enum field_format {
    FF_INT,
    FF_UINT,
    FF_HEX,
    FF_PTR,
    FF_FLAGS,  /* param: enum flag_set */
    FF_ENUM,   /* param: enum flag_set */
    FF_CHARS,  /* text up to a NUL or the end of the field */
    FF_STRUCT, /* param: enum struct_id */
    FF_FN,     /* fn prints the field */
};
struct field;
typedef void field_fn(struct printer *p, const struct mem *mem, const struct field *field);
struct field {
    const char *name;
    uint16_t off, size;
    uint8_t format; /* enum field_format */
    bool detail;    /* shown only with the option verbose */
    uint16_t param;
    field_fn *fn;
    bool (*when)(const struct mem *mem); /* shown only then; NULL: always */
};
#define FIELD(name, off, size, format) \
    { \
        name, off, size, format, false, 0, NULL, NULL \
    }
#define FIELD_OF(name, off, size, format, param) \
    { \
        name, off, size, format, false, param, NULL, NULL \
    }
#define FIELD_FN(name, off, size, fn) \
    { \
        name, off, size, FF_FN, false, 0, fn, NULL \
    }
#define FIELD_IF(name, off, size, format, fn, when) \
    { \
        name, off, size, format, false, 0, fn, when \
    }
#define DETAIL(name, off, size, format) \
    { \
        name, off, size, format, true, 0, NULL, NULL \
    }
#define DETAIL_OF(name, off, size, format, param) \
    { \
        name, off, size, format, true, param, NULL, NULL \
    }
#define DETAIL_FN(name, off, size, fn) \
    { \
        name, off, size, FF_FN, true, 0, fn, NULL \
    }
/* How a structure prints: its fields in braces, or a function. Neither: as bytes. */
struct struct_print {
    const struct field *fields;
    size_t count;
    void (*print)(struct printer *p, const struct mem *mem);
    bool scalar; /* a plain value: stands in brackets, but not as a member or element */
};
#define STRUCT_FIELDS(list) \
    { \
        list, sizeof(list) / sizeof((list)[0]), NULL, false \
    }
#define STRUCT_FN(fn) \
    { \
        NULL, 0, fn, false \
    }
#define SCALAR_FN(fn) \
    { \
        NULL, 0, fn, true \
    }

#define STRUCT(name, size) extern const struct struct_print layout_##name;
#include "rekernel/structs.def"
#undef STRUCT

/* Prints the bytes at mem as a structure (enum struct_id). */
void print_struct_mem(struct printer *p, unsigned struct_id, const struct mem *mem);
/* The structure that is at a guest address: as captured, NULL, or the bare address. */
void print_struct_at(struct printer *p, unsigned struct_id, uint64_t addr);
/* Was it captured, in full, in the printer's phase? */
bool struct_captured(const struct printer *p, unsigned struct_id, uint64_t addr);
void print_fields(struct printer *p, const struct field *fields, size_t count,
                  const struct mem *mem);
/* `count` structures from addr on, in brackets. */
void print_array_at(struct printer *p, unsigned struct_id, uint64_t addr, uint64_t count);

/* ----------------------------------------------------------------- values */
void print_ptr(struct printer *p, uint64_t addr);
void print_mode(struct printer *p, uint64_t mode);         /* S_IFREG|0644 */
void print_file_mode(struct printer *p, uint64_t mode);    /* 0644, S_IFIFO|0644 for mknod */
void print_dev(struct printer *p, uint64_t dev);           /* makedev(0x8, 0x1) */
void print_capability(struct printer *p, uint64_t number); /* CAP_KILL */
void print_signal(struct printer *p, uint64_t signal);
void print_sigset(struct printer *p, uint64_t set);
void print_siginfo(struct printer *p, const struct mem *mem);
void print_wait_status(struct printer *p, uint64_t status);
void print_fd(struct printer *p, uint64_t fd);
void print_dirfd(struct printer *p, uint64_t fd);
void print_id(struct printer *p, uint64_t id);

/* `len` bytes as a string, cut at the option's length, with "..." when there are more.
 * `full`: bytes that the string really has. */
void print_string(struct printer *p, const uint8_t *data, size_t len, uint64_t full);
/* The NUL ended string at a guest address; whole when `path`. */
void print_string_at(struct printer *p, uint64_t addr, bool path);
/* A captured NUL ended string, cut at the option's length. */
void print_captured_string(struct printer *p, const struct mem *mem);
/* `len` bytes at a guest address as a structure of variable length (enum struct_id). */
void print_buffer_at(struct printer *p, unsigned struct_id, uint64_t addr, uint64_t len);
/* `len` bytes at a guest address as a string. */
void print_bytes_at(struct printer *p, uint64_t addr, uint64_t len);
/* `count` struct iovec at addr; shows `bytes` bytes of their buffers in all. */
void print_iovec(struct printer *p, uint64_t addr, uint64_t count, uint64_t bytes);
void print_sockaddr(struct printer *p, const struct mem *mem, uint64_t len);
void print_sockaddr_at(struct printer *p, uint64_t addr, uint64_t len);
void print_msghdr(struct printer *p, uint64_t addr);
/* A message that was to be filled and was not. */
void print_msghdr_unfilled(struct printer *p, uint64_t addr);
/* A socket option's value; `len` is how many bytes there are. */
void print_sockopt(struct printer *p, uint64_t addr, uint64_t len);
/* What an ioctl or fcntl argument is depends on the request; with the comma before it,
 * for requests that have one. */
void print_ticks(struct printer *p, int64_t ticks); /* with seconds as a comment */
/* Date of a moment in UTC as a comment; `digits` of fraction. Nothing for a moment that no
 * date has. */
void print_date(struct printer *p, int64_t seconds, int64_t fraction, int digits);
/* The text of the date alone; false when there is none. */
bool format_date(int64_t seconds, char *date, size_t cap);
/* Bits of an fd_set below `count` in brackets. */
void print_fdset(struct printer *p, const struct mem *mem, uint64_t count);
/* Entries of poll with events only: the part of poll's result behind the number. */
void print_polled(struct printer *p);
/* What an ioctl's or fcntl's argument is depends on the request. Both print the comma
 * before it, as there are requests without one. */
void print_ioctl_arg(struct printer *p, uint64_t value);
void print_fcntl_arg(struct printer *p, uint64_t value);
void print_ifreq_at(struct printer *p, uint32_t request, uint64_t addr);
void print_ifconf_at(struct printer *p, uint64_t addr);

/* -------------------------------------------------------------------- the call */

/* All arguments, with commas between them. */
void print_args(struct printer *p);
/* Argument i as the row describes it, without a comma. */
void print_arg(struct printer *p, unsigned i);
/* Result with its name or meaning, without the "= ". */
void print_result(struct printer *p);
/* The meaning behind a result's number, such as " (Timeout)". */
void print_result_meaning(struct printer *p);

/* Exceptions. Prints argument i and returns true when the call prints it in a way of its
 * own; is it left out; does the call print all its arguments itself, and how. */
bool print_own_arg(struct printer *p, unsigned i);
bool arg_is_absent(const struct call *call, unsigned i);
bool print_own_args(struct printer *p);

#endif
