/*
 * block.h - calls that would block, made so that the other threads run meanwhile.
 *
 * Used while there is more than one task, and for sockets with a time limit. A call is tried without blocking; when it
 * would block its task is parked on the descriptor (sched.h) and the call made again
 * when that is ready. What cannot be polled is tried again after a while.
 */
#ifndef RRL_RK_BLOCK_H
#define RRL_RK_BLOCK_H

#include "fd.h"
#include "sched.h"

struct world;

/* What a host file is, as far as blocking goes; asked once for each file (logged). */
enum file_class { CLASS_UNKNOWN, CLASS_PLAIN, CLASS_PIPE, CLASS_SOCKET, CLASS_OTHER };
enum file_class file_class(struct file *f);
/* A socket of a type that may take or give a part of what it was asked for. */
bool file_is_stream(struct file *f);

/* Other threads may run meanwhile, or the socket has a time limit, which must not begin anew
 * when the host interrupts the call for a signal that the guest does not see. */
bool block_parks(const struct file *f);
/* How many of len bytes a read of f or a write to it asks for: under chaos sometimes fewer, where
 * the kernel too may move fewer (chaos_io.c). */
u64 block_short_read(struct file *f, u64 len);
u64 block_short_write(struct file *f, u64 len);
/* Chaos: others run before the next part of a write to f. */
bool block_between_parts(struct file *f);
/* Chaos: a call on f that does not block says EAGAIN, ready or not. */
bool block_not_yet(struct file *f);
/* The program waits for edges, so a short transfer must mean that no more is left. */
void block_no_short_transfers(void);

/* Before a call that may block until f is ready for events (POLLIN or POLLOUT): 0 make
 * it, SYS_PARKED, or -EAGAIN when the socket's own time limit is over. */
s64 block_before(struct task *t, struct file *f, short events);
/* After a call that was tried without blocking said EAGAIN: SYS_PARKED, or -EAGAIN when
 * that is the guest's answer (its descriptor is non-blocking, its time limit over). */
s64 block_after(struct task *t, struct file *f, short events);
/* Parks the task for a while, longer each time, and then the call is made again. */
s64 block_retry(struct task *t);
/* A lock was given back, a descriptor closed: who retries may find it free now. */
void block_changed(void);
/* Makes a world call while f's host descriptor is non-blocking. */
s64 block_avoided(struct file *f, struct world *w);

/* A piece of t's transfer of `whole` bytes gave `result`: true when the call is over,
 * with *answer its result; false: the next piece, which starts at t->io_done. */
bool block_piece(struct task *t, s64 result, u64 whole, s64 *answer);

/* The host interrupted a piece: true when a signal must be looked at now. */
bool block_signalled(struct task *t);
/* t's call is interrupted by a signal: what is left of its time-out goes to the guest. */
void block_interrupted(struct task *t);

#endif
