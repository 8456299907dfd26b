/* test_exe.c - finding the program, and why one cannot run. */
#include "revisor/exe.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/rrl-exe-XXXXXX";
static char path[PATH_MAX], said[PATH_MAX + 256];

static const char *make(const char *name, const void *data, size_t len, mode_t mode)
{
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, data, len), (ssize_t)len);
    fchmod(fd, mode);
    close(fd);
    return path;
}

static void setup(void)
{
    cr_assert_not_null(mkdtemp(dir));
}

static void teardown(void)
{
    char command[PATH_MAX];
    snprintf(command, sizeof(command), "rm -r %s", dir);
    cr_assert_eq(system(command), 0);
}

TestSuite(exe, .init = setup, .fini = teardown);

Test(exe, by_path_and_by_search)
{
    char search[PATH_MAX];
    make("tool", "#!/bin/sh\n", 10, 0755);
    cr_expect_eq(exe_find(path, NULL, said, sizeof(said)), 0);
    cr_expect_str_eq(said, path);
    snprintf(search, sizeof(search), "/nonexistent:%s:/bin", dir);
    cr_expect_eq(exe_find("tool", search, said, sizeof(said)), 0);
    cr_expect_str_eq(said, path);
    cr_expect_eq(exe_find("true", "/bin", said, sizeof(said)), 0);
}

Test(exe, not_found)
{
    cr_expect_eq(exe_find("no-such-tool", dir, said, sizeof(said)), EXE_NOT_FOUND);
    cr_expect_not_null(strstr(said, "PATH"));
    cr_expect_eq(exe_find("./no/such", dir, said, sizeof(said)), EXE_NOT_FOUND);
    cr_expect_eq(exe_find("", dir, said, sizeof(said)), EXE_NOT_FOUND);
}

Test(exe, a_directory)
{
    cr_expect_eq(exe_find(dir, NULL, said, sizeof(said)), EXE_NOT_EXECUTABLE);
    cr_expect_not_null(strstr(said, "directory"));
}

Test(exe, no_permission)
{
    make("plain", "#!/bin/sh\n", 10, 0644);
    cr_expect_eq(exe_find(path, NULL, said, sizeof(said)), EXE_NOT_EXECUTABLE);
    cr_expect_not_null(strstr(said, "permission"));
    cr_expect_eq(exe_find("plain", dir, said, sizeof(said)), EXE_NOT_EXECUTABLE);
}

static void expect_refused(const char *name, const void *data, size_t len, const char *word)
{
    make(name, data, len, 0755);
    cr_expect_eq(exe_find(path, NULL, said, sizeof(said)), EXE_NOT_EXECUTABLE, "%s", name);
    cr_expect_not_null(strstr(said, word), "%s: %s", name, said);
}

Test(exe, formats)
{
    unsigned char elf[64] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    elf[16] = 3;   /* ET_DYN */
    elf[18] = 183; /* AArch64 */
    expect_refused("arm", elf, sizeof(elf), "architecture");
    elf[18] = 62;
    make("good", elf, sizeof(elf), 0755);
    cr_expect_eq(exe_find(path, NULL, said, sizeof(said)), 0);
    elf[16] = 1; /* ET_REL */
    expect_refused("object", elf, sizeof(elf), "no program");
    elf[4] = 1;
    expect_refused("old", elf, sizeof(elf), "32-bit");
    expect_refused("short", elf, 20, "header");
    expect_refused("text", "hello\n", 6, "neither");
    expect_refused("empty", "", 0, "neither");
}
