/* test_boot.c - the boot block: built, read back, damaged. */
#include "revisor/boot.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char *const argv_abc[] = {"a", "", "c d", NULL};
static char *const env_two[] = {"X=1", "Y=", NULL};

static struct rk_boot *build(void)
{
    struct rk_boot *boot = NULL;
    struct boot_config config = {.exe = "/bin/a", .argv = argv_abc, .envp = env_two};
    cr_assert_eq(cpu_policy_parse(&config.cpu, "host", NULL), 0);
    cr_assert_eq(boot_build(&boot, &config), 0);
    return boot;
}

Test(boot, holds_what_it_was_given)
{
    struct rk_boot *b = build();
    char cwd[4096];
    cr_assert_eq(boot_check(b, b->size), 0);
    cr_expect_eq(b->argc, 3);
    cr_expect_str_eq(boot_arg(b, 0), "a");
    cr_expect_str_eq(boot_arg(b, 1), "");
    cr_expect_str_eq(boot_arg(b, 2), "c d");
    cr_expect_eq(b->envc, 2);
    cr_expect_str_eq(boot_env(b, 1), "Y=");
    cr_expect_str_eq(boot_string(b, b->exe_offset), "/bin/a");
    cr_expect_str_eq(boot_string(b, b->cwd_offset), getcwd(cwd, sizeof(cwd)));
    cr_expect_eq(b->uid, getuid());
    cr_expect_eq(b->cores, 1);
    cr_expect_eq(b->slice_ticks, BOOT_SLICE_TICKS);
    cr_expect_gt(b->cpuid_count, 5);
    cr_expect_eq(b->size % 8, 0);
    free(b);
}

Test(boot, random_bytes_differ)
{
    struct rk_boot *a = build(), *b = build();
    cr_expect_neq(memcmp(a->random, b->random, sizeof(a->random)), 0);
    free(a);
    free(b);
}

static const struct rk_boot_fd *entry(const struct rk_boot *b, int fd)
{
    for (uint32_t i = 0; i < b->fds_count; i++)
        if (boot_fds(b)[i].fd == fd)
            return &boot_fds(b)[i];
    return NULL;
}

Test(boot, lists_inherited_descriptors_only)
{
    int ours = open("/dev/null", O_RDONLY | O_CLOEXEC), plain = open("/dev/zero", O_RDONLY);
    struct rk_boot *b = build();
    cr_expect_null(entry(b, ours));
    cr_assert_not_null(entry(b, plain));
    cr_expect_eq(entry(b, plain)->flags, 0);
    free(b);
    close(ours);
    close(plain);
}

Test(boot, knows_the_screen_by_identity)
{
    int pipe_fd[2], out[2];
    cr_assert_eq(pipe(pipe_fd) | pipe(out), 0);
    cr_assert_eq(dup2(out[1], 1), 1);
    int twin = dup(1);
    struct rk_boot *b = build();
    cr_expect_eq(entry(b, 1)->flags, RK_BFD_STDOUT);
    cr_expect_eq(entry(b, 2)->flags, RK_BFD_STDERR);
    cr_expect_eq(entry(b, twin)->flags, RK_BFD_STDOUT);
    cr_expect_eq(entry(b, pipe_fd[1])->flags, 0);
    free(b);
}

Test(boot, stack_limit_is_clamped)
{
    static const struct {
        rlim_t limit;
        uint64_t want;
    } cases[] = {{64 << 10, BOOT_STACK_MIN}, {1 << 20, 1 << 20}, {(1 << 20) + 5, 1 << 20}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rlimit r;
        getrlimit(RLIMIT_STACK, &r);
        r.rlim_cur = cases[i].limit;
        cr_assert_eq(setrlimit(RLIMIT_STACK, &r), 0);
        struct rk_boot *b = build();
        cr_expect_eq(b->stack_limit, cases[i].want);
        free(b);
    }
}

Test(boot, too_much_is_refused)
{
    static char huge[BOOT_SIZE_MAX];
    struct rk_boot *boot = NULL;
    memset(huge, 'x', sizeof(huge) - 1);
    char *argv[] = {huge, NULL};
    struct boot_config config = {.exe = "a", .argv = argv, .envp = env_two};
    cr_expect_eq(boot_build(&boot, &config), -E2BIG);
}

/* Whatever one 32-bit word of it says, the check decides without reading outside: the
 * block ends at the end of its allocation, where the sanitizers watch. */
Test(boot, damage_is_found_or_harmless)
{
    static const uint32_t values[] = {0, 1, 7, 0x7fffffff, 0xffffffff, 0xfffffff8};
    struct rk_boot *good = build();
    size_t len = good->size;
    int refused = 0;
    for (size_t at = 0; at < sizeof(*good); at += 4) {
        for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
            struct rk_boot *b = malloc(len);
            memcpy(b, good, len);
            memcpy((char *)b + at, &values[v], 4);
            refused += boot_check(b, len) != 0;
            free(b);
        }
    }
    cr_expect_gt(refused, 40);
    free(good);
}

Test(boot, cut_blocks_are_refused)
{
    struct rk_boot *good = build();
    for (size_t len = 0; len < good->size; len++) {
        char *b = malloc(len + 1);
        memcpy(b, good, len);
        cr_assert_neq(boot_check(b, len), 0);
        free(b);
    }
    free(good);
}

Test(boot, strings_must_end)
{
    struct rk_boot *b = build();
    memset((char *)b + b->exe_offset, 'x', b->size - b->exe_offset);
    cr_expect_eq(boot_check(b, b->size), -EINVAL);
    free(b);
}
