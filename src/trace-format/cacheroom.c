/*
 * cacheroom.c - keeps a cache within its size: the entries that were written or used
 * longest ago go first.
 */
#include "trace-format/cachefile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ABANDONED_AFTER_S 3600 /* a temporary file that old has no writer any more */

struct found {
    char name[TF_CACHE_NAME_MAX];
    uint64_t size;
    struct timespec used;
};
struct found_list {
    struct found *items;
    size_t count, cap;
};

static int older_first(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec)
        return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int add(struct found_list *list, const char *name, const struct stat *st)
{
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 256 : list->cap * 2;
        struct found *items = realloc(list->items, cap * sizeof(*items));
        if (items == NULL)
            return -ENOMEM;
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count] = (struct found){.size = (uint64_t)st->st_size, .used = st->st_mtim};
    memcpy(list->items[list->count++].name, name, strlen(name) + 1);
    return 0;
}

/* Looks at one directory entry: lists it when it is the cache's, drops it when it is a
 * left-over, and touches nothing else. */
static int look(struct tf_blobcache *cache, struct found_list *list, const char *name)
{
    size_t len = strlen(name), suffix = strlen(TF_CACHE_SUFFIX);
    struct stat st;

    if (len >= TF_CACHE_NAME_MAX || fstatat(cache->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(st.st_mode))
        return 0;
    if (strncmp(name, TF_CACHE_TEMPORARY, strlen(TF_CACHE_TEMPORARY)) == 0) {
        if (time(NULL) - st.st_mtime > ABANDONED_AFTER_S)
            unlinkat(cache->dir, name, 0);
        return 0;
    }
    if (len <= suffix || strcmp(name + len - suffix, TF_CACHE_SUFFIX) != 0)
        return 0;
    return add(list, name, &st);
}

static int list_entries(struct tf_blobcache *cache, struct found_list *list)
{
    /* Opened anew: a duplicate would share its position with other threads. */
    int fd = openat(cache->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;

    if (dir == NULL) {
        rc = -errno;
        if (fd >= 0)
            close(fd);
        return rc;
    }
    while (rc == 0 && (e = readdir(dir)) != NULL)
        rc = look(cache, list, e->d_name);
    closedir(dir);
    return rc;
}

int tf_cache_make_room(struct tf_blobcache *cache, uint64_t need)
{
    /* Down to seven eighths, so that not every entry from now on lists the directory. */
    uint64_t goal = cache->max_bytes - cache->max_bytes / 8;
    struct found_list list = {0};
    int rc;

    if (cache->counted && cache->bytes + need <= cache->max_bytes)
        return 0;
    rc = list_entries(cache, &list);
    if (rc == 0) {
        cache->bytes = 0;
        cache->counted = 1;
        for (size_t i = 0; i < list.count; i++)
            cache->bytes += list.items[i].size;
    }
    if (rc == 0 && cache->bytes + need > cache->max_bytes) {
        qsort(list.items, list.count, sizeof(*list.items), older_first);
        for (size_t i = 0; i < list.count && cache->bytes > 0 && cache->bytes + need > goal; i++) {
            unlinkat(cache->dir, list.items[i].name, 0);
            cache->bytes -= list.items[i].size;
        }
    }
    free(list.items);
    return rc;
}
