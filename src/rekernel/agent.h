/*
 * agent.h - agent expressions: the byte code that gdb compiles conditions of breakpoints to.
 *
 * Pure computation, for the launcher, which refuses what is malformed, and for the rekernel,
 * which evaluates conditions where the guest is. Nothing is believed: an expression that
 * passes no check can do no harm, it only ends in an error.
 *
 * All values are 64 bits wide. Known are all operations but those of tracing (trace, tracev,
 * getv, setv, printf ...) and of floating point. Immediates are big-endian.
 *
 * Source: GDB manual, appendix "The GDB Agent Expression Mechanism".
 */
#ifndef RRL_AGENT_H
#define RRL_AGENT_H

#include <stdint.h>

/* Numbers of registers: their places in the target description of an amd64 Linux program,
 * features core, sse, linux and segments, in this order. Names of gdb. */
enum agent_reg {
    AGENT_RAX,
    AGENT_RBX,
    AGENT_RCX,
    AGENT_RDX,
    AGENT_RSI,
    AGENT_RDI,
    AGENT_RBP,
    AGENT_RSP,
    AGENT_R8, /* to r15 */
    AGENT_RIP = 16,
    AGENT_EFLAGS = 17,
    AGENT_CS = 18,
    AGENT_SS,
    AGENT_DS,
    AGENT_ES,
    AGENT_FS,
    AGENT_GS,
    AGENT_ST0 = 24,   /* to st7 */
    AGENT_FCTRL = 32, /* fctrl fstat ftag fiseg fioff foseg fooff fop */
    AGENT_XMM0 = 40,  /* to xmm15 */
    AGENT_MXCSR = 56,
    AGENT_ORIG_RAX = 57,
    AGENT_FS_BASE = 58,
    AGENT_GS_BASE = 59,
};

/* What an expression can see. Both functions return 0, or not 0 when it cannot be had: then
 * the evaluation fails. */
struct agent_env {
    int (*reg)(void *ctx, unsigned number, uint64_t *value);
    int (*read)(void *ctx, uint64_t addr, void *buf, unsigned len); /* len: 1, 2, 4 or 8 */
    void *ctx;
};

#define AGENT_STACK 128   /* values */
#define AGENT_STEPS 10000 /* operations of one evaluation */

enum agent_error {
    AGENT_OK = 0,
    AGENT_BAD_CODE,  /* unknown operation, or the code ends within or after one */
    AGENT_BAD_GOTO,  /* to no operation */
    AGENT_BAD_STACK, /* too little or too much on it */
    AGENT_BAD_VALUE, /* division by zero, extension of 0 bits */
    AGENT_NO_REG,
    AGENT_NO_MEMORY,
    AGENT_TOO_LONG, /* more than AGENT_STEPS operations */
};

/* Is this one expression, complete, of known operations that jump only to each other? */
enum agent_error agent_check(const uint8_t *code, uint32_t size);
/* Its value. *value is defined only if AGENT_OK. */
enum agent_error agent_eval(const uint8_t *code, uint32_t size, const struct agent_env *env,
                            uint64_t *value);

/* A list of conditions (abi.h, struct rk_debug_break): all well-formed, at least one? */
enum agent_error agent_check_list(const uint8_t *list, uint32_t size);
/* Does one of them hold, or fail? An empty list holds. */
int agent_list_holds(const uint8_t *list, uint32_t size, const struct agent_env *env);

#endif
