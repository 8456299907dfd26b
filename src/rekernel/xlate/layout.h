/*
 * layout.h - numbers that C and assembly share: where the translator's memory lies, and
 * the offsets that enter.S uses. All of it is below 2 GiB: addressed absolutely.
 */
#ifndef RRL_XLATE_LAYOUT_H
#define RRL_XLATE_LAYOUT_H

#define XL_VCPU 0x70000000 /* RK_LOW_VCPU */
#define XL_CTL 0x70010000  /* RK_LOW_XLATE */

/* struct vcpu */
#define V_GPR(n) (XL_VCPU + 8 * (n))
#define V_RFLAGS (XL_VCPU + 0x88)
#define V_PKRU (XL_VCPU + 0x110) /* pkru_translated */

/* struct xl_ctl */
#define CTL_COUNTER 0x00
#define CTL_EXIT_ID 0x08
#define CTL_INTERRUPT 0x0c
#define CTL_TARGET 0x10
#define CTL_EXIT_PTR 0x18
#define CTL_MISS_PTR 0x20
#define CTL_HOST_SP 0x28
#define CTL_ENTRY 0x30
#define CTL_SOURCE 0x38
#define CTL_SITE 0x48

/* Exit numbers that name no struct xl_exit. */
#define XL_ID_NOT_ENTERED 0 /* an interrupt came first */
#define XL_ID_INDIRECT 1    /* indirect transfer to CTL->target, not found in the table */
#define XL_ID_LEFT 2        /* xl_leave */
#define XL_ID_FIRST 3

/* The cache range: look-up table of indirect transfers, tables, code. */
#define XL_TABLE_AT 0x71000000 /* 65536 cache addresses, by the low 16 bits of the pc */
#define XL_TABLE_SIZE 65536
#define XL_HASH_AT 0x71080000 /* block numbers by pc, with tags */
#define XL_HASH_SIZE 0x100000
#define XL_PAGES_AT 0x71480000
#define XL_PAGES_SIZE 0x10000      /* entries of 16 bytes */
#define XL_PAGE_LIST_AT 0x71580000 /* numbers of the entries in use */
#define XL_BLOCKS_AT 0x71600000
#define XL_BLOCKS_MAX 0x80000
#define XL_TABLE2_AT 0x73000000  /* second look-up table, by another hash of the pc */
#define XL_RETURNS_AT 0x73100000 /* landings of returns, by the low 16 bits of the pc */
#define XL_CALLS_AT 0x73200000   /* call sites by where they come back to */
#define XL_CALLS_SIZE 0x20000
#define XL_EXITS_AT 0x73800000
#define XL_EXITS_MAX 0x180000
#define XL_IMAP_AT 0x75800000
#define XL_IMAP_MAX 0xc00000
#define XL_CODE_AT 0x78000000 /* common stubs, one-shot buffer, then blocks */
#define XL_ONESHOT_AT (XL_CODE_AT + 0x1000)
#define XL_CODE_FIRST (XL_CODE_AT + 0x10000)
#define XL_COLD_AT 0x7c000000  /* exits and other rarely used stubs: not between hot code */
#define XL_CODE_END 0x7fff0000 /* RK_LOW_CACHE_END */
/* Common stubs */
#define XL_STUB_EXIT XL_CODE_AT
#define XL_STUB_MISS (XL_CODE_AT + 16)            /* indirect target in neither table */
#define XL_STUB_SECOND (XL_CODE_AT + 32)          /* not in the first table: on to the second */
#define XL_STUB_RETURN (XL_CODE_AT + 80)          /* a return to where no call of ours comes back */
#define XL_STUB_RETURN_NOTED (XL_STUB_RETURN + 8) /* its source is in CTL->source already */
#define XL_STUB_WATCH (XL_CODE_AT + 128)

#endif
