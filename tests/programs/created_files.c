/*
 * created_files - files that the run itself makes are mapped and executed: a library
 * copied and loaded, a program copied, run by exec, a file mapped, changed, mapped again.
 * build: -ldl
 */
#include "check.h"

#include <dlfcn.h>
#include <link.h>

static void copy(const char *from, const char *to)
{
    static char buf[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    ssize_t n;
    CHECK(in >= 0 && out >= 0);
    while ((n = read(in, buf, sizeof(buf))) > 0)
        CHECK(write(out, buf, n) == n);
    CHECK(n == 0 && close(in) == 0 && close(out) == 0);
}

static void library(void)
{
    struct link_map *map;
    void *lib = dlopen("libm.so.6", RTLD_NOW);
    CHECK(lib && dlinfo(lib, RTLD_DI_LINKMAP, &map) == 0);
    copy(map->l_name, "copy.so");
    CHECK(dlclose(lib) == 0);
    lib = dlopen("./copy.so", RTLD_NOW);
    CHECK(lib);
    double (*f)(double) = (double (*)(double))dlsym(lib, "exp2");
    CHECK(f && f(10.0) == 1024.0);
    CHECK(unlink("copy.so") == 0 && f(3.0) == 8.0);
    printf("library: ok\n");
}

static void changing(void)
{
    uint64_t h = MIX_START;
    for (unsigned i = 0; i < 50; i++) {
        int fd = make_file("changing", 5000 + i * 100, i);
        char *p = mmap(NULL, 5000, PROT_READ, i % 2 ? MAP_PRIVATE : MAP_SHARED, fd, 0);
        CHECK(p != MAP_FAILED && is_pattern(p, 5000, i));
        h = mix(h, p, 5000);
        if (i % 3)
            CHECK(munmap(p, 5000) == 0);
        CHECK(close(fd) == 0);
        if (i % 4 == 0)
            CHECK(unlink("changing") == 0);
    }
    printf("changing: %016llx\n", (unsigned long long)h);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        printf("copied program runs\n");
        return 8;
    }
    library();
    changing();
    copy("/proc/self/exe", "copied");
    fflush(stdout);
    execl("./copied", "copied", "run", (char *)NULL);
    return 1;
}
