/*
 * naming.h - where traces are kept, and what they are called.
 *
 * The directory is $RR_LIKE_TRACE_DIR, else $XDG_DATA_HOME/rr-like, else
 * ~/.local/share/rr-like; a trace in it is PROG.N.trace.zst with the next free N, and the
 * link `latest` names the last one.
 */
#ifndef RRL_NAMING_H
#define RRL_NAMING_H

#include <stddef.h>

/* The directory's path. 0, or -ENOENT: the environment names none (no HOME). */
int naming_dir(char *dir, size_t cap);
/* The directory for compressed file contents: $XDG_CACHE_HOME/rr-like, else
 * ~/.cache/rr-like. 0 or -ENOENT. */
int naming_cache_dir(char *dir, size_t cap);
/* Makes a directory and those above it (mode 0700). 0 or -errno. */
int naming_make_dir(const char *dir);

/* Creates the next trace of program `prog` (a path or a name) in dir, open for both
 * reading and writing: the descriptor (close-on-exec) with its path in path[cap], or -errno. */
int naming_create(const char *dir, const char *prog, char *path, size_t cap);
/* Points dir's link `latest` to path, which lies in dir. 0 or -errno. */
int naming_set_latest(const char *dir, const char *path);
/* Path of the latest trace. 0 or -errno. */
int naming_latest(char *path, size_t cap);

#endif
