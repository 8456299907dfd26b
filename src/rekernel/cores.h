/* cores.h - how many processors the program believes in, as files tell it. */
#ifndef RRL_RK_CORES_H
#define RRL_RK_CORES_H

#include "base.h"

struct file;

/* A virtual file for path, or NULL: not one of these, or the host has none. */
struct file *cores_open(const char *path, u32 flags);

#endif
