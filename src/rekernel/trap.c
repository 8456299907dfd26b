/*
 * trap.c - faults of the guest and instructions that must not run untrapped.
 */
#include "cores.h"
#include "syscall.h"
#include "systab.h"
#include "x86/decode.h"

#include <linux/signal.h>

#define SI_KERNEL_CODE 0x80
#define TRAP_GP 13
#define TRAP_BP 3
#define TRAP_PF 14

/* CPUID is a policy: the answer comes from the boot block's table. Leaves beyond the
 * last basic one give that one's data, as on Intel; unknown subleaves give zeros. */
static void do_cpuid(void)
{
    const struct rk_boot *b = plat_boot();
    const struct rk_cpuid_leaf *l = (const void *)((const u8 *)b + b->cpuid_offset);
    u64 *g = VCPU->gpr;
    u32 leaf = (u32)g[RAX], sub = (u32)g[RCX];
    g[RAX] = g[RBX] = g[RCX] = g[RDX] = 0;
    for (u32 i = 0; i < b->cpuid_count; i++, l++)
        if (l->leaf == leaf && (!(l->flags & 1) || l->subleaf == sub)) {
            g[RAX] = l->eax, g[RBX] = l->ebx, g[RCX] = l->ecx, g[RDX] = l->edx;
            return;
        }
}

static void do_rdtsc(bool with_aux)
{
    u32 aux = 0;
    u64 value = recording() ? plat_tsc(&aux) : 0;
    aux = 0; /* the host's processor is not the guest's business */
    value = (u64)door_value(RK_EV_TSC, &aux, (s64)value);
    VCPU->gpr[RAX] = (u32)value;
    VCPU->gpr[RDX] = value >> 32;
    if (with_aux)
        VCPU->gpr[RCX] = cores_current(current()); /* of node 0 */
}

static void write_reg(u32 reg, u64 v, u32 size)
{
    u64 *r = &VCPU->gpr[reg];
    *r = size == 8 ? v : size == 4 ? (u32)v : (*r & ~0xffffull) | (u16)v;
}

/* rdrand and rdseed are hidden by CPUID; a program that uses them anyway gets logged
 * random numbers, always successfully. */
static void do_random(const struct insn *in)
{
    u32 none = 0;
    u64 v = 0;
    if (recording()) {
        u64 a[6] = {(u64)&v, 8, 0};
        plat_world(__NR_getrandom, a);
    }
    v = (u64)door_value(RK_EV_RANDOM, &none, (s64)v);
    write_reg((in->modrm & 7) | (in->rex & 1) << 3, v, in->opsize);
    VCPU->rflags = (VCPU->rflags & ~(u64)X86_ARITH) | X86_CF;
}

static void fault_here(int signo, int code, u64 addr)
{
    signal_fault(signo, code, addr);
}

/* What the processor raises for an instruction that user code may not run. */
static void protection_fault(void)
{
    VCPU->fault_err = 0;
    VCPU->fault_trapno = TRAP_GP;
    fault_here(SIGSEGV, SI_KERNEL_CODE, 0);
}

/* int n: 0x80 is the 32-bit syscall entry, which a kernel without it faults on. */
static void do_int(const struct insn *in)
{
    if ((in->imm & 0xff) == 3) { /* int3: the trap is reported behind it */
        VCPU->rip += in->len;
        VCPU->fault_err = 0;
        VCPU->fault_trapno = TRAP_BP;
        fault_here(SIGTRAP, SI_KERNEL_CODE, 0);
        return;
    }
    VCPU->fault_err = (u64)(in->imm & 0xff) * 8 + 2;
    VCPU->fault_trapno = TRAP_GP;
    if ((in->imm & 0xff) == 0x80)
        notice_once(NOTICE_KEY(NG_OTHER, 2),
                    "32-bit syscalls (int 0x80) are not supported: SIGSEGV");
    fault_here(SIGSEGV, SI_KERNEL_CODE, 0);
}

/* An instruction carried out here cannot reach its operand: as Linux says it when it does the
 * same for processors with UMIP. */
static void operand_fault(u64 addr)
{
    VCPU->fault_err = 6; /* user, write */
    VCPU->fault_trapno = TRAP_PF;
    fault_here(SIGSEGV, SEGV_MAPERR, addr);
}

static bool do_xgetbv(void)
{
    if ((u32)VCPU->gpr[RCX] != 0)
        return false;
    VCPU->gpr[RAX] = (u32)plat_boot()->xcr0;
    VCPU->gpr[RDX] = plat_boot()->xcr0 >> 32;
    return true;
}

