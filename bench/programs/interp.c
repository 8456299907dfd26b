/* interp.c - a bytecode interpreter with computed goto: an indirect jump for each operation. */
#include <stdint.h>
#include <stdio.h>

enum { PUSH, ADD, MUL, XOR, DUP, SWAP, DEC, JNZ, HALT };

/* Counts down from the top of the stack, mixing a sum below it. */
static const uint8_t program[] = {SWAP, PUSH, 13,  MUL,  PUSH, 7,   ADD, DUP, XOR,
                                  PUSH, 3,    ADD, SWAP, DEC,  DUP, JNZ, 0,   HALT};

static uint64_t run(const uint8_t *code, uint64_t rounds)
{
    static const void *const op[] = {&&push, &&add, &&mul, &&xor, &&dup,
                                     &&swap, &&dec, &&jnz, &&halt};
    uint64_t stack[16] = {1, rounds}, *sp = stack + 1, t;
    const uint8_t *pc = code;
#define NEXT goto *op[*pc++]
    NEXT;
push:
    *++sp = *pc++;
    NEXT;
add:
    sp--;
    *sp += sp[1];
    NEXT;
mul:
    sp--;
    *sp *= sp[1];
    NEXT;
    xor : sp--;
    *sp ^= sp[1] >> 7;
    NEXT;
dup:
    sp[1] = *sp;
    sp++;
    NEXT;
swap:
    t = *sp;
    *sp = sp[-1];
    sp[-1] = t;
    NEXT;
dec:
    --*sp;
    NEXT;
jnz:
    t = *sp--;
    pc = t ? code + *pc : pc + 1;
    NEXT;
halt:
    return sp[-1];
}

int main(void)
{
    printf("%llu\n", (unsigned long long)run(program, 20000000));
    return 0;
}
