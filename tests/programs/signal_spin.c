/*
 * signal_spin - signals must end loops that do nothing else but wait for them, whatever instructions the
 * loop is made of: flags that live across the jump back, no flags at all, indirect jumps,
 * calls. Each is entered some times, so that the signal comes at different instructions. It comes again and
 * again: on a busy machine the first may be too early.
 * run: --random --timeout 30
 */
#include "check.h"

#include <signal.h>
#include <sys/time.h>

#define TIMES 40

static void every(int us)
{
    struct itimerval t = {{0, us}, {0, us}};
    CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
}

static volatile uint64_t rings;
static volatile uint64_t waiting; /* 1 until the signal comes */
static void *volatile way;        /* where an indirect jump goes; NULL: on */
static void *there;

static void ring(int sig)
{
    rings++;
    waiting = 0;
    way = there;
}

static void compare_memory(void)
{
    uint64_t before = rings;
    __asm__ volatile("1: mov %1,%%rax\n\tcmp %%rax,%0\n\tje 1b" : : "m"(before), "m"(rings) : "rax", "cc");
}

static void compare_registers(void)
{
    uint64_t before = rings;
    __asm__ volatile("1: mov %1,%%rax\n\tcmp %%rax,%0\n\tje 1b" : : "r"(before), "m"(rings) : "rax", "cc");
}

/* The flags are set before the loop and used behind it. */
static void no_flags(void)
{
    uint8_t carry;
    __asm__ volatile("stc\n"
                     "1:\tmov %1,%%rcx\n\tlea -1(%%rcx),%%rcx\n\tjrcxz 1b\n\tsetc %0"
                     : "=r"(carry)
                     : "m"(waiting)
                     : "rcx", "cc", "memory");
    CHECK(carry == 1);
}

static void forever_back(void)
{
    __asm__ volatile("1: mov %0,%%rcx\n\tjrcxz 2f\n\tjmp 1b\n2:" : : "m"(waiting) : "rcx", "memory");
}

static void jump_indirectly(void)
{
    __asm__ volatile("lea 2f(%%rip),%%rax\n\tmov %%rax,%1\n\tlea 1f(%%rip),%%rax\n\tmov %%rax,%0\n"
                     "1:\tjmp *%0\n2:"
                     : "+m"(way), "=m"(there)
                     :
                     : "rax", "memory");
}

static void jump_between(void)
{
    __asm__ volatile("lea 3f(%%rip),%%rax\n\tmov %%rax,%1\n\tlea 1f(%%rip),%%rax\n\tmov %%rax,%0\n"
                     "1:\tmov %2,%%rdx\n\tlea 2f(%%rip),%%rax\n\tjmp *%%rax\n"
                     "2:\tmov %0,%%rax\n\tjmp *%%rax\n3:"
                     : "+m"(way), "=m"(there)
                     : "m"(rings)
                     : "rax", "rdx", "memory");
}

static void call_back(void)
{
    __asm__ volatile("lea -128(%%rsp),%%rsp\n\tjmp 2f\n"
                     "1:\tmov %0,%%rcx\n\tret\n"
                     "2:\tcall 1b\n\tjrcxz 3f\n\tjmp 2b\n"
                     "3:\tlea 128(%%rsp),%%rsp"
                     :
                     : "m"(waiting)
                     : "rcx", "memory");
}

static void loop_instruction(void)
{
    __asm__ volatile("1: mov %0,%%rcx\n\tlea 1(%%rcx),%%rcx\n\tloop 1b" : : "m"(waiting) : "rcx", "memory");
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } loops[] = {{"memory", compare_memory},     {"registers", compare_registers},
                 {"no flags", no_flags},         {"jump back", forever_back},
                 {"indirect", jump_indirectly},  {"two indirect", jump_between},
                 {"call and return", call_back}, {"loop", loop_instruction}};
    signal(SIGALRM, ring);
    for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
        for (int n = 0; n < TIMES; n++) {
            way = NULL;
            waiting = 1;
            every(1000 + n * 37);
            loops[i].run();
            every(0);
        }
        printf("%s: %d\n", loops[i].name, rings >= TIMES * (i + 1));
    }
    return 0;
}
