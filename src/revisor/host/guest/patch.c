/*
 * patch.c - syscall instructions rewritten into jumps (native mode's fast kernel entry).
 *
 * A syscall instruction has two bytes, a jump five. The jump therefore displaces the
 * instructions behind it into a stub; the danger is code that jumps to one of those.
 * It is met by choosing where the stub lies: the bytes of the jump's displacement
 * that stand at a displaced instruction's address are made to be opcodes that are
 * undefined in 64-bit mode, so such a jump raises SIGILL exactly there and the handler
 * goes on in the stub (patch_inside, patch_tail). The technique is known as
 * instruction punning (G. Duck et al., PLDI 2020, "Binary rewriting without control
 * flow recovery"). We can place stubs freely because the address space is ours.
 *
 *   site:  jmp stub                     stub:  mov  ecx, site+2    (what syscall leaves)
 *                                              lea  r11, [tail]
 *                                              jmp  *[native_entry]
 *                                       tail:  displaced instructions
 *                                              jmp  behind them
 */
#include "host.h"
#include "x86/decode.h"
#include "mm.h"
#include "vcpu_offsets.h"

#include <linux/mman.h>

#define STUB_SIZE 64u
#define STUB_COUNT ((u32)((RK_LOW_STUBS_END - RK_LOW_STUBS) / STUB_SIZE))
#define PATCH_MAX 8192u
#define HASH_SIZE 32768u
#define INSN_DISPLACED_MAX 3u
#define JUMP_LEN 5u

struct patch {
    u64 site;
    u32 stub; /* slot number */
    u8 covered; /* bytes from site to behind the last displaced instruction */
    u8 count;
    u8 guest_off[INSN_DISPLACED_MAX + 1]; /* [count] = covered */
    u8 stub_off[INSN_DISPLACED_MAX + 1];  /* [count] = the jump back */
    u8 original[JUMP_LEN];
};

static struct patch patches[PATCH_MAX];
static u32 patch_count; /* slots used so far; slot 0 is never used */
static u16 site_hash[HASH_SIZE];
static u16 stub_patch[(RK_LOW_STUBS_END - RK_LOW_STUBS) / STUB_SIZE];
static u8 site_pages[4096]; /* 1: some page of that hash holds a site */
static u64 seen_sites[1024]; /* sites that trapped, shifted by one; bit 0: SITE_TRIED */

static const u8 undefined_opcodes[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f,
                                       0x37, 0x3f, 0x60, 0x61, 0x82, 0x9a, 0xce, 0xd4, 0xea};

void patch_init(void)
{
    plat_kernel_map(RK_LOW_STUBS, RK_LOW_STUBS_END - RK_LOW_STUBS);
    u32 prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    HOST3(__NR_mprotect, RK_LOW_STUBS, RK_LOW_STUBS_END - RK_LOW_STUBS, prot);
    keys_cover(RK_LOW_STUBS, RK_LOW_STUBS_END - RK_LOW_STUBS, prot);
    patch_count = 1;
}

static u32 hash_slot(u64 site)
{
    return (u32)((site * 0x9e3779b97f4a7c15ull) >> 49) & (HASH_SIZE - 1);
}

static struct patch *find(u64 site)
{
    for (u32 h = hash_slot(site); site_hash[h]; h = (h + 1) & (HASH_SIZE - 1))
        if (patches[site_hash[h]].site == site)
            return &patches[site_hash[h]];
    return NULL;
}

/* The patch whose jump or displaced instructions hold rip as an instruction start. */
static struct patch *find_covering(u64 rip, u32 *index)
{
    for (u64 site = rip - 2; site + 2 + INSN_DISPLACED_MAX >= rip; site--) {
        struct patch *p = find(site);
        for (u32 i = 0; p && i < p->count; i++)
            if (p->site + p->guest_off[i] == rip) {
                *index = i;
                return p;
            }
    }
    return NULL;
}

static u64 stub_addr(const struct patch *p)
{
    return RK_LOW_STUBS + (u64)p->stub * STUB_SIZE;
}

u64 patch_tail(u64 rip)
{
    u32 i;
    struct patch *p = find_covering(rip, &i);
    return p ? stub_addr(p) + p->stub_off[i] : 0;
}

