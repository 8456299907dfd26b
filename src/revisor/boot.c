/* boot.c - the boot block: one flat piece of memory with offsets inside. */
#include "boot_internal.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define HWCAP2_FSGSBASE 2u

/* A growing byte buffer; `failed` is sticky. */
struct block {
    char *data;
    size_t len, room;
    int failed;
};

static uint32_t append(struct block *b, const void *data, size_t len)
{
    size_t at = b->len;
    if (b->failed || at + len > BOOT_SIZE_MAX) {
        b->failed = b->failed ? b->failed : -E2BIG;
        return 0;
    }
    if (at + len > b->room) {
        size_t room = 2 * b->room + len + 4096;
        char *grown = realloc(b->data, room);
        if (!grown) {
            b->failed = -ENOMEM;
            return 0;
        }
        b->data = grown;
        b->room = room;
    }
    memcpy(b->data + at, data, len);
    b->len += len;
    return (uint32_t)at;
}

static void align8(struct block *b)
{
    static const char zeros[8];
    append(b, zeros, -b->len & 7);
}

static uint32_t append_string(struct block *b, const char *s)
{
    return append(b, s, strlen(s) + 1);
}

static uint32_t append_vector(struct block *b, char *const *strings, uint32_t *count)
{
    uint32_t at = (uint32_t)b->len;
    for (*count = 0; strings[*count]; ++*count)
        append_string(b, strings[*count]);
    return at;
}

static uint64_t stack_limit(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_STACK, &r) || r.rlim_cur == RLIM_INFINITY)
        return BOOT_STACK_DEFAULT;
    uint64_t limit = r.rlim_cur & ~(RK_PAGE - 1);
    if (limit < BOOT_STACK_MIN)
        return BOOT_STACK_MIN;
    return limit > BOOT_STACK_MAX ? BOOT_STACK_MAX : limit;
}

