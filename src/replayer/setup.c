/* setup.c - from a trace's header to what a machine needs. */
#include "internal.h"
#include "revisor/boot.h"
#include "revisor/cpuid.h"
#include "trace-format/header.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_MAX (64u << 20) /* bytes of a rekernel image in a trace */

static int refuse(struct replayer *r, enum replay_end how, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static int refuse(struct replayer *r, enum replay_end how, int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->result->text, sizeof(r->result->text), format, args);
    va_end(args);
    r->result->end = how;
    r->result->error = error;
    return -1;
}

/* The rekernel in the trace speaks to a launcher of its own interface version only. */
static int check_abi(struct replayer *r, const struct tf_header *h)
{
    char text[16];
    if (tf_header_text(h, "abi", text, sizeof(text)) < 0)
        return refuse(r, REPLAY_BAD_TRACE, TF_E_CORRUPT, "its header names no interface version");
    if (strtoul(text, NULL, 10) == RK_ABI_VERSION)
        return 0;
    return refuse(r, REPLAY_BAD_TRACE, TF_E_VERSION,
                  "it was recorded with interface version %s, this program speaks version %u; "
                  "replay it with the version that recorded it",
                  text, RK_ABI_VERSION);
}

/* Unless the user chose: the mode of the recording. All modes do the same but in programs that
 * read their own code or the translator's memory, and where `native` was insisted on and code
 * made at run time asks the processor about itself. */
static void load_mode(struct replayer *r, const struct tf_header *h)
{
    char text[16];
    r->setup.recorded_mode = RK_VCPU_AUTO;
    if (tf_header_text(h, "vcpu", text, sizeof(text)) <= 0)
        return;
    if (!strcmp(text, "translated"))
        r->setup.recorded_mode = RK_VCPU_TRANSLATED;
    if (!strcmp(text, "native"))
        r->setup.recorded_mode = RK_VCPU_NATIVE;
}

static int load_boot(struct replayer *r, const struct tf_header *h)
{
    const struct tf_section *s = tf_header_find(h, TF_SECTION_BOOT);
    if (!s || boot_check(s->data, s->len))
        return refuse(r, REPLAY_BAD_TRACE, TF_E_CORRUPT, "its boot block is missing or damaged");
    r->setup.boot = malloc(s->len);
    if (!r->setup.boot)
        return refuse(r, REPLAY_HOST_FAILED, -ENOMEM, "no memory for the boot block");
    memcpy(r->setup.boot, s->data, s->len);
    return 0;
}

static int check_cpu(struct replayer *r)
{
    char missing[256];
    struct cpuid_source host = cpuid_host();
    const struct rk_boot *b = r->setup.boot;
    if (!cpu_features_missing(boot_cpuid(b), b->cpuid_count, &host, missing, sizeof(missing)))
        return 0;
    return refuse(r, REPLAY_CPU, 0, "%s", missing);
}

/* Total bytes of the image's pieces, or 0 when they make no sense. */
static size_t image_size(const struct tf_image_ref *refs, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        if (!refs[i].len || refs[i].len > TF_BLOB_MAX || total > IMAGE_MAX)
            return 0;
        total += refs[i].len;
    }
    return total;
}

/* True when the pieces are exactly the built-in image: then nothing need be read. */
static int is_builtin(const struct tf_image_ref *refs, size_t count, size_t total)
{
    struct machine_image image = machine_builtin_image();
    const unsigned char *p = image.data;
    if (total != image.len)
        return 0;
    for (size_t i = 0; i < count; p += refs[i].len, i++) {
        struct tf_digest d = tf_digest(p, refs[i].len);
        if (memcmp(&d, &refs[i].digest, sizeof(d)))
            return 0;
    }
    return 1;
}

static int read_image(struct replayer *r, const struct tf_image_ref *refs, size_t count,
                      size_t total)
{
    unsigned char *p = r->setup.image_copy = malloc(total);
    if (!p)
        return refuse(r, REPLAY_HOST_FAILED, -ENOMEM, "no memory for the rekernel image");
    r->setup.image = (struct machine_image){p, total};
    for (size_t i = 0; i < count; p += refs[i].len, i++) {
        int64_t n = tf_reader_blob(r->reader, &refs[i].digest, p, refs[i].len);
        if (n != (int64_t)refs[i].len)
            return refuse(r, REPLAY_BAD_TRACE, n < 0 ? (int)n : TF_E_CORRUPT,
                          "the rekernel image in it cannot be read");
    }
    return 0;
}

/* A trace replays with the rekernel that recorded it: behaviour may have changed since. */
static int load_image(struct replayer *r, const struct tf_header *h)
{
    const struct tf_section *s = tf_header_find(h, TF_SECTION_IMAGE);
    if (!s || !s->len)
        return refuse(r, REPLAY_BAD_TRACE, TF_E_CORRUPT, "it names no rekernel image");
    size_t count = s->len / sizeof(struct tf_image_ref);
    size_t total = image_size(s->data, count);
    if (!total || s->len % sizeof(struct tf_image_ref))
        return refuse(r, REPLAY_BAD_TRACE, TF_E_CORRUPT, "its list of image pieces is damaged");
    return is_builtin(s->data, count, total) ? 0 : read_image(r, s->data, count, total);
}

int replay_setup_load(struct replayer *r)
{
    struct tf_header header;
    const void *data;
    size_t len;
    int err = tf_reader_header(r->reader, &data, &len);
    if (!err)
        err = tf_header_parse(data, len, &header);
    if (err)
        return refuse(r, REPLAY_BAD_TRACE, err, "its header cannot be read");
    if (check_abi(r, &header) || load_boot(r, &header) || check_cpu(r))
        return -1;
    load_mode(r, &header);
    return load_image(r, &header);
}

void replay_setup_free(struct replay_setup *s)
{
    free(s->boot);
    free(s->image_copy);
}
