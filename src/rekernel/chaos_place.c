/*
 * chaos_place.c - places (chaos.h): instructions before which a task may lose the processor.
 *
 * Only those that touch memory which other tasks may see: stopping before any other
 * instruction is as good as stopping before the next of these. A place does so at a few
 * visits only, the first or a later one, and is then worn out: what matters is often what
 * happens once, and a hot loop must not crawl.
 */
#include "chaos.h"
#include "x86/decode.h"

#define PLACES_MAX 8192 /* power of two; at most half of them are used */
#define PLACE_VISITS 64
#define OWN_CODE_END 0x20000000ull /* below it the program itself, above it libraries */

struct visited {
    u64 pc;
    u16 count;
    u16 due; /* it is due at this visit */
};

static bool begun;
static u64 salt;
static u32 density, density_elsewhere;
static struct visited visits[PLACES_MAX];
static u32 visit_count;

void chaos_place_begin(u32 own, u32 elsewhere, u64 seed)
{
    begun = own != 0;
    density = own;
    density_elsewhere = elsewhere;
    salt = seed;
}

static u64 hash(u64 pc)
{
    u64 z = (pc ^ salt) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 29)) * 0x94d049bb133111ebull;
    return z ^ (z >> 32);
}

static struct visited *slot(u64 pc)
{
    u32 i = (u32)(hash(pc) >> 40) % PLACES_MAX;
    while (visits[i].pc && visits[i].pc != pc)
        i = (i + 1) % PLACES_MAX;
    return &visits[i];
}

/* A memory operand that is not the task's own: neither on its stack nor thread-local. */
static bool shared_operand(const struct insn *in)
{
    u32 mod = in->modrm >> 6, base = in->modrm & 7;
    if (!(in->flags & INSN_F_MEM) || !(in->flags & (INSN_F_LOAD | INSN_F_STORE)) || in->seg)
        return false;
    if (!(in->flags & INSN_F_MODRM) || in->rex & 1)
        return true;
    if (base == 4)
        base = in->sib & 7;
    return base != 4 && !(base == 5 && mod);
}

/* Atomic operations are where tasks meet: as many of them in libraries as in the program. */
static bool dense_enough(u64 pc, const struct insn *in)
{
    return pc < OWN_CODE_END || in->flags & INSN_F_LOCK || (u32)hash(pc) < density_elsewhere;
}

static bool touches_shared(u64 pc)
{
    u8 code[X86_INSN_MAX] = {0};
    struct insn in;
    u64 len = X86_INSN_MAX;
    if (copy_from_guest(code, pc, len)) {
        len = MIN(len, PAGE_UP(pc + 1) - pc);
        if (copy_from_guest(code, pc, len))
            return false;
    }
    vcpu_original_code(pc, code, len);
    return !insn_decode(&in, code, (u32)len) && in.cls == INSN_PLAIN && shared_operand(&in) &&
           dense_enough(pc, &in);
}

bool chaos_places(void)
{
    return begun;
}

bool chaos_place(u64 pc)
{
    if (!begun || (u32)hash(pc) >= density)
        return false;
    struct visited *v = slot(pc);
    if (v->pc)
        return v->count < PLACE_VISITS;
    return visit_count < PLACES_MAX / 2 && touches_shared(pc);
}

static u16 first_due(void)
{
    if (chaos_chance(512))
        return 1;
    return (u16)(chaos_chance(512) ? 2 : 1ull << chaos_below(7));
}

bool chaos_visit(u64 pc)
{
    struct visited *v = slot(pc);
    if (!v->pc) {
        visit_count++;
        v->pc = pc;
        v->due = first_due();
    }
    if (++v->count != v->due)
        return false;
    v->due = (u16)(v->count + (1ull << chaos_below(7)));
    return true;
}
