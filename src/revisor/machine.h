/*
 * machine.h - one machine with one vCPU, as recorder and replayer see it.
 *
 * A platform (host today, kvm later) makes machines. The users of this interface do
 * not know which. Functions return 0 or -errno unless said otherwise; a machine is
 * used by one thread.
 */
#ifndef RRL_MACHINE_H
#define RRL_MACHINE_H

#include "abi.h"

#include <sys/types.h>

struct machine;

/* A rekernel image: an ELF file. id names it (tf-style 128-bit digest, printed as
 * 32 hexadecimal digits). */
struct machine_image {
    const void *data;
    size_t len;
};
/* The image that this program was built with. */
struct machine_image machine_builtin_image(void);

struct machine_config {
    enum rk_mode mode;
    enum rk_vcpu_mode vcpu_mode;
    uint32_t flags;             /* RK_CTL_* */
    struct machine_image image; /* data NULL: the built-in image */
    struct rk_boot *boot;       /* copied; in record, pid/ppid/pgid/sid are filled in */
};

/* Creates the machine: guest process made and waiting, image and boot block in place.
 * In record mode *config->boot is completed with what only the machine knows (its
 * pid), so that it can go into the trace's header. */
int machine_create(struct machine **out, const struct machine_config *config);
/* Lets the guest run. */
int machine_start(struct machine *m);
/* Ends the guest if it still lives (SIGKILL), reaps it and frees everything. */
void machine_destroy(struct machine *m);

pid_t machine_pid(const struct machine *m);
/* fd that becomes readable when the guest process dies (a pidfd), for poll. */
int machine_death_fd(const struct machine *m);
/* The launcher's end of the socket, for poll; messages by the two calls below. */
int machine_socket(const struct machine *m);
/* One message (struct rk_msg), followed by len bytes that belong to it; fd: -1 or one to
 * be sent along, which stays the caller's. */
int machine_send_data(struct machine *m, const struct rk_msg *msg, const void *data, size_t len,
                      int fd);
/* One message; *fd is -1 or a descriptor that the caller owns. -EAGAIN: none now. */
int machine_recv(struct machine *m, struct rk_msg *msg, int *fd);
int machine_send(struct machine *m, const struct rk_msg *msg, int fd);

struct rk_control *machine_control(struct machine *m);

/* Reads what the producer has committed: a pointer to *len contiguous bytes, without
 * consuming. Valid until ring_consume. NULL (and *len 0): the producer's counter makes no
 * sense, the guest damaged the ring. The guest can change these bytes at any time: copy
 * once, check the copy. */
const void *ring_peek(struct machine *m, struct rk_ring *r, size_t *len);
void ring_consume(struct machine *m, struct rk_ring *r, size_t len);
/* Waits until the ring has bytes, the time is over (-ETIMEDOUT) or a signal came
 * (-EINTR). */
int ring_wait(struct machine *m, struct rk_ring *r, int timeout_ms);
/* Puts len bytes (a multiple of 8, at most half the ring); waits at most timeout_ms
 * for room: 0, -ETIMEDOUT, -EINTR. */
int ring_put(struct machine *m, struct rk_ring *r, const void *data, size_t len, int timeout_ms);
/* Bytes that ring_put would take at once. */
size_t ring_room(struct machine *m, struct rk_ring *r);
void ring_close(struct machine *m, struct rk_ring *r);

/* Guest process's state after its death is known: wait status; -EAGAIN while alive. */
int machine_wait(struct machine *m, int *status);

/* Memory of a stopped or running guest; returns bytes moved or -errno. */
ssize_t machine_read(struct machine *m, uint64_t addr, void *buf, size_t len);
ssize_t machine_write(struct machine *m, uint64_t addr, const void *buf, size_t len);

/* ---------------------------------------------------------------- debug port
 * Of a machine in replay with RK_CTL_DEBUG (abi.h, struct rk_debug). It stops by itself before
 * the guest's first instruction. The commands only start something: they return at once, and
 * machine_debug_wait waits for the next stop (the log must be fed meanwhile). Commands are
 * refused with -EBUSY while the guest runs, and with -ESRCH at its end. */

/* Waits until the guest has stopped: 0; -ETIMEDOUT: it still runs; -EINTR: a signal came. */
int machine_debug_wait(struct machine *m, int timeout_ms);
/* 1: stopped, 0: running. */
int machine_debug_stopped(struct machine *m);
/* 1 once the rekernel has said that it has a debug port (that of an old trace may have none). */
int machine_debug_present(struct machine *m);
/* Where it stopped and why, with all registers. 0; -EBUSY: it runs; -EPROTO: nonsense. */
int machine_debug_regs(struct machine *m, struct rk_debug_stop *stop);

