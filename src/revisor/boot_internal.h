/* boot_internal.h - what boot.c and boot_fds.c share. */
#ifndef RRL_BOOT_INTERNAL_H
#define RRL_BOOT_INTERNAL_H

#include "boot.h"

struct boot_fd_list {
    struct rk_boot_fd *fds; /* sorted by number; free() it */
    uint32_t count, room;
};

/* Lists the descriptors that a program started now would inherit. 0 or -errno; *list is
 * zeroed by the caller and to be freed by it also after a failure. */
int boot_list_fds(struct boot_fd_list *list);

#endif
