/*
 * syscall_sites - syscall instructions in awkward places. A recorder may rewrite such
 * sites, so every way of entering them must keep working: falling in, jumping directly
 * at the instruction, jumping at the instructions just before and after it, a loop back
 * onto it, sites a few bytes apart, one whose following bytes are a branch target.
 */
#include "check.h"

/* A family of sites; every entry point takes (nr, arg) and returns the result. */
#define SITE(name, body) \
    __asm__(".pushsection .text\n.p2align 4\n.globl " #name "\n" #name ":\n" body \
            "\n.popsection\n"); \
    long name(long nr, long arg)

/* mov eax before: entered at the mov, or at the syscall itself with eax set. */
SITE(mov_entry,
     "mov $39,%eax\n.globl at_syscall\nat_syscall: syscall\n"
     ".globl after_syscall\nafter_syscall: cmp $-4095,%rax\njae 1f\nret\n1: neg %rax\nret");
/* The address after the syscall is the target of a loop. */
SITE(loop_after, "mov $5,%edx\nxor %r9d,%r9d\nmov %rdi,%rax\nmov %rax,%r8\n"
                 "syscall\n2: inc %r9\ndec %edx\njnz 2b\nmov %r9,%rax\nret");
/* The loop jumps at the syscall instruction itself. */
SITE(loop_at,
     "xor %r9d,%r9d\nmov $39,%eax\n3: syscall\ninc %r9\nmov $39,%eax\ncmp $40,%r9\njne 3b\n"
     "mov %r9,%rax\nret");
/* Two and three syscalls in a row, a one-byte ret right behind. */
SITE(adjacent, "mov $39,%eax\nsyscall\nmov $39,%eax\nsyscall\nmov $39,%eax\nsyscall\nret");
SITE(tight, "mov %rdi,%rax\nsyscall\nsyscall\nret");
SITE(nop_ret, "mov %rdi,%rax\nsyscall\nnop\nret");
/* A call whose return address is right after the syscall's tail. */
SITE(calls, "mov %rdi,%rax\nsyscall\ncall 4f\nadd $1,%rax\nret\n4: ret");
/* rip-relative operand and a jump right behind the site. */
SITE(rip_relative, "mov %rdi,%rax\nsyscall\nmov 5f(%rip),%rdx\nadd %rdx,%rax\njmp 6f\nud2\n"
                   "5: .quad 1000\n6: ret");
SITE(short_jump, "mov %rdi,%rax\nsyscall\njmp 7f\n.fill 100,1,0xcc\n7: ret");
SITE(jcc_behind, "mov %rdi,%rax\nsyscall\ntest %rax,%rax\njs 8f\nret\n8: mov $-1,%eax\nret");
/* Prefixes: a REX.W syscall and one after a 2-byte mov of a 7-byte immediate. */
SITE(rex_syscall, "mov %rdi,%rax\nrex.w syscall\nret");
SITE(mov_rax_long, "mov $39,%rax\nsyscall\nret");
SITE(xor_eax, "xor %eax,%eax\nmov $39,%al\nsyscall\nret");
/* Syscall number pushed and popped; stack below rsp live. */
SITE(push_pop, "push %rdi\npop %rax\nmovq $0x1234,-8(%rsp)\nsyscall\n"
               "cmpq $0x1234,-8(%rsp)\nje 9f\nmov $-2,%eax\n9: ret");
/* Jumping into the middle of a longer instruction that hides a syscall. */
SITE(hidden, "mov %rdi,%rax\njmp 10f+1\n10: mov $0x90c3050f,%edx\nret");

long at_syscall(long, long);
long after_syscall(long, long);

static long enter(void *target, long rax, long rdi)
{
    long ret;
    __asm__ volatile("call *%2"
                     : "=a"(ret), "+D"(rdi)
                     : "r"(target), "0"(rax)
                     : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory");
    return ret;
}

static void round_of_calls(long pid)
{
    CHECK(mov_entry(0, 0) == pid);
    CHECK(enter((void *)at_syscall, SYS_getpid, 0) == pid);
    CHECK(enter((void *)at_syscall, SYS_close, -1) == EBADF);
    CHECK(enter((void *)after_syscall, 77, 0) == 77);
    CHECK(enter((void *)after_syscall, -5, 0) == 5);
    CHECK(loop_after(SYS_getpid, 0) == 5);
    CHECK(loop_at(0, 0) == 40);
    CHECK(adjacent(0, 0) == pid);
    CHECK(tight(SYS_sched_yield, 0) <= 0); /* yield gives 0: then read(24, ...) fails */
    CHECK(nop_ret(SYS_getpid, 0) == pid);
    CHECK(calls(SYS_getpid, 0) == pid + 1);
    CHECK(rip_relative(SYS_getpid, 0) == pid + 1000);
    CHECK(short_jump(SYS_getpid, 0) == pid);
    CHECK(jcc_behind(SYS_getpid, 0) == pid);
    CHECK(jcc_behind(99999, 0) == 0xffffffff);
    CHECK(rex_syscall(SYS_getpid, 0) == pid);
    CHECK(mov_rax_long(0, 0) == pid);
    CHECK(xor_eax(0, 0) == pid);
    CHECK(push_pop(SYS_getpid, 0) == pid);
    CHECK(hidden(SYS_getpid, 0) == pid);
}

int main(void)
{
    long pid = getpid();
    for (int i = 0; i < 100; i++)
        round_of_calls(pid);
    printf("all entries work\n");
    return 0;
}
