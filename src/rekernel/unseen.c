/*
 * unseen.c - see unseen.h.
 */
#include "unseen.h"
#include "platform.h"
#include "task.h"

struct unseen_range {
    u64 start, end;
    enum unseen_state state;
};

static void append(struct unseen *u, struct unseen_range r)
{
    if (u->count == u->cap) {
        u32 cap = u->cap ? u->cap * 2 : 16;
        struct unseen_range *v = kalloc(cap * sizeof *v);
        memcpy(v, u->v, u->count * sizeof *v);
        kfree(u->v, u->cap * sizeof *v);
        u->v = v, u->cap = cap;
    }
    u->v[u->count++] = r;
}

void unseen_drop(struct unseen *u, u64 start, u64 end)
{
    for (u32 i = 0, n = u->count; i < n; i++) {
        struct unseen_range *r = &u->v[i], right = *r;
        if (r->end <= start || r->start >= end)
            continue;
        right.start = end;
        r->end = MAX(r->start, start);
        if (right.start < right.end)
            append(u, right);
    }
    u32 kept = 0;
    for (u32 i = 0; i < u->count; i++)
        if (u->v[i].start < u->v[i].end)
            u->v[kept++] = u->v[i];
    u->count = kept;
}

void unseen_add(struct unseen *u, u64 start, u64 end, enum unseen_state state)
{
    unseen_drop(u, start, end);
    for (u32 i = 0; i < u->count; i++)
        if (u->v[i].end == start && u->v[i].state == state) {
            u->v[i].end = end;
            return;
        }
    append(u, (struct unseen_range){start, end, state});
}

/* ------------------------------------------------------------------- search */
/* cpuid; rdrand, rdseed, rdpid; xgetbv. rdtsc traps by itself, and what sgdt and its kind
 * tell is a constant. */
static bool leaks(const u8 *p)
{
    return p[1] == 0xa2 || (p[1] == 0xc7 && p[2] >= 0xf0) || (p[1] == 0x01 && p[2] == 0xd0);
}

/* Has this word a byte 0x0f? */
static bool has_escape(u64 word)
{
    u64 x = word ^ 0x0f0f0f0f0f0f0f0full;
    return (x - 0x0101010101010101ull) & ~x & 0x8080808080808080ull;
}

/* Any eight bytes that begin in [p, p + 8 * words) and are such an instruction? Two bytes
 * behind them are read, too. */
static bool leaks_in(const u8 *p, u64 words)
{
    for (; words; words--, p += 8) {
        u64 word;
        memcpy(&word, p, 8);
        if (!has_escape(word))
            continue;
        for (u32 i = 0; i < 8; i++)
            if (p[i] == 0x0f && leaks(p + i))
                return true;
    }
    return false;
}

/* Bytes are copied, since what guards the copy is no place for a search. One that begins in the
 * last bytes before the range counts, too. */
static bool search(u64 start, u64 end)
{
    static u8 buf[4096 + 16];
    u64 before = 8, words = (RK_PAGE + 8) / 8;
    for (u64 page = start; page < end; page += RK_PAGE) {
        memset(buf, 0, sizeof buf);
        if (copy_from_guest(buf, page - before, before))
            memset(buf, 0, before);
        if (copy_from_guest(buf + before, page, RK_PAGE))
            return true; /* cannot be read: cannot be trusted */
        if (copy_from_guest(buf + before + RK_PAGE, page + RK_PAGE, 2))
            memset(buf + before + RK_PAGE, 0, 2);
        if (leaks_in(buf, words))
            return true;
    }
    return false;
}

bool unseen_code(struct unseen *u)
{
    for (u32 i = 0; i < u->count; i++)
        if (u->v[i].state == UNSEEN_UNSAFE)
            return true;
    while (u->count) {
        struct unseen_range *r = &u->v[u->count - 1];
        if (search(r->start, r->end)) {
            r->state = UNSEEN_UNSAFE;
            return true;
        }
        u->count--;
    }
    return false;
}
