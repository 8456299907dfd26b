/* maplist.c - the guest's file mappings. */
#include "maplist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int make_room(struct maplist *l, size_t more)
{
    if (l->count + more <= l->cap)
        return 0;
    size_t cap = 2 * l->cap + more;
    struct rk_map *map = realloc(l->map, cap * sizeof(*map));
    if (!map)
        return -ENOMEM;
    l->map = map;
    l->cap = cap;
    return 0;
}

int maplist_take(struct maplist *l, const struct rk_report *report, size_t len)
{
    if (report->kind != RK_REPORT_MAPS)
        return 0;
    if (len < sizeof(*report) || (len - sizeof(*report)) / sizeof(l->map[0]) < report->nr)
        return -EPROTO;
    if (report->flags & RK_REPF_FIRST)
        l->count = 0;
    if (make_room(l, report->nr))
        return -ENOMEM;
    if (report->nr)
        memcpy(l->map + l->count, report + 1, report->nr * sizeof(l->map[0]));
    l->count += report->nr;
    return 0;
}

const struct rk_map *maplist_find(const struct maplist *l, uint64_t addr)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (l->map[mid].end <= addr)
            low = mid + 1;
        else
            high = mid;
    }
    return low < l->count && l->map[low].start <= addr ? &l->map[low] : NULL;
}

int maplist_copy(struct maplist *to, const struct maplist *from)
{
    if (make_room(to, from->count))
        return -ENOMEM;
    if (from->count)
        memcpy(to->map, from->map, from->count * sizeof(*to->map));
    to->count = from->count;
    return 0;
}

void maplist_free(struct maplist *l)
{
    free(l->map);
    *l = (struct maplist){0};
}
