/* block.c - the tables: blocks by pc and by cache address, exits, breakpoints. */
#include "internal.h"

/* Pages are got so many bytes at a time, when less than so many are left. */
#define AHEAD_STEP 0x10000u
#define AHEAD_MIN 0x2000u

/* Neighbours stay neighbours: two pages of code need one page of the table, so that cold code
 * does not pay a page fault and a cache line for each block. */
static uint32_t hash_slot(uint64_t pc)
{
    return (uint32_t)((pc >> 3) + (pc >> 23) * 0x9e3779b1u) & (XL_HASH_SIZE - 1);
}

/* Bits above a block's number in its slot: by them nearly all that is not meant is told
 * apart without a look at the block. */
static uint32_t hash_tag(uint64_t pc)
{
    return (uint32_t)(pc * 0x9e3779b97f4a7c15u >> 32) & ~(XL_BLOCKS_MAX - 1);
}

static uint32_t number_in(uint32_t slot)
{
    return slot & (XL_BLOCKS_MAX - 1);
}

/* The slot that names pc, or the free one where it belongs. Blocks fill at most half of
 * the table, so there always is one. */
static uint32_t *slot_of(uint64_t pc)
{
    uint32_t i = hash_slot(pc), tag = hash_tag(pc), v;
    while ((v = XL_HASH[i]) != 0 && (v - number_in(v) != tag || XL_BLOCKS[number_in(v)].pc != pc))
        i = (i + 1) & (XL_HASH_SIZE - 1);
    return &XL_HASH[i];
}

struct xl_block *xl_lookup(uint64_t pc)
{
    uint32_t number = number_in(*slot_of(pc));
    if (!number || (XL_BLOCKS[number].flags & BLOCK_DEAD))
        return NULL;
    return &XL_BLOCKS[number];
}

void xl_lookup_soon(uint64_t pc)
{
    __builtin_prefetch(&XL_HASH[hash_slot(pc)]);
}

struct xl_block *xl_block_new(uint64_t pc)
{
    struct xl_block *b = &XL_BLOCKS[CTL->block_count++];
    *b = (struct xl_block){.pc = pc};
    return b;
}

/* Can what jumps to the dead block go on to b? Not if it relies on a test there. */
static int replaces(const struct xl_block *old, const struct xl_block *b)
{
    if (b->flags & BLOCK_CHECKED)
        return 0;
    return !(old->flags & BLOCK_TESTS) || (b->flags & BLOCK_TESTS);
}

/* Makes b the block of its pc. What still jumps to a dead one of the same pc is sent on. */
void xl_block_publish(struct xl_block *b)
{
    uint32_t *slot = slot_of(b->pc);
    const struct xl_block *old = &XL_BLOCKS[number_in(*slot)];
    if (*slot && replaces(old, b))
        xl_patch(old->main + 1, b->main);
    *slot = (uint32_t)(b - XL_BLOCKS) | hash_tag(b->pc);
}

/* Whatever jumps to the block, or falls into it, arrives at main: turning its first
 * instruction into a jump to the dispatcher unlinks it from everywhere at once. */
void xl_block_kill(struct xl_block *b)
{
    if (b->flags & BLOCK_DEAD)
        return;
    b->flags |= BLOCK_DEAD;
    CTL->stats.dropped++;
    if (*xl_ind_slot(b->pc) == b->ind)
        *xl_ind_slot(b->pc) = XL_STUB_SECOND;
    if (!(b->flags & BLOCK_CHECKED) && *xl_ind_slot2(b->pc) == b->ind2)
        *xl_ind_slot2(b->pc) = XL_STUB_MISS;
    *(uint8_t *)(uintptr_t)b->main = 0xe9;
    xl_patch(b->main + 1, xl_dead_stub(b->pc));
}

/* The last block that begins at or before host_pc; NULL before the first. */
static struct xl_block *last_before(uint64_t host_pc)
{
    uint32_t low = 1, high = CTL->block_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (XL_BLOCKS[mid].main <= host_pc)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 1 ? &XL_BLOCKS[low - 1] : NULL;
}

/* The block whose mapped instructions hold host_pc, or NULL. */
struct xl_block *xl_block_at(uint64_t host_pc)
{
    struct xl_block *b = host_pc < XL_CODE_FIRST ? XL_ONESHOT : last_before(host_pc);
    if (!b || host_pc < b->main || host_pc >= b->end)
        return NULL;
    return b;
}

