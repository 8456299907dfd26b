/*
 * strace_struct_file.c - structures of calls on files.
 */
#include "strace_print.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Fields of struct stat that several structures have at other places. */
static void field_mode(struct printer *p, const struct mem *mem, const struct field *f)
{
    print_mode(p, mem_uint(mem, f->off, f->size));
}

static void field_dev(struct printer *p, const struct mem *mem, const struct field *f)
{
    print_dev(p, mem_uint(mem, f->off, f->size));
}

#define TIME_FIELDS(name, at) DETAIL(name, at, 8, FF_INT), DETAIL(name "_nsec", at + 8, 8, FF_UINT)

static bool has_device(const struct mem *mem)
{
    uint64_t type = mem_uint(mem, 24, 4) & S_IFMT;
    return type == S_IFCHR || type == S_IFBLK;
}

static bool has_size(const struct mem *mem)
{
    return !has_device(mem);
}

static const struct field stat_fields[] = {
    DETAIL_FN("st_dev", 0, 8, field_dev),
    DETAIL("st_ino", 8, 8, FF_UINT),
    FIELD_FN("st_mode", 24, 4, field_mode),
    DETAIL("st_nlink", 16, 8, FF_UINT),
    DETAIL("st_uid", 28, 4, FF_UINT),
    DETAIL("st_gid", 32, 4, FF_UINT),
    DETAIL("st_blksize", 56, 8, FF_UINT),
    DETAIL("st_blocks", 64, 8, FF_UINT),
    FIELD_IF("st_rdev", 40, 8, FF_FN, field_dev, has_device),
    FIELD_IF("st_size", 48, 8, FF_INT, NULL, has_size),
    TIME_FIELDS("st_atime", 72),
    TIME_FIELDS("st_mtime", 88),
    TIME_FIELDS("st_ctime", 104),
};
const struct struct_print layout_stat = STRUCT_FIELDS(stat_fields);

static void field_statx_dev(struct printer *p, const struct mem *mem, const struct field *f)
{
    print_dev(p,
              makedev((unsigned)mem_uint(mem, f->off, 4), (unsigned)mem_uint(mem, f->off + 4u, 4)));
}

#define STATX_TIME(name, at) \
    DETAIL(name "_sec", at, 8, FF_INT), DETAIL(name "_nsec", at + 8, 4, FF_UINT)

static const struct field statx_fields[] = {
    FIELD_OF("stx_mask", 0, 4, FF_FLAGS, FS_statx_mask),
    DETAIL("stx_blksize", 4, 4, FF_UINT),
    FIELD_OF("stx_attributes", 8, 8, FF_FLAGS, FS_statx_attr),
    DETAIL("stx_nlink", 16, 4, FF_UINT),
    DETAIL("stx_uid", 20, 4, FF_UINT),
    DETAIL("stx_gid", 24, 4, FF_UINT),
    FIELD_FN("stx_mode", 28, 2, field_mode),
    DETAIL("stx_ino", 32, 8, FF_UINT),
    FIELD("stx_size", 40, 8, FF_UINT),
    DETAIL("stx_blocks", 48, 8, FF_UINT),
    DETAIL_OF("stx_attributes_mask", 56, 8, FF_FLAGS, FS_statx_attr),
    STATX_TIME("stx_atime", 64),
    STATX_TIME("stx_btime", 80),
    STATX_TIME("stx_ctime", 96),
    STATX_TIME("stx_mtime", 112),
    DETAIL_FN("stx_rdev", 128, 8, field_statx_dev),
    DETAIL_FN("stx_dev", 136, 8, field_statx_dev),
    DETAIL("stx_mnt_id", 144, 8, FF_HEX),
};
const struct struct_print layout_statx = STRUCT_FIELDS(statx_fields);

static void field_fsid(struct printer *p, const struct mem *mem, const struct field *f)
{
    text_printf(p->out, "{val=[%#llx, %#llx]}", (unsigned long long)mem_uint(mem, f->off, 4),
                (unsigned long long)mem_uint(mem, f->off + 4u, 4));
}

static const struct field statfs_fields[] = {
    FIELD_OF("f_type", 0, 8, FF_ENUM, FS_statfs_type),
    FIELD("f_bsize", 8, 8, FF_UINT),
    FIELD("f_blocks", 16, 8, FF_UINT),
    FIELD("f_bfree", 24, 8, FF_UINT),
    FIELD("f_bavail", 32, 8, FF_UINT),
    FIELD("f_files", 40, 8, FF_UINT),
    FIELD("f_ffree", 48, 8, FF_UINT),
    FIELD_FN("f_fsid", 56, 8, field_fsid),
    FIELD("f_namelen", 64, 8, FF_UINT),
    FIELD("f_frsize", 72, 8, FF_UINT),
    FIELD_OF("f_flags", 80, 8, FF_FLAGS, FS_statfs_flags),
};
const struct struct_print layout_statfs = STRUCT_FIELDS(statfs_fields);

