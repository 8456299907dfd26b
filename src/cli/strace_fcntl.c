/*
 * strace_fcntl.c - what the argument of an fcntl command is.
 */
#include "strace_print.h"

#include <fcntl.h>

enum argument {
    ARG_NOTHING,
    ARG_VALUE,
    ARG_SIGNAL,
    ARG_FLAGS, /* param: enum flag_set */
    ARG_ENUM,  /* param: enum flag_set */
    ARG_READ,  /* points to a structure, param: enum struct_id */
    ARG_WRITE,
};

static const struct {
    uint32_t command;
    uint8_t argument; /* enum argument */
    uint8_t param;
} commands[] = {
    {F_DUPFD, ARG_VALUE, 0},
    {F_DUPFD_CLOEXEC, ARG_VALUE, 0},
    {F_GETFD, ARG_NOTHING, 0},
    {F_SETFD, ARG_FLAGS, FS_fd_flags},
    {F_GETFL, ARG_NOTHING, 0},
    {F_SETFL, ARG_FLAGS, FS_open},
    {F_GETLK, ARG_WRITE, ST_flock},
    {F_SETLK, ARG_READ, ST_flock},
    {F_SETLKW, ARG_READ, ST_flock},
    {F_OFD_GETLK, ARG_WRITE, ST_flock},
    {F_OFD_SETLK, ARG_READ, ST_flock},
    {F_OFD_SETLKW, ARG_READ, ST_flock},
    {F_GETOWN, ARG_NOTHING, 0},
    {F_SETOWN, ARG_VALUE, 0},
    {F_GETOWN_EX, ARG_WRITE, ST_f_owner_ex},
    {F_SETOWN_EX, ARG_READ, ST_f_owner_ex},
    {F_GETSIG, ARG_NOTHING, 0},
    {F_SETSIG, ARG_SIGNAL, 0},
    {F_GETLEASE, ARG_NOTHING, 0},
    {F_SETLEASE, ARG_ENUM, FS_flock_type},
    {F_GETPIPE_SZ, ARG_NOTHING, 0},
    {F_SETPIPE_SZ, ARG_VALUE, 0},
    {F_GET_SEALS, ARG_NOTHING, 0},
    {F_ADD_SEALS, ARG_FLAGS, FS_seals},
    {F_GET_RW_HINT, ARG_WRITE, ST_u64},
    {F_SET_RW_HINT, ARG_READ, ST_u64},
    {F_GET_FILE_RW_HINT, ARG_WRITE, ST_u64},
    {F_SET_FILE_RW_HINT, ARG_READ, ST_u64},
};

static void print_argument(struct printer *p, enum argument argument, unsigned param,
                           uint64_t value)
{
    switch (argument) {
    case ARG_NOTHING:
        break;
    case ARG_VALUE:
        text_printf(p->out, "%d", (int)value);
        break;
    case ARG_SIGNAL:
        print_signal(p, value);
        break;
    case ARG_FLAGS:
        print_flags(p, name_set(param), (uint32_t)value);
        break;
    case ARG_ENUM:
        print_enum(p, name_set(param), (uint32_t)value);
        break;
    case ARG_WRITE:
        p->phase = AT_EXIT;
        print_struct_at(p, param, value);
        break;
    case ARG_READ:
        print_struct_at(p, param, value);
        break;
    }
}

void print_fcntl_arg(struct printer *p, uint64_t value)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (commands[i].command != (uint32_t)p->call->args[1])
            continue;
        text_str(p->out, commands[i].argument != ARG_NOTHING ? ", " : "");
        print_argument(p, (enum argument)commands[i].argument, commands[i].param, value);
        return;
    }
    text_printf(p->out, ", %#llx", (unsigned long long)value);
}
