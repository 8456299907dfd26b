/* samples.c - see samples.h. */
#include "samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

uint64_t sample_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15ull;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

void sample_bytes(void *buf, size_t len, uint64_t seed)
{
    unsigned char *p = buf;

    for (size_t i = 0; i < len; i++)
        p[i] = (unsigned char)(sample_random(&seed) & 0x1f);
}

size_t sample_event(uint64_t number, void *buf)
{
    uint64_t seed = number;
    size_t len = 1 + sample_random(&seed) % (number % 10 == 0 ? SAMPLE_EVENT_ROOM : 80);

    sample_bytes(buf, len, number);
    return len;
}

static int write_object(struct tf_writer *w, uint32_t id)
{
    static unsigned char data[SAMPLE_BLOB_LEN];
    struct tf_extent extents[2] = {{.offset = 100, .len = SAMPLE_BLOB_LEN},
                                   {.offset = 5000, .len = 20}};
    struct tf_object object = {.id = id,
                               .generation = 1,
                               .mode = 0100644,
                               .size = 6000,
                               .mtime_ns = 12345,
                               .path = "/sample/file",
                               .extent_count = 2,
                               .extents = extents};
    int rc;

    sample_bytes(data, sizeof(data), id);
    rc = tf_writer_blob(w, data, SAMPLE_BLOB_LEN, &extents[0].digest);
    if (rc == 0)
        rc = tf_writer_blob(w, data, 20, &extents[1].digest);
    return rc == 0 ? tf_writer_object(w, &object) : rc;
}

static int write_events(struct tf_writer *w)
{
    unsigned char buf[SAMPLE_EVENT_ROOM];
    int rc = 0;

    for (uint64_t n = 1; rc == 0 && n <= SAMPLE_EVENTS; n++) {
        if (n == 10 || n == 50)
            rc = write_object(w, n == 10 ? 1 : 2);
        if (rc == 0)
            rc = tf_writer_event(w, buf, sample_event(n, buf));
        if (rc == 0 && n % 20 == 0)
            rc = tf_writer_flush(w);
    }
    return rc;
}

int sample_write(int fd)
{
    struct tf_writer *w;
    int rc = tf_writer_open(&w, fd, SAMPLE_HEADER, strlen(SAMPLE_HEADER), NULL);

    if (rc < 0)
        return rc;
    rc = write_events(w);
    if (rc < 0) {
        tf_writer_abandon(w);
        return rc;
    }
    return tf_writer_close(w, SAMPLE_FOOTER, strlen(SAMPLE_FOOTER));
}

int sample_file(void)
{
    return memfd_create("sample", MFD_CLOEXEC);
}

int sample_file_of(const void *data, size_t len)
{
    int fd = sample_file();

    if (fd >= 0 && write(fd, data, len) != (ssize_t)len) {
        close(fd);
        return -1;
    }
    return fd;
}

void *sample_slurp(int fd, size_t *len)
{
    struct stat st;
    void *data;

    if (fstat(fd, &st) < 0)
        return NULL;
    *len = (size_t)st.st_size;
    data = malloc(*len + 1);
    if (data != NULL && pread(fd, data, *len, 0) != (ssize_t)*len) {
        free(data);
        data = NULL;
    }
    return data;
}

unsigned char *sample_trace(size_t *len)
{
    int fd = sample_file(), copy = dup(fd);
    unsigned char *data = sample_write(fd) == 0 ? sample_slurp(copy, len) : NULL;

    close(copy);
    return data;
}
