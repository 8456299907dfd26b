/* maps.c - reports of the guest's file mappings. */
#include "maps.h"
#include "door.h"
#include "mm.h"
#include "task.h"

#define MAPS_PER_REPORT 256

static bool changed = true;
static bool sent;
static u64 sent_hash; /* of the list sent last */

static struct {
    struct rk_report r;
    struct rk_map map[MAPS_PER_REPORT];
} message;

void maps_changed(void)
{
    changed = true;
}

static struct rk_map describe(const struct vma *v)
{
    return (struct rk_map){v->start,
                           v->end,
                           v->off,
                           v->obj->id,
                           v->obj->generation,
                           v->prot,
                           v->flags & VMA_SHARED ? 1 : 0};
}

static struct vma *next_file(u64 addr)
{
    struct vma *v = mm_next(addr);
    while (v && !v->obj)
        v = mm_next(v->end);
    return v;
}

static u64 hash_list(void)
{
    u64 h = 0;
    for (struct vma *v = next_file(0); v; v = next_file(v->end)) {
        struct rk_map m = describe(v);
        h = hash_bytes(h, &m, sizeof m);
    }
    return h;
}

static void send_list(void)
{
    struct vma *v = next_file(0);
    u32 flags = RK_REPF_FIRST;
    do {
        u32 n = 0;
        for (; v && n < MAPS_PER_REPORT; v = next_file(v->end))
            message.map[n++] = describe(v);
        flags |= v ? RK_REPF_MORE : 0;
        message.r = (struct rk_report){.size = (u32)(sizeof message.r + n * sizeof message.map[0]),
                                       .kind = RK_REPORT_MAPS,
                                       .flags = (u16)flags,
                                       .tid = current_tid(),
                                       .nr = n,
                                       .event = door_events()};
        plat_report(&message, message.r.size);
        flags = 0;
    } while (v);
}

void maps_report(void)
{
    if (!changed)
        return;
    changed = false;
    u64 h = hash_list();
    if (sent && h == sent_hash)
        return;
    sent = true;
    sent_hash = h;
    send_list();
}
