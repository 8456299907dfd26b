/* cores.h - how many processors the program believes in, as files tell it. */
#ifndef RRL_RK_CORES_H
#define RRL_RK_CORES_H

#include "base.h"

struct file;
struct task;
struct text;

/* The processors that t may run on, a bit each; and the one that it is told it runs on. */
u64 cores_of(const struct task *t);
u32 cores_current(const struct task *t);
/* "0-2,5", as in Cpus_allowed_list. */
void cores_list(struct text *x, u64 mask);
/* A virtual file for path, or NULL: not one of these, or the host has none. */
struct file *cores_open(const char *path, u32 flags);

#endif
