/*
 * vcpu_mode.h - running the vCPU in one of its modes, and what changes of guest memory
 * mean for code that was rewritten or translated.
 */
#ifndef RRL_RK_VCPU_MODE_H
#define RRL_RK_VCPU_MODE_H

#include "platform.h"

struct xl_stop;

enum vcpu_mode { VCPU_NATIVE, VCPU_TRANSLATED };

/* Enters the guest; returns at a kernel entry, see vcpu.h. stop: translated mode only, or
 * NULL. In native mode VCPU->ticks becomes RK_TICKS_UNKNOWN. */
void vcpu_run(enum vcpu_mode mode, const struct xl_stop *stop);
/* A range is about to be mapped, unmapped, moved or protected anew. keep_contents: its
 * bytes stay, so rewritten sites in it must be undone. */
void vcpu_memory_changed(u64 addr, u64 len, bool keep_contents);
/* The rekernel or the host is about to write into guest memory. */
void vcpu_will_write(u64 addr, u64 len);
/* All of guest memory is gone (exec). */
void vcpu_forget_code(void);
/* Code that runs from now on is translated anew. */
void vcpu_forget_blocks(void);
/* Signal handler: a store hit the translator's write protection, which is lifted now. */
bool vcpu_write_fault(u64 addr);
/* Translated mode stops before the instruction at pc runs (xlate.h); at most
 * RK_DEBUG_BREAKS of them. */
void vcpu_break_add(u64 pc);
void vcpu_break_del(u64 pc);
/* Translated mode stops where these tests hold (xlate.h); pc 0: nowhere any more. */
struct xl_test;
void vcpu_seek(u64 pc, const struct xl_test *tests, u32 count);
/* Forgets all translated code; the guest's memory stays. */
void vcpu_retranslate(void);
/* Translated mode stops before what may touch one of these ranges (xlate.h). */
struct xl_watched;
void vcpu_watch(const struct xl_watched *ranges, u32 count);
/* The translator has been used. */
bool vcpu_translating(void);

#endif
