/*
 * door.h - the one door through which the world enters the rekernel.
 *
 * Recording: the world is asked and its answer appended to the log. Replaying: the
 * answer comes from the log, after the moment (thread, point, registers) has been
 * checked against the recorded one. Handlers are the same code in both.
 */
#ifndef RRL_RK_DOOR_H
#define RRL_RK_DOOR_H

#include "base.h"
#include "platform.h"

/* How many bytes of an output went out, once the result is known. */
enum out_rule {
    OUT_FULL,   /* cap bytes when the call succeeded */
    OUT_ALWAYS, /* cap bytes also when it failed */
    OUT_RESULT, /* result * unit bytes, at most cap */
    OUT_SPREAD, /* the result spread over all outputs of this rule, in order (readv) */
    OUT_LENPTR, /* as many as the 32-bit length at *lenptr says afterwards, at most cap */
};

struct out {
    u64 addr;  /* where the bytes lie, guest memory or rekernel buffer */
    u64 cap;
    u64 len;   /* filled in by the door */
    u64 lenptr;
    u32 unit;
    u8 rule;
    u8 kernel; /* the rekernel's own buffer: not a guest address */
};

#define WORLD_OUT_MAX 72

struct world {
    u32 nr;
    u32 flags; /* WORLD_* */
    u64 a[6];
    u64 check; /* hash of the bytes given to the world, 0: none */
    u32 nout;
    struct out *out;
};
#define WORLD_BLOCKS 1u   /* may block: a host signal interrupts it */
#define WORLD_INTERNAL 2u /* the rekernel's own call, not the guest's */

static inline bool recording(void)
{
    return plat_control()->mode == RK_MODE_RECORD;
}
/* Asks the world; the result or -errno. */
s64 door_world(struct world *w);
/* A world call without outputs, or with one rekernel buffer filled on success. */
s64 door_call(u32 nr, u64 a0, u64 a1, u64 a2, u64 a3);
s64 door_call_out(u32 nr, u64 a0, u64 a1, u64 a2, u64 a3, void *buf, u64 len);
/* A value that recording gets from `value` and replay from the log (kinds TSC, RANDOM). */
s64 door_value(u32 kind, u32 *nr, s64 value);
/* Result of a machine operation: only failures are logged. Replay: *result is set and
 * true returned when the operation failed when recorded (do not repeat it). */
bool door_failed_then(s64 *result);
void door_machine_result(s64 result);
/* Snapshot of a mapped file; see object.c. sites: room for RK_SITES_MAX;
 * obj->site_count says how many there are. */
s64 door_object(struct rk_object *obj, u32 *id, const char *path, int host_fd, int *fd,
                u32 *sites);
/* Replay: an asynchronous signal recorded at this kernel exit? Record: logs it. */
int door_signal(u8 siginfo[128]);
/* Record: a signal taken in the middle of a native stretch, at this moment. */
struct moment;
int door_signal_async(u8 siginfo[128], const struct moment *m);
/* Replay: when the next thing in the log is such a signal before the next kernel entry: its moment
 * (in the log: until the event is taken), pc and hash of registers. Else NULL. */
const struct moment *door_next_moment(u64 *pc, u64 *regs);
/* The last signal was one of those, in either mode. */
bool door_signal_by_state(void);
/* Replay: the guest stands at that moment now. */
void door_found_moment(void);
/* Hash of the general registers, as events carry it. */
u64 door_regs_hash(void);
/* Text for the user: logged, reported once by the caller. */
void door_notice(const char *text);
void door_exec(const char *path);
_Noreturn void door_exit(int status, bool async);
/* Replay: at a kernel exit; ends the machine when the recording ended right here. */
void door_check_end(void);
/* Replay: from now on the log is left alone; the world answers nothing (RK_DEBUG_DIVERT). */
void door_divert(void);
bool door_diverted(void);
/* What a call gets there. */
s64 divert_answer(const struct world *w);
/* Replay: true when the next thing in the log is a signal taken between this kernel
 * entry and the next; *ticks and *pc name the moment. */
bool door_next_stop(u64 *ticks, u64 *pc);

/* A kernel entry is being served (on) or has been. */
void door_serving(bool on);
/* Number of kernel entries that the guest has made. */
void door_count_entry(void);
u64 door_entries(void);
/* Number of the event last logged or taken. */
u64 door_events(void);

#endif
