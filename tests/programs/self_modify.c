/*
 * self_modify - code that rewrites itself: a function rewritten in a loop (as a JIT
 * does), an instruction that changes the one right behind it, W^X toggling by mprotect,
 * two mappings of one memfd (one writable, one executable).
 */
#include "check.h"

typedef uint32_t (*code_fn)(uint32_t);

/* mov $imm,%eax; add %edi,%eax; ret */
static void emit_add(unsigned char *p, uint32_t imm)
{
    unsigned char text[] = {0xb8, 0, 0, 0, 0, 0x01, 0xf8, 0xc3};
    memcpy(text + 1, &imm, 4);
    memcpy(p, text, sizeof(text));
}

static void rewritten(void)
{
    unsigned char *p = map_pages(2, PROT_READ | PROT_WRITE | PROT_EXEC);
    uint32_t v = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        emit_add(p + i % 64 * 16, i);
        v = ((code_fn)(p + i % 64 * 16))(v);
    }
    CHECK(v == 199990000u);
    printf("rewritten in a loop: %u\n", v);
}

/* The store changes the immediate of the next instruction but one. */
static void next_instruction(void)
{
    unsigned char *p = map_pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
    static const unsigned char text[] = {
        0x89, 0x3d, 1, 0, 0, 0, /* mov %edi,1(%rip) */
        0xb8, 0,    0, 0, 0,    /* mov $0,%eax */
        0xc3,
    };
    memcpy(p, text, sizeof(text));
    for (uint32_t i = 1; i < 2000; i++)
        CHECK(((code_fn)p)(i * 77) == i * 77);
    printf("next instruction: ok\n");
}

static void toggled(void)
{
    unsigned char *p = map_pages(1, PROT_READ | PROT_WRITE);
    for (uint32_t i = 0; i < 500; i++) {
        CHECK(mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0);
        emit_add(p, i);
        CHECK(mprotect(p, PAGE, PROT_READ | PROT_EXEC) == 0);
        CHECK(((code_fn)p)(1) == i + 1);
    }
    printf("write xor execute: ok\n");
}

static void two_views(void)
{
    int fd = memfd_create("code", 0);
    CHECK(fd >= 0 && ftruncate(fd, PAGE) == 0);
    unsigned char *w = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    unsigned char *x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    CHECK(w != MAP_FAILED && x != MAP_FAILED);
    for (uint32_t i = 0; i < 500; i++) {
        emit_add(w + 64, i * 3);
        CHECK(((code_fn)(x + 64))(2) == i * 3 + 2);
    }
    printf("two views: ok\n");
}

int main(void)
{
    rewritten();
    next_instruction();
    toggled();
    two_views();
    return 0;
}
