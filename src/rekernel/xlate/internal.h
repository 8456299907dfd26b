/*
 * internal.h - what the files of the translator share: the control block, the tables in
 * the cache range, blocks, exits and the instruction map. See docs/translator.md.
 */
#ifndef RRL_XLATE_INTERNAL_H
#define RRL_XLATE_INTERNAL_H

#include "layout.h"
#include "xlate.h"
#include "rekernel/x86/access.h"
#include "rekernel/x86/decode.h"

void *memcpy(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* ------------------------------------------------------------ control block
 * At RK_LOW_XLATE. Translated code and enter.S address it absolutely; offsets of the
 * first fields are in layout.h. */
struct xl_ctl {
    uint64_t counter;   /* ticks left, while not in r11 */
    uint32_t exit_id;   /* which exit was taken: index of an xl_exit, or XL_ID_* */
    uint32_t interrupt; /* xl_interrupt was called */
    uint64_t target;    /* of the indirect transfer, or the value that popf read */
    uint64_t exit_ptr;  /* xl_exit_entry */
    uint64_t miss_ptr;  /* xl_miss_entry */
    uint64_t host_sp;   /* dispatcher's stack pointer while the guest runs */
    uint64_t entry;     /* cache address that xl_enter jumps to */
    uint64_t source;    /* guest pc of the indirect transfer that ran last */
    uint64_t deferred;  /* ticks taken out of the counter by xl_interrupt */
    uint64_t site;      /* indirect transfer that left to have its guess filled in; 0: none */
    /* Not known to assembly: */
    uint64_t budget;    /* counter when the cache was entered */
    uint32_t left;      /* enum vcpu_exit given to xl_leave */
    uint32_t trap_flag; /* rflags.TF of the guest, kept out of the processor */
    const struct xl_env *env;
    struct xl_stats stats;
    uint32_t block_count, exit_count, imap_count;
    uint32_t code_end, cold_end; /* first free bytes of the two parts of the code cache */
    uint32_t break_count, page_count;
    uint64_t breaks[64];
    uint32_t over[64];         /* block that begins with the instruction at a breakpoint; 0: none */
    uint32_t own_store;        /* what xl_fault_state saw last was ST_OWN_STORE */
    uint32_t paired;           /* calls and returns are those of the host (calls.c) */
    uint32_t call_count;       /* entries of XL_CALLS */
    uint64_t calls_touched[2]; /* by page: XL_CALLS holds entries there */
    uint32_t ready[5];         /* up to where each growing part of the memory has its pages */
    uint32_t watch_count;
    uint8_t watch_kinds; /* of all ranges; 0: nothing is watched */
    uint8_t watch_has;   /* XL_HAS_* */
    struct xl_watched watch[XL_WATCH_MAX];
    uint64_t seek_pc; /* xl_seek */
    uint32_t seeking; /* 0: nothing is looked for */
    uint32_t seek_count;
    struct xl_test seek[XL_SEEK_MAX];
};
_Static_assert(offsetof(struct xl_ctl, counter) == CTL_COUNTER, "layout");
_Static_assert(offsetof(struct xl_ctl, exit_id) == CTL_EXIT_ID, "layout");
_Static_assert(offsetof(struct xl_ctl, interrupt) == CTL_INTERRUPT, "layout");
_Static_assert(offsetof(struct xl_ctl, target) == CTL_TARGET, "layout");
_Static_assert(offsetof(struct xl_ctl, source) == CTL_SOURCE, "layout");
_Static_assert(offsetof(struct xl_ctl, site) == CTL_SITE, "layout");
_Static_assert(offsetof(struct xl_ctl, exit_ptr) == CTL_EXIT_PTR, "layout");
_Static_assert(offsetof(struct xl_ctl, miss_ptr) == CTL_MISS_PTR, "layout");
_Static_assert(offsetof(struct xl_ctl, host_sp) == CTL_HOST_SP, "layout");
_Static_assert(offsetof(struct xl_ctl, entry) == CTL_ENTRY, "layout");
_Static_assert(XL_VCPU + offsetof(struct vcpu, pkru_translated) == V_PKRU, "layout");
_Static_assert(XL_VCPU == RK_LOW_VCPU && XL_CTL == RK_LOW_XLATE, "layout");
#define CTL ((struct xl_ctl *)RK_LOW_XLATE)

/* ------------------------------------------------------------------ exits
 * A way out of a block that leads to the dispatcher. */
enum exit_kind {
    EXIT_LINK,    /* direct transfer to pc; patch, when not 0, is a rel32 to be pointed there */
    EXIT_EXPIRED, /* no ticks left; the state is that before pc, exact */
    EXIT_EXPIRED_DIRTY, /* the same, but the flags are lost; the instruction at pc sets them all */
    EXIT_STOPPED,       /* one-shot block: its limit was reached */
    EXIT_SYSCALL,       /* pc is after the instruction */
    EXIT_TRAP,          /* pc is at the instruction */
    EXIT_UD,            /* undefined instruction at pc */
    EXIT_POPF,          /* target holds what was popped; pc is after the instruction */
    EXIT_POPFW,         /* the same, 16 bits */
    EXIT_WATCH,         /* the instruction at pc may touch what is watched */
    EXIT_SOUGHT,        /* pc is what xl_seek was told, and all tests hold */
};
struct xl_exit {
    uint64_t pc;
    uint32_t patch;
    uint8_t kind;
    int8_t tick;      /* ticks to add: 1 not counted yet, -1 counted but not come to pass */
    uint8_t untested; /* nothing before it made sure that a tick is left */
    uint8_t reserved;
};

/* ----------------------------------------------------------------- blocks
 * A block is one straight run of guest instructions up to a control transfer. Its
 * entries in the cache: main; tick, which counts one tick first; ind, which checks that
 * the indirect transfer means this block. Blocks lie in the
 * cache in the order of their numbers. */
struct xl_block {
    uint64_t pc;
    uint32_t main;
    uint32_t end;  /* of the instructions that the map covers; stubs lie behind */
    uint32_t ind;  /* 0: not made yet */
    uint32_t tick; /* 0: not made yet */
    uint32_t imap; /* its first map entry */
    uint16_t imap_count;
    uint16_t len;          /* guest bytes, >= 1 */
    uint32_t page_next[2]; /* next block in the list of its first and second page */
    uint8_t flags;         /* BLOCK_* */
    uint8_t reserved[3];
    union {
        uint32_t bytes; /* BLOCK_CHECKED: cache address of a copy of the guest bytes */
        uint32_t ind2;  /* others: entry of the second table; 0: not made yet */
    };
};
_Static_assert(sizeof(struct xl_block) == 48, "xl_block layout");
#define BLOCK_DEAD 1u
#define BLOCK_CHECKED 2u
#define BLOCK_TESTS 4u    /* leaves by itself, before its end, when no tick is left */
#define BLOCK_CAN_TEST 8u /* does not, but has a place where it could */

/* Map of a block: each entry covers host_len bytes of the cache and then guest_len bytes
 * of the guest. state says where guest registers are while the cache pc is within. */
struct xl_imap {
    uint8_t guest_len;
    uint8_t host_len;
    uint8_t state;
};
#define ST_COUNTER_MEM 1u /* the counter is in CTL->counter, not in r11 */
#define ST_GUEST_R11 2u   /* r11 holds the guest's r11; else VCPU->gpr[11] does */
#define ST_SPILLED(reg) ((uint8_t)(((reg) + 1u) << 2)) /* guest reg is in VCPU->gpr[reg] */
#define ST_SPILL_BITS 0x7cu
#define ST_SPILL_OF(state) (((state) >> 2 & 31) - 1u) /* valid unless those bits are 0 */
#define ST_COUNTED 0x80u                /* the tick at the block's end is counted already */
#define ST_SPILLED_CX_DX ST_SPILLED(16) /* both rcx and rdx */
#define ST_OWN_STORE ST_SPILLED(17)     /* the same; the store here is not the guest's */

/* A page that holds (or held) translated code. */
struct xl_page {
    uint64_t page;  /* address >> 12; 0: free slot */
    uint32_t first; /* block list; 0: none */
    uint16_t calm;  /* entries of its blocks since it is checked that found no change */
    uint8_t faults; /* stores into it that dropped blocks */
    uint8_t is_protected : 1;
    uint8_t checked : 1;  /* its blocks compare their bytes on entry */
    uint8_t patience : 4; /* doublings of CALM_FIRST before it is protected again */
};
_Static_assert(sizeof(struct xl_page) == 16, "layout");
#define CALM_FIRST 1024u
#define PATIENCE_MAX 5
#define PAGE_FAULTS_MAX 12

#define XL_MAX_INSNS 48
/* The most code that one call of the translator makes. */
#define XL_UNIT_ROOM 262144u
/* Bytes that stubs of one block may take later: dead, tick and indirect entry, tested links. */
#define XL_STUBS_PER_BLOCK 256u

/* Tables; all of it in the cache range. */
#define XL_BLOCKS ((struct xl_block *)XL_BLOCKS_AT)
#define XL_EXITS ((struct xl_exit *)XL_EXITS_AT)
#define XL_IMAP ((struct xl_imap *)XL_IMAP_AT)
#define XL_HASH ((uint32_t *)XL_HASH_AT)
#define XL_PAGES ((struct xl_page *)XL_PAGES_AT)
#define XL_PAGE_LIST ((uint32_t *)XL_PAGE_LIST_AT)
#define XL_TABLE ((uint64_t *)XL_TABLE_AT)
#define XL_RETURNS ((uint32_t *)XL_RETURNS_AT)
#define XL_CALLS ((uint32_t *)XL_CALLS_AT)
#define XL_TABLE2 ((uint64_t *)XL_TABLE2_AT)

static inline uint64_t *xl_ind_slot(uint64_t pc)
{
    return &XL_TABLE[pc & (XL_TABLE_SIZE - 1)];
}

static inline uint64_t *xl_ind_slot2(uint64_t pc)
{
    return &XL_TABLE2[pc * 729 >> 8 & (XL_TABLE_SIZE - 1)];
}

/* The block that the one-shot buffer holds now. */
#define XL_ONESHOT (&XL_BLOCKS[0])

/* enter.S */
uint32_t xl_enter(void);
extern const char xl_enter_guard[], xl_enter_jump[], xl_asm_begin[], xl_asm_end[];
extern const char xl_exit_entry[], xl_miss_entry[], xl_left[];

/* seek.c: is pc where a state is looked for? */
static inline int xl_is_sought(uint64_t pc)
{
    return CTL->seeking && pc == CTL->seek_pc;
}
/* Is the guest there, and do all tests hold? */
int xl_seek_holds(const struct vcpu *v);

/* block.c */
void xl_cache_reset(void);
int xl_cache_room(void);   /* room for one more unit */
void xl_cache_ahead(void); /* gets the pages that the next units will fill */
struct xl_block *xl_lookup(uint64_t pc);
/* xl_lookup(pc) will be called soon. */
void xl_lookup_soon(uint64_t pc);
struct xl_block *xl_block_new(uint64_t pc);
void xl_block_publish(struct xl_block *b);
void xl_block_kill(struct xl_block *b);
struct xl_block *xl_block_at(uint64_t host_pc);
struct xl_exit *xl_exit_new(enum exit_kind kind, uint64_t pc, uint32_t *id);
int xl_is_break(uint64_t pc);
/* Can xl_is_break be true of any pc? */
static inline int xl_has_breaks(void)
{
    return CTL->break_count || (CTL->env->place && CTL->env->places());
}
/* The number of the breakpoint at pc, or -1. */
int xl_break_at(uint64_t pc);

/* pages.c */
/* Registers a new block with its pages. Returns 1 when its bytes must be checked. */
int xl_pages_claim(uint64_t pc, uint32_t len);
void xl_pages_link(struct xl_block *b);
/* A checked block at pc was entered and is unchanged. Returns 1 when that happened so often that
 * its page is protected from now on; its blocks, this one too, are dropped. */
int xl_pages_calm(uint64_t pc);
/* Drops the blocks that overlap [addr, addr+len). */
void xl_pages_drop(uint64_t addr, uint64_t len);
void xl_pages_reset(void);
void xl_pages_forget(int unprotect);
int xl_pages_full(void);

/* gather.c: one block of guest code, decoded. */
#define GATHER_BUFFER (2 * XL_MAX_INSNS * X86_INSN_MAX)
struct xl_gather {
    uint64_t pc;
    uint32_t count; /* instructions */
    uint32_t len;   /* bytes of them */
    int check;      /* instruction before which flags are free to lose, or -1 */
    int ends;       /* the last instruction is a control transfer or an exit */
    uint64_t bad;   /* count == 0: first address that could not be fetched */
    uint16_t off[XL_MAX_INSNS];
    struct insn insn[XL_MAX_INSNS];
    const uint8_t *bytes; /* of the block, and at least 16 more that may be read; in buffer */
    /* What was fetched: avail bytes at `from`. Blocks of one unit, with nothing of the guest
     * run in between, take from it what is there. */
    uint64_t from;
    uint32_t avail;
    uint8_t buffer[GATHER_BUFFER];
};
struct gather_limits {
    uint32_t max_insns; /* >= 1 */
    uint64_t stop_pc;   /* end before this one, unless it is the first */
    int stop_after_store;
    int ignore_breaks;
};
/* Forgets what was fetched: the guest may have run. */
static inline void xl_gather_anew(struct xl_gather *g)
{
    g->avail = 0;
}
void xl_gather(struct xl_gather *g, uint64_t pc, const struct gather_limits *limits);
int xl_is_popf(const struct insn *in);

/* translate.c */
/* How control came to a block. */
enum reached {
    REACHED_DIRECT,
    REACHED_INDIRECT,
    REACHED_UNTESTED, /* by a backward transfer that did not test the counter */
};
/* Makes a block at pc. NULL: no code can be fetched there (*bad: first such address). There
 * must be room. */
struct xl_block *xl_translate(uint64_t pc, enum reached reached, uint64_t *bad);
/* The same for a pc with a breakpoint: the block is known to the caller alone, so that nothing
 * but its own way leads to it. NULL also when its bytes must be checked on entry. */
struct xl_block *xl_translate_hidden(uint64_t pc);
/* Fills the one-shot buffer; returns 0, or -1 when no code can be fetched. */
int xl_translate_once(uint64_t pc, const struct gather_limits *limits, uint64_t *bad);
uint32_t xl_tick_entry(struct xl_block *b);
/* Lets indirect transfers find b. */
void xl_ind_publish(struct xl_block *b);
/* Where an exit of kind EXIT_LINK is to be linked to when it leads to b. */
uint32_t xl_link_entry(const struct xl_exit *x, struct xl_block *b);
/* The same block again, with a test of the counter (it must be BLOCK_CAN_TEST). */
struct xl_block *xl_retranslate(struct xl_block *b);
void xl_patch(uint32_t rel32_at, uint32_t target);
/* indirect.c: the transfer at `site` went to b, a block that may be linked to. */
void xl_site_fill(uint32_t site, struct xl_block *b);
/* calls.c: makes XL_STUB_RETURN; forgets all call sites. */
void xl_return_stub(void);
void xl_calls_reset(void);
/* watch.c: makes XL_STUB_WATCH. */
void xl_watch_stub(void);
/* An exit to the dispatcher for a dropped block; returns its cache address. */
uint32_t xl_dead_stub(uint64_t pc);

#endif
