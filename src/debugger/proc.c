/* proc.c - the files of /proc that debuggers read: maps, cmdline, environ, comm, auxv. */
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BYTES_MAX (4u << 20) /* of argv or envp */

static const char *name_of(struct debugger *d, const struct rk_map *m)
{
    const struct tf_object *o;
    if (m->flags & RK_MAP_STACK)
        return "[stack]";
    if (m->flags & RK_MAP_HEAP)
        return "[heap]";
    if (!m->object || tf_reader_object(d->files, m->object, m->generation, &o))
        return "";
    return o->path;
}

static void print_area(struct debugger *d, FILE *out, const struct rk_map *m)
{
    fprintf(out, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " 00:00 %-8u %20s%s\n", m->start,
            m->end, m->prot & PROT_READ ? 'r' : '-', m->prot & PROT_WRITE ? 'w' : '-',
            m->prot & PROT_EXEC ? 'x' : '-', m->flags & RK_MAP_SHARED ? 's' : 'p', m->offset,
            m->object, "", name_of(d, m));
}

static void print_maps(struct debugger *d, struct replay_session *s, FILE *out)
{
    const struct rk_map *areas;
    size_t count;
    if (replay_session_areas(s, &areas, &count))
        return;
    for (size_t i = 0; i < count; i++)
        print_area(d, out, &areas[i]);
}

static void print_memory(struct debugger *d, FILE *out, uint64_t start, uint64_t end)
{
    char bytes[4096];
    if (end < start || end - start > BYTES_MAX)
        return;
    while (start < end) {
        size_t want = end - start < sizeof(bytes) ? (size_t)(end - start) : sizeof(bytes);
        ssize_t n = timeline_read(d->timeline, start, bytes, want);
        if (n <= 0)
            return;
        fwrite(bytes, 1, (size_t)n, out);
        start += (uint64_t)n;
    }
}

static int print(struct debugger *d, const char *name, FILE *out)
{
    struct rk_debug_process p;
    struct replay_session *s = debugger_session(d);
    if (!s || replay_session_process(s, &p))
        return 0;
    if (!strcmp(name, "maps"))
        print_maps(d, s, out);
    else if (!strcmp(name, "cmdline"))
        print_memory(d, out, p.arg_start, p.arg_end);
    else if (!strcmp(name, "environ"))
        print_memory(d, out, p.env_start, p.env_end);
    else if (!strcmp(name, "auxv"))
        print_memory(d, out, p.auxv, p.auxv + p.auxv_size);
    else if (!strcmp(name, "comm"))
        fprintf(out, "%.*s\n", (int)sizeof(p.name), p.name);
    else
        return 0;
    return 1;
}

char *proc_text(struct debugger *d, const char *name, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    if (!out)
        return NULL;
    int known = print(d, name, out);
    if (!fclose(out) && known)
        return text;
    free(text);
    return NULL;
}
