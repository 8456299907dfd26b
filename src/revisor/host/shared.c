/* shared.c - the shared object: control page, debug area, boot block, two rings. */
#include "host.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t page_up(uint64_t v)
{
    return (v + RK_PAGE - 1) & ~(RK_PAGE - 1);
}

/* Where the parts begin. */
#define DEBUG_AT RK_PAGE
#define BOOT_AT (DEBUG_AT + ((sizeof(struct rk_debug) + RK_PAGE - 1) & ~(RK_PAGE - 1)))

/* A plain memory file; nothing in it is ever executed. */
static int memory_object(size_t size)
{
    int fd = memfd_create("rr-like-shared", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, (off_t)size)) {
        int err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

static void format_control(struct machine *m, const struct machine_config *config,
                           uint64_t boot_room)
{
    struct rk_control *c = m->control;
    uint64_t log_at = BOOT_AT + boot_room;
    c->magic = RK_CONTROL_MAGIC;
    c->abi_version = RK_ABI_VERSION;
    c->mode = config->mode;
    c->vcpu_mode = config->vcpu_mode;
    c->flags = config->flags;
    c->socket_fd = c->clone_fd = -1;
    c->debug_offset = DEBUG_AT;
    c->boot_offset = BOOT_AT;
    c->shared_size = log_at + RK_LOG_RING_SIZE + RK_REPORT_RING_SIZE;
    ring_format(&c->log, log_at, RK_LOG_RING_SIZE);
    ring_format(&c->report, log_at + RK_LOG_RING_SIZE, RK_REPORT_RING_SIZE);
}

_Static_assert(sizeof(struct rk_control) <= RK_PAGE, "the control page is one page");

static int map_object(struct machine *m)
{
    m->shared = mmap(NULL, m->shared_mapped, PROT_READ | PROT_WRITE, MAP_SHARED, m->shared_fd, 0);
    if (m->shared == MAP_FAILED) {
        m->shared = NULL;
        return -errno;
    }
    m->control = m->shared;
    m->debug = (struct rk_debug *)((char *)m->shared + DEBUG_AT);
    return 0;
}

static int map_rings(struct machine *m)
{
    int err = ring_map(&m->log, m->shared_fd, &m->control->log);
    return err ? err : ring_map(&m->report, m->shared_fd, &m->control->report);
}

int host_shared_create(struct machine *m, const struct machine_config *config)
{
    uint64_t boot_room = page_up(config->boot->size);
    m->shared_mapped = BOOT_AT + boot_room;
    m->shared_fd = memory_object(m->shared_mapped + RK_LOG_RING_SIZE + RK_REPORT_RING_SIZE);
    if (m->shared_fd < 0)
        return m->shared_fd;
    int err = map_object(m);
    if (err)
        return err;
    format_control(m, config, boot_room);
    return map_rings(m);
}

/* Both sides' counters go on where the original's consumers are. */
static void empty_rings(struct machine *m, struct machine *from)
{
    struct rk_control *c = m->control;
    uint64_t log_at = m->shared_mapped, tail = atomic_load(&from->control->log.tail);
    ring_format(&c->log, log_at, RK_LOG_RING_SIZE);
    ring_format(&c->report, log_at + RK_LOG_RING_SIZE, RK_REPORT_RING_SIZE);
    atomic_store(&c->log.head, tail);
    atomic_store(&c->log.tail, tail);
    atomic_store(&c->report.head, from->report.mine);
    atomic_store(&c->report.tail, from->report.mine);
}

int host_shared_copy(struct machine *m, struct machine *from)
{
    m->shared_mapped = from->shared_mapped;
    m->shared_fd = memory_object(m->shared_mapped + RK_LOG_RING_SIZE + RK_REPORT_RING_SIZE);
    int err = m->shared_fd < 0 ? m->shared_fd : map_object(m);
    if (err)
        return err;
    memcpy(m->shared, from->shared, m->shared_mapped);
    empty_rings(m, from);
    err = map_rings(m);
    m->log.mine = atomic_load(&m->control->log.head);
    m->report.mine = from->report.mine;
    return err;
}

void host_shared_set_boot(struct machine *m, const struct rk_boot *boot)
{
    memcpy((char *)m->shared + BOOT_AT, boot, boot->size);
    m->control->boot_size = boot->size;
}

void host_shared_destroy(struct machine *m)
{
    ring_unmap(&m->log);
    ring_unmap(&m->report);
    if (m->shared)
        munmap(m->shared, m->shared_mapped);
    if (m->shared_fd >= 0)
        close(m->shared_fd);
}
