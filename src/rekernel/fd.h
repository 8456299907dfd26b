/*
 * fd.h - open files and the guest's descriptor table.
 *
 * A descriptor names an open file description (struct file); dup and fork share it. A
 * host file has a host descriptor, which in replay is only a number out of the log. A
 * virtual file (most of /proc/self) has contents made by the rekernel.
 */
#ifndef RRL_RK_FD_H
#define RRL_RK_FD_H

#include "base.h"

enum file_kind { FILE_HOST, FILE_VIRTUAL, FILE_VIRTUAL_DIR };

struct file {
    u32 refs;
    u8 kind;    /* enum file_kind */
    u8 console; /* replay prints what is written: 1 standard output, 2 standard error */
    bool identified; /* dev and ino are known */
    bool had_locks;  /* record locks were set: close drops them */
    int host_fd;
    u32 flags; /* O_* of open */
    u64 dev, ino;
    u64 signal_mask; /* of a signalfd: what it takes; the host's descriptor is an eventfd */
    bool is_signalfd, signal_ready;
    u8 class;          /* enum file_class (block.h), 0: not known yet */
    u8 sock_type, sock_domain; /* SOCK_*, AF_*; 0: not known yet */
    s64 timeout_ns[2]; /* SO_RCVTIMEO and SO_SNDTIMEO; 0: none */
    char *path; /* as opened, for /proc/self/fd and messages */
    /* virtual files */
    u8 *data;
    u64 size, pos;
};

struct fd_entry {
    struct file *file; /* NULL: free */
    bool cloexec;
};

struct fd_table {
    struct fd_entry *e;
    u32 count, cap; /* entries in use are below count */
};

void fd_boot(void);
struct fd_table *fd_table(void);
/* The file of a guest descriptor, or NULL (EBADF). */
struct file *fd_get(s64 fd);
/* Host descriptor of a guest descriptor; -EBADF. Virtual files: -ENOTSUP ... see vfile. */
s64 fd_host(s64 fd);
/* Makes a file; takes path's copy. */
struct file *file_new(int host_fd, u32 flags, const char *path);
struct file *file_new_virtual(u8 *data, u64 size, const char *path);
void file_put(struct file *f);
/* Installs f (takes its reference) at the lowest free descriptor >= min. -EMFILE. */
s64 fd_install(struct file *f, u32 min, bool cloexec);
s64 fd_close(s64 fd);
void fd_close_exec(void);
/* Result of a host call that makes a descriptor: installs it. */
s64 fd_adopt(s64 host_fd, u32 flags, bool cloexec, const char *path);

#endif
