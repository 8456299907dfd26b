/*
 * debug_threads.c - the debug port's questions: threads and their registers, memory areas, the
 * process (abi.h, RK_DEBUG_ASK_*). They are asked at a stop and change nothing.
 */
#include "debug.h"
#include "mm.h"
#include "sched.h"

#define THREADS_PER_ANSWER (RK_DEBUG_ANSWER_MAX / sizeof(struct rk_debug_thread))
#define AREAS_PER_ANSWER (RK_DEBUG_ANSWER_MAX / sizeof(struct rk_map))

static struct rk_debug *area; /* valid while a question is answered */
static u64 skip;              /* threads to leave out still */

/* ---------------------------------------------------------------- threads */
static u32 state_of(const struct task *t)
{
    if (t == current())
        return RK_THREAD_CURRENT;
    if (t->parked)
        return RK_THREAD_WAITS;
    return t->in_syscall && t->restartable ? RK_THREAD_INTERRUPTED : RK_THREAD_READY;
}

static void add_thread(struct task *t)
{
    struct rk_debug_thread *list = (void *)area->answer;
    if (skip) {
        skip--;
        return;
    }
    if (area->answer_count == THREADS_PER_ANSWER) {
        area->answer_more = 1;
        return;
    }
    struct rk_debug_thread *d = &list[area->answer_count++];
    *d = (struct rk_debug_thread){.tid = t->tid, .state = state_of(t)};
    if (d->state == RK_THREAD_WAITS || d->state == RK_THREAD_INTERRUPTED)
        d->nr = t->syscall_nr;
    str_copy(d->name, task_comm(t), sizeof d->name);
}

/* Through the processor, as at a stop: what memory holds for a component that is marked as
 * unused need not be its contents. The running thread's own state is put aside meanwhile. */
static void other_vector_state(const struct task *t, struct rk_debug_stop *s)
{
    static u8 image[VCPU_XSTATE_MAX] __attribute__((aligned(64)));
    void *own = VCPU->xstate;
    if (VCPU->xstate_live)
        vcpu_save_xstate();
    memcpy(image, t->xstate, sizeof image);
    VCPU->xstate = image;
    VCPU->xstate_live = 0;
    debug_tell_vector_state(s);
    VCPU->xstate = own;
    VCPU->xstate_live = 0;
}

static void tell_regs(s32 tid)
{
    const struct task *t = sched_find(tid);
    struct rk_debug_stop *s = (void *)area->answer;
    if (!t)
        return;
    area->answer_count = 1;
    *s = area->stop;
    if (t == current())
        return;
    s->tid = tid;
    s->signal = 0;
    memset(s->siginfo, 0, sizeof s->siginfo);
    memcpy(s->gpr, t->gpr, sizeof s->gpr);
    s->rip = t->rip;
    s->rflags = t->rflags;
    s->fs_base = t->fs_base;
    s->gs_base = t->gs_base;
    s->in_kernel = t->parked;
    other_vector_state(t, s);
}

/* ----------------------------------------------------------------- memory */
static struct rk_map describe(const struct vma *v)
{
    u32 flags = (v->flags & VMA_SHARED ? RK_MAP_SHARED : 0) |
                (v->flags & VMA_STACK ? RK_MAP_STACK : 0) | (v->flags & VMA_HEAP ? RK_MAP_HEAP : 0);
    return (struct rk_map){.start = v->start,
                           .end = v->end,
                           .offset = v->obj ? v->off : 0,
                           .object = v->obj ? v->obj->id : 0,
                           .generation = v->obj ? v->obj->generation : 0,
                           .prot = v->prot,
                           .flags = flags};
}

static void list_areas(u64 from)
{
    struct rk_map *list = (void *)area->answer;
    struct vma *v = mm_next(from);
    for (; v && area->answer_count < AREAS_PER_ANSWER; v = mm_next(v->end))
        list[area->answer_count++] = describe(v);
    area->answer_more = v != NULL;
}

/* ---------------------------------------------------------------- process */
static void tell_process(void)
{
    const struct rk_boot *b = plat_boot();
    const struct process *p = current()->proc;
    struct rk_debug_process *d = (void *)area->answer;
    *d = (struct rk_debug_process){.pid = p->pid,
                                   .ppid = p->ppid,
                                   .pgid = b->pgid,
                                   .sid = b->sid,
                                   .uid = b->uid,
                                   .euid = b->euid,
                                   .gid = b->gid,
                                   .egid = b->egid,
                                   .threads = sched_task_count(),
                                   .entry = p->entry,
                                   .auxv = p->auxv_addr,
                                   .auxv_size = p->auxv_size,
                                   .brk_start = mm_current()->brk_start,
                                   .brk = mm_current()->brk,
                                   .stack_start = p->stack_start,
                                   .arg_start = p->arg_start,
                                   .arg_end = p->arg_end,
                                   .env_start = p->env_start,
                                   .env_end = p->env_end};
    str_copy(d->name, p->comm, sizeof d->name);
    str_copy(d->exe, p->exe ? p->exe : "", sizeof d->exe);
    area->answer_count = 1;
}

bool debug_answer(struct rk_debug *port)
{
    area = port;
    area->answer_count = area->answer_more = 0;
    switch (area->command) {
    case RK_DEBUG_ASK_THREADS:
        skip = area->number;
        sched_each(add_thread);
        return true;
    case RK_DEBUG_ASK_REGS:
        tell_regs((s32)area->number);
        return true;
    case RK_DEBUG_ASK_AREAS:
        list_areas(area->number);
        return true;
    case RK_DEBUG_ASK_PROCESS:
        tell_process();
        return true;
    default:
        return false;
    }
}
