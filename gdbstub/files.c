/* files.c - vFile: files of the recorded program, for reading only. */
#include "internal.h"

#include <errno.h>
#include <string.h>

#define PATH_LEN_MAX 4096
#define OPEN_WRITING 3 /* bits of the protocol's own O_WRONLY and O_RDWR */
#define PIECE_MAX (PACKET_MAX - 32)

/* errno as the protocol numbers it; 9999 is "unknown". */
static int protocol_errno(long err)
{
    static const int known[] = {EPERM,  ENOENT, EINTR,  EBADF,   EACCES, EFAULT,
                                EBUSY,  EEXIST, ENODEV, ENOTDIR, EISDIR, EINVAL,
                                ENFILE, EMFILE, EFBIG,  ENOSPC,  ESPIPE, EROFS};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i] == -err)
            return known[i];
    return err == -ENAMETOOLONG ? 91 : 9999;
}

static void put_result(struct stub *s, long result)
{
    if (result < 0)
        reply_text(&s->reply, "F-1,%x", (unsigned)protocol_errno(result));
    else
        reply_text(&s->reply, "F%lx", (unsigned long)result);
}

static int take_path(struct cursor *c, char *path)
{
    return take_hex_string(c, path, PATH_LEN_MAX) && strlen(path) > 0;
}

/* ------------------------------------------------------------- open and close */
/* The target's handles stay ours: the client gets places in s->files. */
static long keep(struct stub *s, int file)
{
    if (file < 0)
        return file;
    for (int i = 0; i < STUB_FILES_MAX; i++)
        if (s->files[i] < 0) {
            s->files[i] = file;
            return i;
        }
    s->ops->file_close(s->self, file);
    return -EMFILE;
}

static int take_file(struct stub *s, struct cursor *c, uint64_t *place)
{
    return take_hex(c, place) && *place < STUB_FILES_MAX && s->files[*place] >= 0;
}

static void open_file(struct stub *s, struct cursor *c)
{
    char path[PATH_LEN_MAX];
    uint64_t flags, mode;
    if (!s->ops->file_open)
        return;
    if (!take_path(c, path) || !take_char(c, ',') || !take_pair(c, &flags, ',', &mode) ||
        !take_end(c))
        put_result(s, -EINVAL);
    else if (flags & OPEN_WRITING)
        put_result(s, -EROFS);
    else
        put_result(s, keep(s, s->ops->file_open(s->self, path)));
}

static void close_file(struct stub *s, struct cursor *c)
{
    uint64_t place;
    if (!take_file(s, c, &place) || !take_end(c)) {
        put_result(s, -EBADF);
        return;
    }
    put_result(s, s->ops->file_close(s->self, s->files[place]));
    s->files[place] = -1;
}

void stub_close_files(struct stub *s)
{
    for (int i = 0; i < STUB_FILES_MAX; i++)
        if (s->files[i] >= 0)
            s->ops->file_close(s->self, s->files[i]);
}

/* -------------------------------------------------------------------- contents */
static void put_bytes(struct stub *s, const void *bytes, size_t len)
{
    size_t fits = packet_fit(bytes, len, PIECE_MAX);
    reply_text(&s->reply, "F%zx;", fits);
    reply_bytes(&s->reply, bytes, fits);
}

static void read_file(struct stub *s, struct cursor *c)
{
    uint64_t place, count, offset;
    if (!take_file(s, c, &place)) {
        put_result(s, -EBADF);
        return;
    }
    if (!take_char(c, ',') || !take_pair(c, &count, ',', &offset) || !take_end(c)) {
        put_result(s, -EINVAL);
        return;
    }
    size_t want = count < PIECE_MAX ? (size_t)count : PIECE_MAX;
    ssize_t n = s->ops->file_read(s->self, s->files[place], s->scratch, want, offset);
    if (n < 0)
        put_result(s, n);
    else
        put_bytes(s, s->scratch, (size_t)n);
}

/* The protocol's struct stat: big-endian, without padding. */
static unsigned char *put_number(unsigned char *to, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        *to++ = (unsigned char)(value >> (8 * i));
    return to;
}

static void put_stat(struct stub *s, const struct target_stat *st)
{
    unsigned char bytes[64], *to = bytes;
    to = put_number(to, st->dev, 4);
    to = put_number(to, st->ino, 4);
    to = put_number(to, st->mode, 4);
    to = put_number(to, 1, 4); /* links */
    to = put_number(to, 0, 4); /* uid, gid, rdev */
    to = put_number(to, 0, 4);
    to = put_number(to, 0, 4);
    to = put_number(to, st->size, 8);
    to = put_number(to, 4096, 8);
    to = put_number(to, (st->size + 511) / 512, 8);
    for (int i = 0; i < 3; i++)
        to = put_number(to, (uint64_t)st->mtime, 4);
    reply_text(&s->reply, "F%zx;", (size_t)(to - bytes));
    reply_bytes(&s->reply, bytes, (size_t)(to - bytes));
}

static void stat_file(struct stub *s, struct cursor *c)
{
    struct target_stat st;
    uint64_t place;
    if (!take_file(s, c, &place) || !take_end(c)) {
        put_result(s, -EBADF);
        return;
    }
    int err = s->ops->file_stat(s->self, s->files[place], &st);
    if (err)
        put_result(s, err);
    else
        put_stat(s, &st);
}

/* gdb 16 and later ask so whether a program's file has changed. */
static void stat_path(struct stub *s, struct cursor *c)
{
    char path[PATH_LEN_MAX];
    struct target_stat st;
    if (!s->ops->file_open)
        return;
    int file = take_path(c, path) && take_end(c) ? s->ops->file_open(s->self, path) : -EINVAL;
    int err = file < 0 ? file : s->ops->file_stat(s->self, file, &st);
    if (file >= 0)
        s->ops->file_close(s->self, file);
    if (err)
        put_result(s, err);
    else
        put_stat(s, &st);
}

static void read_link(struct stub *s, struct cursor *c)
{
    char path[PATH_LEN_MAX], target[PATH_LEN_MAX];
    if (!s->ops->link_read)
        return;
    if (!take_path(c, path) || !take_end(c)) {
        put_result(s, -EINVAL);
        return;
    }
    ssize_t n = s->ops->link_read(s->self, path, target, sizeof(target));
    if (n < 0)
        put_result(s, n);
    else
        put_bytes(s, target, (size_t)n);
}

/* There is one set of files, whichever process is meant. */
static void set_filesystem(struct stub *s, struct cursor *c)
{
    put_result(s, s->ops->file_open ? 0 : -ENOENT);
}

static void refuse(struct stub *s, struct cursor *c)
{
    put_result(s, -EROFS);
}

const struct stub_command stub_file_commands[] = {
    {"vFile:setfs:", set_filesystem, 0},
    {"vFile:open:", open_file, 0},
    {"vFile:close:", close_file, 0},
    {"vFile:pread:", read_file, 0},
    {"vFile:fstat:", stat_file, 0},
    {"vFile:stat:", stat_path, 0},
    {"vFile:readlink:", read_link, 0},
    {"vFile:pwrite:", refuse, 0},
    {"vFile:unlink:", refuse, 0},
    {NULL, NULL, 0},
};
