/* user_checkpoints.c - moments that the user wants to come back to. */
#include "timeline_internal.h"

#include <errno.h>
#include <stdlib.h>

static size_t find(const struct timeline *t, uint32_t id)
{
    size_t i = 0;
    while (i < t->user_count && t->users[i].id != id)
        i++;
    return i;
}

int timeline_checkpoint_add(struct timeline *t)
{
    struct timeline_checkpoint *users = realloc(t->users, (t->user_count + 1) * sizeof(*users));
    if (!users)
        return -ENOMEM;
    t->users = users;
    users[t->user_count++] = (struct timeline_checkpoint){
        .id = ++t->last_user_id, .tid = t->stop.tid, .mark = timeline_here(t)};
    return (int)t->last_user_id;
}

int timeline_checkpoint_delete(struct timeline *t, uint32_t id)
{
    size_t i = find(t, id);
    if (i == t->user_count)
        return -ENOENT;
    for (t->user_count--; i < t->user_count; i++)
        t->users[i] = t->users[i + 1];
    return 0;
}

int timeline_checkpoint_restart(struct timeline *t, uint32_t id)
{
    size_t i = find(t, id);
    return i == t->user_count ? -ENOENT : timeline_seek_mark(t, &t->users[i].mark);
}

const struct timeline_checkpoint *timeline_checkpoints(const struct timeline *t, size_t *count)
{
    *count = t->user_count;
    return t->users;
}
