/* object.c - a snapshot from the trace becomes a file that the guest can map. */
#include "internal.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static int write_at(int fd, const unsigned char *p, size_t len, uint64_t offset)
{
    while (len) {
        ssize_t n = pwrite(fd, p, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        p += n;
        offset += (size_t)n;
        len -= (size_t)n;
    }
    return 0;
}

/* Between extents the file stays a hole: it reads as zeros and costs no memory. */
static int fill(struct replayer *r, int fd, const struct tf_object *o)
{
    if (ftruncate(fd, (off_t)o->size))
        return -errno;
    for (uint32_t i = 0; i < o->extent_count; i++) {
        int64_t n = tf_reader_blob(r->reader, &o->extents[i].digest, r->blob, TF_BLOB_MAX);
        if (n < 0)
            return (int)n;
        if ((uint64_t)n != o->extents[i].len)
            return TF_E_CORRUPT;
        int err = write_at(fd, r->blob, (size_t)n, o->extents[i].offset);
        if (err)
            return err;
    }
    return 0;
}

int replay_object_fd(struct replayer *r, uint32_t id, uint32_t generation)
{
    const struct tf_object *object;
    int err = tf_reader_object(r->reader, id, generation, &object);
    if (err)
        return err == TF_E_NOT_FOUND ? TF_E_CORRUPT : err;
    int fd = memfd_create("rr-like-object", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    err = fill(r, fd, object);
    if (!err)
        return fd;
    close(fd);
    return err;
}
