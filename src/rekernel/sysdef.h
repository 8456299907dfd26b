/*
 * sysdef.h - the language of the syscall table (syscalls.def).
 *
 * One table, many readers: the rekernel's dispatcher and its generic handler for
 * world calls, the strace-like printer, and docs/syscalls.md. Plain data; included
 * by freestanding and hosted code alike.
 *
 * A row of syscalls.def:
 *   SYSCALL(number, name, handler, LEVEL, RETURN, nargs, (arg, ...), "note")
 * with up to six arguments, each made with the A_* macros below (a call without
 * arguments has the list (A_NONE)). LEVEL is an LVL_*, RETURN a RET_*. `handler` is
 * `world` for calls that the generic handler serves from the argument kinds alone,
 * `none` for calls that are not supported (they return -ENOSYS, are recorded and
 * named once), otherwise the rest of the name of a function `sys_<handler>` in
 * src/rekernel. `note` is one sentence for docs/syscalls.md, or "". Numbers without a
 * row are unknown: -ENOSYS.
 */
#ifndef RRL_SYSDEF_H
#define RRL_SYSDEF_H

#include <stdint.h>

enum sys_level {
    LVL_FULL,    /* behaves as Linux does, as far as one process can tell */
    LVL_PARTIAL, /* works; the note says what is missing */
    LVL_ERRNO,   /* answers a fixed, documented errno */
    LVL_NONE,    /* -ENOSYS, recorded and named once */
};

/* What the result is, for the printer. */
enum sys_ret { RET_INT, RET_HEX, RET_FD, RET_SIZE, RET_PID, RET_NONE, RET_FLAGS_OPEN };

/* Argument kinds. The word: bits 0-7 kind, 8-23 parameter, 24-31 index of the
 * argument that holds the count (buffers), or bytes per element's width. */
enum arg_kind {
    AK_NONE,  /* not an argument, or one that Linux ignores (high half of an offset) */
    AK_INT,   /* signed decimal (32 bits) */
    AK_LONG,  /* signed decimal (64 bits) */
    AK_UINT,  /* unsigned decimal */
    AK_HEX,
    AK_SIZE,
    AK_OFF,   /* file offset, signed 64 bits */
    AK_FD,    /* guest file descriptor */
    AK_DIRFD, /* the same, or AT_FDCWD */
    AK_PATH,  /* pointer to a NUL ended path, read */
    AK_STR,   /* pointer to any other NUL ended string, read */
    AK_STRV,  /* pointer to a NULL ended vector of strings, read */
    AK_PTR,   /* address that is not followed */
    AK_FLAGS, /* bit set; parameter = enum flag_set */
    AK_ENUM,  /* one value out of a set; parameter = enum flag_set */
    AK_MODE,  /* octal */
    AK_PID,
    AK_UID,
    AK_SIG,
    AK_IN,    /* pointer to a structure, read; parameter = enum struct_id */
    AK_OUT,   /* pointer to a structure, written on success */
    AK_INOUT, /* pointer to a structure, read, and written on success */
    AK_IBUF,  /* bytes read; length in argument [index]; parameter = enum struct_id of
                 what they hold, for the printer only */
    AK_OBUF,  /* bytes written; capacity in argument [index], length = result, at most
                 the capacity; parameter as for AK_IBUF */
    AK_IARR,  /* array read; parameter = element struct, count in argument [index] */
    AK_OARR,  /* array written; parameter = element struct, count in argument [index],
                 all of it on success */
    AK_ORARR, /* array written; element struct, capacity in [index], count = result */
    AK_IOARR, /* array read and written (pollfd); element struct, count in [index] */
    AK_IIOV,  /* struct iovec array whose buffers are read; count in [index] */
    AK_OIOV,  /* struct iovec array whose buffers are written, result bytes in all */
    AK_OSOCK, /* sockaddr written; socklen_t in/out at the pointer in [index] */
    AK_LENIO, /* pointer to the socklen_t of an AK_OSOCK / AK_OOPT, read and written */
    AK_OOPT,  /* option value written; socklen_t at the pointer in [index] */
    AK_FDSET, /* fd_set read and written; number of bits in argument [index] */
    AK_IMSG,  /* struct msghdr, all it points to read */
    AK_OMSG,  /* struct msghdr, filled */
    AK_IOCTL, /* ioctl argument: meaning by request (argument 1) */
    AK_FCNTL, /* fcntl argument: meaning by command (argument 1) */
    AK_KIND_END
};

