/*
 * strace_names_stat.c - names of statx masks and attributes, and of file systems.
 */
#include "strace_print.h"

static const struct name statx_mask_list[] = {
    NAME_AS("STATX_ALL", 0xfff),
    NAME_AS("STATX_BASIC_STATS", 0x7ff),
    NAME_AS("STATX_TYPE", 1),
    NAME_AS("STATX_MODE", 2),
    NAME_AS("STATX_NLINK", 4),
    NAME_AS("STATX_UID", 8),
    NAME_AS("STATX_GID", 16),
    NAME_AS("STATX_ATIME", 32),
    NAME_AS("STATX_MTIME", 64),
    NAME_AS("STATX_CTIME", 128),
    NAME_AS("STATX_INO", 256),
    NAME_AS("STATX_SIZE", 512),
    NAME_AS("STATX_BLOCKS", 1024),
    NAME_AS("STATX_BTIME", 0x800),
    NAME_AS("STATX_MNT_ID", 0x1000),
    NAME_AS("STATX_DIOALIGN", 0x2000),
    NAME_AS("STATX_MNT_ID_UNIQUE", 0x4000),
    NAME_AS("STATX_SUBVOL", 0x8000),
    NAME_AS("STATX_WRITE_ATOMIC", 0x10000),
};
const struct name_set names_statx_mask = NAME_SET(statx_mask_list, "STATX_???");

static const struct name statx_attr_list[] = {
    NAME_AS("STATX_ATTR_COMPRESSED", 0x4),    NAME_AS("STATX_ATTR_IMMUTABLE", 0x10),
    NAME_AS("STATX_ATTR_APPEND", 0x20),       NAME_AS("STATX_ATTR_NODUMP", 0x40),
    NAME_AS("STATX_ATTR_ENCRYPTED", 0x800),   NAME_AS("STATX_ATTR_AUTOMOUNT", 0x1000),
    NAME_AS("STATX_ATTR_MOUNT_ROOT", 0x2000), NAME_AS("STATX_ATTR_VERITY", 0x100000),
    NAME_AS("STATX_ATTR_DAX", 0x200000),      NAME_AS("STATX_ATTR_WRITE_ATOMIC", 0x400000),
};
const struct name_set names_statx_attr = NAME_SET(statx_attr_list, "STATX_ATTR_???");

static const struct name statfs_type_list[] = {
    NAME_AS("EXT2_SUPER_MAGIC", 0xef53),      NAME_AS("XFS_SUPER_MAGIC", 0x58465342),
    NAME_AS("BTRFS_SUPER_MAGIC", 0x9123683e), NAME_AS("TMPFS_MAGIC", 0x01021994),
    NAME_AS("RAMFS_MAGIC", 0x858458f6),       NAME_AS("PROC_SUPER_MAGIC", 0x9fa0),
    NAME_AS("SYSFS_MAGIC", 0x62656572),       NAME_AS("DEBUGFS_MAGIC", 0x64626720),
    NAME_AS("TRACEFS_MAGIC", 0x74726163),     NAME_AS("OVERLAYFS_SUPER_MAGIC", 0x794c7630),
    NAME_AS("NFS_SUPER_MAGIC", 0x6969),       NAME_AS("SQUASHFS_MAGIC", 0x73717368),
    NAME_AS("CGROUP_SUPER_MAGIC", 0x27e0eb),  NAME_AS("CGROUP2_SUPER_MAGIC", 0x63677270),
    NAME_AS("DEVPTS_SUPER_MAGIC", 0x1cd1),    NAME_AS("PIPEFS_MAGIC", 0x50495045),
    NAME_AS("SOCKFS_MAGIC", 0x534f434b),      NAME_AS("ANON_INODE_FS_MAGIC", 0x09041934),
    NAME_AS("HUGETLBFS_MAGIC", 0x958458f6),   NAME_AS("ISOFS_SUPER_MAGIC", 0x9660),
    NAME_AS("MSDOS_SUPER_MAGIC", 0x4d44),     NAME_AS("FUSE_SUPER_MAGIC", 0x65735546),
    NAME_AS("BPF_FS_MAGIC", 0xcafe4a11),      NAME_AS("V9FS_MAGIC", 0x01021997),
    NAME_AS("SELINUX_MAGIC", 0xf97cff8c),     NAME_AS("NSFS_MAGIC", 0x6e736673),
    NAME_AS("ZFS_SUPER_MAGIC", 0x2fc12fc1),
};
const struct name_set names_statfs_type = NAME_SET(statfs_type_list, "???_MAGIC");

static const struct name statfs_flags_list[] = {
    NAME_AS("ST_VALID", 0x20),      NAME_AS("ST_RDONLY", 1),
    NAME_AS("ST_NOSUID", 2),        NAME_AS("ST_NODEV", 4),
    NAME_AS("ST_NOEXEC", 8),        NAME_AS("ST_SYNCHRONOUS", 0x10),
    NAME_AS("ST_MANDLOCK", 0x40),   NAME_AS("ST_WRITE", 0x80),
    NAME_AS("ST_APPEND", 0x100),    NAME_AS("ST_IMMUTABLE", 0x200),
    NAME_AS("ST_NOATIME", 0x400),   NAME_AS("ST_NODIRATIME", 0x800),
    NAME_AS("ST_RELATIME", 0x1000), NAME_AS("ST_NOSYMFOLLOW", 0x2000),
};
const struct name_set names_statfs_flags = NAME_SET(statfs_flags_list, "ST_???");
