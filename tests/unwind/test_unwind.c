/*
 * test_unwind.c - the unwinder on this very process: its own stack, which the library of the
 * compiler knows too, and random ones.
 */
#include "unwind/unwind.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

/* --------------------------------------------------------------- a target: ourselves */
struct self {
    struct symbols *file;
    uint64_t base;
    unsigned damage; /* of 256 bytes, so many are replaced; in the program's file only */
    unsigned which;  /* of the damaged files: each is read alike time and again */
    uint64_t random;
};

static uint64_t next_random(struct self *t)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return t->random * 0x2545f4914f6cdd1dull >> 16;
}

/* The byte at addr of a damaged file. */
static unsigned char damaged(const struct self *t, uint64_t addr, unsigned char byte)
{
    uint64_t h = (addr + 1) * 0x9e3779b97f4a7c15ull ^ (t->which + 1) * 0xc2b2ae3d27d4eb4full;
    h = (h ^ h >> 32) * 0x165667b19e3779f9ull;
    h ^= h >> 29;
    return h % 256 < t->damage ? (unsigned char)(h >> 8) : byte;
}

static int in_program(const struct self *t, uint64_t addr)
{
    uint64_t start, end;
    return !symbols_range(t->file, &start, &end) && addr - t->base >= start && addr - t->base < end;
}

static ssize_t read_self(void *ctx, uint64_t addr, void *buf, size_t len)
{
    struct self *t = ctx;
    struct iovec to = {buf, len}, from = {(void *)(uintptr_t)addr, len};
    ssize_t n = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    if (t->damage && in_program(t, addr))
        for (ssize_t i = 0; i < n; i++)
            ((unsigned char *)buf)[i] = damaged(t, addr + (uint64_t)i, ((unsigned char *)buf)[i]);
    return n;
}

static struct symbols *file_at(void *ctx, uint64_t addr, uint64_t *bias, uint64_t *start,
                               uint64_t *end)
{
    struct self *t = ctx;
    if (!in_program(t, addr))
        return NULL;
    symbols_range(t->file, start, end);
    *bias = t->base;
    *start += t->base;
    *end += t->base;
    return t->file;
}

static int executable(void *ctx, uint64_t addr)
{
    unsigned char byte;
    struct self plain = *(struct self *)ctx;
    plain.damage = 0;
    return read_self(&plain, addr, &byte, 1) == 1; /* lax: more to stumble over */
}

static int note_base(struct dl_phdr_info *info, size_t size, void *base)
{
    *(uint64_t *)base = info->dlpi_addr;
    return 1; /* the program comes first */
}

static struct unwinder *open_self(struct self *t)
{
    struct unwind_target target = {read_self, file_at, executable, t};
    *t = (struct self){.random = 88172645463325252ull};
    dl_iterate_phdr(note_base, &t->base);
    cr_assert_eq(symbols_open(&t->file, open("/proc/self/exe", O_RDONLY | O_CLOEXEC), NULL), 0);
    struct unwinder *u = unwinder_new(&target);
    cr_assert(u);
    return u;
}

static void close_self(struct self *t, struct unwinder *u)
{
    unwinder_free(u);
    symbols_close(t->file);
}

static struct unwind_regs registers(const ucontext_t *uc)
{
    static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                  REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                  REG_R12, REG_R13, REG_R14, REG_R15};
    struct unwind_regs r;
    for (int i = 0; i < 16; i++)
        r.gpr[i] = (uint64_t)uc->uc_mcontext.gregs[order[i]];
    r.rip = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
    return r;
}

/* -------------------------------------------------------------------------- tests */
static struct unwinder *unwinder;
static const struct unwind_frame *frames;
static size_t count;

__attribute__((noinline)) void unwind_deepest(int n);
__attribute__((noinline)) void unwind_deepest(int n)
{
    ucontext_t here;
    if (n) {
        unwind_deepest(n - 1);
        __asm__ volatile(""); /* no tail call */
        return;
    }
    getcontext(&here);
    struct unwind_regs regs = registers(&here);
    unwinder_run(unwinder, &regs, 1000, &frames, &count);
}

static const char *function_of(struct self *t, size_t i)
{
    struct symbols_place place;
    uint64_t pc = frames[i].flags & UNWIND_EXACT ? frames[i].pc : frames[i].pc - 1;
    symbols_find(t->file, pc - t->base, &place);
    return place.function ? place.function : "??";
}

Test(unwind, own_stack)
{
    struct self t;
    unwinder = open_self(&t);
    for (int depth = 0; depth < 300; depth += 50) {
        unwinder_forget(unwinder);
        unwind_deepest(depth);
        cr_assert(count > (size_t)depth, "%zu frames", count);
        for (size_t i = 0; i <= (size_t)depth; i++)
            cr_assert_str_eq(function_of(&t, i), "unwind_deepest");
        for (size_t i = 1; i <= (size_t)depth; i++)
            cr_assert(frames[i].sp > frames[i - 1].sp);
    }
    close_self(&t, unwinder);
}

Test(unwind, limit)
{
    struct self t;
    ucontext_t here;
    struct unwinder *u = open_self(&t);
    getcontext(&here);
    struct unwind_regs regs = registers(&here);
    cr_expect_eq(unwinder_run(u, &regs, 1, &frames, &count), UNWIND_TOO_DEEP);
    cr_expect_eq(count, 1);
    close_self(&t, u);
}

/* A stack of pointers into the program and into itself: it leads anywhere, and round. */
static void random_stack(struct self *t, uint64_t *stack, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        switch (next_random(t) % 4) {
        case 0:
            stack[i] = t->base + next_random(t) % 0x8000;
            break;
        case 1:
            stack[i] = (uint64_t)(uintptr_t)(stack + next_random(t) % words);
            break;
        case 2:
            stack[i] = (uint64_t)(uintptr_t)&unwind_deepest + next_random(t) % 128;
            break;
        default:
            stack[i] = next_random(t);
        }
    }
}

static void run_random(struct self *t, struct unwinder *u, unsigned rounds)
{
    static uint64_t stack[512];
    struct unwind_regs regs;
    for (unsigned round = 0; round < rounds; round++) {
        random_stack(t, stack, 512);
        memcpy(&regs, stack + next_random(t) % 256, sizeof(regs));
        regs.gpr[4] = (uint64_t)(uintptr_t)(stack + next_random(t) % 512);
        regs.rip = (uint64_t)(uintptr_t)&unwind_deepest + next_random(t) % 128;
        if (round % 8 == 0) {
            unwinder_forget(u);
            t->which++;
        }
        enum unwind_end end = unwinder_run(u, &regs, 5000, &frames, &count);
        cr_assert(count >= 1 && count <= 5000 && end <= UNWIND_TOO_DEEP, "%d, %zu", end, count);
    }
}

Test(unwind, damaged_stacks)
{
    struct self t;
    struct unwinder *u = open_self(&t);
    run_random(&t, u, 20000);
    close_self(&t, u);
}

Test(unwind, damaged_descriptions)
{
    struct self t;
    struct unwinder *u = open_self(&t);
    for (t.damage = 1; t.damage < 64; t.damage *= 2)
        run_random(&t, u, 2000);
    close_self(&t, u);
}
