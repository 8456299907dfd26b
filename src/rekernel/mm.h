/*
 * mm.h - the guest's address space: areas, placement, file objects.
 *
 * Placement is deterministic and ours alone (the host is always told where to map):
 *   0x10000 ..       programs linked at fixed addresses
 *   0x10000000 ..    position-independent programs
 *   0x20000000 ..    libraries and executable mappings, upwards
 *   0x560000000000.. brk heap
 *   .. 0x7ff700000000  everything else, downwards
 *   .. 0x7ffffffff000  main stack
 */
#ifndef RRL_RK_MM_H
#define RRL_RK_MM_H

#include "base.h"
#include "platform.h"
#include "unseen.h"

#define MM_EXE_BASE 0x10000000ull
#define MM_CODE_BASE 0x20000000ull
#define MM_CODE_END RK_LOW_BASE
#define MM_BRK_BASE 0x560000000000ull
#define MM_BRK_END 0x600000000000ull
#define MM_MAP_TOP 0x7ff700000000ull
#define MM_MAP_BOTTOM 0x710000000000ull
#define MM_STACK_TOP 0x7ffffffff000ull

struct file;

/* A file that is or was mapped. One per (dev, ino); lives for ever. */
struct object {
    struct object *next;
    u32 id;         /* from 1 */
    u32 generation; /* snapshots taken */
    u64 dev, ino, size;
    s64 mtime_ns, ctime_ns;
    u64 from, to;   /* range that the last snapshot covers */
    int fd;         /* replay: its contents; record: -1 */
    bool touched;   /* the guest wrote to the file since the last snapshot */
    bool common;    /* copies of this machine have the same fd (object_copy.c) */
    char *path;
    u32 *sites; /* file offsets of instructions that must trap (abi.h) */
    u32 site_count;
};

enum vma_flag {
    VMA_SHARED = 1,
    VMA_STACK = 2,
    VMA_HEAP = 4,
    VMA_GROWSDOWN = 8,
};

struct vma {
    u64 start, end;
    u32 prot;  /* PROT_* */
    u32 flags; /* VMA_* */
    struct object *obj; /* NULL: anonymous */
    u64 off;            /* of start in obj */
    u32 generation;     /* the snapshot of obj that was mapped */
    u32 reserved;
};

struct mm {
    struct vma *v; /* sorted, disjoint */
    u32 count, cap;
    u64 brk_start, brk;
    u64 total; /* bytes mapped */
    struct unseen unseen;
};

struct mm *mm_current(void);
void mm_boot(void);
/* Unmaps all of the guest's memory (exec). */
void mm_reset(void);

/* Maps; addr 0 or a hint unless MAP_FIXED*. Returns the address or -errno. */
s64 mm_mmap(u64 addr, u64 len, u32 prot, u32 flags, struct file *f, u64 off, u32 vma_flags);
s64 mm_munmap(u64 addr, u64 len);
s64 mm_mprotect(u64 addr, u64 len, u32 prot);
/* Area that holds addr, or NULL. */
struct vma *mm_find(u64 addr);
/* First area that ends above addr, or NULL. */
struct vma *mm_next(u64 addr);
bool mm_range_free(u64 addr, u64 len);
/* Is there code of the guest's own making that native mode must not run (unseen.h)? */
bool mm_unseen_code(void);

/* Memory was mapped a second time by mremap: what is shared cannot be told from the list. */
bool mm_aliased(void);

/* Copies of this machine (RK_DEBUG_CLONE, object_copy.c). May it be copied? 0 or -errno. After it, on
 * both sides: files are common. In the copy: shared memory becomes its own. And before a
 * file's contents change: so does this file. */
s64 object_can_copy(void);
void object_copied(bool copy);
void object_own(struct object *o);
struct object *object_first(void);

/* For the platform's code rewriting. */
u32 mm_prot_at(u64 addr);
/* Bytes from addr on, at most max, that lie in one private, executable, not writable area. */
u32 mm_patchable(u64 addr, u32 max);
void mm_clip_code(u64 addr, u64 *begin, u64 *end);

/* Objects (object.c). */
s64 object_for_map(struct file *f, u64 off, u64 len, struct object **out);
/* Private memory [start, end) shows obj from offset on and becomes executable: makes the
 * instructions trap that must. */
void object_trap_sites(const struct object *obj, u64 start, u64 end, u64 offset);
/* The guest wrote [offset, offset+len) of the file behind f from memory at addr. */
void object_written(struct file *f, u64 addr, u64 len, u64 offset);
/* Is f's file one that is or was mapped? */
bool object_mapped(struct file *f);
/* The guest called fallocate on f. */
void object_allocated(struct file *f, u32 mode, u64 offset, u64 len);
/* A file that may be mapped was truncated by name, or by being opened. */
void object_truncated_path(u64 path, u64 size);
void object_resized(struct file *f, u64 size);
bool object_any_mapped(void);

#endif
