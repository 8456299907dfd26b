/*
 * main.c - the rekernel's loop: run the guest until it enters the kernel, serve it, let
 * signals through, go on.
 */
#include "syscall.h"

static void serve(struct task *t)
{
    switch (VCPU->exit) {
    case VCPU_EXIT_SYSCALL:
        door_count_entry();
        syscall_dispatch(t);
        break;
    case VCPU_EXIT_FAULT:
        door_count_entry();
        t->in_syscall = false;
        fault_dispatch(t);
        break;
    case VCPU_EXIT_TRAP:
        door_count_entry();
        t->in_syscall = false;
        trap_dispatch(t);
        break;
    default: /* interrupted between two instructions */
        t->in_syscall = false;
        signal_interrupt(t);
        break;
    }
}

void rk_main(void)
{
    task_boot();
    mm_boot();
    signal_boot();
    fd_boot();
    exec_boot();
    for (;;) {
        door_check_end();
        vcpu_run();
        bool interrupted = VCPU->exit == VCPU_EXIT_INTERRUPTED;
        serve(current());
        if (!interrupted)
            signal_deliver();
    }
}
