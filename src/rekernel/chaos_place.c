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
#define ATOMIC_VISITS 1024         /* the same instructions take all locks */
#define OWN_CODE_END 0x20000000ull /* below it the program itself, above it libraries */

struct visited {
    u64 pc;
    u16 count;
    u16 due; /* it is due at this visit; 0: it was not singled out */
    bool atomic, store;
};

static bool begun;
static u64 salt;
static struct chaos_places plan;
static struct visited visits[PLACES_MAX];
static u32 visit_count;

static bool meetings(void)
{
    return plan.atomic || plan.second_lock || plan.store;
}

void chaos_place_begin(const struct chaos_places *p, u64 seed)
{
    plan = *p;
    begun = plan.own || meetings();
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
    return pc < OWN_CODE_END || in->flags & INSN_F_LOCK || (u32)hash(pc) < plan.elsewhere;
}

static bool decode_at(u64 pc, struct insn *in)
{
    u8 code[X86_INSN_MAX] = {0};
    u64 len = X86_INSN_MAX;
    if (copy_from_guest(code, pc, len)) {
        len = MIN(len, PAGE_UP(pc + 1) - pc);
        if (copy_from_guest(code, pc, len))
            return false;
    }
    vcpu_original_code(pc, code, len);
    return !insn_decode(in, code, (u32)len) && in->cls == INSN_PLAIN;
}

static bool singled_out(u64 pc, const struct insn *in)
{
    return (u32)hash(pc) < plan.own && shared_operand(in) && dense_enough(pc, in);
}

static bool is_atomic(const struct insn *in)
{
    return (plan.atomic || plan.second_lock) && in->flags & INSN_F_LOCK && !in->seg;
}

static bool is_store(u64 pc, const struct insn *in)
{
    return plan.store && pc < OWN_CODE_END && in->flags & INSN_F_STORE && shared_operand(in);
}

bool chaos_places(void)
{
    return begun;
}

bool chaos_place(u64 pc)
{
    struct insn in;
    if (!begun)
        return false;
    struct visited *v = slot(pc);
    if (v->pc)
        return v->count < (v->atomic ? ATOMIC_VISITS : PLACE_VISITS);
    if (visit_count >= PLACES_MAX / 2)
        return false;
    if ((u32)hash(pc) >= plan.own && !meetings())
        return false;
    return decode_at(pc, &in) && (singled_out(pc, &in) || is_atomic(&in) || is_store(pc, &in));
}

static u16 first_due(void)
{
    if (chaos_chance(512))
        return 1;
    return (u16)(chaos_chance(512) ? 2 : 1ull << chaos_below(7));
}

static void first_visit(struct visited *v, u64 pc)
{
    struct insn in;
    visit_count++;
    v->pc = pc;
    if (!decode_at(pc, &in))
        return;
    v->atomic = is_atomic(&in);
    v->store = is_store(pc, &in);
    if (singled_out(pc, &in))
        v->due = first_due();
}

/* Who stood before a second lock goes on when it comes back. */
static bool meeting(struct task *t, u64 pc)
{
    struct insn in;
    if (!decode_at(pc, &in))
        return false;
    if (chaos_second_lock(t, pc, &in) && chaos_chance(plan.second_lock)) {
        t->holds = 0;
        return true;
    }
    return plan.atomic && chaos_chance(plan.atomic);
}

bool chaos_visit(struct task *t, u64 pc)
{
    struct visited *v = slot(pc);
    if (!v->pc)
        first_visit(v, pc);
    v->count++;
    if (v->atomic && meeting(t, pc))
        return true;
    if (v->store && chaos_chance(plan.store))
        return true;
    if (v->count != v->due)
        return false;
    v->due = (u16)(v->count + (1ull << chaos_below(7)));
    return true;
}
