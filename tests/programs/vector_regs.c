/*
 * vector_regs - x87, SSE and AVX state survive syscalls and signal handlers that
 * destroy them; mxcsr and the x87 control word too.
 */
#include "check.h"

#include <signal.h>

static int use_avx;

__attribute__((target("avx2"))) static void destroy_ymm(void)
{
    __asm__ volatile(
        "vpcmpeqd %%ymm0,%%ymm0,%%ymm0\n\tvmovdqa %%ymm0,%%ymm1\n\tvmovdqa %%ymm0,%%ymm7\n\t"
        "vmovdqa %%ymm0,%%ymm15" ::
            : "xmm0", "xmm1", "xmm7", "xmm15");
}

static void on_signal(int sig)
{
    unsigned csr = 0x1f80 | 0x6000; /* rounding towards zero */
    __asm__ volatile("ldmxcsr %0\n\tfninit\n\tfldpi" ::"m"(csr));
    if (use_avx)
        destroy_ymm();
    else
        __asm__ volatile("pcmpeqd %%xmm0,%%xmm0\n\tmovdqa %%xmm0,%%xmm15" ::: "xmm0", "xmm15");
}

/* Loads registers, makes the syscall, reads them back. */
static void sse_across(long nr, long arg1, long arg2)
{
    unsigned char in[32], out[32];
    fill_pattern(in, sizeof(in), 17);
    long ret;
    __asm__ volatile("movdqu (%[in]), %%xmm0\n\tmovdqu 16(%[in]), %%xmm15\n\t"
                     "syscall\n\t"
                     "movdqu %%xmm0, (%[out])\n\tmovdqu %%xmm15, 16(%[out])"
                     : "=a"(ret)
                     : "0"(nr), "D"(arg1), "S"(arg2), [in] "r"(in), [out] "r"(out)
                     : "rcx", "r11", "xmm0", "xmm15", "memory");
    CHECK(ret >= 0);
    CHECK(memcmp(in, out, sizeof(in)) == 0);
}

__attribute__((target("avx2"))) static void avx_across(long nr, long arg1, long arg2)
{
    unsigned char in[64], out[64];
    fill_pattern(in, sizeof(in), 18);
    long ret;
    __asm__ volatile("vmovdqu (%[in]), %%ymm1\n\tvmovdqu 32(%[in]), %%ymm7\n\t"
                     "syscall\n\t"
                     "vmovdqu %%ymm1, (%[out])\n\tvmovdqu %%ymm7, 32(%[out])\n\tvzeroupper"
                     : "=a"(ret)
                     : "0"(nr), "D"(arg1), "S"(arg2), [in] "r"(in), [out] "r"(out)
                     : "rcx", "r11", "xmm1", "xmm7", "memory");
    CHECK(ret >= 0);
    CHECK(memcmp(in, out, sizeof(in)) == 0);
}

static void control_words(void)
{
    unsigned csr = 0x1f80 | 0x2000, csr_after;
    uint16_t cw = 0x037f | 0x0400, cw_after;
    double top = 0;
    __asm__ volatile("ldmxcsr %3\n\tfninit\n\tfldcw %4\n\tfldl2e\n\t"
                     "mov $39,%%eax\n\tsyscall\n\t"
                     "mov %%eax,%%edi\n\tmov $10,%%esi\n\tmov $62,%%eax\n\tsyscall\n\t"
                     "stmxcsr %0\n\tfnstcw %1\n\tfstpl %2"
                     : "=m"(csr_after), "=m"(cw_after), "=m"(top)
                     : "m"(csr), "m"(cw)
                     : "rax", "rcx", "r11", "rdi", "rsi", "memory");
    CHECK((csr_after & 0xffc0) == csr && cw_after == cw);
    CHECK(top > 1.442695 && top < 1.442696);
    csr = 0x1f80;
    __asm__ volatile("ldmxcsr %0\n\tfninit" ::"m"(csr));
}

int main(void)
{
    use_avx = __builtin_cpu_supports("avx2");
    CHECK(signal(SIGUSR1, on_signal) != SIG_ERR);
    sse_across(SYS_getpid, 0, 0);
    sse_across(SYS_kill, getpid(), SIGUSR1);
    struct stat buf;
    sse_across(SYS_fstat, 0, (long)&buf);
    for (int i = 0; use_avx && i < 1000; i++) {
        avx_across(SYS_getppid, 0, 0);
        if (i % 100 == 0)
            avx_across(SYS_kill, getpid(), SIGUSR1);
    }
    control_words();
    printf("vector state survives\n");
    return 0;
}
