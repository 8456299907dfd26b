/*
 * cores.c - the files that tell how many processors there are: as many as the program is to
 * believe in, whatever the machine has. What a processor is like the host's own text says.
 */
#include "cores.h"
#include "door.h"
#include "fd.h"
#include "task.h"

#include <linux/fcntl.h>

#define CPUINFO_READ 16384
#define STAT_MAX (1u << 17)
#define CPUINFO_MAX (1u << 20)

u64 cores_of(const struct task *t)
{
    u32 n = plat_boot()->cores;
    u64 all = n >= 64 ? ~0ull : (1ull << n) - 1;
    return t->cpus ? t->cpus & all : all;
}

u32 cores_current(const struct task *t)
{
    return (u32)__builtin_ctzll(cores_of(t));
}

void cores_list(struct text *x, u64 mask)
{
    const char *comma = "";
    for (u64 i = 0, end; i < 64; i = end + 1) {
        end = i;
        if (!(mask >> i & 1))
            continue;
        while (end < 63 && mask >> (end + 1) & 1)
            end++;
        text_add(x, i == end ? "%s%u" : "%s%u-%u", comma, i, end);
        comma = ",";
    }
}

static s64 read_some(int fd, char *buf, u64 len)
{
    struct out o = {.addr = (u64)buf, .cap = len, .rule = OUT_RESULT, .unit = 1, .kernel = 1};
    struct world w = {__NR_read, WORLD_INTERNAL, {(u64)fd, (u64)buf, len}, 0, 1, &o};
    return door_world(&w);
}

/* The host's file, NUL ended; bytes or -errno. */
static s64 host_text(const char *path, char *buf, u64 cap)
{
    s64 fd = door_call(__NR_openat, (u64)AT_FDCWD, (u64)path, O_RDONLY, 0), n;
    u64 len = 0;
    if (fd < 0)
        return fd;
    while (len < cap - 1 && (n = read_some((int)fd, buf + len, cap - 1 - len)) > 0)
        len += (u64)n;
    door_call(__NR_close, (u64)fd, 0, 0, 0);
    buf[len] = 0;
    return (s64)len;
}

/* The text of the host's first processor, up to and without the empty line; bytes or -errno. */
static s64 host_cpuinfo(char *buf, u64 cap)
{
    s64 len = host_text("/proc/cpuinfo", buf, cap);
    for (s64 i = 0; i + 1 < len; i++)
        if (buf[i] == '\n' && buf[i + 1] == '\n')
            len = i + 1;
    if (len > 0)
        buf[len] = 0;
    return len;
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

static const char *next_line(const char *at)
{
    while (*at && *at != '\n')
        at++;
    return *at ? at + 1 : at;
}

static void put_line(struct text *x, const char *line)
{
    char c[2] = {0, 0};
    for (const char *end = next_line(line); line < end; line++) {
        c[0] = *line;
        text_add(x, "%s", c);
    }
}

/* /proc/stat: a line for each processor of ours, the host's where it has that many. */
static void put_stat_lines(struct text *x, const char *text, u32 cores)
{
    u32 n = 0;
    bool summary = str_starts(text, "cpu ");
    if (summary)
        put_line(x, text), text = next_line(text);
    for (; str_starts(text, "cpu"); text = next_line(text))
        if (n < cores)
            put_line(x, text), n++;
    for (; n < cores; n++)
        text_add(x, "cpu%u 0 0 0 0 0 0 0 0 0 0\n", (u64)n);
    for (; *text; text = next_line(text))
        put_line(x, text);
}

static struct file *open_stat(const char *path, u32 cores)
{
    char *host = kalloc(STAT_MAX), *own = kalloc(STAT_MAX);
    struct text x = {own, STAT_MAX, 0};
    struct file *f = NULL;
    if (host_text(path, host, STAT_MAX / 2) > 0) {
        put_stat_lines(&x, host, cores);
        f = file_new_virtual(memcpy(kalloc(x.len), own, x.len), x.len, path);
    }
    kfree(host, STAT_MAX);
    kfree(own, STAT_MAX);
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
    if (str_cmp(path, "/proc/stat") == 0)
        return open_stat(path, cores);
    if (str_cmp(path, "/sys/devices/system/cpu/online") == 0 ||
        str_cmp(path, "/sys/devices/system/cpu/possible") == 0 ||
        str_cmp(path, "/sys/devices/system/cpu/present") == 0)
        return open_range(path, cores);
    return NULL;
}
