/* internal.h - what the files of the stub share: a session, and the packets' handlers. */
#ifndef RRL_GDBSTUB_INTERNAL_H
#define RRL_GDBSTUB_INTERNAL_H

#include "packet.h"
#include "stub.h"
#include "target.h"
#include "text.h"

#define STUB_POINTS_MAX 4096 /* breakpoints and watchpoints of one session */
#define STUB_FILES_MAX 64

/* What the client has inserted, to be removed when it goes. */
struct stub_point {
    uint64_t addr, len;
    unsigned type; /* of the Z packet */
};

struct stub {
    struct packets packets;
    const struct target_ops *ops;
    void *self; /* of ops */
    const struct gdbstub_options *options;
    struct target_layout layout;
    struct reply reply;
    unsigned char *scratch; /* PACKET_MAX bytes for whoever handles a packet */
    int silent;             /* this packet is not answered */
    int no_ack;             /* acknowledgements end behind this reply */
    int over;               /* the session ends behind this reply, as `end` says */
    int extended;
    time_t alive_s; /* when a long `monitor` command last gave a sign of life */
    int killed;     /* extended: there is no program now */
    /* ^C came that no stop has answered: while the client looked at a stop to go on by itself
     * (a condition that it evaluates), or just before the target stopped for another reason.
     * The next run ends where it begins. */
    int interrupt;
    enum gdbstub_end end;
    /* what the client understands */
    int multiprocess, swbreak, exec_events;
    int32_t general, control; /* threads of Hg and Hc */
    struct target_stop stop;
    /* registers of one thread, until the target moves */
    struct target_regs regs;
    int32_t regs_tid;
    int regs_valid;
    /* what qXfer reads in pieces, made when the first piece is asked for */
    char *document;
    size_t document_len;
    struct stub_point *points;
    size_t point_count;
    int files[STUB_FILES_MAX]; /* handles of the target, -1: free */
    uint64_t tls_table;        /* address of the C library's table, 0: not known */
    int32_t *tids;             /* thread list of qfThreadInfo */
    size_t tid_count, tid_next;
};

/* A handler sees what follows the packet's name and leaves its answer in s->reply; an empty
 * answer means that the packet is not supported. */
struct stub_command {
    const char *name;
    void (*handle)(struct stub *s, struct cursor *c);
    int needs_program;
};

/* The tables of the topics; each ends with a NULL name. Longer names come before their
 * prefixes. */
extern const struct stub_command stub_query_commands[];
extern const struct stub_command stub_thread_commands[];
extern const struct stub_command stub_memory_commands[];
extern const struct stub_command stub_register_commands[];
extern const struct stub_command stub_point_commands[];
extern const struct stub_command stub_resume_commands[];
extern const struct stub_command stub_process_commands[];
extern const struct stub_command stub_file_commands[];
extern const struct stub_command stub_xfer_commands[];
extern const struct stub_command stub_search_commands[];
extern const struct stub_command stub_tls_commands[];

/* The target has moved, or its memory or registers may have changed. */
void stub_moved(struct stub *s);
/* The thread that Hg chose, or the current one. */
int32_t stub_thread(const struct stub *s);
/* Adds "pPID.TID" or "TID", as the client wants it. */
void stub_put_thread(struct stub *s, int32_t tid);
/* Registers of a thread: NULL when it has none. */
struct target_regs *stub_regs(struct stub *s, int32_t tid);
/* Adds the stop reply for s->stop. */
void stub_put_stop(struct stub *s);
/* True: a run should end: ^C came (s->interrupt then), or the client is gone. */
int stub_interrupted(void *arg);
/* Fetches the thread list into s->tids. 0 or -errno. */
int stub_list_threads(struct stub *s);
/* Removes all breakpoints and watchpoints; and the other stops, too; closes files. */
void stub_clear_points(struct stub *s);
void stub_clear_stops(struct stub *s);
void stub_close_files(struct stub *s);
/* Sends text to the user, at once. */
void stub_say(struct stub *s, const char *text);

#endif
