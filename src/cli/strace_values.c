/*
 * strace_values.c - prints single values: addresses, modes, devices, descriptors, strings.
 */
#include "strace_print.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

void print_ptr(struct printer *p, uint64_t addr)
{
    if (addr == 0)
        text_str(p->out, "NULL");
    else
        text_printf(p->out, "%#llx", (unsigned long long)addr);
}

/* ------------------------------------------------------------------ file modes */
static void print_permissions(struct printer *p, uint64_t mode)
{
    static const struct {
        uint64_t bit;
        const char *name;
    } special[] = {{S_ISUID, "S_ISUID"}, {S_ISGID, "S_ISGID"}, {S_ISVTX, "S_ISVTX"}};
    for (size_t i = 0; i < 3; i++)
        if ((mode & special[i].bit) != 0)
            text_printf(p->out, "%s|", special[i].name);
    text_printf(p->out, "%#03llo", (unsigned long long)(mode & ~(uint64_t)(S_IFMT | 07000)));
}

void print_mode(struct printer *p, uint64_t mode)
{
    const char *type = name_of(&names_file_type, mode & S_IFMT);
    if (type != NULL)
        text_printf(p->out, "%s|", type);
    else if ((mode & S_IFMT) != 0)
        text_printf(p->out, "%#llo|", (unsigned long long)(mode & S_IFMT));
    print_permissions(p, mode);
}

void print_file_mode(struct printer *p, uint64_t mode)
{
    mode = (uint32_t)mode;
    if ((mode & S_IFMT) != 0)
        print_mode(p, mode);
    else
        text_printf(p->out, mode < 0100 ? "%03llo" : "%#03llo", (unsigned long long)mode);
}

void print_dev(struct printer *p, uint64_t dev)
{
    text_printf(p->out, "makedev(%#x, %#x)", major(dev), minor(dev));
}

/* ------------------------------------------------------- descriptors and users */
void print_fd(struct printer *p, uint64_t fd)
{
    text_printf(p->out, "%d", (int)fd);
}

void print_dirfd(struct printer *p, uint64_t fd)
{
    if ((int)fd == AT_FDCWD)
        text_str(p->out, "AT_FDCWD");
    else
        print_fd(p, fd);
}

void print_id(struct printer *p, uint64_t id)
{
    if ((uint32_t)id == UINT32_MAX)
        text_str(p->out, "-1");
    else
        text_printf(p->out, "%u", (uint32_t)id);
}

void print_wait_status(struct printer *p, uint64_t value)
{
    int status = (int)value;
    if (WIFEXITED(status)) {
        text_printf(p->out, "{WIFEXITED(s) && WEXITSTATUS(s) == %d}", WEXITSTATUS(status));
    } else if (WIFCONTINUED(status)) {
        text_str(p->out, "{WIFCONTINUED(s)}");
    } else {
        bool stopped = WIFSTOPPED(status);
        text_str(p->out, stopped ? "{WIFSTOPPED(s) && WSTOPSIG(s) == "
                                 : "{WIFSIGNALED(s) && WTERMSIG(s) == ");
        print_signal(p, (uint64_t)(stopped ? WSTOPSIG(status) : WTERMSIG(status)));
        text_str(p->out, !stopped && WCOREDUMP(status) ? " && WCOREDUMP(s)}" : "}");
    }
}

/* --------------------------------------------------------------------- strings */
void print_string(struct printer *p, const uint8_t *data, size_t len, uint64_t full)
{
    size_t max = p->call->options->max_string;
    size_t shown = len < max ? len : max;
    text_quoted(p->out, data, shown);
    if (shown < full)
        text_str(p->out, "...");
}

/* Length of a captured string, and in *full what it really is at least. The capture may
 * hold the NUL or end before it. */
static size_t string_length(const struct mem *mem, uint64_t *full)
{
    const uint8_t *end = memchr(mem->data, 0, mem->len);
    size_t len = end != NULL ? (size_t)(end - mem->data) : mem->len;
    *full = end != NULL ? len : mem->full;
    return len;
}

void print_captured_string(struct printer *p, const struct mem *mem)
{
    uint64_t full;
    if (mem->data == NULL) {
        print_ptr(p, mem->addr);
        return;
    }
    size_t len = string_length(mem, &full);
    print_string(p, mem->data, len, full);
}

void print_string_at(struct printer *p, uint64_t addr, bool path)
{
    struct mem mem = call_mem(p->call, p->arg, AT_ENTRY, addr);
    if (mem.data == NULL || !path) {
        print_captured_string(p, &mem);
        return;
    }
    uint64_t full;
    size_t len = string_length(&mem, &full);
    text_quoted(p->out, mem.data, len);
    text_str(p->out, len < full ? "..." : "");
}

void print_buffer_at(struct printer *p, unsigned struct_id, uint64_t addr, uint64_t len)
{
    struct mem mem = call_mem(p->call, p->arg, p->phase, addr);
    if (mem.data != NULL && mem.len > len)
        mem.len = (size_t)len;
    mem.full = len;
    print_struct_mem(p, struct_id, &mem);
}

void print_bytes_at(struct printer *p, uint64_t addr, uint64_t len)
{
    struct mem mem = call_mem(p->call, p->arg, p->phase, addr);
    if (len == 0 && addr != 0)
        text_str(p->out, "\"\"");
    else if (mem.data == NULL)
        print_ptr(p, addr);
    else
        print_string(p, mem.data, mem.len < len ? mem.len : (size_t)len, len);
}
