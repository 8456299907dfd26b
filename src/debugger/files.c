/* files.c - the files of the recorded program, out of the trace. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/symbols.h"

static int new_file(struct debugger *d)
{
    for (int i = 0; i < DEBUGGER_FILES; i++)
        if (!d->open_files[i].used) {
            d->open_files[i] = (struct debugger_file){.used = 1, .fd = -1};
            return i;
        }
    return -EMFILE;
}

static struct debugger_file *file_at(struct debugger *d, int file)
{
    return file >= 0 && file < DEBUGGER_FILES && d->open_files[file].used ? &d->open_files[file]
                                                                          : NULL;
}

static int open_object(struct debugger *d, uint32_t object, uint32_t generation)
{
    int file = new_file(d);
    if (file >= 0) {
        d->open_files[file].object = object;
        d->open_files[file].generation = generation;
    }
    return file;
}

static int open_text(struct debugger *d, char *text, size_t len)
{
    int file = new_file(d);
    if (file < 0) {
        free(text);
        return file;
    }
    d->open_files[file].text = text;
    d->open_files[file].len = len;
    return file;
}

/* -------------------------------------------------------------------- finding */
/* The program itself, whatever name it was started by: it is mapped where its entry is. */
static int open_program(struct debugger *d, const struct rk_debug_process *process)
{
    size_t count;
    const struct rk_map *map = timeline_maps(d->timeline, &count);
    for (size_t i = 0; i < count; i++)
        if (process->entry >= map[i].start && process->entry < map[i].end)
            return open_object(d, map[i].object, map[i].generation);
    return -ENOENT;
}

/* How well a recorded name, which is free of links, fits a name that has them maybe: 0 not at all.
 * Links that systems have: /lib to /usr/lib, libz.so.1 to libz.so.1.2, the program
 * interpreter in /lib64. */
enum { FITS_NOT, FITS_BY_NAME, FITS_BY_VERSION, FITS_EXACTLY };

static const char *without_usr(const char *path)
{
    return !strncmp(path, "/usr/", 5) ? path + 4 : path;
}

static int fit(const char *recorded, const char *path)
{
    recorded = without_usr(recorded);
    path = without_usr(path);
    if (!strcmp(recorded, path))
        return FITS_EXACTLY;
    const char *recorded_name = strrchr(recorded, '/'), *name = strrchr(path, '/');
    if (!recorded_name || !name || !strstr(name, ".so"))
        return FITS_NOT;
    size_t len = strlen(name);
    if (strncmp(recorded_name, name, len) != 0 || (recorded_name[len] && recorded_name[len] != '.'))
        return FITS_NOT;
    if (recorded_name - recorded == name - path && !strncmp(recorded, path, (size_t)(name - path)))
        return FITS_BY_VERSION;
    return FITS_BY_NAME;
}

/* Only ELF files are stored whole. */
static int is_elf(struct debugger *d, const struct tf_object *o)
{
    char magic[4];
    return tf_reader_object_read(d->files, o, magic, 4, 0) == 4 && !memcmp(magic, "\177ELF", 4);
}

/* The last snapshot of the best name. */
static int open_named(struct debugger *d, const char *path)
{
    const struct tf_object *o;
    uint32_t id = 0, generation = 0;
    int best = FITS_BY_NAME;
    for (uint64_t i = 0; !tf_reader_object_at(d->files, i, &o); i++) {
        int fits = fit(o->path, path);
        if (fits < best || !is_elf(d, o))
            continue;
        best = fits;
        id = o->id;
        generation = o->generation;
    }
    return id ? open_object(d, id, generation) : -ENOENT;
}

/* Separate debug information is not in the trace, since the program does not open it. The debugger
 * asks for it by the names that it may have; what this machine has there, it may read. The
 * debugger itself looks whether that belongs to the recorded program (build-id, checksum). */
static int open_debug_information(struct debugger *d, const char *path)
{
    int fd = symbols_debug_open(path);
    int file = fd < 0 ? -ENOENT : new_file(d);
    if (file >= 0)
        d->open_files[file].fd = fd;
    else if (fd >= 0)
        close(fd);
    return file;
}