static const struct field ustat_fields[] = {
    FIELD("f_tfree", 0, 8, FF_INT),
    FIELD("f_tinode", 8, 8, FF_UINT),
    FIELD("f_fname", 16, 6, FF_CHARS),
    FIELD("f_fpack", 22, 6, FF_CHARS),
};
const struct struct_print layout_ustat = STRUCT_FIELDS(ustat_fields);

static const struct field flock_fields[] = {
    FIELD_OF("l_type", 0, 2, FF_ENUM, FS_flock_type),
    FIELD_OF("l_whence", 2, 2, FF_ENUM, FS_seek),
    FIELD("l_start", 8, 8, FF_INT),
    FIELD("l_len", 16, 8, FF_INT),
    FIELD("l_pid", 24, 4, FF_INT),
};
/* The pid is an answer: shown after a successful query only. */
static void print_flock(struct printer *p, const struct mem *mem)
{
    size_t count = sizeof(flock_fields) / sizeof(flock_fields[0]);
    print_fields(p, flock_fields, p->phase == AT_EXIT ? count : count - 1, mem);
}
const struct struct_print layout_flock = STRUCT_FN(print_flock);

static const struct field owner_fields[] = {
    FIELD_OF("type", 0, 4, FF_ENUM, FS_f_owner),
    FIELD("pid", 4, 4, FF_INT),
};
const struct struct_print layout_f_owner_ex = STRUCT_FIELDS(owner_fields);

static void field_open_mode(struct printer *p, const struct mem *mem, const struct field *f)
{
    uint64_t mode = mem_uint(mem, f->off, f->size);
    text_printf(p->out, mode < 0100 ? "%03llo" : "%#04llo", (unsigned long long)mode);
}

static bool creates(const struct mem *mem)
{
    uint64_t flags = mem_uint(mem, 0, 8);
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE || mem_uint(mem, 8, 8) != 0;
}

static const struct field open_how_fields[] = {
    FIELD_OF("flags", 0, 8, FF_FLAGS, FS_open),
    FIELD_IF("mode", 8, 8, FF_FN, field_open_mode, creates),
    FIELD_OF("resolve", 16, 8, FF_FLAGS, FS_resolve),
};
const struct struct_print layout_open_how = STRUCT_FIELDS(open_how_fields);

static const struct field cachestat_range_fields[] = {
    FIELD("off", 0, 8, FF_HEX),
    FIELD("len", 8, 8, FF_UINT),
};
const struct struct_print layout_cachestat_range = STRUCT_FIELDS(cachestat_range_fields);

static const struct field cachestat_fields[] = {
    FIELD("nr_cache", 0, 8, FF_UINT),
    FIELD("nr_dirty", 8, 8, FF_UINT),
    FIELD("nr_writeback", 16, 8, FF_UINT),
    FIELD("nr_evicted", 24, 8, FF_UINT),
    FIELD("nr_recently_evicted", 32, 8, FF_UINT),
};
const struct struct_print layout_cachestat = STRUCT_FIELDS(cachestat_fields);

/* A directory entry; the older form has the type behind the name. */
static void print_entry(struct printer *p, const struct mem *entry, size_t name_at)
{
    const struct field fields[] = {
        FIELD("d_ino", 0, 8, FF_UINT),
        FIELD("d_off", 8, 8, FF_INT),
        FIELD("d_reclen", 16, 2, FF_UINT),
        FIELD("d_name", (uint16_t)name_at, (uint16_t)(entry->len - name_at), FF_CHARS),
    };
    print_fields(p, fields, sizeof(fields) / sizeof(fields[0]), entry);
}

/* Entries are many: their number tells enough, unless asked for more. */
static void print_entries(struct printer *p, const struct mem *mem, size_t name_at)
{
    bool verbose = p->call->options->verbose;
    unsigned count = 0;
    text_str(p->out, verbose ? "[" : "");
    for (size_t at = 0; at + name_at < mem->len; count++) {
        struct mem entry = mem_sub(mem, at, (size_t)mem_uint(mem, at + 16, 2));
        if (entry.len <= name_at)
            break;
        text_str(p->out, verbose && count > 0 ? ", " : "");
        if (verbose)
            print_entry(p, &entry, name_at);
        at += entry.len;
    }
    if (verbose)
        text_str(p->out, mem->len < mem->full ? ", ...]" : "]");
    else
        text_printf(p->out, "%#llx /* %s%u entries */", (unsigned long long)mem->addr,
                    mem->len < mem->full ? "at least " : "", count);
}

static void print_dirent64(struct printer *p, const struct mem *mem)
{
    print_entries(p, mem, 19);
}
const struct struct_print layout_dirent64 = STRUCT_FN(print_dirent64);

static void print_dirent(struct printer *p, const struct mem *mem)
{
    print_entries(p, mem, 18);
}
const struct struct_print layout_dirent = STRUCT_FN(print_dirent);
