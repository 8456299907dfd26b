/*
 * vcpu.c - the two modes of the vCPU and the switch between them, which happens only at
 * kernel entries.
 */
#include "chaos.h"
#include "debug.h"
#include "maps.h"
#include "syscall.h"
#include "vcpu_mode.h"
#include "xlate/xlate.h"

#include <linux/mman.h>

/* Blocks of a program that is so large that its returns are predicted badly as indirect jumps. */
#define PAIR_AFTER 8192

#define HWCAP2_FSGSBASE 2u

static bool translator_ready;

/* Guest code for the translator: as the guest wrote it, where it may be executed. */
static int fetch(u64 addr, u8 *buf, unsigned len)
{
    unsigned n = 0;
    while (n < len) {
        struct vma *v = mm_find(addr + n);
        if (!v || !(v->prot & PROT_EXEC))
            break;
        u64 part = MIN(v->end - (addr + n), (u64)(len - n));
        if (copy_from_guest(buf + n, addr + n, part))
            break;
        n += (unsigned)part;
    }
    vcpu_original_code(addr, buf, n);
    return (int)n;
}

static int wprotect(u64 addr, u64 len, int on)
{
    struct vma *v = mm_find(addr);
    if (!v)
        return 0;
    if (v->flags & VMA_SHARED) /* another view of it may be writable */
        return -1;
    if (!(v->prot & PROT_WRITE))
        return 0;
    return plat_protect(addr, len, on ? v->prot & ~(u32)PROT_WRITE : v->prot) < 0 ? -1 : 0;
}

static int trap(void)
{
    return trap_quietly(false);
}

static void start_translator(void)
{
    static const struct xl_env env = {.fetch = fetch,
                                      .wprotect = wprotect,
                                      .trap = trap,
                                      .place = chaos_place,
                                      .places = chaos_places,
                                      .soon = plat_populate,
                                      .translated = debug_translated,
                                      .pair_after = PAIR_AFTER};
    plat_map_cache();
    xl_init(&env);
    translator_ready = true;
}

void vcpu_memory_changed(u64 addr, u64 len, bool keep_contents)
{
    maps_changed();
    debug_remapped(addr, len);
    plat_code_changed(addr, len, keep_contents);
    if (translator_ready)
        xl_invalidate(addr, len);
}

void vcpu_will_write(u64 addr, u64 len)
{
    if (translator_ready)
        xl_will_write(addr, len);
}

bool vcpu_translating(void)
{
    return translator_ready;
}

void vcpu_forget_code(void)
{
    if (translator_ready)
        xl_flush(0);
}

void vcpu_retranslate(void)
{
    if (translator_ready)
        xl_flush(1);
}

void vcpu_forget_blocks(void)
{
    if (translator_ready)
        xl_forget_blocks();
}

/* A store that the translator's write protection stopped, in either mode. */
bool vcpu_write_fault(u64 addr)
{
    return translator_ready && xl_write_fault(addr);
}

void vcpu_break_add(u64 pc)
{
    if (!translator_ready)
        start_translator();
    RK_CHECK(xl_breakpoint_add(pc) == 0, pc, 0);
}

void vcpu_break_del(u64 pc)
{
    RK_CHECK(xl_breakpoint_del(pc) == 0, pc, 0);
}

void vcpu_seek(u64 pc, const struct xl_test *tests, u32 count)
{
    if (!translator_ready)
        start_translator();
    xl_seek(pc, tests, count);
}

/* Does the processor that the guest sees have shrx and kin? */
static bool has_bmi2(void)
{
    const struct rk_boot *b = plat_boot();
    const struct rk_cpuid_leaf *l = (const void *)((const u8 *)b + b->cpuid_offset);
    for (u32 i = 0; i < b->cpuid_count; i++)
        if (l[i].leaf == 7 && l[i].subleaf == 0)
            return l[i].ebx >> 8 & 1;
    return false;
}

void vcpu_watch(const struct xl_watched *ranges, u32 count)
{
    unsigned has = (has_bmi2() ? XL_HAS_SHIFTS : 0) |
                   (plat_boot()->hwcap2 & HWCAP2_FSGSBASE ? XL_HAS_BASES : 0);
    if (!translator_ready)
        start_translator();
    xl_watch(ranges, count, has);
}

void vcpu_run(enum vcpu_mode mode, const struct xl_stop *stop)
{
    struct vcpu *v = VCPU;
    if (mode == VCPU_NATIVE) {
        do
            plat_run_native();
        while (v->exit == VCPU_EXIT_FAULT && trap_quietly(true));
        return;
    }
    if (!translator_ready)
        start_translator();
    if (!v->xstate_live)
        plat_restore_xstate();
    v->exit = xl_run(v, stop);
    if (v->exit == VCPU_EXIT_FAULT && v->fault_signo == 11 && v->fault_code == 1 &&
        mm_find(v->fault_addr)) {
        v->fault_code = 2;   /* SEGV_ACCERR: mapped, but not executable */
        v->fault_err |= 0x1; /* a protection violation */
    }
}
