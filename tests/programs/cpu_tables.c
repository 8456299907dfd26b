/*
 * cpu_tables - instructions that show the processor's own state: sgdt, sidt, sldt, str,
 * smsw, lsl, xgetbv, rdpid (only if CPUID shows it), rdfsbase. They may be refused; what they
 * tell must be the same in each replay, whatever its mode and processor.
 * run: --random
 */
#include "check.h"

#include <cpuid.h>
#include <setjmp.h>
#include <signal.h>

static sigjmp_buf out;
static void on_fault(int sig)
{
    siglongjmp(out, sig);
}

#define SHOW(name, ...) \
    do { \
        unsigned char raw[16] = {0}; \
        int sig = sigsetjmp(out, 1); \
        if (sig == 0) \
            __asm__ volatile(__VA_ARGS__); \
        printf("%s: signal %d, %016llx\n", name, sig, \
               (unsigned long long)mix(MIX_START, raw, sizeof(raw))); \
    } while (0)

int main(void)
{
    unsigned a, b, c, d;
    void *nowhere = (void *)0x1234;
    static uint32_t selector;
    volatile unsigned osxsave, has_rdpid = 0, fsgsbase = 0;
    signal(SIGSEGV, on_fault);
    signal(SIGILL, on_fault);
    __cpuid(1, a, b, c, d);
    osxsave = c & bit_OSXSAVE;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        has_rdpid = c & (1u << 22);
        fsgsbase = b & 1;
    }
    for (volatile int i = 0; i < 20; i++) {
        SHOW("sgdt", "sgdt %0" : "=m"(raw)::"memory");
        SHOW("sidt", "sidt %0" : "=m"(raw)::"memory");
        SHOW("sldt", "sldt %0" : "=m"(*(uint16_t *)raw)::"memory");
        SHOW("str", "str %0" : "=m"(*(uint16_t *)raw)::"memory");
        SHOW("smsw", "smsw %0" : "=m"(*(uint16_t *)raw)::"memory");
        SHOW("sgdt to nowhere", "sgdt (%0)" : : "r"(nowhere) : "memory");
        SHOW("smsw, register", "mov $-1,%%rax\n\tsmsw %%ax\n\tmov %%rax,%0"
             : "=m"(*(uint64_t *)raw)::"rax", "memory");
        SHOW("smsw, 32 bits", "mov $-1,%%rax\n\tsmsw %%eax\n\tmov %%rax,%0"
             : "=m"(*(uint64_t *)raw)::"rax", "memory");
        SHOW("sldt, register", "mov $-1,%%rax\n\tsldt %%r9d\n\tmov %%r9w,%0"
             : "=m"(*(uint16_t *)raw)::"rax", "r9", "memory");
        SHOW("str, register", "mov $-1,%%rax\n\tstr %%rax\n\tmov %%ax,%0"
             : "=m"(*(uint16_t *)raw)::"rax", "memory");
        for (selector = 0; selector < 0x90; selector += 8 - selector % 8 + (unsigned)i % 8)
            SHOW("lsl", "mov $-1,%%r10\n\tlsl %1,%%r10d\n\tmov %%r10,%0\n\tsetz 8+%0"
                 : "+m"(raw) : "r"(selector) : "r10", "cc", "memory");
        if (osxsave)
            SHOW("xgetbv", "xor %%ecx,%%ecx\n\txgetbv\n\tmov %%eax,%0"
                 : "=m"(*(uint32_t *)raw)::"eax", "ecx", "edx", "memory");
        if (has_rdpid)
            SHOW("rdpid", ".byte 0xf3,0x0f,0xc7,0xf8\n\tmov %%rax,%0"
                 : "=m"(*(uint64_t *)raw)::"rax", "memory");
        if (fsgsbase)
            SHOW("rdfsbase", "rdfsbase %%rax\n\tmov %%rax,%0"
                 : "=m"(*(uint64_t *)raw)::"rax", "memory");
    }
    return 0;
}
