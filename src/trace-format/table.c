/*
 * table.c - a hash table from digest to number. Only the writer uses it: digests
 * that a reader meets may be chosen to collide, so it sorts and searches instead.
 */
#include "trace-format/table.h"

#include <errno.h>
#include <stdlib.h>

/* The slot that holds the key, or the free one where it belongs. */
static struct tf_table_slot *find(struct tf_table_slot *slots, size_t size,
                                  const struct tf_digest *key)
{
    size_t i = (size_t)(key->w[0] ^ key->w[1] * 0x9E3779B97F4A7C15ull >> 32) & (size - 1);

    while (slots[i].value_plus_1 != 0 &&
           (slots[i].key.w[0] != key->w[0] || slots[i].key.w[1] != key->w[1]))
        i = (i + 1) & (size - 1);
    return &slots[i];
}

uint32_t tf_table_get(const struct tf_table *table, const struct tf_digest *key)
{
    if (table->size == 0)
        return TF_TABLE_NONE;
    return find(table->slots, table->size, key)->value_plus_1 - 1; /* 0 - 1: none */
}

static int grow(struct tf_table *table)
{
    size_t size = table->size == 0 ? 64 : table->size * 2;
    struct tf_table_slot *slots = calloc(size, sizeof(*slots));

    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->size; i++)
        if (table->slots[i].value_plus_1 != 0)
            *find(slots, size, &table->slots[i].key) = table->slots[i];
    free(table->slots);
    table->slots = slots;
    table->size = size;
    return 0;
}

int tf_table_add(struct tf_table *table, const struct tf_digest *key, uint32_t value)
{
    struct tf_table_slot *slot;

    if ((table->used + 1) * 4 > table->size * 3 && grow(table) < 0)
        return -ENOMEM;
    slot = find(table->slots, table->size, key);
    slot->key = *key;
    slot->value_plus_1 = value + 1;
    table->used++;
    return 0;
}

void tf_table_free(struct tf_table *table)
{
    free(table->slots);
    *table = (struct tf_table){0};
}
