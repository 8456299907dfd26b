/* header.c - what a trace says about itself, at its start and at its end. */
#include "internal.h"
#include "revisor/boot.h"
#include "revisor/cpuid.h"
#include "revisor/kv.h"
#include "trace-format/header.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define IMAGE_PIECES_MAX 64
/* The image, a small program, the loader and the C library: in nearly every trace, and
 * compressed once for all of them as long as the cache has them. */
#define FINEST_BYTES (3u << 20)

struct image_list {
    struct tf_image_ref refs[IMAGE_PIECES_MAX];
    size_t count;
    char id[33]; /* of the whole image */
};

static struct machine_image image_of(const struct recorder *r)
{
    return r->options->image.data ? r->options->image : machine_builtin_image();
}

static int list_image(const struct recorder *r, struct image_list *list)
{
    struct machine_image image = image_of(r);
    struct tf_digest id = tf_digest(image.data, image.len);
    snprintf(list->id, sizeof(list->id), "%016llx%016llx", (unsigned long long)id.w[0],
             (unsigned long long)id.w[1]);
    list->count = 0;
    for (size_t at = 0; at < image.len; at += TF_BLOB_MAX) {
        size_t len = image.len - at < TF_BLOB_MAX ? image.len - at : TF_BLOB_MAX;
        if (list->count == IMAGE_PIECES_MAX)
            return TF_E_TOO_BIG;
        list->refs[list->count++] =
            (struct tf_image_ref){tf_digest((const char *)image.data + at, len), len};
    }
    return 0;
}

/* The image goes through the cache like a file; its content is its identity. */
static struct tf_file_identity image_identity(const struct image_list *list, size_t len)
{
    struct tf_digest d = list->refs[0].digest;
    return (struct tf_file_identity){
        .ino = d.w[0], .size = len, .mtime_ns = (int64_t)(d.w[1] >> 32)};
}

static int compress_image(struct recorder *r, const struct image_list *list,
                          const struct tf_file_identity *identity)
{
    struct machine_image image = image_of(r);
    struct tf_extent extents[IMAGE_PIECES_MAX];
    uint64_t at = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct tf_extent *e = &extents[i];
        *e = (struct tf_extent){.offset = at, .len = (uint32_t)list->refs[i].len};
        int err = tf_writer_blob(r->writer, (const char *)image.data + at, e->len, &e->digest);
        if (err)
            return err;
        at += e->len;
    }
    return r->cache ? tf_blobcache_fill(r->cache, r->writer, identity, 0, image.len, extents,
                                        (uint32_t)list->count)
                    : 0;
}

static int store_image(struct recorder *r, const struct image_list *list)
{
    size_t len = image_of(r).len;
    struct tf_file_identity identity = image_identity(list, len);
    struct tf_cache_entry *entry;
    if (!r->cache || tf_blobcache_lookup(r->cache, &identity, 0, len, &entry))
        return compress_image(r, list, &identity);
    int err = tf_cache_entry_append(entry, r->writer);
    for (size_t i = 0; i < list->count && !err; i++)
        if (!tf_writer_has_blob(r->writer, &list->refs[i].digest))
            err = compress_image(r, list, &identity); /* another image of the same name */
    tf_cache_entry_release(entry);
    return err;
}

/* ------------------------------------------------------------------- texts */

static void add_time(struct kv_text *t, uint64_t realtime_ns)
{
    char text[32];
    time_t seconds = (time_t)(realtime_ns / 1000000000u);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    kv_add(t, "time", text);
}

/* The brand string is three leaves of text. */
static void add_cpu(struct kv_text *t, const struct rk_boot *b)
{
    char model[49] = "", needs[1024];
    for (uint32_t i = 0; i < 3; i++) {
        const struct rk_cpuid_leaf *l =
            cpuid_find(boot_cpuid(b), b->cpuid_count, 0x80000002u + i, 0);
        if (!l)
            break;
        memcpy(model + 16 * i, &l->eax, 16);
    }
    kv_add(t, "cpu.model", model + strspn(model, " "));
    cpu_features_needed(boot_cpuid(b), b->cpuid_count, needs, sizeof(needs));
    kv_add(t, "cpu.needs", needs);
}

static void add_host(struct kv_text *t)
{
    struct utsname u;
    char text[sizeof(u.sysname) + sizeof(u.release) + sizeof(u.machine) + 3];
    if (uname(&u))
        return;
    snprintf(text, sizeof(text), "%s %s %s", u.sysname, u.release, u.machine);
    kv_add(t, "host.kernel", text);
    kv_add_number(t, "host.cpus", sysconf(_SC_NPROCESSORS_ONLN));
}

/* A word as a shell would read it back. */
static void add_quoted(struct kv_text *line, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "@%+=:,./-_";
    if (*word && strspn(word, plain) == strlen(word)) {
        kv_put(line, word);
        return;
    }
    kv_put(line, "'");
    for (; *word; word++) {
        char c[2] = {*word, '\0'};
        kv_put(line, *word == '\'' ? "'\\''" : c);
    }
    kv_put(line, "'");
}

