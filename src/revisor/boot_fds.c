/*
 * boot_fds.c - which descriptors the program inherits, and which of them are the
 * user's screen.
 */
#include "boot_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The same open file for a reader of the output: same inode, or same device node. */
static int same_file(int a, int b)
{
    struct stat sa, sb;
    if (fstat(a, &sa) || fstat(b, &sb))
        return 0;
    return sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino && sa.st_rdev == sb.st_rdev;
}

static uint32_t output_flags(int fd)
{
    if (fd == 1)
        return RK_BFD_STDOUT;
    if (fd == 2)
        return RK_BFD_STDERR;
    if (same_file(fd, 1))
        return RK_BFD_STDOUT;
    return same_file(fd, 2) ? RK_BFD_STDERR : 0;
}

static int inherited(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    return flags >= 0 && !(flags & FD_CLOEXEC);
}

static int by_number(const void *a, const void *b)
{
    const struct rk_boot_fd *x = a, *y = b;
    return x->fd < y->fd ? -1 : x->fd > y->fd;
}

static int push(struct boot_fd_list *list, int fd)
{
    if (list->count == list->room) {
        uint32_t room = list->room ? 2 * list->room : 16;
        struct rk_boot_fd *fds = realloc(list->fds, room * sizeof(*fds));
        if (!fds)
            return -ENOMEM;
        list->fds = fds;
        list->room = room;
    }
    list->fds[list->count++] = (struct rk_boot_fd){fd, output_flags(fd)};
    return 0;
}

/* Everything of our own is close-on-exec, and nothing inherited can be: it would not
 * have survived our own exec. */
int boot_list_fds(struct boot_fd_list *list)
{
    int err = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return -errno;
    for (struct dirent *e = readdir(dir); e && !err; e = readdir(dir)) {
        char *end;
        long fd = strtol(e->d_name, &end, 10);
        if (end != e->d_name && !*end && fd != dirfd(dir) && inherited((int)fd))
            err = push(list, (int)fd);
    }
    closedir(dir);
    if (list->count)
        qsort(list->fds, list->count, sizeof(*list->fds), by_number);
    return err;
}
