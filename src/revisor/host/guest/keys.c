/*
 * keys.c - protection keys: a guest's stray store does not reach the rekernel's memory.
 *
 * Intel SDM volume 3, "Protection Keys"; pkeys(7). Two keys: one for what the guest's
 * processor never needs (image, heap, shared memory), closed while the guest runs; one for
 * the low range (vCPU block, stubs, code cache), which entry and exit code reads: closed to
 * stores while the guest runs natively, open to translated code, which keeps its counters
 * there. Rights are one register, PKRU: two bits a key, 1: no access, 2: no stores. While the
 * rekernel runs it is 0. A guest that writes PKRU itself opens all: this is against accidents.
 */
#include "host.h"

#include <linux/mman.h>

static int hidden_key, low_key; /* 0: the machine has no keys */

extern const char __executable_start[];
void native_entry(void);
void native_entry_keys(void);

struct elf_header {
    u8 ident[16];
    u16 type, machine;
    u32 version;
    u64 entry, phoff, shoff;
    u32 flags;
    u16 ehsize, phentsize, phnum;
};
struct elf_segment {
    u32 type, flags;
    u64 offset, vaddr, paddr, filesz, memsz, align;
};
#define ELF_LOAD 1
#define ELF_WRITE 2

static int new_key(void)
{
    s64 key = HOST2(__NR_pkey_alloc, 0, 0);
    return key > 0 ? (int)key : 0;
}

static void give_key(u64 begin, u64 end, u32 prot, int key)
{
    if (!key || begin >= end)
        return;
    s64 r = HOST4(__NR_pkey_mprotect, begin, end - begin, prot, key);
    if (r < 0)
        host_die("memory cannot be given its protection key", begin, (u64)r);
}

/* The image's data, but the stack of signal handlers: the host kernel writes their frames
 * with the rights of what was interrupted (before Linux 6.12). */
static void close_image(u64 open, u64 open_end)
{
    const struct elf_header *e = (const void *)__executable_start;
    const struct elf_segment *s = (const void *)(__executable_start + e->phoff);
    for (u32 i = 0; i < e->phnum; i++) {
        if (s[i].type != ELF_LOAD || !(s[i].flags & ELF_WRITE))
            continue;
        u64 begin = PAGE_DOWN(s[i].vaddr), end = PAGE_UP(s[i].vaddr + s[i].memsz);
        give_key(begin, MIN(end, open), PROT_READ | PROT_WRITE, hidden_key);
        give_key(MAX(begin, open_end), end, PROT_READ | PROT_WRITE, hidden_key);
    }
}

bool keys_in_use(void)
{
    return low_key != 0;
}

void keys_cover(u64 addr, u64 len, u32 prot)
{
    if (addr == RK_LOW_VCPU)
        give_key(addr, RK_LOW_OPEN, prot, low_key);
    else
        give_key(addr, addr + len, prot, addr < RK_LOW_END ? low_key : hidden_key);
}

void keys_init(u64 handler_stack, u64 handler_stack_size)
{
    hidden_key = new_key();
    low_key = hidden_key ? new_key() : 0;
    if (!low_key)
        hidden_key = 0;
    else
        close_image(handler_stack, handler_stack + handler_stack_size);
}

void keys_arm(struct vcpu *v)
{
    v->native_entry = (u64)(low_key ? native_entry_keys : native_entry);
    if (!low_key)
        return;
    v->pkru_native = 3u << 2 * hidden_key | 2u << 2 * low_key;
    v->pkru_translated = 3u << 2 * hidden_key;
}