/* "/proc/PID/NAME" or "/proc/PID/task/TID/NAME": NAME, if it is our process. */
static const char *name_in_proc(const char *path, int32_t pid)
{
    int first, second, used = 0;
    if (sscanf(path, "/proc/%d/task/%d/%n", &first, &second, &used) == 2 && used > 0)
        return first == pid ? path + used : NULL;
    used = 0;
    if (sscanf(path, "/proc/%d/%n", &first, &used) == 1 && used > 0)
        return first == pid ? path + used : NULL;
    return NULL;
}

int files_open(void *t, const char *path)
{
    struct debugger *d = t;
    struct rk_debug_process process;
    struct replay_session *s = debugger_session(d);
    if (!s || replay_session_process(s, &process))
        return -EIO;
    const char *name = name_in_proc(path, process.pid);
    if (name && strcmp(name, "exe") != 0) {
        size_t len;
        char *text = proc_text(d, name, &len);
        return text ? open_text(d, text, len) : -ENOENT;
    }
    process.exe[sizeof(process.exe) - 1] = 0;
    if (name || !strcmp(path, process.exe))
        return open_program(d, &process);
    int file = open_named(d, path);
    return file == -ENOENT ? open_debug_information(d, path) : file;
}

/* ------------------------------------------------------------------- contents */
static const struct tf_object *object_of(struct debugger *d, const struct debugger_file *f)
{
    const struct tf_object *o;
    return tf_reader_object(d->files, f->object, f->generation, &o) ? NULL : o;
}

static ssize_t read_text(const struct debugger_file *f, void *buf, size_t len, uint64_t offset)
{
    if (offset >= f->len)
        return 0;
    size_t left = f->len - (size_t)offset;
    memcpy(buf, f->text + offset, len < left ? len : left);
    return (ssize_t)(len < left ? len : left);
}

static ssize_t read_here(int fd, void *buf, size_t len, uint64_t offset)
{
    ssize_t n = offset > INT64_MAX ? 0 : pread(fd, buf, len, (off_t)offset);
    return n < 0 ? -errno : n;
}

static int stat_here(int fd, struct target_stat *st)
{
    struct stat here;
    if (fstat(fd, &here))
        return -errno;
    st->size = (uint64_t)here.st_size;
    st->mtime = here.st_mtime;
    st->ino = (uint32_t)here.st_ino;
    return 0;
}

ssize_t files_read(void *t, int file, void *buf, size_t len, uint64_t offset)
{
    struct debugger *d = t;
    struct debugger_file *f = file_at(d, file);
    if (!f)
        return -EBADF;
    if (f->text)
        return read_text(f, buf, len, offset);
    if (f->fd >= 0)
        return read_here(f->fd, buf, len, offset);
    const struct tf_object *o = object_of(d, f);
    int64_t n = o ? tf_reader_object_read(d->files, o, buf, len, offset) : -EIO;
    return n < 0 ? -EIO : (ssize_t)n;
}

int files_stat(void *t, int file, struct target_stat *st)
{
    struct debugger *d = t;
    struct debugger_file *f = file_at(d, file);
    if (!f)
        return -EBADF;
    *st = (struct target_stat){.size = f->len, .mode = 0100444};
    if (f->text)
        return 0;
    if (f->fd >= 0)
        return stat_here(f->fd, st);
    const struct tf_object *o = object_of(d, f);
    if (!o)
        return -EIO;
    st->size = o->size;
    st->mode = o->mode;
    st->mtime = o->mtime_ns / 1000000000;
    st->ino = o->id;
    return 0;
}

int files_close(void *t, int file)
{
    struct debugger_file *f = file_at(t, file);
    if (!f)
        return -EBADF;
    free(f->text);
    if (f->fd >= 0)
        close(f->fd);
    *f = (struct debugger_file){0};
    return 0;
}

/* /proc/PID/exe is the only link there is: the names of all others are resolved already. */
ssize_t files_link(void *t, const char *path, char *buf, size_t cap)
{
    struct debugger *d = t;
    struct rk_debug_process process;
    struct replay_session *s = debugger_session(d);
    if (!s || replay_session_process(s, &process))
        return -EIO;
    const char *name = name_in_proc(path, process.pid);
    if (!name || strcmp(name, "exe") != 0)
        return -EINVAL;
    size_t len = strnlen(process.exe, sizeof(process.exe));
    if (len > cap)
        return -ENAMETOOLONG;
    memcpy(buf, process.exe, len);
    return (ssize_t)len;
}