/* Carries out the trapped instruction at rip, up to a fault of its own: true when it was
 * one of ours. */
static bool emulate(const struct insn *in)
{
    struct vcpu *v = VCPU;
    u64 addr;
    switch (in->cls) {
    case INSN_RDTSC:
    case INSN_RDTSCP:
        if (current()->tsc_off)
            return false;
        do_rdtsc(in->cls == INSN_RDTSCP);
        break;
    case INSN_CPUID:
        do_cpuid();
        break;
    case INSN_RDRAND:
    case INSN_RDSEED:
        do_random(in);
        break;
    case INSN_RDPID:
        v->gpr[(in->modrm & 7) | (in->rex & 1) << 3] = cores_current(current());
        break;
    case INSN_XGETBV:
        if (!do_xgetbv())
            return false;
        break;
    case INSN_SYSTAB:
        if (!systab_emulate(in, &addr)) {
            operand_fault(addr);
            return true;
        }
        break;
    default:
        return false;
    }
    v->rip += in->len;
    return true;
}

static bool decode_at(u64 pc, struct insn *in)
{
    u8 code[X86_INSN_MAX];
    u32 n = X86_INSN_MAX;
    if (!guest_range(pc, 1))
        return false;
    while (n && copy_from_guest(code, pc, n))
        n--;
    vcpu_original_code(pc, code, n);
    return n && insn_decode(in, code, n) == 0;
}

/* What a trapped instruction does that was decoded at rip. */
static void trapped(const struct insn *in)
{
    if (in->cls == INSN_INT)
        do_int(in);
    else if (!emulate(in))
        protection_fault();
}

void trap_dispatch(struct task *t)
{
    struct insn in;
    if (decode_at(VCPU->rip, &in))
        trapped(&in);
    else
        protection_fault();
}

/* Does the processor raise a general protection fault for it in native mode, where
 * translated mode has a trap? */
static bool traps_natively(const struct insn *in)
{
    return in->cls == INSN_RDTSC || in->cls == INSN_RDTSCP || in->cls == INSN_CPUID ||
           in->cls == INSN_SYSTAB || in->cls == INSN_INT;
}

/* Is ud2 put in its place in native mode (plat_trap_instruction)? */
static bool traps_by_rewriting(const struct insn *in)
{
    return in->cls == INSN_CPUID || in->cls == INSN_RDRAND || in->cls == INSN_RDSEED ||
           in->cls == INSN_RDPID || in->cls == INSN_XGETBV || in->cls == INSN_SYSTAB;
}

/* The legacy page at -10 MiB: gettimeofday, time, getcpu, 1 KiB apart. Native mode's
 * filter makes it a syscall exit; here translated mode does the same. */
static bool vsyscall(struct task *t)
{
    static const u16 nr[] = {__NR_gettimeofday, __NR_time, __NR_getcpu};
    struct vcpu *v = VCPU;
    u64 index = (v->rip - 0xffffffffff600000ull) / 1024, back;
    if (v->rip & 1023 || index >= ARRAY_LEN(nr) || copy_from_guest(&back, v->gpr[RSP], 8))
        return false;
    v->gpr[RSP] += 8;
    v->gpr[RAX] = nr[index];
    v->rip = v->gpr[RCX] = back;
    v->gpr[R11] = v->rflags;
    syscall_dispatch(t);
    return true;
}

/* The fault that stopped native code may be that of an instruction made to trap. */
static bool may_be_trap(struct insn *in)
{
    const struct vcpu *v = VCPU;
    if (v->fault_signo == SIGILL)
        return decode_at(v->rip, in) && traps_by_rewriting(in);
    return v->fault_signo == SIGSEGV && v->fault_trapno == TRAP_GP && decode_at(v->rip, in) &&
           traps_natively(in);
}

bool trap_quietly(bool fault)
{
    struct insn in;
    u64 addr;
    bool here = fault ? may_be_trap(&in) : decode_at(VCPU->rip, &in);
    if (!here || in.cls != INSN_SYSTAB || !systab_emulate(&in, &addr))
        return false;
    VCPU->rip += in.len;
    return true;
}

void fault_dispatch(struct task *t)
{
    const struct vcpu *v = VCPU;
    struct insn in;
    if (v->fault_signo == SIGSEGV && v->rip >= 0xffffffffff600000ull && vsyscall(t))
        return;
    if (may_be_trap(&in))
        trapped(&in);
    else
        fault_here((int)v->fault_signo, v->fault_code, v->fault_addr);
}
