/*
 * capture.h - reports of syscalls for the strace-like printer: raw arguments, result and
 * the memory they point to. Off unless the launcher asks.
 */
#ifndef RRL_RK_CAPTURE_H
#define RRL_RK_CAPTURE_H

#include "syscall.h"

void capture_entry(struct task *t, const struct syscall_row *row, const u64 a[6]);
void capture_exit(struct task *t, const struct syscall_row *row, const u64 a[6], s64 result);
/* A parked call of t, whose registers these are, is given its result. */
void capture_woken(struct task *t, const u64 *gpr, s64 result);

#endif
