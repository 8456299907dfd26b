/*
 * platform.h - everything the rekernel core asks of the platform it runs on.
 *
 * The core calls these functions and mem*, nothing else. The platform host
 * implements them with raw host calls inside the guest process; the platform kvm
 * will implement them with exits to its monitor.
 */
#ifndef RRL_RK_PLATFORM_H
#define RRL_RK_PLATFORM_H

#include "base.h"
#include "vcpu.h"

/* The shared control page and the boot block, valid from the start. */
static inline struct rk_control *plat_control(void)
{
    return (struct rk_control *)RK_SHARED_BASE;
}
const struct rk_boot *plat_boot(void);
/* Maps zeroed rekernel memory at addr (in the rekernel's own range). */
void plat_kernel_map(u64 addr, u64 len);

/* The outside world. Only while recording, only from door.c. nr is the Linux syscall
 * number; result or -errno. The interruptible form returns PLAT_CANCELLED without making
 * the call when a host signal is pending, also one that came just before the call. */
#define PLAT_CANCELLED (-512)
s64 plat_world(u32 nr, const u64 a[6]);
s64 plat_world_interruptible(u32 nr, const u64 a[6]);

/* Machine operations on guest memory, in both modes; 0 or -errno. fd: -1 anonymous. */
s64 plat_map(u64 addr, u64 len, u32 prot, u32 flags, int fd, u64 offset);
s64 plat_unmap(u64 addr, u64 len);
s64 plat_protect(u64 addr, u64 len, u32 prot);
s64 plat_move(u64 from, u64 old_len, u64 to, u64 new_len);
s64 plat_advise(u64 addr, u64 len, int advice);
/* One byte per page, bit 0: the page exists. 0 or -errno. */
s64 plat_resident(u64 addr, u64 len, u8 *out);
/* Makes the host's eventfd readable or not (signalfd). Record only. */
void plat_eventfd_set(int host_fd, bool readable);
/* Replay: makes a write to a file object's contents / resizes it. */
s64 plat_object_write(int fd, const void *data, u64 len, u64 offset);
s64 plat_object_resize(int fd, u64 size);
s64 plat_object_allocate(int fd, u32 mode, u64 offset, u64 len);
void plat_object_close(int fd);
/* Another file with the same contents: its descriptor or -errno. */
s64 plat_object_copy(int fd);
/* Replay: prints what the guest writes to its standard output or error. */
void plat_console(int fd, const void *data, u64 len);
/* Record: hands a file to the launcher for a snapshot and waits until it is safe. sites
 * (room for RK_SITES_MAX) receives offsets of instructions that must trap. */
s64 plat_object_store(u32 id, u32 generation, u64 offset, u64 len, int host_fd, u32 *sites,
                      u32 *site_count);
/* Makes the two-byte opcode at addr, in private executable memory, raise SIGILL. */
void plat_trap_instruction(u64 addr);
/* Replay: receives the snapshot's descriptor. */
int plat_object_fetch(u32 id, u32 generation);

/* Log ring. Record: reserve (waits for room; at most RK_EVENT_MAX), then commit.
 * Replay: peek waits until need bytes are there; NULL at the end of the log. */
void *plat_log_reserve(size_t len);
void plat_log_commit(size_t len);
const void *plat_log_peek(size_t need);
void plat_log_consume(size_t len);
/* Report ring, both modes. */
void plat_report(const void *record, size_t len);
/* A word shared with the launcher: sleep while it has that value (may return early), and
 * wake the launcher that sleeps on it. */
void plat_word_wait(_Atomic u32 *word, u32 value);
void plat_word_wake(_Atomic u32 *word);

/* Debug port: a copy of this machine, with shared memory of its own (RK_DEBUG_CLONE). The copy's
 * pid in the original, 0 in the copy, or -errno. */
s64 plat_clone(void);

/* Guarded access: guard_set returns 0, then 1 when a fault came before guard_clear. */
struct guard {
    u64 regs[8];
};
int guard_set(struct guard *g) __attribute__((returns_twice));
void guard_clear(void);

/* Native mode: enters the guest with VCPU's state, returns when it enters the kernel. */
void plat_run_native(void);
/* Loads the running thread's vector state into the processor; it is live after it. */
void plat_restore_xstate(void);
/* Maps the translator's cache range. */
void plat_map_cache(void);
/* Pages of it that will be written soon. */
void plat_populate(u64 addr, u64 len);
/* Moves the running thread's vector state from the processor to VCPU->xstate; after it,
 * the processor's registers are anything and xstate_live is 0. */
void vcpu_save_xstate(void);
u64 vcpu_xstate_size(void);
u64 vcpu_xstate_mask(void);
void vcpu_get_bases(u64 *fs, u64 *gs);
void vcpu_set_bases(u64 fs, u64 gs);
/* Fills buf with the guest's own code bytes at addr, rewritten sites undone. */
void vcpu_original_code(u64 addr, u8 *buf, u64 len);
/* Guest memory in the range changes its mapping or protection: undo rewritten sites. */
void plat_code_changed(u64 addr, u64 len, bool keep_contents);

/* Time-stamp counter and TSC_AUX. Record only. */
u64 plat_tsc(u32 *aux);
/* Next pending host signal, with its siginfo; 0: none. Record only. */
int plat_next_signal(u8 siginfo[128]);
/* The pending host signals as a set, without taking them; and: let the guest run on
 * with them pending until it enters the kernel by itself. Record only. */
u64 plat_signals_pending(void);
void plat_defer_signals(void);
/* Record only: what the host does with a signal of job control. At first it does the
 * default thing, unseen by the guest; the others are all caught. */
enum host_disposition { HOST_DEFAULT, HOST_IGNORES, HOST_CATCHES };
void plat_disposition(int signo, enum host_disposition how);
/* Ends the machine. status is the wait status that the guest ended with. */
_Noreturn void plat_exit(int status);
/* Names the host process after the guest program, for ps. */
void plat_set_name(const char *name);

/* Does the range hold bytes that are the platform's own? */
bool plat_owns(u64 addr, u64 len);

#endif