static void add_seed(struct kv_text *t, uint64_t seed)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)seed);
    kv_add(t, "chaos", text);
}

static void add_command(struct kv_text *t, const struct rk_boot *b)
{
    struct kv_text line = {0};
    const char *arg = boot_string(b, b->argv_offset);
    for (uint32_t i = 0; i < b->argc; i++, arg += strlen(arg) + 1) {
        if (i)
            kv_put(&line, " ");
        add_quoted(&line, arg);
    }
    kv_add(t, "command", line.data ? line.data : "");
    free(line.data);
}

static void header_text(const struct recorder *r, const struct image_list *image, struct kv_text *t)
{
    static const char *const vcpu[] = {"auto", "native", "translated"};
    const struct rk_boot *b = r->options->boot;
    kv_add(t, "tool", r->options->tool);
    kv_add_number(t, "abi", RK_ABI_VERSION);
    kv_add(t, "rekernel", image->id);
    add_time(t, b->start_realtime_ns);
    add_command(t, b);
    kv_add(t, "exe", boot_string(b, b->exe_offset));
    kv_add(t, "cwd", boot_string(b, b->cwd_offset));
    kv_add_number(t, "pid", b->pid);
    kv_add(t, "vcpu", vcpu[r->options->vcpu_mode]);
    kv_add_number(t, "cores", b->cores);
    if (b->chaos)
        add_seed(t, b->chaos_seed);
    kv_add(t, "cpu.policy", r->options->cpu_policy ? r->options->cpu_policy : "host");
    add_cpu(t, b);
    add_host(t);
}

/* -------------------------------------------------------------------- open */

static int open_writer(struct recorder *r, const struct image_list *image, const void *header,
                       size_t len)
{
    struct tf_writer_options options = {.max_size = r->options->max_size,
                                        .finest_bytes = r->cache ? FINEST_BYTES : 0};
    int err = tf_writer_open(&r->writer, r->options->trace_fd, header, len, &options);
    if (err)
        r->writer = NULL;
    return err ? err : store_image(r, image);
}

static int build_and_open(struct recorder *r, struct kv_text *text)
{
    struct image_list image;
    void *header;
    size_t len;
    int err = list_image(r, &image);
    if (err)
        return err;
    header_text(r, &image, text);
    if (text->failed)
        return -ENOMEM;
    const struct tf_section sections[] = {
        {TF_SECTION_TEXT, text->data, text->len},
        {TF_SECTION_BOOT, r->options->boot, r->options->boot->size},
        {TF_SECTION_IMAGE, image.refs, image.count * sizeof(image.refs[0])},
    };
    err = tf_header_build(sections, 3, &header, &len);
    if (err)
        return err;
    err = open_writer(r, &image, header, len);
    free(header);
    return err;
}

int recorder_open_trace(struct recorder *r)
{
    struct kv_text text = {0};
    if (r->options->trace_fd < 0)
        return 0;
    if (r->options->cache_dir && tf_blobcache_open(&r->cache, r->options->cache_dir, 0))
        r->cache = NULL; /* no reason to fail */
    int err = build_and_open(r, &text);
    free(text.data);
    if (err)
        recorder_say(r, "the trace cannot be written: %s", tf_strerror(err));
    return err;
}

/* ------------------------------------------------------------------- close */

static void footer_text(const struct recorder *r, struct kv_text *t)
{
    const struct record_result *result = r->result;
    kv_add(t, "end", r->exited ? "exit" : "killed");
    kv_add_number(t, "status", result->wait_status);
    kv_add_number(t, "events", (int64_t)result->events);
    kv_add_number(t, "entries", (int64_t)result->entries);
    kv_add_number(t, "wall_us", (int64_t)(result->wall_ns / 1000));
}

/* A recording that broke keeps its whole frames and no footer: it is a cut trace. */
static void close_writer(struct recorder *r)
{
    struct kv_text text = {0};
    struct tf_writer_stats stats;
    tf_writer_stats(r->writer, &stats);
    r->result->trace_bytes = stats.file_bytes;
    if (r->broken || !r->result->started) {
        tf_writer_flush(r->writer); /* what was good is kept */
        tf_writer_abandon(r->writer);
    } else {
        footer_text(r, &text);
        int err = tf_writer_close(r->writer, text.data, text.len);
        if (err) {
            recorder_say(r,
                         "the trace's end could not be written (%s): it replays up to its last "
                         "whole frame",
                         tf_strerror(err));
            r->result->cut = 1;
        }
    }
    r->writer = NULL;
    free(text.data);
}

void recorder_close_trace(struct recorder *r)
{
    if (r->writer)
        close_writer(r);
    tf_blobcache_close(r->cache);
    r->cache = NULL;
}
