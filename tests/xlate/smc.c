/*
 * smc.c - code that changes: written by itself, by other code, by system calls, through a second
 * mapping, unmapped; and a cache that overflows.
 */
#include "generate.h"
#include "harness.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define XL_TEST_BLOCKS 1200000 /* more than twice what the tables hold */
#define PAGE(n) (HX_CODE + (uint64_t)(n)*4096)

static struct hx_result state;

static void put(uint64_t at, const char *bytes, unsigned n)
{
    xl_will_write(at, n);
    memcpy((void *)at, bytes, n);
}

static void prepare(uint64_t rip)
{
    memset(&state, 0, sizeof(state));
    state.gpr[RSP] = HX_STACK;
    state.rip = rip;
    state.rflags = 0x202;
}

/* Runs translated and natively (first) and compares; returns the exit's rax. */
static uint64_t run_both(const char *what)
{
    struct hx_result native, translated;
    static uint8_t code[2][3 * 4096];
    memcpy(code[0], (void *)HX_CODE, sizeof(code[0]));
    xl_will_write(HX_CODE, sizeof(code[0]));
    hx_native(&state, &native);
    memcpy(code[1], (void *)HX_CODE, sizeof(code[0]));
    memcpy((void *)HX_CODE, code[0], sizeof(code[0]));
    hx_translated(&state, NULL, &translated);
    CHECK(translated.exit == VCPU_EXIT_TRAP, "%s: exit %d at %#lx", what, translated.exit,
          (unsigned long)translated.rip);
    CHECK(!hx_differ(&native, &translated), "%s", what);
    CHECK(memcmp(code[1], (void *)HX_CODE, sizeof(code[0])) == 0, "%s: code differs", what);
    return translated.gpr[RAX];
}

/* mov byte [next + 1], 7 ; next: mov eax, 1 -- in one block */
static void check_next_instruction(void)
{
    put(PAGE(0), "\xc6\x05\x01\x00\x00\x00\x07\xb8\x01\x00\x00\x00\xf4", 13);
    prepare(PAGE(0));
    CHECK(run_both("next instruction") == 7, "rax %lu", state.gpr[RAX]);
}

/* A loop that counts in its own immediate operand: 1: add dword [2f + 1], 1; 2: mov eax, 0;
 * cmp eax, 100; jne 1b */
static void check_own_operand(void)
{
    put(PAGE(0) + 0x10, "\x83\x05\x01\x00\x00\x00\x01\xb8\x00\x00\x00\x00\x83\xf8\x64\x75\xef\xf4",
        18);
    prepare(PAGE(0) + 0x10);
    CHECK(run_both("own operand") == 100, "rax %lu", state.gpr[RAX]);
}

/* Data in the page of the loop that writes it: must not fault each time round. */
static void check_data_beside(void)
{
    unsigned long before = hx_write_faults;
    put(PAGE(1),
        "\xb9\xa0\x86\x01\x00"          /* mov ecx, 100000 */
        "\xff\x05\xf5\x07\x00\x00"      /* 1: inc dword [rip + 0x7f5] = PAGE + 0x800 */
        "\xff\xc9\x75\xf6"              /* dec ecx; jnz 1b */
        "\x8b\x05\xeb\x07\x00\x00\xf4", /* mov eax, [PAGE + 0x800]; hlt */
        22);
    memset((void *)PAGE(1) + 0x800, 0, 4);
    prepare(PAGE(1));
    CHECK(run_both("data beside code") == 100000, "rax %lu", state.gpr[RAX]);
    CHECK(hx_write_faults - before < 40, "%lu write faults", hx_write_faults - before);
}

