/*
 * strace_names_memory.c - names of flags and enumerations of memory calls.
 */
#include "strace_print.h"

#include <sys/mman.h>

/* MAP_TYPE and the size of a huge page are fields of several bits. */
#define TYPE 0xf
#define HUGE_SIZE ((uint64_t)0x3f << 26)

static const struct name prot_list[] = {
    NAME(PROT_NONE),        NAME(PROT_READ),      NAME(PROT_WRITE),   NAME(PROT_EXEC),
    NAME_AS("PROT_SEM", 8), NAME(PROT_GROWSDOWN), NAME(PROT_GROWSUP),
};
const struct name_set names_prot = NAME_SET(prot_list, "PROT_???");

static const struct name map_list[] = {
    NAME_IN(MAP_SHARED, TYPE),
    NAME_IN(MAP_PRIVATE, TYPE),
    NAME_IN(MAP_SHARED_VALIDATE, TYPE),
    NAME(MAP_FIXED),
    NAME(MAP_ANONYMOUS),
    NAME(MAP_32BIT),
    NAME(MAP_GROWSDOWN),
    NAME(MAP_DENYWRITE),
    NAME(MAP_EXECUTABLE),
    NAME(MAP_LOCKED),
    NAME(MAP_NORESERVE),
    NAME(MAP_POPULATE),
    NAME(MAP_NONBLOCK),
    NAME(MAP_STACK),
    NAME(MAP_HUGETLB),
    NAME_AS("MAP_SYNC", 0x80000),
    NAME_AS("MAP_FIXED_NOREPLACE", 0x100000),
    {(uint64_t)21 << 26, HUGE_SIZE, "21<<MAP_HUGE_SHIFT"},
    {(uint64_t)30 << 26, HUGE_SIZE, "30<<MAP_HUGE_SHIFT"},
};
const struct name_set names_map = NAME_SET(map_list, "MAP_???");

static const struct name mremap_list[] = {
    NAME(MREMAP_MAYMOVE),
    NAME(MREMAP_FIXED),
    NAME_AS("MREMAP_DONTUNMAP", 4),
};
const struct name_set names_mremap = NAME_SET(mremap_list, "MREMAP_???");

static const struct name msync_list[] = {
    NAME(MS_SYNC),
    NAME(MS_ASYNC),
    NAME(MS_INVALIDATE),
};
const struct name_set names_msync = NAME_SET(msync_list, "MS_???");

static const struct name madvise_list[] = {
    NAME(MADV_NORMAL),
    NAME(MADV_RANDOM),
    NAME(MADV_SEQUENTIAL),
    NAME(MADV_WILLNEED),
    NAME(MADV_DONTNEED),
    NAME(MADV_FREE),
    NAME(MADV_REMOVE),
    NAME(MADV_DONTFORK),
    NAME(MADV_DOFORK),
    NAME(MADV_MERGEABLE),
    NAME(MADV_UNMERGEABLE),
    NAME(MADV_HUGEPAGE),
    NAME(MADV_NOHUGEPAGE),
    NAME(MADV_DONTDUMP),
    NAME(MADV_DODUMP),
    NAME(MADV_WIPEONFORK),
    NAME(MADV_KEEPONFORK),
    NAME_AS("MADV_COLD", 20),
    NAME_AS("MADV_PAGEOUT", 21),
    NAME_AS("MADV_POPULATE_READ", 22),
    NAME_AS("MADV_POPULATE_WRITE", 23),
    NAME_AS("MADV_DONTNEED_LOCKED", 24),
    NAME_AS("MADV_COLLAPSE", 25),
    NAME(MADV_HWPOISON),
    NAME_AS("MADV_SOFT_OFFLINE", 101),
    NAME_AS("MADV_GUARD_INSTALL", 102),
    NAME_AS("MADV_GUARD_REMOVE", 103),
};
const struct name_set names_madvise = NAME_SET(madvise_list, "MADV_???");

static const struct name mlock2_list[] = {
    NAME_AS("MLOCK_ONFAULT", 1),
};
const struct name_set names_mlock2 = NAME_SET(mlock2_list, "MLOCK_???");

static const struct name mlockall_list[] = {
    NAME(MCL_CURRENT),
    NAME(MCL_FUTURE),
    NAME_AS("MCL_ONFAULT", 4),
};
const struct name_set names_mlockall = NAME_SET(mlockall_list, "MCL_???");
