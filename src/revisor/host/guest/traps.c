/*
 * traps.c - instructions that leak the machine (cpuid, rdrand, lsl ...) and that native mode
 * cannot make trap by a control register: their two opcode bytes are replaced by ud2. The
 * sites come with the file object (abi.h); SIGILL there is served by trap_dispatch.
 */
#include "host.h"
#include "mm.h"
#include "task.h"

#define TRAP_MAX 16384u

struct trap {
    u64 addr;
    u8 original[2];
};

static struct trap traps[TRAP_MAX]; /* few: a handful per program */
static u32 trap_count;
static u8 trap_pages[4096]; /* 1: a page of that hash holds one */

static const u8 ud2[2] = {0x0f, 0x0b};

static struct trap *find(u64 addr)
{
    for (u32 i = 0; i < trap_count; i++)
        if (traps[i].addr == addr)
            return &traps[i];
    return NULL;
}

/* cpuid; rdrand and its kind; smsw, xgetbv; lsl */
static bool opcode_of_ours(u8 second)
{
    return second == 0xa2 || second == 0xc7 || second == 0x01 || second == 0x03;
}

void plat_trap_instruction(u64 addr)
{
    u8 now[2];
    if (trap_count >= TRAP_MAX || find(addr) || copy_from_guest(now, addr, 2))
        return;
    /* Relocations or the guest itself may have changed what the file holds. */
    if (now[0] != 0x0f || !opcode_of_ours(now[1]))
        return;
    traps[trap_count++] = (struct trap){addr, {now[0], now[1]}};
    trap_pages[addr >> 12 & 4095] = 1;
    patch_write_code(addr, ud2, 2);
}

/* Do the bytes from buf[at] on look like a trap, as far as they lie in buf? */
static bool looks_trapped(const u8 *buf, u64 len, s64 at)
{
    return (at < 0 || buf[at] == ud2[0]) && ((u64)(at + 1) >= len || buf[at + 1] == ud2[1]);
}

void traps_original(u64 addr, u8 *buf, u64 len)
{
    if (!trap_pages[(addr - 1) >> 12 & 4095] && !trap_pages[(addr + len) >> 12 & 4095])
        return;
    for (u64 a = addr - 1; a != addr + len; a++) {
        const struct trap *t = looks_trapped(buf, len, (s64)(a - addr)) ? find(a) : NULL;
        for (u32 k = 0; t && k < 2; k++)
            if (a + k >= addr && a + k < addr + len)
                buf[a + k - addr] = t->original[k];
    }
}

void traps_changed(u64 addr, u64 len, bool keep_contents)
{
    u32 kept = 0;
    for (u32 i = 0; i < trap_count; i++) {
        struct trap *t = &traps[i];
        if (t->addr + 2 <= addr || t->addr >= addr + len)
            traps[kept++] = *t;
        else if (keep_contents)
            patch_write_code(t->addr, t->original, 2);
    }
    trap_count = kept;
}