struct xl_exit *xl_exit_new(enum exit_kind kind, uint64_t pc, uint32_t *id)
{
    *id = CTL->exit_count++;
    struct xl_exit *x = &XL_EXITS[*id];
    *x = (struct xl_exit){.pc = pc, .kind = (uint8_t)kind};
    return x;
}

/* Besides a unit, there must be room for what killing every block and giving each its other
 * entries may take. */
int xl_cache_room(void)
{
    uint64_t stubs = (uint64_t)CTL->block_count * XL_STUBS_PER_BLOCK;
    return CTL->code_end + XL_UNIT_ROOM + stubs < XL_COLD_AT &&
           CTL->cold_end + XL_UNIT_ROOM + stubs < XL_CODE_END &&
           CTL->block_count + 64 < XL_BLOCKS_MAX &&
           CTL->exit_count + CTL->block_count + 4096 < XL_EXITS_MAX &&
           CTL->imap_count + 16384 < XL_IMAP_MAX;
}

/* A part of the memory that is filled from `start` on is about to grow beyond `end`. */
static void ahead(uint32_t *ready, uint32_t start, uint32_t end)
{
    if (*ready < start)
        *ready = start;
    if (end + AHEAD_MIN <= *ready)
        return;
    CTL->env->soon(*ready, AHEAD_STEP);
    *ready += AHEAD_STEP;
}

void xl_cache_ahead(void)
{
    if (!CTL->env->soon)
        return;
    ahead(&CTL->ready[0], XL_CODE_AT, CTL->code_end);
    ahead(&CTL->ready[1], XL_COLD_AT, CTL->cold_end);
    ahead(&CTL->ready[2], XL_BLOCKS_AT, (uint32_t)(uintptr_t)&XL_BLOCKS[CTL->block_count]);
    ahead(&CTL->ready[3], XL_EXITS_AT, (uint32_t)(uintptr_t)&XL_EXITS[CTL->exit_count]);
    ahead(&CTL->ready[4], XL_IMAP_AT, (uint32_t)(uintptr_t)&XL_IMAP[CTL->imap_count]);
}

/* Empties the hash table, touching little of it when it holds little. Each entry lies in an
 * unbroken run that begins at or before its own slot: clearing runs from there clears it. */
static void clear_hash(void)
{
    if (CTL->block_count > XL_HASH_SIZE / 16) {
        memset(XL_HASH, 0, XL_HASH_SIZE * sizeof(uint32_t));
        return;
    }
    for (uint32_t b = 1; b < CTL->block_count; b++) {
        uint32_t i = hash_slot(XL_BLOCKS[b].pc);
        for (; XL_HASH[i]; i = (i + 1) & (XL_HASH_SIZE - 1))
            XL_HASH[i] = 0;
    }
}

/* Forgets all blocks. Only while no translated code is on its way anywhere. */
void xl_cache_reset(void)
{
    clear_hash();
    for (uint32_t i = 0; i < XL_TABLE_SIZE; i++) {
        XL_TABLE[i] = XL_STUB_SECOND;
        XL_TABLE2[i] = XL_STUB_MISS;
    }
    xl_calls_reset();
    memset(CTL->over, 0, sizeof(CTL->over));
    CTL->block_count = 1;
    CTL->exit_count = XL_ID_FIRST;
    CTL->imap_count = 0;
    CTL->code_end = XL_CODE_FIRST;
    CTL->cold_end = XL_COLD_AT;
    CTL->stats.flushes++;
}

int xl_break_at(uint64_t pc)
{
    for (uint32_t i = 0; i < CTL->break_count; i++)
        if (CTL->breaks[i] == pc)
            return (int)i;
    return -1;
}

int xl_is_break(uint64_t pc)
{
    if (xl_break_at(pc) >= 0)
        return 1;
    return CTL->env->place && CTL->env->place(pc);
}

int xl_breakpoint_add(uint64_t pc)
{
    if (CTL->break_count == sizeof(CTL->breaks) / sizeof(CTL->breaks[0]))
        return -1;
    CTL->over[CTL->break_count] = 0;
    CTL->breaks[CTL->break_count++] = pc;
    xl_pages_drop(pc, 1);
    return 0;
}

int xl_breakpoint_del(uint64_t pc)
{
    for (uint32_t i = 0; i < CTL->break_count; i++) {
        if (CTL->breaks[i] != pc)
            continue;
        CTL->breaks[i] = CTL->breaks[--CTL->break_count];
        CTL->over[i] = CTL->over[CTL->break_count];
        return 0;
    }
    return -1;
}
