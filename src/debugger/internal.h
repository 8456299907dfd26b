/* internal.h - what the files of the debugger share. */
#ifndef RRL_DEBUGGER_INTERNAL_H
#define RRL_DEBUGGER_INTERNAL_H

#include "debugger.h"

#define DEBUGGER_WATCHES RK_DEBUG_WATCHES
#define DEBUGGER_FILES 64

struct debugger_watch {
    uint64_t addr, len;
    enum target_watch kind;
};

struct debugger_break {
    uint64_t addr;
    unsigned char *conditions; /* as replay_session_break_if takes them, or NULL */
    size_t size;
};

/* A file that a client has open: one of the trace, or a text made here. */
struct debugger_file {
    int used;
    uint32_t object, generation; /* 0: text, or a file of this machine */
    char *text;
    size_t len;
    int fd; /* of this machine's file; -1: none */
};

struct debugger {
    struct timeline *timeline;
    struct tf_reader *files;
    struct debugger_options options;
    uint64_t total_events;
    struct diversion *diversion; /* or NULL */
    int diverted;                /* it has run */
    struct target_stop stop;     /* as the client knows it */
    const struct target_run *running;
    uint64_t calls[RK_DEBUG_CALLS / 64]; /* that the client catches */
    uint64_t passed;                     /* signals (bit n-1) that are no stop for the client */
    int exec_events;                     /* the client wants them; */
    char exe[4096];                      /* the program that it knows */
    const struct target_out *monitor;    /* while a command of it runs */
    struct debugger_break breaks[RK_DEBUG_BREAKS];
    size_t break_count;
    struct debugger_watch watches[DEBUGGER_WATCHES]; /* in the timeline's order */
    size_t watch_count;
    struct debugger_file open_files[DEBUGGER_FILES];
};

void debugger_say(struct debugger *d, const char *text);
/* Where the client believes the program to be: in the diversion if there is one. NULL: lost. */
const struct rk_debug_stop *debugger_where(const struct debugger *d);
int32_t debugger_pid(struct debugger *d);
/* The recording's own replay, for questions; NULL: lost. */
struct replay_session *debugger_session(const struct debugger *d);
/* Sets d->stop from where the timeline stands. */
void debugger_note_stop(struct debugger *d);

/* diversion.c: opens one unless there is one. 0 or -errno. */
int debugger_divert(struct debugger *d);
void debugger_rejoin(struct debugger *d);
/* True: what the client wants to run is not the recording. */
int debugger_is_elsewhere(const struct debugger *d);
int debugger_run_diversion(struct debugger *d, const struct target_run *how);

/* The target's functions, by file. */
/* state.c */
void state_layout(void *t, struct target_layout *layout);
int32_t state_pid(void *t);
int32_t state_current(void *t);
size_t state_threads(void *t, int32_t *tids, size_t cap);
int state_thread_text(void *t, int32_t tid, char *text, size_t cap);
int state_regs_read(void *t, int32_t tid, struct target_regs *regs);
int state_regs_write(void *t, int32_t tid, const struct target_regs *regs);
ssize_t state_mem_read(void *t, uint64_t addr, void *buf, size_t len);
ssize_t state_mem_write(void *t, uint64_t addr, const void *buf, size_t len);
ssize_t state_object(void *t, enum target_object which, void *buf, size_t len, uint64_t offset);
/* exec.c */
int exec_is_call(uint64_t number);
/* True: the client need not hear of this stop, which is there for the sake of exec events. */
int exec_is_own_stop(const struct debugger *d, enum target_direction direction);
/* The process is not the program any more that the client knows, or it has just become the same
 * again: d->stop says so then. */
int exec_note(struct debugger *d, enum target_direction direction);
/* The client knows the program as it is now. */
void exec_know(struct debugger *d);
/* run.c */
int run_run(void *t, const struct target_run *how, struct target_stop *stop);
void run_where(void *t, struct target_stop *stop);
int run_restart(void *t, const char *where);
/* points.c */
int points_break_add(void *t, uint64_t addr, const void *const *conditions, const size_t *lengths,
                     size_t count);
int points_break_del(void *t, uint64_t addr);
int points_watch_add(void *t, uint64_t addr, uint64_t len, enum target_watch kind);
int points_catch_syscalls(void *t, int on, const uint32_t *numbers, size_t count);
void points_exec_events(void *t, int on);
int points_pass_signals(void *t, uint64_t mask);
int points_watch_del(void *t, uint64_t addr, uint64_t len, enum target_watch kind);
/* Backward to the last write of these bytes, heeding nothing else: 0; -ENOENT: there is none, it
 * stands at the beginning; or -errno. */
int points_last_write(struct debugger *d, uint64_t addr, uint64_t len);
void points_clear(struct debugger *d);
/* range.c: on at full speed while how->tid, which runs, is in [how->start, how->end). 1: it stands
 * outside, or at an instruction that may lead there; 0: another stop; -EOPNOTSUPP: not possible,
 * nothing has moved; or -errno. */
int range_run(struct debugger *d, const struct target_run *how);
/* libraries.c */
int libraries_list(void *t, uint64_t *main_map, target_library_fn *take, void *arg);
/* files.c */
int files_open(void *t, const char *path);
ssize_t files_read(void *t, int file, void *buf, size_t len, uint64_t offset);
int files_stat(void *t, int file, struct target_stat *st);
int files_close(void *t, int file);
ssize_t files_link(void *t, const char *path, char *buf, size_t cap);
/* proc.c: the text of /proc/PID/NAME, to be freed; NULL: there is no such file. */
char *proc_text(struct debugger *d, const char *name, size_t *len);
/* monitor.c */
/* To a moment as `seek` takes it: -EINVAL if it is none, or as the timeline's seeks. */
int monitor_seek(struct debugger *d, const char *where);
int monitor_run(void *t, const char *command, const struct target_out *out);

#endif
