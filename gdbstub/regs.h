/*
 * regs.h - the registers of an x86-64 Linux thread as GDB numbers and describes them.
 *
 * The numbers are those of GDB's own amd64 descriptions: 0 to 15 rax rbx rcx rdx rsi rdi rbp
 * rsp r8..r15, 16 rip, 17 eflags, 18 to 23 segments, 24 to 39 x87, 40 to 56 SSE, 57 orig_rax,
 * 58 fs_base, 59 gs_base; behind them what the machine's layout has.
 */
#ifndef RRL_GDBSTUB_REGS_H
#define RRL_GDBSTUB_REGS_H

#include "target.h"

#define REGS_RBP 6
#define REGS_RSP 7
#define REGS_RIP 16
#define REG_MAX 32 /* bytes of the widest */

/* How many registers there are. */
unsigned regs_count(const struct target_layout *layout);
/* Copies register `number` from or to a buffer of REG_MAX bytes: its size, or 0: no such
 * register. Segments and orig_rax stay as they are when set. */
unsigned regs_get(const struct target_regs *regs, const struct target_layout *layout,
                  unsigned number, void *value);
unsigned regs_set(struct target_regs *regs, const struct target_layout *layout, unsigned number,
                  const void *value);
/* The target description, an XML text to be freed; NULL: no memory. */
char *regs_description(const struct target_layout *layout);

#endif
