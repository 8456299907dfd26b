/*
 * proc_self - what a program reads about itself: exe, cmdline, comm, maps, auxv,
 * environ, fd, status, stat, cwd. Checked for sense, since maps differ when recorded.
 */
#include "check.h"

#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <sys/auxv.h>

static char buf[1 << 20];

static ssize_t slurp(const char *name)
{
    int fd = open(name, O_RDONLY);
    CHECK(fd >= 0);
    ssize_t n = 0, got;
    while ((got = read(fd, buf + n, sizeof(buf) - 1 - n)) > 0)
        n += got;
    CHECK(got == 0 && close(fd) == 0);
    buf[n] = 0;
    return n;
}

/* The mapping that holds an address; returns its permissions and name. */
static int find_map(uintptr_t addr, char perms[5], char name[4096])
{
    uintptr_t last = 0;
    int found = 0;
    slurp("/proc/self/maps");
    for (char *line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned long start, end, off, inode;
        unsigned maj, min;
        char p[5], n[4096] = "";
        CHECK(sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %4095[^\n]", &start, &end, p, &off, &maj,
                     &min, &inode, n) >= 7);
        CHECK(start < end && start >= last);
        last = end;
        if (addr < start || addr >= end)
            continue;
        strcpy(perms, p);
        strcpy(name, n);
        found = 1;
    }
    return found;
}

static void check_maps(const char *exe)
{
    char perms[5], name[4096];
    static int in_data = 5;
    CHECK(find_map((uintptr_t)&find_map, perms, name) && strcmp(perms, "r-xp") == 0);
    CHECK(strcmp(name, exe) == 0);
    CHECK(find_map((uintptr_t)&in_data, perms, name) && strcmp(perms, "rw-p") == 0);
    CHECK(find_map((uintptr_t)&perms, perms, name) && strcmp(name, "[stack]") == 0);
    char *heap = sbrk(PAGE);
    CHECK(find_map((uintptr_t)heap, perms, name) && strcmp(name, "[heap]") == 0);
    char *p = map_pages(3, PROT_READ);
    CHECK(find_map((uintptr_t)p + PAGE, perms, name) && strcmp(perms, "r--p") == 0);
    CHECK(munmap(p + PAGE, PAGE) == 0);
    CHECK(!find_map((uintptr_t)p + PAGE, perms, name));
    printf("maps: ok\n");
}

static void check_auxv(void)
{
    ssize_t n = slurp("/proc/self/auxv");
    CHECK(n > 0 && n % sizeof(Elf64_auxv_t) == 0);
    int seen = 0;
    for (Elf64_auxv_t *a = (void *)buf; a->a_type != AT_NULL; a++)
        if (a->a_type == AT_RANDOM || a->a_type == AT_ENTRY || a->a_type == AT_PHDR) {
            CHECK(a->a_un.a_val == getauxval(a->a_type));
            seen++;
        }
    CHECK(seen == 3);
    printf("auxv: ok\n");
}

static void check_fds(void)
{
    int extra = dup2(1, 77), count = 0, seen = 0;
    CHECK(extra == 77);
    DIR *d = opendir("/proc/self/fd");
    CHECK(d);
    for (struct dirent *e; (e = readdir(d));)
        if (isdigit((unsigned char)e->d_name[0])) {
            count++;
            seen |= atoi(e->d_name) == 77;
        }
    closedir(d);
    CHECK(seen);
    printf("fd: %d descriptors\n", count);
    int fd = make_file("target", 10, 1);
    char name[64], link[4096];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, link, sizeof(link));
    CHECK(n > 7 && memcmp(link + n - 7, "/target", 7) == 0);
    int again = open(name, O_RDONLY);
    char c[10];
    CHECK(again >= 0 && read(again, c, 10) == 10 && is_pattern(c, 10, 1));
    printf("fd links: ok\n");
}

static void check_status(void)
{
    char want[64];
    slurp("/proc/self/status");
    snprintf(want, sizeof(want), "\nPid:\t%d\n", getpid());
    CHECK(strstr(buf, want));
    CHECK(strstr(buf, "\nThreads:\t1\n"));
    CHECK(memcmp(buf, "Name:\tproc_self\n", 16) == 0);
    slurp("/proc/self/stat");
    CHECK(atoi(buf) == getpid() && strstr(buf, "(proc_self) R "));
    snprintf(want, sizeof(want), "/proc/%d/comm", getpid());
    slurp(want);
    CHECK(strcmp(buf, "proc_self\n") == 0);
    printf("status, stat, comm: ok\n");
}

int main(int argc, char **argv)
{
    static char exe[4096], cwd[4096], link[4096];
    CHECK(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
    CHECK(strcmp(strrchr(exe, '/'), "/proc_self") == 0);
    CHECK(getcwd(cwd, sizeof(cwd)) && readlink("/proc/self/cwd", link, sizeof(link)) > 0);
    CHECK(strcmp(cwd, link) == 0);
    ssize_t n = slurp("/proc/self/cmdline");
    CHECK(n == (ssize_t)strlen(argv[0]) + 1 && strcmp(buf, argv[0]) == 0);
    slurp("/proc/self/environ");
    CHECK(memmem(buf, sizeof(buf), "TZ=UTC", 7));
    char self[32];
    snprintf(link, sizeof(link), "%d", getpid());
    n = readlink("/proc/self", self, sizeof(self));
    CHECK(n == (ssize_t)strlen(link) && memcmp(self, link, n) == 0);
    printf("exe, cwd, cmdline, environ: ok\n");
    check_status();
    check_fds();
    check_auxv();
    check_maps(exe);
    return 0;
}
