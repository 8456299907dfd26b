/*
 * section.S - instructions of all kinds, one after the other, in a function that stores all
 * registers in between and at its end: void work_section(struct machine_state *s).
 */
#define GPR 0
#define FLAGS 128
#define VECTOR 160
#define X87 672
#define MEMORY 704
#define MXCSR 960
#define FCW 964

    .text
    .globl work_section, section_begin, section_end
    .type work_section, @function
work_section:
section_begin:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    pushfq
    sub $64, %rsp
    stmxcsr 8(%rsp)
    fnstcw 12(%rsp)
    mov %rdi, %r15
    /* arithmetic with a carry from one instruction to the next */
    mov $0x123456789abcdef0, %rax
    mov $0xfedcba9876543210, %rbx
    stc
    adc %rbx, %rax
    adc $0x7f, %rbx
    sbb %rax, %rbx
    rcl $7, %rbx
    pushfq
    popq FLAGS(%r15)
    imul %rax, %rbx
    mov $7, %ecx
    shld %cl, %rax, %rbx
    bsf %rbx, %r8
    bt $13, %rbx
    setc %r9b
    cmovc %rax, %r10
    movzbl %r9b, %r9d
    xor %edx, %edx
    mov $1000003, %r11d
    div %r11
    mov %rdx, %r12
    cmp %rax, %rbx
    lahf
    mov %rax, %r13
    /* the red zone */
    mov %rbx, -8(%rsp)
    mov %rax, -128(%rsp)
    add -8(%rsp), %rax
    xor -128(%rsp), %rbx
    /* a loop, calls */
    mov $3, %ecx
1:  lea 3(%rax, %rcx, 4), %rax
    loop 1b
    call leaf
    lea leaf(%rip), %rdx
    call *%rdx
    /* strings, forward and backward */
    lea MEMORY(%r15), %rdi
    mov $8, %ecx
    rep stosq
    lea MEMORY(%r15), %rsi
    mov $60, %ecx
    rep movsb
    std
    lea MEMORY+248(%r15), %rdi
    lea MEMORY+56(%r15), %rsi
    mov $4, %ecx
    rep movsq
    pushfq
    popq FLAGS+8(%r15)
    cld
    lea MEMORY(%r15), %rdi
    mov $5, %ecx
    repe scasb
    pushfq
    popq FLAGS+16(%r15)
    /* atomic ones */
    lock addq $5, MEMORY+128(%r15)
    mov $9, %eax
    lock xadd %rax, MEMORY+128(%r15)
    xchg %rax, MEMORY+136(%r15)
    mov %rax, %r14
    lock cmpxchg %rbx, MEMORY+136(%r15)
    lock btsq $3, MEMORY+144(%r15)
    /* vectors */
    mov $0x3fa0, %edx
    mov %edx, (%rsp)
    ldmxcsr (%rsp)
    movq %rbx, %xmm0
    pshufd $0x44, %xmm0, %xmm0
    movdqa %xmm0, %xmm1
    paddd %xmm1, %xmm1
    pxor %xmm2, %xmm2
    pxor %xmm3, %xmm3
    cvtsi2sd %rax, %xmm2
    sqrtsd %xmm2, %xmm3
    mulsd %xmm3, %xmm2
    ucomisd %xmm3, %xmm2
    pushfq
    popq FLAGS+24(%r15)
    pcmpeqd %xmm4, %xmm4
    pxor %xmm4, %xmm0
    punpcklbw %xmm1, %xmm0
    movdqa %xmm0, %xmm7
    psrldq $3, %xmm7
    movdqa %xmm7, %xmm8
    paddq %xmm8, %xmm8
    movdqa %xmm8, %xmm12
    movdqa %xmm1, %xmm15
    testl $1, with_avx(%rip)
    jz 2f
    vinsertf128 $1, %xmm1, %ymm0, %ymm9
    vaddps %ymm9, %ymm9, %ymm10
    vpermilps $0x1b, %ymm10, %ymm11
    vmovups %ymm11, VECTOR+32*11(%r15)
    vzeroupper
2:  movdqu %xmm0, VECTOR(%r15)
    movdqu %xmm1, VECTOR+32(%r15)
    movdqu %xmm2, VECTOR+64(%r15)
    movdqu %xmm3, VECTOR+96(%r15)
    movdqu %xmm7, VECTOR+32*7(%r15)
    movdqu %xmm8, VECTOR+32*8(%r15)
    movdqu %xmm12, VECTOR+32*12(%r15)
    movdqu %xmm15, VECTOR+32*15(%r15)
    stmxcsr MXCSR(%r15)
    /* x87 */
    fninit
    movw $0x077f, (%rsp)
    fldcw (%rsp)
    fldpi
    fld1
    fadd %st(1), %st
    fsqrt
    fstpl X87(%r15)
    fldl2e
    fmulp %st, %st(1)
    fcomi %st, %st
    fstpl X87+8(%r15)
    fnstcw FCW(%r15)
    /* what is left in the registers */
    mov %rax, GPR(%r15)
    mov %rcx, GPR+8(%r15)
    mov %rbx, GPR+24(%r15)
    mov %r8, GPR+64(%r15)
    mov %r9, GPR+72(%r15)
    mov %r12, GPR+96(%r15)
    mov %r13, GPR+104(%r15)
    mov %r14, GPR+112(%r15)
    ldmxcsr 8(%rsp)
    fldcw 12(%rsp)
    add $64, %rsp
    popfq
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
section_end:
    ret

leaf:
    push %rax
    add $11, %rax
    xor (%rsp), %rax
    lea 8(%rsp), %rsp
    ret

    .section .note.GNU-stack, "", @progbits
