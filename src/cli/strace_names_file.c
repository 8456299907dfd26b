/*
 * strace_names_file.c - names of flags and enumerations of calls on files. In the order in
 * which strace prints them.
 */
#include "strace_print.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* The C library hides it where it is always on. */
#define LARGEFILE 0100000

static const struct name open_list[] = {
    NAME_IN(O_RDONLY, O_ACCMODE),
    NAME_IN(O_WRONLY, O_ACCMODE),
    NAME_IN(O_RDWR, O_ACCMODE),
    NAME(O_CREAT),
    NAME(O_EXCL),
    NAME(O_NOCTTY),
    NAME(O_TRUNC),
    NAME(O_APPEND),
    NAME(O_NONBLOCK),
    NAME(O_SYNC),
    NAME(O_DSYNC),
    NAME(O_ASYNC),
    NAME(O_DIRECT),
    NAME_AS("O_LARGEFILE", LARGEFILE),
    NAME(O_NOFOLLOW),
    NAME(O_NOATIME),
    NAME(O_CLOEXEC),
    NAME(O_PATH),
    NAME(O_TMPFILE),
    NAME(O_DIRECTORY),
};
const struct name_set names_open = NAME_SET(open_list, "O_???");

static const struct name access_list[] = {
    NAME(F_OK),
    NAME(R_OK),
    NAME(W_OK),
    NAME(X_OK),
};
const struct name_set names_access = NAME_SET(access_list, "?_OK");

static const struct name at_list[] = {
    NAME(AT_SYMLINK_NOFOLLOW), NAME(AT_REMOVEDIR),  NAME(AT_SYMLINK_FOLLOW),
    NAME(AT_NO_AUTOMOUNT),     NAME(AT_EMPTY_PATH), NAME_AS("AT_RECURSIVE", 0x8000),
};
const struct name_set names_at = NAME_SET(at_list, "AT_???");

static const struct name at_unlink_list[] = {
    NAME(AT_REMOVEDIR),
};
const struct name_set names_at_unlink = NAME_SET(at_unlink_list, "AT_???");

static const struct name at_access_list[] = {
    NAME(AT_SYMLINK_NOFOLLOW),
    NAME(AT_EACCESS),
    NAME(AT_EMPTY_PATH),
};
const struct name_set names_at_access = NAME_SET(at_access_list, "AT_???");

/* How far to ask a remote server is a field of two bits. */
#define SYNC 0x6000
static const struct name at_statx_list[] = {
    {0, SYNC, "AT_STATX_SYNC_AS_STAT"},
    {0x2000, SYNC, "AT_STATX_FORCE_SYNC"},
    {0x4000, SYNC, "AT_STATX_DONT_SYNC"},
    NAME(AT_SYMLINK_NOFOLLOW),
    NAME(AT_SYMLINK_FOLLOW),
    NAME(AT_NO_AUTOMOUNT),
    NAME(AT_EMPTY_PATH),
};
const struct name_set names_at_statx = NAME_SET(at_statx_list, "AT_???");

static const struct name seek_list[] = {
    NAME(SEEK_SET), NAME(SEEK_CUR), NAME(SEEK_END), NAME(SEEK_DATA), NAME(SEEK_HOLE),
};
const struct name_set names_seek = NAME_SET(seek_list, "SEEK_???");

static const struct name fcntl_list[] = {
    NAME(F_DUPFD),
    NAME(F_GETFD),
    NAME(F_SETFD),
    NAME(F_GETFL),
    NAME(F_SETFL),
    NAME(F_GETLK),
    NAME(F_SETLK),
    NAME(F_SETLKW),
    NAME(F_SETOWN),
    NAME(F_GETOWN),
    NAME(F_SETSIG),
    NAME(F_GETSIG),
    NAME(F_SETOWN_EX),
    NAME(F_GETOWN_EX),
    NAME_AS("F_GETOWNER_UIDS", 17),
    NAME_AS("F_OFD_GETLK", 36),
    NAME_AS("F_OFD_SETLK", 37),
    NAME_AS("F_OFD_SETLKW", 38),
    NAME(F_SETLEASE),
    NAME(F_GETLEASE),
    NAME(F_NOTIFY),
    NAME(F_DUPFD_CLOEXEC),
    NAME(F_SETPIPE_SZ),
    NAME(F_GETPIPE_SZ),
    NAME(F_ADD_SEALS),
    NAME(F_GET_SEALS),
    NAME(F_GET_RW_HINT),
    NAME(F_SET_RW_HINT),
    NAME(F_GET_FILE_RW_HINT),
    NAME(F_SET_FILE_RW_HINT),
};
const struct name_set names_fcntl = NAME_SET(fcntl_list, "F_???");

static const struct name fd_flags_list[] = {
    NAME(FD_CLOEXEC),
};
const struct name_set names_fd_flags = NAME_SET(fd_flags_list, NULL);

