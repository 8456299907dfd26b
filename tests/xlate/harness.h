/*
 * harness.h - runs guest code natively and translated inside a test process, from the
 * same registers, vector state and memory, and tells how it ended.
 *
 * The process plays the rekernel: it maps the low ranges, fetches code, and turns host
 * signals into guest faults. Guest code ends a run by any fault or trap, usually `hlt`.
 */
#ifndef XLATE_HARNESS_H
#define XLATE_HARNESS_H

#include "rekernel/xlate/xlate.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define HX_CODE 0x10000000ull /* guest code, readable, writable, executable */
#define HX_CODE_SIZE 0x100000ull
#define HX_DATA 0x20000000ull /* guest data and, in its upper half, stack */
#define HX_DATA_SIZE 0x20000ull
#define HX_STACK (HX_DATA + 0x18000ull)
#define HX_END 0x30000000ull /* one hlt: return address of translated functions */

/* How a run ended. */
struct hx_result {
    uint64_t gpr[16];
    uint64_t rip, rflags, ticks;
    enum vcpu_exit exit;
    uint32_t signo;
    int32_t code;
    uint64_t fault_addr;
    uint64_t trapno, err;
    uint8_t vectors[4096]; /* x87, SSE, AVX, AVX-512 state, components in init state zeroed */
};

void hx_init(void);
/* Where guest code may be executed besides HX_CODE and this program's own text. */
void hx_add_exec(uint64_t addr, uint64_t len);
/* Fills VCPU: registers, vector state (random but the same for a seed). */
void hx_seed_vectors(uint64_t seed);
/* Both start from *regs (gpr, rip, rflags) with the seeded vector state. */
void hx_native(const struct hx_result *regs, struct hx_result *out);
void hx_translated(const struct hx_result *regs, const struct xl_stop *stop, struct hx_result *out);
/* The same, going on after each stop, where seen is called; VCPU holds the state then. */
void hx_stopping(const struct hx_result *regs, const struct xl_stop *stop, void (*seen)(void),
                 struct hx_result *out);
/* Within seen: vector register 0 to 31, mask register 0 to 7. */
void hx_vector(unsigned number, uint8_t out[64]);
uint64_t hx_mask(unsigned number);
/* Calls a function of this program translated, serving its system calls; returns rax. */
uint64_t hx_call(void *fn, uint64_t a, uint64_t b, uint64_t c);
/* Prints the first difference; returns 1 when there is one. */
int hx_differ(const struct hx_result *native, const struct hx_result *translated);

uint64_t hx_random(void); /* deterministic */
void hx_seed(uint64_t seed);
extern int (*hx_wprotect_hook)(uint64_t addr, uint64_t len, int on);
extern int hx_async_pending; /* SIGALRM handler calls xl_interrupt */
extern unsigned long hx_write_faults;
extern unsigned long hx_note; /* printed when the process itself faults */

#define CHECK(cond, ...) \
    do { \
        if (!(cond)) { \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #cond); \
            fprintf(stderr, __VA_ARGS__); \
            fputc('\n', stderr); \
            exit(1); \
        } \
    } while (0)

#endif