/* Runs to the point; there, or where it was passed over, it stops. */
int machine_debug_run_until(struct machine *m, const struct rk_position *point);
/* The same by single steps, noting each moment; copies out the last of them, at most max (and
 * RK_DEBUG_TRAIL_MAX), the newest last: how many. Once it has stopped. */
int machine_debug_trail(struct machine *m, const struct rk_position *point);
size_t machine_debug_trail_read(struct machine *m, struct rk_position *out, size_t max);
/* The same at full speed without stopping at breakpoints and watches; *out: the last one met,
 * those at the point itself only when `inclusive`. */
int machine_debug_run_last(struct machine *m, const struct rk_position *point, int inclusive);
int machine_debug_last(struct machine *m, struct rk_debug_last *out);
/* What the guest has done since it was cleared by machine_clone. */
void machine_debug_footprint(struct machine *m, struct rk_debug_footprint *out);
/* Runs until event `number` is about to be taken. */
int machine_debug_run_event(struct machine *m, uint64_t number);
/* Runs to the next breakpoint, or to the end. */
int machine_debug_continue(struct machine *m);
/* Runs `count` instructions. */
int machine_debug_step(struct machine *m, uint64_t count);
/* Ends the guest process, also at the guest's end. */
int machine_debug_end(struct machine *m);
/* While stopped: the guest leaves the recorded course for good (RK_DEBUG_DIVERT). Only for
 * copies. 0, -EBUSY, -ESRCH at its end, -EIO: it died. */
int machine_debug_divert(struct machine *m);
/* Sets registers (RK_DEBUG_SET_REGS); answers as above. */
int machine_debug_set_regs(struct machine *m, const struct rk_debug_stop *regs);
/* While stopped, between two instructions: a copy of the machine, which stands at the same stop
 * and has no breakpoints. Its log is empty: it needs the events from stop.event + 1 on. The
 * original goes on as before. fresh: both have empty code caches, and have executed nothing yet
 * as machine_debug_footprint sees it. 0, or -errno of why the system refuses; -EOPNOTSUPP: the guest is
 * in a state that cannot be copied, or its rekernel is too old. */
int machine_clone(struct machine *m, int fresh, struct machine **out);
/* While stopped: breakpoints hold for all commands from the next on. 0, -EEXIST, -ENOENT, or
 * -ENOSPC past RK_DEBUG_BREAKS of them. */
int machine_debug_break_add(struct machine *m, uint64_t pc);
int machine_debug_break_del(struct machine *m, uint64_t pc);
int machine_debug_break_clear(struct machine *m);
/* The same with a condition (size bytes, as in abi.h); replaces that of a breakpoint that exists.
 * 0, -ENOSPC, or -EINVAL for more than RK_DEBUG_CONDS bytes. */
int machine_debug_break_if(struct machine *m, uint64_t pc, const void *conds, uint32_t size);
/* While stopped: watches (kind: RK_WATCH_*) hold from the next command on, and keep their place
 * in the list until one is deleted. 0, -EEXIST, -ENOENT, -EINVAL (no bytes, or they wrap around)
 * or -ENOSPC past RK_DEBUG_WATCHES of them. */
int machine_debug_watch_add(struct machine *m, uint64_t addr, uint64_t len, uint32_t kind);
int machine_debug_watch_del(struct machine *m, uint64_t addr, uint64_t len, uint32_t kind);
int machine_debug_watch_clear(struct machine *m);
/* While stopped: signals (bit n-1) before which the guest stops, from the next command on. */
int machine_debug_stop_signals(struct machine *m, uint64_t set);
/* The same of system calls: set has a bit for each of RK_DEBUG_CALLS numbers. */
int machine_debug_stop_calls(struct machine *m, const uint64_t *set);
/* A thread at whose turns the guest stops (RK_STOP_THREAD); 0: none. */
int machine_debug_stop_thread(struct machine *m, int32_t tid);
/* While stopped, also at the end: asks a question (RK_DEBUG_ASK_*); at most `max` structures of
 * `size` bytes are stored at buf. Their count; -EBUSY; -EIO: the guest process is dead or stuck;
 * -EPROTO: the answer is longer. *more (or NULL): there is more to ask for. Another stop's
 * details (machine_debug_regs) stay as they are. */
int64_t machine_debug_ask(struct machine *m, enum rk_debug_command question, uint64_t number,
                          void *buf, size_t size, size_t max, int *more);
/* Stops a running guest between two instructions; nothing when it has stopped already. */
int machine_debug_interrupt(struct machine *m);

#endif
