/*
 * table.h - which digests a writer has stored, each with a number. Private to
 * src/trace-format.
 */
#ifndef RRL_TRACE_TABLE_H
#define RRL_TRACE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "trace-format/trace.h"

#define TF_TABLE_NONE UINT32_MAX

struct tf_table_slot {
    struct tf_digest key;
    uint32_t value_plus_1; /* 0: free */
};
/* Open addressing; all zero is an empty table. */
struct tf_table {
    struct tf_table_slot *slots;
    size_t size; /* a power of two, or 0 */
    size_t used;
};

/* Number of the key, or TF_TABLE_NONE. */
uint32_t tf_table_get(const struct tf_table *table, const struct tf_digest *key);
/* Adds a key that is not there. 0 or -ENOMEM (then nothing has changed). */
int tf_table_add(struct tf_table *table, const struct tf_digest *key, uint32_t value);
void tf_table_free(struct tf_table *table);

#endif
