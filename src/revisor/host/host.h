/*
 * host.h - the platform host's machine: a guest process on this kernel.
 *
 * Private to src/revisor/host.
 */
#ifndef RRL_HOST_H
#define RRL_HOST_H

#include "revisor/machine.h"
#include "revisor/ring.h"

/* Descriptors that the guest process is given besides the user's own are moved to this
 * number or above, out of the way of what programs expect. */
#define HOST_FD_FLOOR 900

struct machine {
    enum rk_mode mode;
    int shared_fd; /* the shared object */
    void *shared;  /* its first view: control page and boot block */
    size_t shared_mapped;
    struct rk_control *control;
    struct rk_debug *debug;
    /* Our own lists: the guest can reach the shared ones. */
    struct rk_debug_break breaks[RK_DEBUG_BREAKS];
    struct rk_debug_watch watches[RK_DEBUG_WATCHES];
    uint8_t conds[RK_DEBUG_CONDS];
    uint32_t break_count, watch_count, cond_size;
    struct ring_view log, report;
    int image_fd;
    int socket, guest_socket;             /* the two ends */
    int clone_socket, guest_clone_socket; /* replay under a debugger; else -1 */
    int gate; /* launcher's end: releases the child, then tells how exec went */
    pid_t pid;
    int pidfd;
    int reaped, status;
    int is_copy; /* made by machine_clone */
};

/* An empty one. */
struct machine *host_machine(enum rk_mode mode);
/* Makes the shared object and maps it. */
int host_shared_create(struct machine *m, const struct machine_config *config);
void host_shared_destroy(struct machine *m);
/* A shared object like that of `from`, whose guest has stopped: all but what is in its rings. */
int host_shared_copy(struct machine *m, struct machine *from);
/* Puts the boot block into the shared object. */
void host_shared_set_boot(struct machine *m, const struct rk_boot *boot);

/* An executable file in memory (or, where the system forbids that, an unlinked one on
 * disk) with the image's bytes: a close-on-exec descriptor or -errno. */
int host_image_fd(const struct machine_image *image);

/* Lets a guest that has stopped carry out a command. */
void host_give_turn(struct machine *m, enum rk_debug_command command);

/* The sockets to the guest. */
int host_sockets(struct machine *m);
/* Descriptor of the process's death, once m->pid is known. */
int host_watch_death(struct machine *m);
void host_close_fd(int *fd);

/* Forks the guest process; it waits behind the gate. */
int host_spawn(struct machine *m);
/* Opens the gate; returns when the image runs, or -errno of why it does not. */
int host_release(struct machine *m);

#endif
