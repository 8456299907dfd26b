/*
 * memory_stress - thousands of random mmap, munmap, mprotect, mremap and madvise calls
 * in one arena, followed page by page in a model; contents and protections checked.
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>

#define PAGES 256
enum state { UNMAPPED, NONE, READ, WRITE };
static struct {
    enum state state;
    unsigned seed; /* 0: zeros */
} model[PAGES];
static char *arena;
static uint32_t rng = 99;
static sigjmp_buf out;

static unsigned pick(unsigned below)
{
    rng = rng * 1103515245 + 12345;
    return (rng >> 8) % below;
}

static void on_fault(int sig)
{
    siglongjmp(out, 1);
}

static int readable(int page)
{
    if (sigsetjmp(out, 1))
        return 0;
    (void)*(volatile char *)(arena + page * PAGE);
    return 1;
}

static int prot_of(enum state s)
{
    return s == WRITE ? PROT_READ | PROT_WRITE : s == READ ? PROT_READ : PROT_NONE;
}

static void check_page(int i)
{
    char *p = arena + i * PAGE;
    if (model[i].state < READ) {
        CHECK(!readable(i));
        return;
    }
    if (model[i].seed)
        CHECK(is_pattern(p, PAGE, model[i].seed));
    else
        CHECK(is_zero(p, PAGE));
}

static void map_some(int at, int n, enum state s)
{
    CHECK(mmap(arena + at * PAGE, n * PAGE, prot_of(s), MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
               0) == arena + at * PAGE);
    for (int i = at; i < at + n; i++) {
        model[i].state = s;
        model[i].seed = 0;
    }
}

static void unmap_some(int at, int n)
{
    CHECK(munmap(arena + at * PAGE, n * PAGE) == 0);
    for (int i = at; i < at + n; i++)
        model[i].state = UNMAPPED;
}

static void change(int at, int n, enum state s, int advise)
{
    int all = 1;
    for (int i = at; i < at + n; i++)
        all &= model[i].state != UNMAPPED;
    long ret = advise ? RAW3(SYS_madvise, arena + at * PAGE, n * PAGE, MADV_DONTNEED)
                      : RAW3(SYS_mprotect, arena + at * PAGE, n * PAGE, prot_of(s));
    CHECK(ret == (all ? 0 : -ENOMEM));
    for (int i = at; i < at + n; i++) {
        if (model[i].state == UNMAPPED && !advise)
            break; /* mprotect stops at the first hole */
        if (model[i].state == UNMAPPED)
            continue;
        if (advise)
            model[i].seed = 0;
        else
            model[i].state = s;
    }
}

static void write_some(int at, int n)
{
    for (int i = at; i < at + n; i++)
        if (model[i].state == WRITE) {
            model[i].seed = 1 + pick(1000);
            fill_pattern(arena + i * PAGE, PAGE, model[i].seed);
        }
}

static void move_one(int from, int to)
{
    if (from == to || model[from].state == UNMAPPED)
        return;
    CHECK(mremap(arena + from * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                 arena + to * PAGE) == arena + to * PAGE);
    model[to] = model[from];
    model[from].state = UNMAPPED;
}

static void one_step(void)
{
    int at = (int)pick(PAGES), n = 1 + (int)pick(12);
    if (at + n > PAGES)
        n = PAGES - at;
    switch (pick(7)) {
    case 0:
        map_some(at, n, NONE + pick(3));
        break;
    case 1:
        unmap_some(at, n);
        break;
    case 2:
        change(at, n, NONE + pick(3), 0);
        break;
    case 3:
        change(at, n, NONE, 1);
        break;
    case 4:
        move_one(at, (int)pick(PAGES));
        break;
    default:
        write_some(at, n);
    }
}

int main(void)
{
    signal(SIGSEGV, on_fault);
    arena = map_pages(PAGES, PROT_READ | PROT_WRITE);
    for (int i = 0; i < PAGES; i++)
        model[i].state = WRITE;
    for (int i = 0; i < 6000; i++) {
        one_step();
        check_page((int)pick(PAGES));
    }
    uint64_t h = MIX_START;
    for (int i = 0; i < PAGES; i++) {
        check_page(i);
        h = mix(h, &model[i], sizeof(model[i]));
    }
    printf("%016llx\n", (unsigned long long)h);
    return 0;
}
