/*
 * native.S - into the guest and out of it, native mode.
 *
 * The guest's registers lie in the vCPU block while the rekernel runs. Nothing here
 * touches vector state or guest memory: a guest's stack may be anything.
 */
#include "../../../rekernel/vcpu_offsets.h"

        .text
/* void native_enter(void): returns when the guest enters the kernel. */
        .globl  native_enter, native_enter_window, native_enter_window_end, native_abort
native_enter:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rsp, V_KERNEL_SP
        movl    $1, V_IN_GUEST
        pushq   V_RFLAGS
native_enter_window:
        /* From here to the jump a host signal's handler restarts at native_abort, so
         * that a signal is never noticed too late. */
        cmpl    $0, V_ATTENTION
        jne     native_abort
        popfq
        mov     V_RBX, %rbx
        mov     V_RBP, %rbp
        mov     V_RSI, %rsi
        mov     V_RDI, %rdi
        mov     V_R8, %r8
        mov     V_R9, %r9
        mov     V_R10, %r10
        mov     V_R11, %r11
        mov     V_R12, %r12
        mov     V_R13, %r13
        mov     V_R14, %r14
        mov     V_R15, %r15
        mov     V_RSP, %rsp
        mov     V_PKRU_NATIVE, %ecx
        jrcxz   1f                      /* no keys; and the flags are the guest's already */
        mov     %ecx, %eax
        mov     $0, %ecx
        mov     $0, %edx
        wrpkru
1:      mov     V_RAX, %rax
        mov     V_RCX, %rcx
        mov     V_RDX, %rdx
        jmp     *V_RESUME
native_enter_window_end:

/* With protection keys a stub jumps here instead: nothing but the open page can be
 * written yet. */
        .globl  native_entry_keys
native_entry_keys:
        mov     %rax, V_OPEN_RAX
        mov     %rcx, V_OPEN_RCX
        mov     %rdx, V_OPEN_RDX
        mov     $0, %eax
        mov     $0, %ecx
        mov     $0, %edx
        wrpkru
        mov     V_OPEN_RAX, %rax
        mov     V_OPEN_RCX, %rcx
        mov     V_OPEN_RDX, %rdx
        jmp     native_entry

native_abort:
        mov     V_PKRU_NATIVE, %ecx     /* may come from inside the window, rights gone */
        jrcxz   1f
        xor     %eax, %eax
        xor     %ecx, %ecx
        xor     %edx, %edx
        wrpkru
1:
        cld
        mov     V_KERNEL_SP, %rsp
        movl    $EXIT_INTERRUPTED, V_EXIT
        jmp     native_return

/* A patch stub jumps here: rcx = rip after the syscall, r11 = the stub's tail. */
        .globl  native_entry
native_entry:
        mov     %rax, V_RAX
        mov     %rcx, V_RCX
        mov     %rdx, V_RDX
        mov     %rbx, V_RBX
        mov     %rsp, V_RSP
        mov     %rbp, V_RBP
        mov     %rsi, V_RSI
        mov     %rdi, V_RDI
        mov     %r8, V_R8
        mov     %r9, V_R9
        mov     %r10, V_R10
        mov     %r12, V_R12
        mov     %r13, V_R13
        mov     %r14, V_R14
        mov     %r15, V_R15
        mov     %rcx, V_RIP
        mov     %rcx, V_FAST_RIP
        mov     %r11, V_FAST_TAIL
        mov     V_KERNEL_SP, %rsp
        pushfq
        pop     %rax
        mov     %rax, V_RFLAGS
        mov     %rax, V_R11
        movl    $EXIT_SYSCALL, V_EXIT
        cld
native_return:
        movl    $0, V_IN_GUEST
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

/* void native_leave(void): from a signal handler that has filled the vCPU block. */
        .globl  native_leave
native_leave:
        mov     V_KERNEL_SP, %rsp
        jmp     native_return

/* void host_signal_keys(int, info, context): a handler starts with the kernel's initial
 * rights, which close every key but 0, and on a stack that has key 0. */
        .globl  host_signal_keys, host_signal
host_signal_keys:
        mov     %rdx, %r8
        xor     %eax, %eax
        xor     %ecx, %ecx
        xor     %edx, %edx
        wrpkru
        mov     %r8, %rdx
        jmp     host_signal

        .section .note.GNU-stack,"",@progbits
