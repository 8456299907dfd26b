/* maplist.h - the guest's file mappings, collected from RK_REPORT_MAPS. */
#ifndef RRL_MAPLIST_H
#define RRL_MAPLIST_H

#include "revisor/abi.h"

struct maplist {
    struct rk_map *map;
    size_t count, cap;
};

/* Takes a report (others than RK_REPORT_MAPS are ignored). 0, -EPROTO or -ENOMEM. */
int maplist_take(struct maplist *l, const struct rk_report *report, size_t len);
/* The mapping that holds addr, or NULL. */
const struct rk_map *maplist_find(const struct maplist *l, uint64_t addr);
/* to is empty. 0 or -ENOMEM. */
int maplist_copy(struct maplist *to, const struct maplist *from);
void maplist_free(struct maplist *l);

#endif
