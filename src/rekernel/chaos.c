/*
 * chaos.c - seeded schedules (chaos.h).
 *
 * Four ways to hit a narrow window, since each bug resists some of them:
 * - times: slices of all lengths, ending between any two instructions;
 * - priorities with change points, so that one task runs far ahead of the others;
 * - places: instructions singled out by address (chaos_place.c). A window of three instructions
 *   is one moment of millions, but one place of a few hundred;
 * - meetings: atomic instructions, above all those of a task that holds a lock (chaos_lock.c).
 * In each of them the task that lost the processor may be set aside, so that the others
 * get a long way while it stands in its window.
 */
#include "chaos.h"

#define LONGEST_STAY (1u << 24) /* ticks; others that spin must come to an end */
#define FREE_SLICES 60000       /* slices that may be short before length has to pay for them */
#define SLICE_COST 4096         /* ticks that a change of tasks takes about as long as */
#define WAITS_MAX 200           /* idle waits while tasks are set aside, in a whole run */

struct plan {
    u8 shortest, longest;      /* slice lengths: powers of two of ticks */
    u16 middle;                /* chances per 1024: a slice ends between two ticks */
    u16 at_entry, after_entry; /* a kernel entry ends the slice, now or soon */
    u16 aside, late;           /* who lost the processor, or could run now, is set aside */
    u8 aside_longest;          /* power of two of ticks */
    u16 stay;                  /* who lost it at a place is set aside, and for long */
    struct chaos_places places;
    bool priorities, any_waiter, spurious, short_io;
};

static bool on;
static bool born; /* the kernel entry at hand made a task */
static u64 state, salt;
static struct plan plan;
static u64 spent, slices, waits;
static u32 lowest; /* priorities count down from the middle when tasks are demoted */

