/*
 * start.S - first instructions of the guest process, raw host calls, guarded access.
 *
 * Every host call of the guest process is made between rk_syscall_text and
 * rk_syscall_text_end: that is the range which Syscall User Dispatch leaves alone
 * (the seccomp fallback allows the same range).
 */
#include "../../../rekernel/vcpu_offsets.h"

        .text
        .globl  _start
_start:
        mov     %rsp, %rdi
        lea     host_stack_top(%rip), %rsp
        xor     %ebp, %ebp
        call    host_start
        ud2

        .balign 64
        .globl  rk_syscall_text
rk_syscall_text:

/* long host_call(nr, a1, a2, a3, a4, a5, a6) */
        .globl  host_call
host_call:
        mov     %rdi, %rax
        mov     %rsi, %rdi
        mov     %rdx, %rsi
        mov     %rcx, %rdx
        mov     %r8, %r10
        mov     %r9, %r8
        mov     8(%rsp), %r9
        syscall
        ret

/*
 * long host_call_interruptible(nr, a1 .. a6): returns PLAT_CANCELLED without making the call
 * when a host signal is pending. The signal handler moves a pc inside
 * [host_call_window, host_call_window_end) to host_call_cancelled, which closes the
 * gap between the check and the call.
 */
        .globl  host_call_interruptible, host_call_window, host_call_window_end
        .globl  host_call_cancelled
host_call_interruptible:
        mov     %rdi, %rax
        mov     %rsi, %rdi
        mov     %rdx, %rsi
        mov     %rcx, %rdx
        mov     %r8, %r10
        mov     %r9, %r8
        mov     8(%rsp), %r9
host_call_window:
        cmpl    $0, V_ATTENTION
        jne     host_call_cancelled
        syscall
host_call_window_end:
        ret
host_call_cancelled:
        mov     $-512, %rax             /* -WORLD_CANCELLED */
        ret

/* Return from a host signal handler. */
        .globl  host_sigreturn
host_sigreturn:
        mov     $15, %eax               /* rt_sigreturn */
        syscall
        ud2

        .balign 64
        .globl  rk_syscall_text_end
rk_syscall_text_end:

/* int guard_set(struct guard *): setjmp for faults on guest memory. */
        .globl  guard_set
guard_set:
        mov     %rbx, 0(%rdi)
        mov     %rbp, 8(%rdi)
        mov     %r12, 16(%rdi)
        mov     %r13, 24(%rdi)
        mov     %r14, 32(%rdi)
        mov     %r15, 40(%rdi)
        lea     8(%rsp), %rdx
        mov     %rdx, 48(%rdi)
        mov     (%rsp), %rdx
        mov     %rdx, 56(%rdi)
        mov     %rdi, guard_current(%rip)
        xor     %eax, %eax
        ret

/* The signal handler sends a guarded fault here, rdi = the guard. */
        .globl  guard_resume
guard_resume:
        cld
        mov     0(%rdi), %rbx
        mov     8(%rdi), %rbp
        mov     16(%rdi), %r12
        mov     24(%rdi), %r13
        mov     32(%rdi), %r14
        mov     40(%rdi), %r15
        mov     48(%rdi), %rsp
        mov     $1, %eax
        jmp     *56(%rdi)

        .bss
        .balign 64
        .skip   262144
host_stack_top:
        .globl  guard_current
        .balign 8
guard_current:
        .skip   8
        .section .note.GNU-stack,"",@progbits
