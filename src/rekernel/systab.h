/*
 * systab.h - instructions that tell about the processor's own tables: sgdt, sidt, sldt, str,
 * smsw, lsl. The guest sees constants, those that Linux gives on processors with UMIP.
 */
#ifndef RRL_RK_SYSTAB_H
#define RRL_RK_SYSTAB_H

#include "base.h"
#include "x86/decode.h"

/* Carries out in (of class INSN_SYSTAB, at VCPU->rip) but for the step to the next one. Returns
 * false when memory is in the way, with its address in *fault_addr. */
bool systab_emulate(const struct insn *in, u64 *fault_addr);

#endif