static void fill_identity(struct rk_boot *boot)
{
    struct timespec now;
    boot->uid = getuid();
    boot->euid = geteuid();
    boot->gid = getgid();
    boot->egid = getegid();
    boot->secure = getauxval(AT_SECURE) != 0;
    boot->stack_limit = stack_limit();
    clock_gettime(CLOCK_REALTIME, &now);
    boot->start_realtime_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Inherited over exec: the blocked and the ignored signals. */
static void fill_signals(struct rk_boot *boot)
{
    sigset_t blocked;
    struct sigaction sa;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int s = 1; s <= 64; s++) {
        if (sigismember(&blocked, s) == 1)
            boot->sigmask |= 1ull << (s - 1);
        if (sigaction(s, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
            boot->sigignore |= 1ull << (s - 1);
    }
}

static void fill_cpu(struct rk_boot *boot, const struct cpu_model *cpu)
{
    boot->hwcap = cpu->hwcap;
    boot->xcr0 = cpu->xcr0;
    boot->xsave_size = cpu->xsave_size;
    if (cpu_feature_shown(cpu->leaves, cpu->count, "fsgsbase"))
        boot->hwcap2 = (uint32_t)getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE;
}

static void fill_config(struct rk_boot *boot, const struct boot_config *config)
{
    boot->cores = config->cores ? config->cores : 1;
    boot->chaos = config->chaos;
    boot->chaos_seed = config->chaos_seed;
    boot->slice_ticks = config->slice_ticks ? config->slice_ticks : BOOT_SLICE_TICKS;
}

/* Arrays first: they are aligned; strings follow. */
static void append_arrays(struct block *b, struct rk_boot *boot, const struct cpu_model *cpu,
                          const struct boot_fd_list *fds)
{
    boot->cpuid_count = cpu->count;
    boot->cpuid_offset = append(b, cpu->leaves, cpu->count * sizeof(cpu->leaves[0]));
    boot->fds_count = fds->count;
    boot->fds_offset = append(b, fds->fds, fds->count * sizeof(fds->fds[0]));
}

static void append_strings(struct block *b, struct rk_boot *boot, const struct boot_config *config,
                           const char *cwd)
{
    boot->exe_offset = append_string(b, config->exe);
    boot->cwd_offset = append_string(b, cwd);
    boot->argv_offset = append_vector(b, config->argv, &boot->argc);
    boot->envp_offset = append_vector(b, config->envp, &boot->envc);
    align8(b);
}

static int build(struct block *b, const struct boot_config *config, const char *cwd,
                 const struct boot_fd_list *fds)
{
    struct rk_boot boot = {.magic = RK_BOOT_MAGIC};
    struct cpu_model cpu;
    struct cpuid_source host = cpuid_host();
    fill_config(&boot, config);
    fill_identity(&boot);
    fill_signals(&boot);
    cpu_model_build(&cpu, &host, &config->cpu, boot.cores);
    fill_cpu(&boot, &cpu);
    if (getrandom(boot.random, sizeof(boot.random), 0) != sizeof(boot.random))
        return -EIO;
    append(b, &boot, sizeof(boot));
    append_arrays(b, &boot, &cpu, fds);
    append_strings(b, &boot, config, cwd);
    if (b->failed)
        return b->failed;
    boot.size = (uint32_t)b->len;
    memcpy(b->data, &boot, sizeof(boot));
    return 0;
}

int boot_build(struct rk_boot **out, const struct boot_config *config)
{
    struct block b = {0};
    struct boot_fd_list fds = {0};
    char *cwd = config->cwd ? strdup(config->cwd) : getcwd(NULL, 0);
    /* A removed working directory is legal: programs run in it. */
    int err = cwd || errno == ENOENT ? boot_list_fds(&fds) : -errno;
    if (!err)
        err = build(&b, config, cwd ? cwd : "(unreachable)", &fds);
    free(cwd);
    free(fds.fds);
    if (err) {
        free(b.data);
        return err;
    }
    *out = (struct rk_boot *)b.data;
    return 0;
}

/* ------------------------------------------------------------------- checks */

static int array_ok(const struct rk_boot *b, uint32_t offset, uint32_t count, size_t element)
{
    return offset % 4 == 0 && offset >= sizeof(*b) && offset <= b->size &&
           count <= (b->size - offset) / element;
}

/* `count` strings from offset end inside the block. */
static int strings_ok(const struct rk_boot *b, uint32_t offset, uint32_t count)
{
    const char *data = (const char *)b;
    size_t at = offset;
    if (offset < sizeof(*b))
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *end = at < b->size ? memchr(data + at, 0, b->size - at) : NULL;
        if (!end)
            return 0;
        at = (size_t)(end - data) + 1;
    }
    return 1;
}

int boot_check(const void *block, size_t len)
{
    const struct rk_boot *b = block;
    if (len < sizeof(*b) || len > BOOT_SIZE_MAX || b->magic != RK_BOOT_MAGIC || b->size != len)
        return -EINVAL;
    if (!array_ok(b, b->cpuid_offset, b->cpuid_count, sizeof(struct rk_cpuid_leaf)) ||
        !array_ok(b, b->fds_offset, b->fds_count, sizeof(struct rk_boot_fd)))
        return -EINVAL;
    if (!strings_ok(b, b->exe_offset, 1) || !strings_ok(b, b->cwd_offset, 1) ||
        !strings_ok(b, b->argv_offset, b->argc) || !strings_ok(b, b->envp_offset, b->envc))
        return -EINVAL;
    return b->cores ? 0 : -EINVAL;
}

const char *boot_string(const struct rk_boot *boot, uint32_t offset)
{
    return (const char *)boot + offset;
}

static const char *nth(const struct rk_boot *boot, uint32_t offset, uint32_t i)
{
    const char *s = boot_string(boot, offset);
    while (i--)
        s += strlen(s) + 1;
    return s;
}

const char *boot_arg(const struct rk_boot *boot, uint32_t i)
{
    return nth(boot, boot->argv_offset, i);
}

const char *boot_env(const struct rk_boot *boot, uint32_t i)
{
    return nth(boot, boot->envp_offset, i);
}

const struct rk_cpuid_leaf *boot_cpuid(const struct rk_boot *boot)
{
    return (const void *)boot_string(boot, boot->cpuid_offset);
}

const struct rk_boot_fd *boot_fds(const struct rk_boot *boot)
{
    return (const void *)boot_string(boot, boot->fds_offset);
}