bool patch_inside(u64 rip)
{
    u32 i;
    return find_covering(rip, &i) != NULL;
}

u64 patch_guest_pc(u64 pc)
{
    if (pc < RK_LOW_STUBS || pc >= RK_LOW_STUBS_END)
        return 0;
    u32 slot = (u32)((pc - RK_LOW_STUBS) / STUB_SIZE);
    if (!stub_patch[slot])
        return 0;
    const struct patch *p = &patches[stub_patch[slot]];
    for (u32 i = 0; i <= p->count; i++)
        if (stub_addr(p) + p->stub_off[i] == pc)
            return p->site + p->guest_off[i];
    return 0;
}

/* ------------------------------------------------------------- building a stub */
struct stub {
    u8 code[STUB_SIZE];
    u32 len;
    u64 addr;
};

static void put(struct stub *s, const void *bytes, u32 n)
{
    if (s->len + n <= STUB_SIZE)
        memcpy(s->code + s->len, bytes, n);
    s->len += n;
}

static void put8(struct stub *s, u8 b)
{
    put(s, &b, 1);
}

/* A 32-bit displacement to target, relative to the end of the field. */
static bool put_rel32(struct stub *s, u64 target)
{
    s64 rel = (s64)(target - (s->addr + s->len + 4));
    s32 rel32 = (s32)rel;
    put(s, &rel32, 4);
    return rel == rel32;
}

static void put_head(struct stub *s, u64 site)
{
    u64 next = site + 2;
    u32 entry = (u32)V_NATIVE_ENTRY;
    if (next >> 32) {
        put(s, "\x48\xb9", 2); /* movabs rcx, next */
        put(s, &next, 8);
    } else {
        put8(s, 0xb9); /* mov ecx, next */
        put(s, &next, 4);
    }
    put(s, "\x4c\x8d\x1d\x07\x00\x00\x00", 7); /* lea r11, [rip+7]: behind the jump */
    put(s, "\xff\x24\x25", 3);                 /* jmp *[entry] */
    put(s, &entry, 4);
}

/* One displaced instruction at guest address pc; false when it cannot be moved. */
static bool put_displaced(struct stub *s, const struct insn *in, const u8 *code, u64 pc)
{
    if (in->cls == INSN_JMP) {
        put8(s, 0xe9);
        return put_rel32(s, insn_target(in, pc));
    }
    if (in->cls == INSN_JCC) {
        put8(s, 0x0f);
        put8(s, 0x80 | (in->opcode & 15));
        return put_rel32(s, insn_target(in, pc));
    }
    if (in->cls != INSN_PLAIN && in->cls != INSN_RET)
        return false;
    u32 at = s->len;
    put(s, code, in->len);
    if (in->flags & INSN_F_RIPREL && s->len <= STUB_SIZE) {
        s64 disp = (s64)(pc + (u64)in->disp - s->addr) - at;
        s32 disp32 = (s32)disp;
        memcpy(s->code + at + in->disp_off, &disp32, 4);
        return disp == disp32;
    }
    return true;
}

static bool ends_block(const struct insn *in)
{
    return in->cls == INSN_JMP || in->cls == INSN_RET;
}

/* True when code[pos..] is nothing but the no-ops that align what comes next: nobody
 * jumps there. */
static bool padding(const u8 *code, u32 pos, u32 avail)
{
    struct insn in;
    u64 at = (u64)code + pos;
    while (at & 15) {
        u32 off = (u32)(at - (u64)code);
        if (off >= avail || insn_decode(&in, code + off, avail - off))
            return false;
        bool nop = (in.map == 0 && in.opcode == 0x90 && !(in.rex & 1)) ||
                   (in.map == 1 && in.opcode == 0x1f) || (in.map == 0 && in.opcode == 0xcc);
        if (!nop)
            return false;
        at += in.len;
    }
    return true;
}

/* What will be displaced: fills p's offsets; *inner gets the bits 2..4 of the jump's
 * bytes at which an instruction may start. */
