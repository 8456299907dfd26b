/* xfer.c - qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH - objects that are read in pieces. */
#include "internal.h"
#include "regs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 64
#define TEXT_MAX 256
#define PIECE_MAX (PACKET_MAX - 16)

struct request {
    uint64_t offset, length;
};

/* "l" or "m" and the bytes; the last piece is the one that is shorter than what is left. */
static void put_piece(struct stub *s, const void *bytes, size_t len, int last)
{
    size_t fits = packet_fit(bytes, len, PIECE_MAX);
    reply_text(&s->reply, "%c", last && fits == len ? 'l' : 'm');
    reply_bytes(&s->reply, bytes, fits);
}

static size_t limited(uint64_t length)
{
    return length < PIECE_MAX ? (size_t)length : PIECE_MAX;
}

static void put_document(struct stub *s, const struct request *r)
{
    if (!s->document || r->offset > s->document_len) {
        reply_error(&s->reply, s->document ? EINVAL : ENOMEM);
        return;
    }
    size_t left = s->document_len - (size_t)r->offset, len = limited(r->length);
    put_piece(s, s->document + r->offset, left < len ? left : len, left <= len);
}

static void put_object(struct stub *s, enum target_object which, const struct request *r)
{
    size_t want = limited(r->length);
    ssize_t n =
        s->ops->object ? s->ops->object(s->self, which, s->scratch, want, r->offset) : -ENOENT;
    if (n < 0)
        reply_error(&s->reply, n);
    else
        put_piece(s, s->scratch, (size_t)n, (size_t)n < want);
}

/* --------------------------------------------------------------------- threads */
static void print_quoted(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("<>&\"'", *text))
            fprintf(out, "&#%d;", *text);
        else
            putc((unsigned char)*text < ' ' || (unsigned char)*text > '~' ? '?' : *text, out);
    }
}

static void print_thread(struct stub *s, FILE *out, int32_t tid)
{
    char text[TEXT_MAX] = "";
    if (s->multiprocess)
        fprintf(out, "<thread id=\"p%x.%x\" core=\"0\"", (unsigned)s->ops->pid(s->self),
                (unsigned)tid);
    else
        fprintf(out, "<thread id=\"%x\" core=\"0\"", (unsigned)tid);
    if (s->ops->thread_text && !s->ops->thread_text(s->self, tid, text, sizeof(text))) {
        fputs(" name=\"", out);
        print_quoted(out, text);
        putc('"', out);
    }
    fputs("/>\n", out);
}

static void make_thread_list(struct stub *s)
{
    FILE *out = open_memstream(&s->document, &s->document_len);
    if (!out)
        return;
    fputs("<?xml version=\"1.0\"?>\n<threads>\n", out);
    if (!s->killed && !stub_list_threads(s))
        for (size_t i = 0; i < s->tid_count; i++)
            print_thread(s, out, s->tids[i]);
    fputs("</threads>\n", out);
    if (fclose(out)) {
        free(s->document);
        s->document = NULL;
    }
}

static void forget_document(struct stub *s)
{
    free(s->document);
    s->document = NULL;
    s->document_len = 0;
}

static void threads(struct stub *s, const char *annex, const struct request *r)
{
    if (!s->document || r->offset == 0) {
        forget_document(s);
        make_thread_list(s);
    }
    put_document(s, r);
}

/* ------------------------------------------------------------------- libraries */
struct library_list {
    FILE *out;
    int odd; /* a name that we do not put into a document: bytes of an unknown encoding */
};

static int is_plain(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return !*text;
}

/* Namespaces of dlmopen() are not told apart: lmid 0 is gdb's word for a flat list. It would look
 * for symbols in the namespace of the present place only, and the program itself counts to the one
 * whose list its memory names: at the beginning of history none yet, so that its variables were
 * lost. */
static void print_library(void *arg, const struct target_library *l)
{
    struct library_list *list = arg;
    list->odd |= !is_plain(l->name);
    fputs("<library name=\"", list->out);
    print_quoted(list->out, l->name);
    fprintf(list->out, "\" lm=\"0x%llx\" l_addr=\"0x%llx\" l_ld=\"0x%llx\" lmid=\"0x0\"/>\n",
            (unsigned long long)l->map, (unsigned long long)l->base,
            (unsigned long long)l->dynamic);
}

/* The list is printed first, since its head names the program's link_map. */
static int make_library_list(struct stub *s)
{
    char *lines = NULL;
    size_t len = 0;
    uint64_t main_map = 0;
    struct library_list list = {open_memstream(&lines, &len), 0};
    if (!list.out)
        return -ENOMEM;
    int err = s->ops->libraries(s->self, &main_map, print_library, &list);
    if (fclose(list.out))
        err = -ENOMEM;
    if (!err && list.odd)
        err = -ENOTSUP;
    FILE *out = err ? NULL : open_memstream(&s->document, &s->document_len);
    if (out) {
        fputs("<library-list-svr4 version=\"1.0\"", out);
        if (main_map)
            fprintf(out, " main-lm=\"0x%llx\"", (unsigned long long)main_map);
        fprintf(out, ">\n%s</library-list-svr4>\n", lines);
        if (fclose(out))
            forget_document(s);
    }
    free(lines);
    return err;
}

static void libraries(struct stub *s, const char *annex, const struct request *r)
{
    int err = s->ops->libraries ? 0 : -ENOENT;
    if (!err && (!s->document || r->offset == 0)) {
        forget_document(s);
        err = make_library_list(s);
    }
    if (err)
        reply_error(&s->reply, err);
    else
        put_document(s, r);
}

/* -------------------------------------------------------------------- the others */
static void features(struct stub *s, const char *annex, const struct request *r)
{
    if (strcmp(annex, "target.xml") != 0) {
        reply_error(&s->reply, ENOENT);
        return;
    }
    if (!s->document || r->offset == 0) {
        forget_document(s);
        s->document = regs_description(&s->layout);
        s->document_len = s->document ? strlen(s->document) : 0;
    }
    put_document(s, r);
}

static void auxv(struct stub *s, const char *annex, const struct request *r)
{
    put_object(s, TARGET_AUXV, r);
}

static void exec_file(struct stub *s, const char *annex, const struct request *r)
{
    put_object(s, TARGET_EXEC_FILE, r);
}

static void siginfo(struct stub *s, const char *annex, const struct request *r)
{
    put_object(s, TARGET_SIGINFO, r);
}

static const struct {
    const char *name;
    void (*read)(struct stub *s, const char *annex, const struct request *r);
    int needs_program;
} objects[] = {
    {"features", features, 0},   {"threads", threads, 0}, {"auxv", auxv, 1},
    {"exec-file", exec_file, 1}, {"siginfo", siginfo, 1}, {"libraries-svr4", libraries, 1},
};

static void transfer(struct stub *s, struct cursor *c)
{
    char name[NAME_MAX_LEN], annex[NAME_MAX_LEN];
    struct request r;
    if (!take_until(c, ':', name, sizeof(name)))
        return;
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        if (strcmp(name, objects[i].name) != 0)
            continue;
        if (!take_word(c, "read:"))
            return; /* none of them can be written */
        if (!take_until(c, ':', annex, sizeof(annex)) || !take_pair(c, &r.offset, ',', &r.length) ||
            !take_end(c))
            reply_error(&s->reply, EINVAL);
        else if (objects[i].needs_program && s->killed)
            reply_error(&s->reply, ESRCH);
        else
            objects[i].read(s, annex, &r);
        return;
    }
}

const struct stub_command stub_xfer_commands[] = {
    {"qXfer:", transfer, 0},
    {NULL, NULL, 0},
};
