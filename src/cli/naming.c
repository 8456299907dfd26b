/* naming.c - where traces are kept, and what they are called. */
#include "naming.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".trace.zst"

static const char *env(const char *name)
{
    const char *v = getenv(name);
    return v && *v ? v : NULL;
}

static int fits(int n, size_t cap)
{
    return n >= 0 && (size_t)n < cap ? 0 : -ENAMETOOLONG;
}

/* As the XDG base directory rules: a relative path there is to be ignored. */
static int xdg_dir(const char *variable, const char *fallback, char *dir, size_t cap)
{
    const char *base = env(variable), *home = env("HOME");
    if (base && *base == '/')
        return fits(snprintf(dir, cap, "%s/rr-like", base), cap);
    if (!home)
        return -ENOENT;
    return fits(snprintf(dir, cap, "%s/%s/rr-like", home, fallback), cap);
}

int naming_dir(char *dir, size_t cap)
{
    const char *own = env("RR_LIKE_TRACE_DIR");
    if (own)
        return fits(snprintf(dir, cap, "%s", own), cap);
    return xdg_dir("XDG_DATA_HOME", ".local/share", dir, cap);
}

int naming_cache_dir(char *dir, size_t cap)
{
    return xdg_dir("XDG_CACHE_HOME", ".cache", dir, cap);
}

int naming_make_dir(const char *dir)
{
    char path[PATH_MAX];
    int err = fits(snprintf(path, sizeof(path), "%s", dir), sizeof(path));
    if (err)
        return err;
    for (char *p = path + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char was = *p;
        *p = '\0';
        if (mkdir(path, 0700) && errno != EEXIST)
            return -errno;
        *p = was;
        if (!was)
            return 0;
    }
}

/* ------------------------------------------------------------------- names */

static const char *base_name(const char *prog)
{
    const char *slash = strrchr(prog, '/');
    return slash && slash[1] ? slash + 1 : prog;
}

/* N of "PROG.N.trace.zst", or 0. */
static unsigned long trace_number(const char *entry, const char *base)
{
    size_t len = strlen(base);
    char *end;
    if (strncmp(entry, base, len) || entry[len] != '.' || entry[len + 1] < '0' ||
        entry[len + 1] > '9')
        return 0;
    unsigned long n = strtoul(entry + len + 1, &end, 10);
    return strcmp(end, SUFFIX) || n == ULONG_MAX ? 0 : n;
}

static unsigned long last_number(const char *dir, const char *base)
{
    unsigned long last = 0;
    DIR *d = opendir(dir);
    if (!d)
        return 0;
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        unsigned long n = trace_number(e->d_name, base);
        if (n > last)
            last = n;
    }
    closedir(d);
    return last;
}

/* Another recording may take the same number at the same time: then the next. */
int naming_create(const char *dir, const char *prog, char *path, size_t cap)
{
    const char *base = base_name(prog);
    unsigned long n = last_number(dir, base);
    for (int tries = 0; tries < 1000; tries++) {
        int err = fits(snprintf(path, cap, "%s/%.200s.%lu%s", dir, base, ++n, SUFFIX), cap);
        if (err)
            return err;
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd >= 0 ? fd : -errno;
    }
    return -EEXIST;
}

/* Made aside and renamed: the link always names some trace. */
int naming_set_latest(const char *dir, const char *path)
{
    char link[PATH_MAX], aside[PATH_MAX + 32];
    int err = fits(snprintf(link, sizeof(link), "%s/latest", dir), sizeof(link));
    if (err)
        return err;
    snprintf(aside, sizeof(aside), "%s.%d", link, (int)getpid());
    unlink(aside);
    if (symlink(base_name(path), aside))
        return -errno;
    if (!rename(aside, link))
        return 0;
    err = -errno;
    unlink(aside);
    return err;
}

int naming_latest(char *path, size_t cap)
{
    char dir[PATH_MAX], target[PATH_MAX];
    int err = naming_dir(dir, sizeof(dir));
    if (err)
        return err;
    err = fits(snprintf(path, cap, "%s/latest", dir), cap);
    if (err)
        return err;
    ssize_t n = readlink(path, target, sizeof(target) - 1);
    if (n < 0)
        return errno == EINVAL ? 0 : -errno; /* no link but a file: as good */
    target[n] = '\0';
    return fits(snprintf(path, cap, "%s/%s", dir, base_name(target)), cap);
}
