/*
 * stray_store - loads and stores to random addresses that hold the recorder's own memory:
 * each is the program's own SIGSEGV at an address where nothing is mapped, as natively.
 * Needs protection keys, as the setup finds out. With `low`, also the range below 2 GiB,
 * which is closed in native mode only.
 * run: --setup "grep -qw ospke /proc/cpuinfo && touch keys || true"
 */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>

static sigjmp_buf back;
static volatile uintptr_t hit;

static void on_segv(int signo, siginfo_t *info, void *uc)
{
    CHECK(signo == SIGSEGV);
    printf("  code %d\n", info->si_code);
    hit = (uintptr_t)info->si_addr;
    siglongjmp(back, 1);
}

static void store(uintptr_t addr)
{
    hit = 0;
    if (sigsetjmp(back, 1) == 0)
        *(volatile char *)addr = 1;
    printf("store to %#lx: %s\n", (unsigned long)addr, hit == addr ? "SIGSEGV" : "went through");
}

static void load(uintptr_t addr)
{
    volatile char c = 0;
    hit = 0;
    if (sigsetjmp(back, 1) == 0)
        c = *(volatile char *)addr;
    printf("load from %#lx: %s\n", (unsigned long)addr, hit == addr ? "SIGSEGV" : "went through");
    (void)c;
}

int main(int argc, char **argv)
{
    struct sigaction sa = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (access("keys", F_OK))
        SKIP("this processor has no protection keys");
    CHECK(sigaction(SIGSEGV, &sa, NULL) == 0);
    static const uintptr_t high[] = {
        0x700100000000, /* the rings' heads and tails */
        0x700140000000, /* the log's data */
        0x700180000040, 0x700200000000, /* the heap */
        0x700200001234,
    };
    for (unsigned i = 0; i < sizeof high / sizeof *high; i++) {
        store(high[i]);
        load(high[i]);
    }
    static const uintptr_t low[] = {0x70000010, 0x70010028, 0x70020100};
    for (unsigned i = 0; argc > 1 && !strcmp(argv[1], "low") && i < sizeof low / sizeof *low; i++)
        store(low[i]);
    return 0;
}
