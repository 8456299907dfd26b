/* whereis.c - guest addresses, mapped files of a trace, and their symbols. */
#include "whereis.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEBUG_DIR "/usr/lib/debug"
#define COPY_BYTES (1u << 20)

/* A file of the trace, opened when it was first asked for. */
struct known {
    struct known *next;
    uint32_t id, generation;
    char *path;
    struct symbols *symbols; /* NULL: no ELF file */
};

struct whereis {
    struct tf_reader *reader;
    struct known *files;
};

struct whereis *whereis_new(struct tf_reader *reader)
{
    struct whereis *w = calloc(1, sizeof(*w));
    if (w)
        w->reader = reader;
    return w;
}

void whereis_free(struct whereis *w)
{
    while (w && w->files) {
        struct known *k = w->files;
        w->files = k->next;
        symbols_close(k->symbols);
        free(k->path);
        free(k);
    }
    free(w);
}

static int copy_contents(struct whereis *w, const struct tf_object *o, int fd)
{
    unsigned char *buf = malloc(COPY_BYTES);
    int64_t n = buf ? 1 : -ENOMEM;
    for (uint64_t at = 0; n > 0 && at < o->size; at += (uint64_t)n) {
        n = tf_reader_object_read(w->reader, o, buf, COPY_BYTES, at);
        if (n > 0 && pwrite(fd, buf, (size_t)n, (off_t)at) != n)
            n = -EIO;
    }
    free(buf);
    return n < 0 ? (int)n : 0;
}

/* The symbols of a file as it was recorded; NULL when it has none that can be read. */
static struct symbols *load(struct whereis *w, const struct tf_object *o)
{
    struct symbols *s = NULL;
    int fd = memfd_create("rr-like-symbols", MFD_CLOEXEC);
    if (fd < 0)
        return NULL;
    if (copy_contents(w, o, fd))
        close(fd);
    else
        symbols_open(&s, fd, &(struct symbols_places){DEBUG_DIR, o->path});
    return s;
}

static struct known *file_of(struct whereis *w, const struct rk_map *m)
{
    const struct tf_object *o;
    struct known *k = w->files;
    while (k && (k->id != m->object || k->generation != m->generation))
        k = k->next;
    if (k || tf_reader_object(w->reader, m->object, m->generation, &o))
        return k;
    k = calloc(1, sizeof(*k));
    if (!k)
        return NULL;
    *k = (struct known){w->files, m->object, m->generation, strdup(o->path), load(w, o)};
    return w->files = k;
}

void whereis_find(struct whereis *w, const struct maplist *maps, uint64_t address,
                  struct whereis_place *place)
{
    const struct rk_map *m = maplist_find(maps, address);
    struct known *k = m ? file_of(w, m) : NULL;
    uint64_t inside;
    *place = (struct whereis_place){.path = k ? k->path : NULL};
    if (!k)
        return;
    place->offset = address - m->start + m->offset;
    if (k->symbols && !symbols_address(k->symbols, place->offset, &inside))
        symbols_find(k->symbols, inside, &place->at);
}

struct symbols *whereis_elf(struct whereis *w, const struct maplist *maps, uint64_t address,
                            uint64_t *bias, uint64_t *start, uint64_t *end)
{
    const struct rk_map *m = maplist_find(maps, address);
    struct known *k = m ? file_of(w, m) : NULL;
    uint64_t inside;
    if (!k || !k->symbols || symbols_address(k->symbols, address - m->start + m->offset, &inside) ||
        symbols_range(k->symbols, start, end))
        return NULL;
    *bias = address - inside;
    *start += *bias;
    *end += *bias;
    return k->symbols;
}

size_t whereis_inlines(struct whereis *w, const struct maplist *maps, uint64_t address,
                       struct symbols_inline *out, size_t cap)
{
    uint64_t bias, start, end;
    struct symbols *s = whereis_elf(w, maps, address, &bias, &start, &end);
    return s ? symbols_inlines(s, address - bias, out, cap) : 0;
}