#define ARG(kind, param, index) \
    ((uint32_t)(kind) | (uint32_t)(param) << 8 | (uint32_t)(index) << 24)
#define ARG_KIND(w) ((w)&0xff)
#define ARG_PARAM(w) ((w) >> 8 & 0xffff)
#define ARG_INDEX(w) ((w) >> 24)

#define A_NONE 0
#define A_INT ARG(AK_INT, 0, 0)
#define A_LONG ARG(AK_LONG, 0, 0)
#define A_UINT ARG(AK_UINT, 0, 0)
#define A_HEX ARG(AK_HEX, 0, 0)
#define A_SIZE ARG(AK_SIZE, 0, 0)
#define A_OFF ARG(AK_OFF, 0, 0)
#define A_FD ARG(AK_FD, 0, 0)
#define A_DIRFD ARG(AK_DIRFD, 0, 0)
#define A_PATH ARG(AK_PATH, 0, 0)
#define A_STR ARG(AK_STR, 0, 0)
#define A_STRV ARG(AK_STRV, 0, 0)
#define A_PTR ARG(AK_PTR, 0, 0)
#define A_FLAGS(set) ARG(AK_FLAGS, FS_##set, 0)
#define A_ENUM(set) ARG(AK_ENUM, FS_##set, 0)
#define A_MODE ARG(AK_MODE, 0, 0)
#define A_PID ARG(AK_PID, 0, 0)
#define A_UID ARG(AK_UID, 0, 0)
#define A_SIG ARG(AK_SIG, 0, 0)
#define A_IN(st) ARG(AK_IN, ST_##st, 0)
#define A_OUT(st) ARG(AK_OUT, ST_##st, 0)
#define A_INOUT(st) ARG(AK_INOUT, ST_##st, 0)
#define A_IBUF(len_arg) ARG(AK_IBUF, 0, len_arg)
#define A_OBUF(len_arg) ARG(AK_OBUF, 0, len_arg)
#define A_IBUFS(st, len_arg) ARG(AK_IBUF, ST_##st, len_arg)
#define A_OBUFS(st, len_arg) ARG(AK_OBUF, ST_##st, len_arg)
#define A_IARR(st, count_arg) ARG(AK_IARR, ST_##st, count_arg)
#define A_OARR(st, count_arg) ARG(AK_OARR, ST_##st, count_arg)
#define A_ORARR(st, count_arg) ARG(AK_ORARR, ST_##st, count_arg)
#define A_IOARR(st, count_arg) ARG(AK_IOARR, ST_##st, count_arg)
#define A_IIOV(count_arg) ARG(AK_IIOV, 0, count_arg)
#define A_OIOV(count_arg) ARG(AK_OIOV, 0, count_arg)
#define A_OSOCK(len_arg) ARG(AK_OSOCK, 0, len_arg)
#define A_LENIO ARG(AK_LENIO, 0, 0)
#define A_OOPT(len_arg) ARG(AK_OOPT, 0, len_arg)
#define A_FDSET(n_arg) ARG(AK_FDSET, 0, n_arg)
#define A_IMSG ARG(AK_IMSG, 0, 0)
#define A_OMSG ARG(AK_OMSG, 0, 0)
#define A_IOCTL ARG(AK_IOCTL, 0, 0)
#define A_FCNTL ARG(AK_FCNTL, 0, 0)

/* Structures by name and size in bytes (x86-64 kernel ABI): structs.def has rows
 * STRUCT(name, size). */
enum struct_id {
    ST_none,
#define STRUCT(name, size) ST_##name,
#include "structs.def"
#undef STRUCT
    ST_END
};

/* Flag and enumeration sets: the printer gives their members names. flagsets.def
 * has rows FLAGSET(name). */
enum flag_set {
    FS_none,
#define FLAGSET(name) FS_##name,
#include "flagsets.def"
#undef FLAGSET
    FS_END
};

#endif
