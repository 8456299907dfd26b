/*
 * exec_errors - execve that must fail leaves the program running: missing, not
 * executable, directory, garbage, empty, bad pointers, missing interpreter.
 */
#include "check.h"

static void put(const char *name, const char *text, size_t len, int mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    CHECK(fd >= 0 && write(fd, text, len) == (ssize_t)len && close(fd) == 0);
    CHECK(chmod(name, mode) == 0);
}

static void expect(const char *path, int want)
{
    char *args[] = {"x", NULL};
    CHECK_ERRNO(execve(path, args, args + 1), want);
    printf("%s: %s\n", path ? path : "NULL", strerrorname_np(errno));
}

int main(void)
{
    put("plain", "just text\n", 10, 0755);
    put("empty", "", 0, 0755);
    put("elf", "\177ELF\2\1\1\0garbage garbage garbage garbage garbage garbage garbage", 70, 0755);
    put("noint", "#!/nonexistent/interpreter\n", 27, 0755);
    put("bare", "#!\n", 3, 0755);
    put("noexec", "#!/bin/true\n", 12, 0644);
    CHECK(symlink("loop", "loop") == 0);
    expect("plain", ENOEXEC);
    expect("empty", ENOEXEC);
    expect("elf", ENOEXEC);
    expect("noint", ENOENT);
    expect("bare", ENOEXEC);
    expect("noexec", EACCES);
    expect("missing", ENOENT);
    expect("plain/x", ENOTDIR);
    expect(".", EACCES);
    expect("loop", ELOOP);
    expect("", ENOENT);
    CHECK(RAW3(SYS_execve, 0, 0, 0) == -EFAULT);
    CHECK(RAW3(SYS_execve, "plain", 8, 0) == -EFAULT);
    CHECK(RAW3(SYS_execveat, -100, "missing", 0) == -ENOENT);
    printf("still alive\n");
    return 0;
}
