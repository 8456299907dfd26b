/* image_fd.c - makes the rekernel image something that can be executed. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static int write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Kernels before 6.3 do not know MFD_EXEC and refuse it with EINVAL. With the sysctl
 * vm.memfd_noexec=2 memory files that can be executed are refused with EACCES. */
static int memory_file(const struct machine_image *image)
{
    int fd = memfd_create("rr-like-guest", MFD_CLOEXEC | MFD_EXEC);
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("rr-like-guest", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int err = write_all(fd, image->data, image->len);
    if (err) {
        close(fd);
        return err;
    }
    return fd;
}

/* A file open for writing cannot be executed: opened again for reading. */
static int disk_file(const char *dir, const struct machine_image *image)
{
    char name[256];
    if ((size_t)snprintf(name, sizeof(name), "%s/rr-like-guest-XXXXXX", dir) >= sizeof(name))
        return -ENAMETOOLONG;
    int out = mkostemp(name, O_CLOEXEC);
    if (out < 0)
        return -errno;
    int err = write_all(out, image->data, image->len);
    if (!err && fchmod(out, 0500))
        err = -errno;
    int fd = err ? err : open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && !err)
        fd = -errno;
    close(out);
    unlink(name);
    return fd;
}

static int may_execute(int fd)
{
    return !faccessat(fd, "", X_OK, AT_EMPTY_PATH);
}

/* Some directories are mounted noexec: faccessat says EACCES there. */
static int any_disk_file(const struct machine_image *image)
{
    const char *const dirs[] = {
        getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm", "."};
    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
        int fd = dirs[i] && *dirs[i] ? disk_file(dirs[i], image) : -ENOENT;
        if (fd >= 0 && may_execute(fd))
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return -EACCES;
}

int host_image_fd(const struct machine_image *image)
{
    int fd = memory_file(image);
    return fd >= 0 ? fd : any_disk_file(image);
}
