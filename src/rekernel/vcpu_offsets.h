/*
 * vcpu_offsets.h - absolute addresses of struct vcpu's fields, for assembly files.
 * Checked against vcpu.h by static assertions in src/revisor/host/guest/native.c.
 */
#ifndef RRL_VCPU_OFFSETS_H
#define RRL_VCPU_OFFSETS_H
#define V_BASE 0x70000000
#define V_RAX (V_BASE + 0x00)
#define V_RCX (V_BASE + 0x08)
#define V_RDX (V_BASE + 0x10)
#define V_RBX (V_BASE + 0x18)
#define V_RSP (V_BASE + 0x20)
#define V_RBP (V_BASE + 0x28)
#define V_RSI (V_BASE + 0x30)
#define V_RDI (V_BASE + 0x38)
#define V_R8 (V_BASE + 0x40)
#define V_R9 (V_BASE + 0x48)
#define V_R10 (V_BASE + 0x50)
#define V_R11 (V_BASE + 0x58)
#define V_R12 (V_BASE + 0x60)
#define V_R13 (V_BASE + 0x68)
#define V_R14 (V_BASE + 0x70)
#define V_R15 (V_BASE + 0x78)
#define V_RIP (V_BASE + 0x80)
#define V_RFLAGS (V_BASE + 0x88)
#define V_RESUME (V_BASE + 0x90)
#define V_KERNEL_SP (V_BASE + 0x98)
#define V_FAST_TAIL (V_BASE + 0xa0)
#define V_FAST_RIP (V_BASE + 0xa8)
#define V_EXIT (V_BASE + 0xb0)
#define V_ATTENTION (V_BASE + 0xb4)
#define V_IN_GUEST (V_BASE + 0xbc)
#define V_NATIVE_ENTRY (V_BASE + 0x100)
#define V_PKRU_NATIVE (V_BASE + 0x10c)
#define V_PKRU_TRANSLATED (V_BASE + 0x110)
/* Three words for an entry stub that may not write elsewhere yet. */
#define V_OPEN_RAX (V_BASE + 0xf000)
#define V_OPEN_RCX (V_BASE + 0xf008)
#define V_OPEN_RDX (V_BASE + 0xf010)
/* enum vcpu_exit */
#define EXIT_SYSCALL 1
#define EXIT_INTERRUPTED 3
#endif