static bool plan(struct patch *p, const u8 *code, u32 avail, struct insn *insns, u32 *inner)
{
    u32 pos = 2;
    *inner = 0;
    while (pos < JUMP_LEN) {
        if (p->count == INSN_DISPLACED_MAX || insn_decode(&insns[p->count], code + pos, avail - pos))
            return false;
        p->guest_off[p->count] = (u8)pos;
        *inner |= 1u << pos;
        pos += insns[p->count].len;
        if (ends_block(&insns[p->count++]))
            break;
    }
    if (pos < JUMP_LEN && !padding(code, pos, avail))
        return false; /* what follows is another function, whose begin has no place in the stub */
    p->covered = p->guest_off[p->count] = (u8)pos;
    return true;
}

static bool build(struct stub *s, struct patch *p, const u8 *code, const struct insn *insns)
{
    s->len = 0;
    put_head(s, p->site);
    for (u32 i = 0; i < p->count; i++) {
        p->stub_off[i] = (u8)s->len;
        if (!put_displaced(s, &insns[i], code + p->guest_off[i], p->site + p->guest_off[i]))
            return false;
    }
    p->stub_off[p->count] = (u8)s->len;
    put8(s, 0xe9);
    return put_rel32(s, p->site + p->covered) && s->len <= STUB_SIZE;
}

static bool undefined_opcode(u8 b)
{
    for (u32 i = 0; i < sizeof undefined_opcodes; i++)
        if (undefined_opcodes[i] == b)
            return true;
    return false;
}

/* The last byte of a displacement takes at most two values over all stubs. */
static bool last_byte_possible(u64 site)
{
    u64 first = RK_LOW_STUBS - (site + JUMP_LEN), last = RK_LOW_STUBS_END - (site + JUMP_LEN);
    return undefined_opcode((u8)(first >> 24)) || undefined_opcode((u8)(last >> 24));
}

/* A free slot so placed that the jump's bytes named by inner are undefined opcodes. */
static u32 choose_slot(u64 site, u32 inner)
{
    if (inner & 1u << 4 && !last_byte_possible(site))
        return STUB_COUNT;
    for (u32 slot = 0; slot < STUB_COUNT; slot++) {
        s64 rel = (s64)(RK_LOW_STUBS + (u64)slot * STUB_SIZE - (site + JUMP_LEN));
        if (stub_patch[slot] || rel != (s32)rel)
            continue;
        bool good = true;
        for (u32 at = 2; at < JUMP_LEN && good; at++)
            if (inner & 1u << at)
                good = undefined_opcode((u8)(rel >> (8 * (at - 1))));
        if (good)
            return slot;
    }
    return STUB_COUNT;
}

/* True when some byte near site could be read as a direct branch to target. Used where
 * the last byte of the displacement cannot be chosen: distances decide it. */
static bool branch_to(u64 site, u64 target)
{
    u64 begin = site - 2048, end = site + 2048;
    mm_clip_code(site, &begin, &end);
    for (u64 a = begin; a + 6 <= end; a++) {
        const u8 *c = (const u8 *)a;
        s32 rel;
        if ((c[0] == 0xeb || (c[0] & 0xf0) == 0x70 || (c[0] & 0xfc) == 0xe0) &&
            a + 2 + (u64)(s64)(int8_t)c[1] == target)
            return true;
        memcpy(&rel, c + 1, 4);
        if ((c[0] == 0xe8 || c[0] == 0xe9 || (c[0] & 0xf0) == 0x80) &&
            a + 5 + (u64)(s64)rel == target)
            return true;
    }
    return false;
}

/* --------------------------------------------------------------- installing it */
void patch_write_code(u64 addr, const u8 *bytes, u32 len)
{
    u64 begin = PAGE_DOWN(addr), size = PAGE_UP(addr + len) - begin;
    u32 prot = mm_prot_at(addr);
    if (plat_protect(begin, size, PROT_READ | PROT_WRITE) < 0)
        return;
    memcpy((void *)addr, bytes, len);
    RK_CHECK(plat_protect(begin, size, prot) == 0, addr, len);
}

