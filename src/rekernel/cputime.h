/*
 * cputime.h - processor time of each thread. The host has one thread, whose time is divided:
 * exactly from the first question on, by the work done before it.
 */
#ifndef RRL_RK_CPUTIME_H
#define RRL_RK_CPUTIME_H

#include "task.h"

/* The task worked for so many ticks. */
void cputime_work(struct task *t, u64 ticks);
/* Another task than from is going to run. */
void cputime_switch(struct task *from);
/* Nanoseconds that the host process, or the task, has used; logged. */
s64 cputime_process(void);
s64 cputime_of(struct task *t);

#endif