/* --------------------------------------------------------------- generator */
static u64 mix(u64 z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

static u64 draw(void)
{
    state += 0x9e3779b97f4a7c15ull;
    return mix(state);
}

u64 chaos_below(u64 n)
{
    return (draw() >> 11) % n;
}

bool chaos_chance(u32 per_1024)
{
    return chaos_below(1024) < per_1024;
}

/* A power of two between the two, and then anything below its double. */
static u64 any_size(u32 low, u32 high)
{
    u64 size = 1ull << (low + chaos_below(high - low + 1));
    return size + chaos_below(size);
}

/* -------------------------------------------------------------------- plan */
static u16 one_of(const u16 *list, u32 n)
{
    return list[chaos_below(n)];
}
#define ONE_OF(...) one_of((const u16[]){__VA_ARGS__}, ARRAY_LEN(((const u16[]){__VA_ARGS__})))

/* Everything at once. */
static void draw_mixture(void)
{
    static const u8 spans[][2] = {{0, 5}, {0, 12}, {0, 20}, {4, 14}, {10, 21}, {14, 21}};
    const u8 *span = spans[chaos_below(ARRAY_LEN(spans))];
    plan.shortest = span[0];
    plan.longest = span[1];
    plan.middle = ONE_OF(512, 1024);
    plan.priorities = chaos_chance(512);
    plan.at_entry = ONE_OF(0, 32, 128, 512);
    plan.after_entry = ONE_OF(0, 64, 256, 512);
    plan.aside = ONE_OF(0, 256, 768, 1024);
    plan.late = ONE_OF(0, 0, 128, 512);
    plan.stay = ONE_OF(512, 1024);
    plan.places.own = chaos_chance(256) ? 0 : 1u << (31 - chaos_below(4));
    plan.places.elsewhere = plan.places.own >> (2 * chaos_below(5));
    plan.places.second_lock = ONE_OF(0, 0, 512);
}

/* Few places and little else: who comes to one stays there, and the others go on undisturbed
 * until they have done all they can. */
static void draw_few_places(void)
{
    plan.shortest = 14;
    plan.longest = 20;
    plan.late = ONE_OF(0, 0, 64);
    plan.stay = 1024;
    plan.places.own = 1u << (31 - chaos_below(3));
    plan.places.elsewhere = plan.places.own >> (5 + 2 * chaos_below(3));
    plan.places.second_lock = ONE_OF(0, 0, 512);
}

/* Tasks lose the processor where they meet: before a second lock, seldom before the first, and
 * before what they have worked out is seen by the others. */
static void draw_meetings(void)
{
    plan.shortest = 14;
    plan.longest = 20;
    plan.stay = 1024;
    plan.places.atomic = ONE_OF(0, 32, 128, 256);
    plan.places.second_lock = ONE_OF(0, 512, 768);
    plan.places.store = ONE_OF(0, 128, 256, 512);
}

static void draw_plan(void)
{
    u64 which = chaos_below(8);
    if (which < 3)
        draw_mixture();
    else if (which < 5)
        draw_few_places();
    else
        draw_meetings();
    plan.aside_longest = (u8)ONE_OF(10, 16, 22);
    plan.any_waiter = chaos_chance(768);
    plan.spurious = chaos_chance(256);
    plan.short_io = chaos_chance(512);
}

void chaos_boot(void)
{
    const struct rk_boot *b = plat_boot();
    on = b->chaos;
    if (!on)
        return;
    state = mix(b->chaos_seed);
    salt = draw();
    lowest = 1u << 30;
    draw_plan();
}

bool chaos_on(void)
{
    return on;
}

void chaos_begin(void)
{
    chaos_place_begin(&plan.places, salt);
}

/* ------------------------------------------------------------------ slices */
void chaos_spend(u64 ticks)
{
    spent += ticks;
}

u64 chaos_clock(void)
{
    return spent;
}

/* Short slices cost more than they run: from some number on, only as many as make a
 * program a few times slower. */
static bool affordable(void)
{
    return slices < FREE_SLICES || (slices - FREE_SLICES) * SLICE_COST < 4 * spent;
}

struct chaos_slice chaos_new_slice(void)
{
    struct chaos_slice s = {0, 0};
    u32 low = affordable() ? plan.shortest : MAX(plan.shortest, 12);
    slices++;
    s.ticks = any_size(low, MAX(low, plan.longest)) - 1;
    if (chaos_chance(plan.middle))
        s.steps = (u32)chaos_below(24);
    if (!s.ticks && !s.steps)
        s.ticks = 1;
    return s;
}

/* ------------------------------------------------------------------- tasks */
void chaos_new_task(struct task *t)
{
    t->priority = lowest + (u32)chaos_below(1u << 30);
}

static bool aside(const struct task *t)
{
    return t->aside_until > spent;
}

static bool outranked(const struct task *tasks, const struct task *t)
{
    for (const struct task *o = tasks; o; o = o->next)
        if (task_ready(o) && !aside(o) && o->priority > t->priority)
            return true;
    return false;
}

enum chaos_entry chaos_at_entry(const struct task *tasks, const struct task *t,
                                struct chaos_slice *slice)
{
    bool gave_birth = born;
    born = false;
    if (gave_birth && chaos_chance(256))
        return CHAOS_STAY;
    if (plan.priorities && outranked(tasks, t) && chaos_chance(512))
        return CHAOS_SWITCH;
    if (plan.at_entry && affordable() && chaos_chance(plan.at_entry))
        return CHAOS_SWITCH;
    if (!plan.after_entry || !affordable() || !chaos_chance(plan.after_entry))
        return CHAOS_GO_ON;
    slice->ticks = chaos_below(4);
    slice->steps = 1 + (u32)chaos_below(24);
    return CHAOS_SOON;
}

static void set_aside(struct task *t)
{
    t->aside_until = spent + any_size(4, plan.aside_longest);
}

/* For as long as the others may need to come by; at most until none of them can run. */
static void stay_at_place(struct task *t)
{
    t->aside_until = spent + (chaos_chance(512) ? LONGEST_STAY : any_size(12, 22));
}

void chaos_born(struct task *t)
{
    born = true;
    chaos_new_task(t);
    chaos_ready(t);
}

void chaos_ready(struct task *t)
{
    if (on && plan.late && chaos_chance(plan.late))
        set_aside(t);
}

void chaos_preempted(struct task *t, enum chaos_why why)
{
    if (why == CHAOS_YIELDED || chaos_chance(512))
        t->priority = --lowest;
    else
        chaos_new_task(t);
    if (why == CHAOS_AT_PLACE && chaos_chance(plan.stay))
        stay_at_place(t);
    if (why == CHAOS_SLICE_OVER && chaos_chance(plan.aside))
        set_aside(t);
}

static u32 count_ready(struct task *tasks, const struct task *but)
{
    u32 n = 0;
    for (struct task *t = tasks; t; t = t->next)
        n += task_ready(t) && !aside(t) && t != but;
    return n;
}

static struct task *nth_ready(struct task *tasks, const struct task *but, u64 n)
{
    for (struct task *t = tasks; t; t = t->next)
        if (task_ready(t) && !aside(t) && t != but && !n--)
            return t;
    return NULL;
}

static struct task *first_in_rank(struct task *tasks)
{
    struct task *best = NULL;
    for (struct task *t = tasks; t; t = t->next)
        if (task_ready(t) && !aside(t) && (!best || t->priority > best->priority))
            best = t;
    return best;
}

struct task *chaos_pick(struct task *tasks, const struct task *was)
{
    if (plan.priorities)
        return first_in_rank(tasks);
    u32 n = count_ready(tasks, was);
    if (!n || chaos_chance(64))
        n = count_ready(tasks, was = NULL);
    return n ? nth_ready(tasks, was, chaos_below(n)) : NULL;
}

static struct task *least_left(struct task *tasks, const struct task *but)
{
    struct task *first = NULL;
    for (struct task *t = tasks; t; t = t->next)
        if (task_ready(t) && t != but && (!first || t->aside_until < first->aside_until))
            first = t;
    return first;
}

/* A task that has just come to a place is often left there in favour of one that stood
 * elsewhere, or the first that was set aside would keep all others from meeting. */
struct task *chaos_call_back(struct task *tasks, const struct task *was)
{
    struct task *t = NULL;
    if (aside(was) && chaos_chance(512))
        t = least_left(tasks, was);
    if (!t)
        t = least_left(tasks, NULL);
    if (t)
        t->aside_until = 0;
    return t;
}

bool chaos_patient(void)
{
    return waits < WAITS_MAX && chaos_chance(768) && ++waits;
}

/* --------------------------------------------------- what the kernel may do */
bool chaos_any_waiter(void)
{
    return on && plan.any_waiter;
}

bool chaos_spurious_wake(void)
{
    return on && plan.spurious && chaos_chance(32);
}

bool chaos_interrupted(void)
{
    return on && plan.spurious && chaos_chance(64);
}

bool chaos_not_yet(void)
{
    return on && plan.short_io && chaos_chance(64);
}

bool chaos_between_parts(void)
{
    return on && plan.short_io && chaos_chance(256);
}

u64 chaos_short(u64 len)
{
    if (!on || !plan.short_io || len < 2 || !chaos_chance(512))
        return len;
    u64 size = any_size(0, 63 - (u32)__builtin_clzll(len));
    return size < len ? size : len;
}