static const struct name flock_list[] = {
    NAME(LOCK_SH),
    NAME(LOCK_EX),
    NAME(LOCK_UN),
    NAME(LOCK_NB),
};
const struct name_set names_flock = NAME_SET(flock_list, "LOCK_???");

static const struct name flock_type_list[] = {
    NAME(F_RDLCK),
    NAME(F_WRLCK),
    NAME(F_UNLCK),
};
const struct name_set names_flock_type = NAME_SET(flock_type_list, "F_???");

static const struct name fallocate_list[] = {
    NAME_AS("FALLOC_FL_KEEP_SIZE", 1),      NAME_AS("FALLOC_FL_PUNCH_HOLE", 2),
    NAME_AS("FALLOC_FL_NO_HIDE_STALE", 4),  NAME_AS("FALLOC_FL_COLLAPSE_RANGE", 8),
    NAME_AS("FALLOC_FL_ZERO_RANGE", 16),    NAME_AS("FALLOC_FL_INSERT_RANGE", 32),
    NAME_AS("FALLOC_FL_UNSHARE_RANGE", 64),
};
const struct name_set names_fallocate = NAME_SET(fallocate_list, "FALLOC_FL_???");

static const struct name fadvise_list[] = {
    NAME(POSIX_FADV_NORMAL),   NAME(POSIX_FADV_RANDOM),   NAME(POSIX_FADV_SEQUENTIAL),
    NAME(POSIX_FADV_WILLNEED), NAME(POSIX_FADV_DONTNEED), NAME(POSIX_FADV_NOREUSE),
};
const struct name_set names_fadvise = NAME_SET(fadvise_list, "POSIX_FADV_???");

static const struct name sync_range_list[] = {
    NAME(SYNC_FILE_RANGE_WAIT_BEFORE),
    NAME(SYNC_FILE_RANGE_WRITE),
    NAME(SYNC_FILE_RANGE_WAIT_AFTER),
};
const struct name_set names_sync_range = NAME_SET(sync_range_list, "SYNC_FILE_RANGE_???");

static const struct name rename_list[] = {
    NAME_AS("RENAME_NOREPLACE", 1),
    NAME_AS("RENAME_EXCHANGE", 2),
    NAME_AS("RENAME_WHITEOUT", 4),
};
const struct name_set names_rename = NAME_SET(rename_list, "RENAME_???");

static const struct name xattr_list[] = {
    NAME_AS("XATTR_CREATE", 1),
    NAME_AS("XATTR_REPLACE", 2),
};
const struct name_set names_xattr = NAME_SET(xattr_list, "XATTR_???");

static const struct name mount_list[] = {
    NAME_AS("MS_RDONLY", 1),
    NAME_AS("MS_NOSUID", 2),
    NAME_AS("MS_NODEV", 4),
    NAME_AS("MS_NOEXEC", 8),
    NAME_AS("MS_SYNCHRONOUS", 16),
    NAME_AS("MS_REMOUNT", 32),
    NAME_AS("MS_MANDLOCK", 64),
    NAME_AS("MS_DIRSYNC", 128),
    NAME_AS("MS_NOSYMFOLLOW", 256),
    NAME_AS("MS_NOATIME", 1024),
    NAME_AS("MS_NODIRATIME", 2048),
    NAME_AS("MS_BIND", 4096),
    NAME_AS("MS_MOVE", 8192),
    NAME_AS("MS_REC", 16384),
    NAME_AS("MS_SILENT", 32768),
    NAME_AS("MS_POSIXACL", 0x10000),
    NAME_AS("MS_UNBINDABLE", 0x20000),
    NAME_AS("MS_PRIVATE", 0x40000),
    NAME_AS("MS_SLAVE", 0x80000),
    NAME_AS("MS_SHARED", 0x100000),
    NAME_AS("MS_RELATIME", 0x200000),
    NAME_AS("MS_KERNMOUNT", 0x400000),
    NAME_AS("MS_I_VERSION", 0x800000),
    NAME_AS("MS_STRICTATIME", 0x1000000),
    NAME_AS("MS_LAZYTIME", 0x2000000),
};
const struct name_set names_mount = NAME_SET(mount_list, "MS_???");

static const struct name umount_list[] = {
    NAME(MNT_FORCE),
    NAME(MNT_DETACH),
    NAME(MNT_EXPIRE),
    NAME(UMOUNT_NOFOLLOW),
};
const struct name_set names_umount = NAME_SET(umount_list, "MNT_???");

static const struct name memfd_list[] = {
    NAME_AS("MFD_CLOEXEC", 1),     NAME_AS("MFD_ALLOW_SEALING", 2), NAME_AS("MFD_HUGETLB", 4),
    NAME_AS("MFD_NOEXEC_SEAL", 8), NAME_AS("MFD_EXEC", 16),
};
const struct name_set names_memfd = NAME_SET(memfd_list, "MFD_???");