static void install(struct patch *p, const struct stub *s, u32 slot)
{
    u8 jump[JUMP_LEN] = {0xe9};
    s32 rel = (s32)(s->addr - (p->site + JUMP_LEN));
    memcpy(jump + 1, &rel, 4);
    memcpy((void *)s->addr, s->code, s->len);
    p->stub = slot;
    stub_patch[slot] = (u16)patch_count;
    u32 h = hash_slot(p->site);
    while (site_hash[h])
        h = (h + 1) & (HASH_SIZE - 1);
    site_hash[h] = (u16)patch_count++;
    site_pages[p->site >> 12 & 4095] = 1;
    patch_write_code(p->site, jump, JUMP_LEN);
}

#define SITE_TRIED 1ull /* sites that cannot be rewritten are not tried again */

/* True at the second trap of a site, and only then: what runs once is not worth it. */
static bool worth_trying(u64 site)
{
    u64 *slot = &seen_sites[site % ARRAY_LEN(seen_sites)];
    if (*slot == (site << 1 | SITE_TRIED))
        return false;
    bool again = *slot == site << 1;
    *slot = site << 1 | (again ? SITE_TRIED : 0);
    return again;
}

void patch_site(u64 site)
{
    struct patch *p = &patches[patch_count];
    struct insn insns[INSN_DISPLACED_MAX];
    struct stub s;
    u32 inner;
    if (!worth_trying(site) || patch_count + 1 >= PATCH_MAX || find(site))
        return;
    u32 avail = mm_patchable(site, 2 + 16);
    const u8 *code = (const u8 *)site;
    memset(p, 0, sizeof *p);
    p->site = site;
    if (avail < JUMP_LEN || code[0] != 0x0f || code[1] != 0x05 ||
        !plan(p, code, avail, insns, &inner))
        return;
    u32 slot = choose_slot(site, inner);
    if (slot == STUB_COUNT && inner & 1u << 4) {
        if (branch_to(site, site + 4) || ends_block(&insns[p->count - 1]))
            return;
        slot = choose_slot(site, inner & ~(1u << 4));
    }
    if (slot == STUB_COUNT)
        return;
    memcpy(p->original, code, JUMP_LEN);
    s.addr = RK_LOW_STUBS + (u64)slot * STUB_SIZE;
    if (build(&s, p, code, insns))
        install(p, &s, slot);
}

/* ------------------------------------------------------------------ undoing it */
static void rehash(void)
{
    memset(site_hash, 0, sizeof site_hash);
    for (u32 i = 1; i < patch_count; i++) {
        if (!patches[i].site)
            continue;
        u32 h = hash_slot(patches[i].site);
        while (site_hash[h])
            h = (h + 1) & (HASH_SIZE - 1);
        site_hash[h] = (u16)i;
    }
}

void plat_code_changed(u64 addr, u64 len, bool keep_contents)
{
    bool any = false;
    traps_changed(addr, len, keep_contents);
    for (u32 i = 1; i < patch_count; i++) {
        struct patch *p = &patches[i];
        if (!p->site || p->site + JUMP_LEN <= addr || p->site >= addr + len)
            continue;
        if (keep_contents)
            patch_write_code(p->site, p->original, JUMP_LEN);
        stub_patch[p->stub] = 0;
        p->site = 0;
        any = true;
    }
    if (!any)
        return;
    VCPU->fast_rip = 0;
    rehash();
}

/* Pages that hold rewritten sites, hashed: most code is nowhere near one. */
static bool page_has_sites(u64 addr)
{
    return site_pages[addr >> 12 & 4095];
}

static void original_bytes(u64 addr, u8 *buf, u64 len)
{
    for (u64 site = addr - (JUMP_LEN - 1); site != addr + len; site++) {
        const struct patch *p = find(site);
        for (u32 k = 0; p && k < JUMP_LEN; k++)
            if (site + k >= addr && site + k < addr + len)
                buf[site + k - addr] = p->original[k];
    }
}

void vcpu_original_code(u64 addr, u8 *buf, u64 len)
{
    if (page_has_sites(addr - JUMP_LEN) || page_has_sites(addr) || page_has_sites(addr + len))
        original_bytes(addr, buf, len);
    traps_original(addr, buf, len);
}
