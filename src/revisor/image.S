/* image.S - the rekernel image, carried inside the launcher. */
    .section .rodata
    .balign 64
    .globl rrl_rekernel_image
    .globl rrl_rekernel_image_end
    .hidden rrl_rekernel_image
    .hidden rrl_rekernel_image_end
rrl_rekernel_image:
    .incbin REKERNEL_IMAGE
rrl_rekernel_image_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
