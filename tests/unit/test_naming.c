/* test_naming.c - where traces go and what they are called. */
#include "cli/naming.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/rrl-naming-XXXXXX";
static char path[PATH_MAX], want[PATH_MAX];

static void setup(void)
{
    cr_assert_not_null(mkdtemp(dir));
    setenv("RR_LIKE_TRACE_DIR", dir, 1);
}

static void teardown(void)
{
    char command[PATH_MAX];
    snprintf(command, sizeof(command), "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
}

TestSuite(naming, .init = setup, .fini = teardown);

static const char *in_dir(const char *name)
{
    snprintf(want, sizeof(want), "%s/%s", dir, name);
    return want;
}

static void create(const char *prog, const char *expected)
{
    int fd = naming_create(dir, prog, path, sizeof(path));
    cr_assert_geq(fd, 0);
    cr_expect_str_eq(path, in_dir(expected));
    cr_expect_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd);
}

static void expect_dir(const char *expected)
{
    cr_assert_eq(naming_dir(path, sizeof(path)), 0);
    cr_expect_str_eq(path, expected);
}

Test(naming, directory_by_environment)
{
    setenv("XDG_DATA_HOME", "/x", 1);
    setenv("HOME", "/h", 1);
    expect_dir(dir);
    setenv("RR_LIKE_TRACE_DIR", "", 1);
    expect_dir("/x/rr-like");
    setenv("XDG_DATA_HOME", "relative", 1);
    expect_dir("/h/.local/share/rr-like");
    unsetenv("HOME");
    cr_expect_eq(naming_dir(path, sizeof(path)), -ENOENT);
}

Test(naming, numbers_go_up)
{
    create("/usr/bin/prog", "prog.1.trace.zst");
    create("prog", "prog.2.trace.zst");
    create("other", "other.1.trace.zst");
    close(open(in_dir("prog.41.trace.zst"), O_WRONLY | O_CREAT, 0600));
    close(open(in_dir("prog.99.trace.zst.part"), O_WRONLY | O_CREAT, 0600));
    close(open(in_dir("prog.x7.trace.zst"), O_WRONLY | O_CREAT, 0600));
    create("prog", "prog.42.trace.zst");
}

Test(naming, odd_names)
{
    char longest[300];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    int fd = naming_create(dir, longest, path, sizeof(path));
    cr_expect_geq(fd, 0);
    close(fd);
    create("with space", "with space.1.trace.zst");
}

Test(naming, latest_link)
{
    cr_expect_lt(naming_latest(path, sizeof(path)), 0);
    create("prog", "prog.1.trace.zst");
    cr_expect_eq(naming_set_latest(dir, path), 0);
    create("prog", "prog.2.trace.zst");
    cr_expect_eq(naming_set_latest(dir, path), 0);
    cr_expect_eq(naming_latest(path, sizeof(path)), 0);
    cr_expect_str_eq(path, in_dir("prog.2.trace.zst"));
}

Test(naming, directories_are_made)
{
    struct stat st;
    in_dir("a/b//c");
    cr_expect_eq(naming_make_dir(want), 0);
    cr_expect_eq(stat(want, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0700);
    cr_expect_eq(naming_make_dir(want), 0);
    cr_expect_eq(naming_make_dir("/dev/null/x"), -ENOTDIR);
}
