/*
 * companion.h - processes that share the program's memory and descriptors: made by clone with
 * CLONE_VM and without CLONE_THREAD, as LeakSanitizer does to look at its own threads while they
 * stand still. Each is one task with a struct process of its own.
 */
#ifndef RRL_RK_COMPANION_H
#define RRL_RK_COMPANION_H

#include "task.h"

/* The clone flags ask for one. */
bool companion_wanted(u64 flags);
/* t, just made, becomes the first task of a process, which ends with this signal to its parent
 * (0: none). */
void companion_begin(struct task *t, int exit_signal);
/* The current task is one: it ends, and its parent may wait for it. */
void companion_end(struct task *t, int wait_status);
/* The task is one. */
bool companion_is(const struct task *t);

#endif
