/*
 * cores.c - the files that tell how many processors there are: as many as the program is to
 * believe in, whatever the machine has. What a processor is like the host's own text says.
 */
#include "cores.h"
#include "door.h"
#include "fd.h"

#include <linux/fcntl.h>

#define CPUINFO_READ 16384
#define CPUINFO_MAX (1u << 20)

static s64 read_some(int fd, char *buf, u64 len)
{
    struct out o = {.addr = (u64)buf, .cap = len, .rule = OUT_RESULT, .unit = 1, .kernel = 1};
    struct world w = {__NR_read, WORLD_INTERNAL, {(u64)fd, (u64)buf, len}, 0, 1, &o};
    return door_world(&w);
}

/* The text of the host's first processor, up to and without the empty line; bytes or -errno. */
static s64 host_cpuinfo(char *buf, u64 cap)
{
    s64 fd = door_call(__NR_openat, (u64)AT_FDCWD, (u64) "/proc/cpuinfo", O_RDONLY, 0), n;
    u64 len = 0;
    if (fd < 0)
        return fd;
    while (len < cap - 1 && (n = read_some((int)fd, buf + len, cap - 1 - len)) > 0)
        len += (u64)n;
    door_call(__NR_close, (u64)fd, 0, 0, 0);
    for (u64 i = 0; i + 1 < len; i++)
        if (buf[i] == '\n' && buf[i + 1] == '\n')
            len = i + 1;
    buf[len] = 0;
    return (s64)len;
}

/* What a line says of processor i among n that are cores of one package; false: as it is. */
static bool own_value(const char *line, u64 i, u64 n, u64 *value)
{
    if (str_starts(line, "processor\t") || str_starts(line, "core id\t") ||
        str_starts(line, "apicid\t") || str_starts(line, "initial apicid\t"))
        *value = i;
    else if (str_starts(line, "siblings\t") || str_starts(line, "cpu cores\t"))
        *value = n;
    else if (str_starts(line, "physical id\t"))
        *value = 0;
    else
        return false;
    return true;
}

static void put_processor(struct text *x, const char *text, u64 i, u64 n)
{
    char c[2] = {0, 0};
    u64 value;
    while (*text) {
        bool own = own_value(text, i, n, &value);
        for (; *text && *text != '\n'; text++) {
            c[0] = *text;
            text_add(x, "%s", c);
            if (own && *text == ':') {
                text_add(x, " %u", value);
                while (text[1] && text[1] != '\n')
                    text++;
            }
        }
        text_add(x, "\n");
        text += *text == '\n';
    }
    text_add(x, "\n");
}

static struct file *open_cpuinfo(const char *path, u32 cores)
{
    char *host = kalloc(CPUINFO_READ), *own = kalloc(CPUINFO_MAX);
    struct text x = {own, CPUINFO_MAX, 0};
    struct file *f = NULL;
    if (host_cpuinfo(host, CPUINFO_READ) > 0) {
        for (u32 i = 0; i < cores; i++)
            put_processor(&x, host, i, cores);
        f = file_new_virtual(memcpy(kalloc(x.len), own, x.len), x.len, path);
    }
    kfree(host, CPUINFO_READ);
    kfree(own, CPUINFO_MAX);
    return f;
}

static struct file *open_range(const char *path, u32 cores)
{
    char buf[32];
    struct text x = {buf, sizeof buf, 0};
    text_add(&x, cores > 1 ? "0-%u\n" : "%u\n", (u64)cores - 1);
    return file_new_virtual(memcpy(kalloc(x.len), buf, x.len), x.len, path);
}

struct file *cores_open(const char *path, u32 flags)
{
    u32 cores = plat_boot()->cores;
    if (flags & (O_PATH | O_ACCMODE))
        return NULL;
    if (str_cmp(path, "/proc/cpuinfo") == 0)
        return open_cpuinfo(path, cores);
    if (str_cmp(path, "/sys/devices/system/cpu/online") == 0 ||
        str_cmp(path, "/sys/devices/system/cpu/possible") == 0 ||
        str_cmp(path, "/sys/devices/system/cpu/present") == 0)
        return open_range(path, cores);
    return NULL;
}
