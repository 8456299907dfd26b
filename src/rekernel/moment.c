/* moment.c - see moment.h. */
#include "moment.h"
#include "door.h"
#include "mm.h"
#include "statehash.h"
#include "task.h"
#include "vcpu_mode.h"
#include "watch.h"
#include "x86/access.h"
#include "xlate/xlate.h"

#include <linux/mman.h>

/* -------------------------------------------------------------------- record
 * Enough for several turns of an interpreter's loop. */
#define WALK_INSNS 600u

static struct moment here;
static u32 walk_left;
static bool walking;

void moment_walk(void)
{
    here.count = 0;
    walk_left = WALK_INSNS;
    walking = true;
}

void moment_walk_off(void)
{
    walking = false;
}

bool moment_walking(void)
{
    return walking && walk_left;
}

bool moment_reached(void)
{
    return walking && !walk_left;
}

static void note_word(u64 addr)
{
    for (u32 i = 0; i < here.count; i++)
        if (here.words[i].addr == addr)
            return;
    if (here.count < MOMENT_WRITTEN_MAX)
        here.words[here.count++].addr = addr;
}

void moment_step(void)
{
    const struct insn_access *a;
    u32 n = watch_next_accesses(&a);
    for (u32 i = 0; i < n; i++)
        if (a[i].kind & ACCESS_WRITE && a[i].len) {
            note_word(a[i].addr & ~7ull);
            note_word((a[i].addr + a[i].len - 1) & ~7ull);
        }
    walk_left--;
}

/* Those that the guest itself can read go into the name, with what they are now. */
static void read_words(void)
{
    u64 n = 0;
    for (u32 i = 0; i < here.count; i++) {
        struct moment_word w = {here.words[i].addr, 0};
        if (!copy_from_guest(&w.value, w.addr, sizeof w.value))
            here.words[n++] = w;
    }
    here.count = n;
}

const struct moment *moment_here(void)
{
    u64 top = VCPU->gpr[RSP] & ~7ull;
    const struct vma *v = mm_find(top);
    for (u32 i = 0; i < MOMENT_STACK_MAX && v && top + 8 * i < v->end; i++)
        here.words[here.count++].addr = top + 8 * i;
    read_words();
    for (u32 i = 0; i < 16; i++)
        here.gpr[i] = VCPU->gpr[i];
    here.hash = state_hash();
    return &here;
}

/* -------------------------------------------------------------------- replay
 * The tests that the translated code makes: those that told a wrong moment last. */
static u64 sought_pc;
static struct xl_test tests[XL_SEEK_MAX];
static u32 test_count;

void moment_seek(u64 pc, const struct moment *m)
{
    test_count = 0;
    sought_pc = m ? pc : 0;
    vcpu_seek(sought_pc, NULL, 0);
}

/* Mappings do not change before the next kernel entry, so neither does the answer. */
static bool always_readable(u64 addr)
{
    const struct vma *v = mm_find(addr);
    return v && v->end - addr >= 8 && v->prot & PROT_READ;
}

static void learn(u64 where, u64 value)
{
    if (!sought_pc || (where >= 16 && !always_readable(where)))
        return;
    for (u32 i = test_count = MIN(test_count + 1, (u32)XL_SEEK_MAX); --i;)
        tests[i] = tests[i - 1];
    tests[0] = (struct xl_test){where, value};
    vcpu_seek(sought_pc, tests, test_count);
}

static bool words_are(const struct moment *m)
{
    u64 value;
    for (u32 i = 0; i < m->count; i++) {
        const struct moment_word *w = &m->words[i];
        if (!copy_from_guest(&value, w->addr, sizeof value) && value == w->value)
            continue;
        learn(w->addr, w->value);
        return false;
    }
    return true;
}

bool moment_is(u64 pc, u64 regs, const struct moment *m)
{
    if (VCPU->rip != pc)
        return false;
    for (u32 i = 0; i < 16; i++)
        if (VCPU->gpr[i] != m->gpr[i]) {
            learn(i, m->gpr[i]);
            return false;
        }
    return words_are(m) && door_regs_hash() == regs && state_hash() == m->hash;
}