/* A compiler's life: write a function, call it, write the next at the same place. */
static void check_rewriting(void)
{
    uint64_t sum = 0, want = 0;
    for (uint32_t i = 1; i <= 300; i++) {
        uint64_t at = PAGE(16) + 64 * (i % 5);
        uint8_t fn[] = {0x8d, 0x87, 0, 0, 0, 0, 0xc3}; /* lea eax, [rdi + i]; ret */
        memcpy(fn + 2, &i, 4);
        put(at, (const char *)fn, sizeof(fn));
        for (uint64_t a = 0; a < 5; a++) {
            sum += hx_call((void *)at, a, 0, 0);
            want += a + i;
        }
    }
    CHECK(sum == want, "%lu, want %lu", sum, want);
}

/* Direct links into a function that changes must not go to the old one, time after time. */
static void check_linked_callee(void)
{
    put(PAGE(20), "\xe8\xfb\x0f\x00\x00\xc3", 6); /* call PAGE(21); ret */
    for (uint32_t i = 0; i < 100; i++) {
        uint8_t fn[] = {0xb8, 0, 0, 0, 0, 0xc3};
        memcpy(fn + 1, &i, 4);
        put(PAGE(21), (const char *)fn, sizeof(fn));
        for (int k = 0; k < 3; k++)
            CHECK(hx_call((void *)PAGE(20), 0, 0, 0) == i, "%u", i);
    }
}

/* An instruction across two pages: a write to its second page counts. */
static void check_across_pages(void)
{
    put(PAGE(24) - 2, "\xb8\x01\x00\x00\x00\xc3", 6);
    CHECK(hx_call((void *)(PAGE(24) - 2), 0, 0, 0) == 1, "before");
    xl_will_write(PAGE(24), 1);
    *(uint8_t *)PAGE(24) = 0x55;
    CHECK(hx_call((void *)(PAGE(24) - 2), 0, 0, 0) == 0x5501, "after");
}

static void check_unmapped(void)
{
    struct hx_result r;
    put(PAGE(28), "\xb8\x02\x00\x00\x00\xc3", 6);
    CHECK(hx_call((void *)PAGE(28), 0, 0, 0) == 2, "before");
    CHECK(mmap((void *)PAGE(28), 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)PAGE(28),
          "mmap");
    xl_invalidate(PAGE(28), 4096);
    memcpy((void *)PAGE(28), "\xb8\x03\x00\x00\x00\xc3", 6);
    CHECK(hx_call((void *)PAGE(28), 0, 0, 0) == 3, "after");
    prepare(HX_DATA + 0x123);
    hx_translated(&state, NULL, &r);
    CHECK(r.exit == VCPU_EXIT_FAULT && r.rip == HX_DATA + 0x123 && r.fault_addr == r.rip &&
              r.signo == 11 && r.err == 0x14,
          "not executable: exit %d", r.exit);
}

/* Two views of the same memory: writes through the other one fault nowhere. */
#define VIEW 0x31000000ull
#define OTHER_VIEW 0x32000000ull

static int no_protection(uint64_t addr, uint64_t len, int on)
{
    return addr >= VIEW && addr < VIEW + 8192 ? -1 : 0;
}

static void check_two_views(void)
{
    int fd = memfd_create("code", 0);
    CHECK(fd >= 0 && ftruncate(fd, 8192) == 0, "memfd");
    CHECK(mmap((void *)VIEW, 8192, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED_NOREPLACE, fd,
               0) == (void *)VIEW,
          "mmap");
    CHECK(mmap((void *)OTHER_VIEW, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE,
               fd, 0) == (void *)OTHER_VIEW,
          "mmap");
    hx_add_exec(VIEW, 8192);
    hx_wprotect_hook = no_protection;
    for (uint32_t i = 0; i < 50; i++) {
        uint8_t fn[] = {0xb8, 0, 0, 0, 0, 0xeb, 0x01, 0xcc, 0xc3};
        memcpy(fn + 1, &i, 4);
        memcpy((void *)(OTHER_VIEW + 4094), fn, sizeof(fn));
        for (int k = 0; k < 3; k++)
            CHECK(hx_call((void *)(VIEW + 4094), 0, 0, 0) == i, "%u", i);
    }
    hx_wprotect_hook = NULL;
}

