/*
 * watches.c - random instruction sequences with some memory watched: the translator must stop
 * before each instruction that touches it, as found by looking at every single one, and the
 * sequence must end as it does natively.
 *
 * usage: xlate_watches [seconds [seed [one]]]; with `one`, only that sequence.
 */
#include "generate.h"
#include "harness.h"

#include "rekernel/x86/access.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define MAX_INSNS 20
#define MAX_BYTES (MAX_INSNS * 16)

static struct hx_result start_state, native_end, stepped_end, watched_end;
static uint8_t *image, *after;
static uint64_t base;
static uint32_t len, insns;
static uint8_t bytes[MAX_BYTES + 64];

static struct xl_watched ranges[XL_WATCH_MAX];
static unsigned range_count;
static uint8_t touches[MAX_BYTES + 64], stopped[MAX_BYTES + 64]; /* by offset of the instruction */
static unsigned long touched, stops, in_vain;
static int wild; /* it accesses what is not restored before each run: it proves nothing */

/* --------------------------------------------------------------- sequences */
static void random_state(void)
{
    memset(&start_state, 0, sizeof(start_state));
    for (unsigned i = 0; i < 16; i++)
        start_state.gpr[i] = pick(6) ? HX_DATA + 0x1000 + pick(0x8000) : pick(40);
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

static void run_native(void)
{
    restore_data();
    memcpy((void *)base, bytes, len);
    ((uint8_t *)base)[len] = 0xf4;
    hx_native(&start_state, &native_end);
}

/* Instructions that do not fault, but maybe for the last. */
static void build(int high)
{
    unsigned want = 2 + pick(MAX_INSNS - 2);
    base = (high ? HIGH_CODE : HX_CODE) + pick(8) * 4096 + pick(2000);
    bytes[0] = 0x90; /* what comes first is passed over */
    len = insns = 1;
    random_state();
    for (unsigned tries = 0; insns < want && tries < 60; tries++) {
        unsigned n = random_insn(bytes + len, base + len, high);
        len += n;
        run_native();
        insns++;
        if (native_end.rip == base + len)
            continue;
        if (pick(16) == 0)
            return;
        len -= n;
        insns--;
    }
}

/* ----------------------------------------------------------------- looking */
static uint64_t segment_base(unsigned seg)
{
    uint64_t at;
    if (seg == 0x65)
        return 0;
    __asm__("rdfsbase %0" : "=r"(at));
    return at;
}

static int hits(const struct insn_access *a)
{
    for (unsigned i = 0; i < range_count; i++)
        if ((a->kind & ranges[i].kinds) && a->addr < ranges[i].end &&
            a->addr + a->len > ranges[i].start)
            return 1;
    return 0;
}

static int is_data(const struct insn_access *a)
{
    uint64_t end = a->addr + a->len;
    return (a->addr >= HX_DATA && end <= HX_DATA + HX_DATA_SIZE) ||
           (a->addr >= HIGH_DATA && end <= HIGH_DATA + 8192);
}

/* Before each instruction of the run that steps. */
static void look(void)
{
    struct insn_access a[ACCESS_MAX];
    struct insn in;
    uint64_t at = VCPU->rip - base;
    struct access_cpu cpu = {VCPU->gpr, VCPU->rip, VCPU->rflags, segment_base,
                             hx_vector, hx_mask,   2696};
    if (at >= len || insn_decode(&in, bytes + at, 15) != 0)
        return;
    unsigned n = insn_accesses(&in, bytes + at, &cpu, a);
    for (unsigned i = 0; i < n; i++) {
        touches[at] |= (uint8_t)hits(&a[i]);
        wild |= !is_data(&a[i]);
    }
}

static void note_stop(void)
{
    uint64_t at = VCPU->rip - base;
    if (at < len)
        stopped[at] = 1;
}

/* ------------------------------------------------------------------- one test */
static void random_ranges(void)
{
    range_count = 1 + pick(XL_WATCH_MAX);
    for (unsigned i = 0; i < range_count; i++) {
        uint64_t near = start_state.gpr[pick(16)], size = 1 + pick(pick(2) ? 16 : 2000);
        uint64_t at = pick(4) ? near + pick(256) - 128 : HX_DATA + pick(0x10000);
        ranges[i] = (struct xl_watched){at, at + size, 1 + pick(3), 0};
        if (at + size < at)
            ranges[i].start = 0, ranges[i].end = size;
    }
}

static int same(const struct hx_result *end, const char *how)
{
    if (hx_differ(&native_end, end) || memcmp(after, (void *)HX_DATA, HX_DATA_SIZE) != 0) {
        printf("%s: another end or other memory\n", how);
        return 0;
    }
    return 1;
}

static int compare_stops(void)
{
    for (uint32_t i = 1; i < len; i++) {
        touched += touches[i];
        stops += stopped[i];
        in_vain += stopped[i] && !touches[i];
        if (touches[i] && !stopped[i]) {
            printf("no stop at offset %u\n", i);
            return 0;
        }
    }
    return 1;
}

static int test(unsigned long seed)
{
    static const struct xl_stop step = {.flags = XL_STOP_STEP};
    memset(touches, 0, sizeof(touches));
    memset(stopped, 0, sizeof(stopped));
    wild = 0;
    run_native();
    memcpy(after, (void *)HX_DATA, HX_DATA_SIZE);
    random_ranges();
    restore_data();
    xl_watch(NULL, 0, 0);
    hx_stopping(&start_state, &step, look, &stepped_end);
    if (wild)
        return 1;
    int good = same(&stepped_end, "stepped");
    restore_data();
    xl_watch(ranges, range_count, XL_HAS_SHIFTS | XL_HAS_BASES);
    hx_stopping(&start_state, NULL, note_stop, &watched_end);
    good &= same(&watched_end, "watched");
    xl_will_write(base, 4096);
    if (good && compare_stops())
        return 1;
    printf("seed %lu, %u instructions at %#lx:\n", seed, insns, (unsigned long)base);
    for (uint32_t i = 0; i < len; i++)
        printf(" %02x", bytes[i]);
    putchar('\n');
    return 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    double end = now() + (argc > 1 ? atof(argv[1]) : 10);
    unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1, count = 0, bad = 0;
    hx_init();
    void *p = mmap((void *)HIGH_CODE, 0x200000, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(p == (void *)HIGH_CODE, "mmap");
    hx_add_exec(HIGH_CODE, 0x10000);
    image = malloc(HX_DATA_SIZE);
    after = malloc(HX_DATA_SIZE);
    for (size_t i = 0; i < HX_DATA_SIZE; i++)
        image[i] = (uint8_t)hx_random();
    for (; now() < end && bad < 5; seed++, count++) {
        hx_seed(seed);
        hx_note = seed;
        build(pick(4) == 0);
        bad += !test(seed);
        if (argc > 3)
            break;
    }
    printf("%lu sequences; %lu instructions touch what is watched, %lu stops, %lu in vain\n", count,
           touched, stops, in_vain);
    return bad || (argc <= 3 && touched < 100);
}
