/*
 * random_code.c - random instruction sequences, natively and translated from the same state:
 * registers, flags, vector state, memory and the fault at the end must be the same.
 *
 * usage: xlate_random [seconds [seed [one]]]; with `one`, only that sequence, printed.
 */
#include "generate.h"
#include "harness.h"

#include "rekernel/x86/decode.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define MAX_INSNS 20

struct sequence {
    uint64_t base; /* where it runs */
    uint32_t len;
    uint32_t insns;
    uint8_t bytes[MAX_INSNS * 24 + 64];
};

static uint8_t *image; /* data as it is before each run */
static uint8_t *after; /* data after the native run */
static struct hx_result start_state, native_end, translated_end;

/* ------------------------------------------------------------------- runs */
static uint64_t random_register(void)
{
    switch (pick(8)) {
    case 0: /* its lower half not in the translator's own memory */
        return hx_random() | 0x80000000u;
    case 1:
    case 2:
        return pick(40);
    default:
        return HX_DATA + 0x1000 + pick(0x8000);
    }
}

static void random_state(uint64_t base)
{
    memset(&start_state, 0, sizeof(start_state));
    for (unsigned i = 0; i < 16; i++)
        start_state.gpr[i] = random_register();
    start_state.gpr[RSP] = HX_STACK + 8 * pick(64);
    start_state.rip = base;
    start_state.rflags = 0x202 | (hx_random() & 0x8d5);
    hx_seed_vectors(hx_random());
}

static void restore_data(void)
{
    memcpy((void *)HX_DATA, image, HX_DATA_SIZE);
    memcpy((void *)HIGH_DATA, image, 8192);
}

static void place(const struct sequence *s)
{
    memcpy((void *)s->base, s->bytes, s->len);
    ((uint8_t *)s->base)[s->len] = 0xf4;
}

static void run_native(const struct sequence *s)
{
    restore_data();
    place(s);
    hx_native(&start_state, &native_end);
}

static int reached_end(const struct hx_result *r, const struct sequence *s)
{
    return r->rip == s->base + s->len;
}

/* Adds instructions, mostly such as do not fault. */
static void build(struct sequence *s, int high)
{
    unsigned want = 1 + pick(MAX_INSNS);
    s->base = (high ? HIGH_CODE : HX_CODE) + pick(8) * 4096 + 4096 - pick(80);
    s->len = s->insns = 0;
    random_state(s->base);
    for (unsigned tries = 0; s->insns < want && tries < 60; tries++) {
        unsigned n = random_insn(s->bytes + s->len, s->base + s->len, high);
        s->len += n;
        s->insns++;
        run_native(s);
        if (reached_end(&native_end, s))
            continue;
        if (pick(16) == 0)
            return;
        s->len -= n;
        s->insns--;
    }
}

static void print_sequence(const struct sequence *s)
{
    for (uint32_t at = 0; at < s->len;) {
        struct insn in;
        insn_decode(&in, s->bytes + at, 15);
        printf("  %#lx:", (unsigned long)(s->base + at));
        for (unsigned i = 0; i < in.len; i++)
            printf(" %02x", s->bytes[at + i]);
        printf("\n");
        at += in.len;
    }
}

static int same_end(void)
{
    const struct hx_result *n = &native_end, *t = &translated_end;
    if (hx_differ(n, t))
        return 0;
    if (t->exit == VCPU_EXIT_TRAP)
        return n->signo == 11 && n->trapno == 13;
    if (t->exit != VCPU_EXIT_FAULT || n->signo != t->signo || n->trapno != t->trapno) {
        printf("signal %u trap %lu, translated exit %d signal %u trap %lu\n", n->signo,
               (unsigned long)n->trapno, t->exit, t->signo, (unsigned long)t->trapno);
        return 0;
    }
    return (n->signo != 11 && n->signo != 7) ||
           (n->fault_addr == t->fault_addr && n->err == t->err);
}

static int same_memory(void)
{
    const uint64_t *a = (const uint64_t *)(const void *)after;
    const uint64_t *b = (const uint64_t *)HX_DATA;
    for (size_t i = 0; i < HX_DATA_SIZE / 8; i++)
        if (a[i] != b[i]) {
            printf("memory at %#lx: %#lx, translated %#lx\n", (unsigned long)(HX_DATA + i * 8),
                   (unsigned long)a[i], (unsigned long)b[i]);
            return 0;
        }
    return 1;
}

/* A random address may hit the translator's tables, which the test does not restore: such a
 * sequence proves nothing. It faults when they are out of reach. */
static int harmless(const struct sequence *s)
{
    const uint64_t len = RK_LOW_CACHE_END - RK_LOW_CACHE;
    struct hx_result first = native_end;
    mprotect((void *)RK_LOW_CACHE, len, PROT_NONE);
    run_native(s);
    mprotect((void *)RK_LOW_CACHE, len, PROT_READ | PROT_WRITE | PROT_EXEC);
    return memcmp(&first, &native_end, sizeof(first)) == 0 &&
           memcmp(after, (void *)HX_DATA, HX_DATA_SIZE) == 0;
}

static int verbose;

static int compare(const struct sequence *s, unsigned long seed)
{
    if (verbose)
        print_sequence(s), fflush(stdout);
    run_native(s);
    memcpy(after, (void *)HX_DATA, HX_DATA_SIZE);
    restore_data();
    xl_invalidate(s->base, s->len + 1);
    hx_translated(&start_state, NULL, &translated_end);
    xl_will_write(s->base, 4096);
    if (same_end() && same_memory())
        return 0;
    if (!harmless(s)) {
        printf("it touches memory that is not restored: not counted\n");
        return 0;
    }
    printf("seed %lu, %u instructions at %#lx:\n", seed, s->insns, (unsigned long)s->base);
    print_sequence(s);
    return 1;
}

static void map_high(void)
{
    void *p = mmap((void *)HIGH_CODE, 0x200000, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(p == (void *)HIGH_CODE, "mmap");
    hx_add_exec(HIGH_CODE, 0x10000);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 10;
    unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
    unsigned long ends[32] = {0}, count = 0, insns = 0, bad = 0;
    verbose = argc > 3;
    hx_init();
    map_high();
    image = malloc(HX_DATA_SIZE);
    after = malloc(HX_DATA_SIZE);
    for (size_t i = 0; i < HX_DATA_SIZE; i++)
        image[i] = (uint8_t)hx_random();
    double end = now() + seconds;
    for (; now() < end && bad < 5; seed++) {
        struct sequence s;
        hx_seed(seed);
        hx_note = seed;
        build(&s, pick(4) == 0);
        bad += (unsigned long)compare(&s, seed);
        ends[native_end.signo == 11 && native_end.trapno == 13 ? 0 : native_end.signo & 31]++;
        insns += s.insns;
        count++;
        if (argc > 3)
            break;
    }
    printf("%lu sequences, %lu instructions; ended by hlt or #GP %lu, SIGSEGV %lu, SIGILL %lu, "
           "SIGFPE %lu, SIGBUS %lu, SIGTRAP %lu\n",
           count, insns, ends[0], ends[11], ends[4], ends[8], ends[7], ends[5]);
    return bad != 0;
}