/* A store that runs alone drops a block that others are linked to; then more code is
 * translated. Who calls the dropped block must still come to what took its place. */
static void check_alone(void)
{
    const struct xl_stop step = {.flags = XL_STOP_STEP};
    struct hx_result r;
    put(PAGE(40), "\xe8\xfb\x0f\x00\x00\xc3", 6);         /* call PAGE(41); ret */
    put(PAGE(41), "\xb8\x01\x00\x00\x00\xc3", 6);         /* mov eax, 1; ret */
    put(PAGE(42), "\xc6\x04\x25\x01\x90\x02\x10\x02", 8); /* mov byte [PAGE(41) + 1], 2 */
    put(PAGE(43), "\x85\xff", 2); /* test edi, edi; jne to many places; ret */
    for (unsigned i = 0; i < 8; i++)
        put(PAGE(43) + 2 + 6 * i, "\x0f\x85\x00\x02\x00\x00", 6);
    put(PAGE(43) + 50, "\xc3", 1);
    CHECK(hx_call((void *)PAGE(40), 0, 0, 0) == 1, "before");
    prepare(PAGE(42));
    hx_translated(&state, &step, &r);
    CHECK(r.exit == VCPU_EXIT_STOP && r.rip == PAGE(42) + 8, "exit %d", r.exit);
    hx_call((void *)PAGE(43), 0, 0, 0);
    CHECK(hx_call((void *)PAGE(40), 0, 0, 0) == 2, "after");
}

/* Code that was patched many times and then is not any more must become fast again. */
static void check_settled(void)
{
    struct xl_stats before, after;
    put(PAGE(44), "\x89\xf9\xff\xc9\x75\xfc\xb8\x00\x00\x00\x00\xc3",
        12);                              /* loop; mov eax, n; ret */
    put(PAGE(46), "\x40\x88\x37\xc3", 4); /* mov [rdi], sil; ret */
    for (uint64_t i = 0; i < 40; i++) {
        hx_call((void *)PAGE(46), PAGE(44) + 7, i, 0);
        CHECK(hx_call((void *)PAGE(44), 3, 0, 0) == i, "patch %lu", (unsigned long)i);
    }
    hx_call((void *)PAGE(44), 100000, 0, 0);
    xl_get_stats(&before);
    hx_call((void *)PAGE(44), 1000000, 0, 0);
    xl_get_stats(&after);
    CHECK(after.exits - before.exits < 1000, "%lu exits", after.exits - before.exits);
}

/* More blocks than the tables hold: the cache is emptied, and all goes on. */
static void check_overflow(void)
{
    struct xl_stats s;
    const unsigned per_round = 10000;
    xl_get_stats(&s);
    uint64_t flushes = s.flushes, want = s.blocks + XL_TEST_BLOCKS;
    while (s.blocks < want) {
        xl_will_write(HX_CODE, HX_CODE_SIZE);
        for (unsigned i = 0; i < per_round; i++) /* inc eax; jmp +1; int3 */
            memcpy((void *)(PAGE(32) + i * 5), "\xff\xc0\xeb\x01\xcc", 5);
        *(uint8_t *)(PAGE(32) + per_round * 5) = 0xc3;
        CHECK(hx_call((void *)PAGE(32), 0, 0, 0) == per_round, "count");
        xl_get_stats(&s);
    }
    CHECK(s.flushes > flushes, "%lu blocks and no flush", s.blocks);
}

int main(void)
{
    hx_init();
    check_next_instruction();
    check_own_operand();
    check_data_beside();
    check_rewriting();
    check_linked_callee();
    check_across_pages();
    check_unmapped();
    check_two_views();
    check_alone();
    check_settled();
    check_overflow();
    printf("%lu write faults\n", hx_write_faults);
    return 0;
}
