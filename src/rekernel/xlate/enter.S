/*
 * enter.S - the way into translated code and out of it.
 *
 * While translated code runs, all guest registers are in the processor but r11, which
 * holds the tick counter (the guest's r11 is in VCPU->gpr[11]). Nothing here touches the
 * guest's stack or vector state, and the flags change only where they are saved.
 */
#include "layout.h"

        .intel_syntax noprefix
        .text
        .globl  xl_enter, xl_enter_guard, xl_enter_jump, xl_asm_begin, xl_asm_end
        .globl  xl_exit_entry, xl_miss_entry, xl_left
        .hidden xl_enter, xl_enter_guard, xl_enter_jump, xl_asm_begin, xl_asm_end
        .hidden xl_exit_entry, xl_miss_entry, xl_left

/* The rekernel's memory becomes accessible. Changes rax, rcx and rdx, no flags. */
        .macro  open_memory
        mov     ecx, ds:[V_PKRU]
        jrcxz   8f
        mov     eax, 0
        mov     ecx, 0
        mov     edx, 0
        wrpkru
8:
        .endm

xl_asm_begin:
/* uint32_t xl_enter(void): runs the cache from CTL->entry, returns the exit's number. */
        .type   xl_enter, @function
xl_enter:
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
        mov     ds:[XL_CTL + CTL_HOST_SP], rsp
        mov     dword ptr ds:[XL_CTL + CTL_EXIT_ID], XL_ID_NOT_ENTERED
        cmp     dword ptr ds:[XL_CTL + CTL_INTERRUPT], 0
/* From here to xl_enter_jump an interrupt takes the counter in memory away. */
xl_enter_guard:
        jne     xl_left
        push    qword ptr ds:[V_RFLAGS]
        popfq
        mov     rbx, ds:[V_GPR(3)]
        mov     rsp, ds:[V_GPR(4)]
        mov     rbp, ds:[V_GPR(5)]
        mov     rsi, ds:[V_GPR(6)]
        mov     rdi, ds:[V_GPR(7)]
        mov     r8, ds:[V_GPR(8)]
        mov     r9, ds:[V_GPR(9)]
        mov     r10, ds:[V_GPR(10)]
        mov     r12, ds:[V_GPR(12)]
        mov     r13, ds:[V_GPR(13)]
        mov     r14, ds:[V_GPR(14)]
        mov     r15, ds:[V_GPR(15)]
        mov     ecx, ds:[V_PKRU]
        jrcxz   1f                      /* the rekernel's memory has no keys */
        mov     eax, ecx
        mov     ecx, 0
        mov     edx, 0
        wrpkru
1:      mov     rax, ds:[V_GPR(0)]
        mov     rcx, ds:[V_GPR(1)]
        mov     rdx, ds:[V_GPR(2)]
        mov     r11, ds:[XL_CTL + CTL_COUNTER] /* last: now it is there that it is taken away */
xl_enter_jump:
        jmp     qword ptr ds:[XL_CTL + CTL_ENTRY]

/* Indirect transfer not in the table: rcx holds the target, rcx and rdx are saved. */
xl_miss_entry:
        mov     ds:[XL_CTL + CTL_TARGET], rcx
        mov     dword ptr ds:[XL_CTL + CTL_EXIT_ID], XL_ID_INDIRECT
        jmp     1f
/* Any other exit: its number is in CTL->exit_id. */
xl_exit_entry:
        mov     ds:[V_GPR(1)], rcx
        mov     ds:[V_GPR(2)], rdx
1:      mov     ds:[V_GPR(0)], rax
        mov     ds:[V_GPR(3)], rbx
        mov     ds:[V_GPR(4)], rsp
        mov     ds:[V_GPR(5)], rbp
        mov     ds:[V_GPR(6)], rsi
        mov     ds:[V_GPR(7)], rdi
        mov     ds:[V_GPR(8)], r8
        mov     ds:[V_GPR(9)], r9
        mov     ds:[V_GPR(10)], r10
        mov     ds:[V_GPR(12)], r12
        mov     ds:[V_GPR(13)], r13
        mov     ds:[V_GPR(14)], r14
        mov     ds:[V_GPR(15)], r15
        mov     ds:[XL_CTL + CTL_COUNTER], r11
        mov     rsp, ds:[XL_CTL + CTL_HOST_SP]
        open_memory
        pushfq
        pop     qword ptr ds:[V_RFLAGS]
        cld
        /* The guest's alignment check must not hit the rekernel. */
        test    dword ptr ds:[V_RFLAGS], 0x40000
        jz      2f
        push    0x202
        popfq
        jmp     2f
/* xl_leave comes here with rsp = CTL->host_sp and clean flags. */
xl_left:
        open_memory
2:      mov     eax, ds:[XL_CTL + CTL_EXIT_ID]
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
        ret
        .size   xl_enter, . - xl_enter
xl_asm_end:

        .section .note.GNU-stack, "", @progbits