static const struct name pipe_list[] = {
    NAME(O_NONBLOCK),
    NAME(O_CLOEXEC),
    NAME(O_DIRECT),
    NAME_AS("O_NOTIFICATION_PIPE", O_EXCL),
};
const struct name_set names_pipe = NAME_SET(pipe_list, "O_???");

static const struct name dup3_list[] = {
    NAME(O_CLOEXEC),
};
const struct name_set names_dup3 = NAME_SET(dup3_list, "O_???");

static const struct name close_range_list[] = {
    NAME_AS("CLOSE_RANGE_UNSHARE", 2),
    NAME_AS("CLOSE_RANGE_CLOEXEC", 4),
};
const struct name_set names_close_range = NAME_SET(close_range_list, "CLOSE_RANGE_???");

static const struct name splice_list[] = {
    NAME_AS("SPLICE_F_MOVE", 1),
    NAME_AS("SPLICE_F_NONBLOCK", 2),
    NAME_AS("SPLICE_F_MORE", 4),
    NAME_AS("SPLICE_F_GIFT", 8),
};
const struct name_set names_splice = NAME_SET(splice_list, "SPLICE_F_???");

static const struct name rwf_list[] = {
    NAME_AS("RWF_HIPRI", 1),  NAME_AS("RWF_DSYNC", 2),   NAME_AS("RWF_SYNC", 4),
    NAME_AS("RWF_NOWAIT", 8), NAME_AS("RWF_APPEND", 16),
};
const struct name_set names_rwf = NAME_SET(rwf_list, "RWF_???");

static const struct name inotify_init_list[] = {
    NAME(IN_NONBLOCK),
    NAME(IN_CLOEXEC),
};
const struct name_set names_inotify_init = NAME_SET(inotify_init_list, "IN_???");

static const struct name inotify_list[] = {
    NAME(IN_ACCESS),
    NAME(IN_MODIFY),
    NAME(IN_ATTRIB),
    NAME(IN_CLOSE_WRITE),
    NAME(IN_CLOSE_NOWRITE),
    NAME(IN_OPEN),
    NAME(IN_MOVED_FROM),
    NAME(IN_MOVED_TO),
    NAME(IN_CREATE),
    NAME(IN_DELETE),
    NAME(IN_DELETE_SELF),
    NAME(IN_MOVE_SELF),
    NAME(IN_UNMOUNT),
    NAME(IN_Q_OVERFLOW),
    NAME(IN_IGNORED),
    NAME(IN_ONLYDIR),
    NAME(IN_DONT_FOLLOW),
    NAME(IN_EXCL_UNLINK),
    NAME_AS("IN_MASK_CREATE", 0x10000000),
    NAME(IN_MASK_ADD),
    NAME(IN_ISDIR),
    NAME(IN_ONESHOT),
};
const struct name_set names_inotify = NAME_SET(inotify_list, "IN_???");

static const struct name resolve_list[] = {
    NAME_AS("RESOLVE_NO_XDEV", 1),     NAME_AS("RESOLVE_NO_MAGICLINKS", 2),
    NAME_AS("RESOLVE_NO_SYMLINKS", 4), NAME_AS("RESOLVE_BENEATH", 8),
    NAME_AS("RESOLVE_IN_ROOT", 16),    NAME_AS("RESOLVE_CACHED", 32),
};
const struct name_set names_resolve = NAME_SET(resolve_list, "RESOLVE_???");

static const struct name seals_list[] = {
    NAME_AS("F_SEAL_SEAL", 1),  NAME_AS("F_SEAL_SHRINK", 2),        NAME_AS("F_SEAL_GROW", 4),
    NAME_AS("F_SEAL_WRITE", 8), NAME_AS("F_SEAL_FUTURE_WRITE", 16), NAME_AS("F_SEAL_EXEC", 32),
};
const struct name_set names_seals = NAME_SET(seals_list, "F_SEAL_???");

static const struct name f_owner_list[] = {
    NAME_AS("F_OWNER_TID", 0),
    NAME_AS("F_OWNER_PID", 1),
    NAME_AS("F_OWNER_PGRP", 2),
};
const struct name_set names_f_owner = NAME_SET(f_owner_list, "F_OWNER_???");

static const struct name file_type_list[] = {
    NAME(S_IFREG), NAME(S_IFSOCK), NAME(S_IFIFO), NAME(S_IFLNK),
    NAME(S_IFDIR), NAME(S_IFBLK),  NAME(S_IFCHR),
};
const struct name_set names_file_type = NAME_SET(file_type_list, NULL);

const struct name_set names_dev = NAME_SET_FN(print_dev);
