/*
 * strace_names.c - names for flags and enumerations.
 */
#include "strace_print.h"

static const struct name_set empty_set = {NULL, 0, "???", NULL};

static const struct name_set *const sets[FS_END] = {
    [FS_none] = &empty_set,
#define FLAGSET(name) [FS_##name] = &names_##name,
#include "rekernel/flagsets.def"
#undef FLAGSET
};

const struct name_set *name_set(unsigned set)
{
    return set < FS_END ? sets[set] : &empty_set;
}

const char *name_of(const struct name_set *set, uint64_t value)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->names[i].value == value)
            return set->names[i].text;
    return NULL;
}

/* A number that has no name: 0x12 followed by the set's comment. */
static void print_unknown(struct printer *p, const struct name_set *set, uint64_t value)
{
    text_printf(p->out, "%#llx", (unsigned long long)value);
    if (set->unknown != NULL)
        text_printf(p->out, " /* %s */", set->unknown);
}

void print_flags(struct printer *p, const struct name_set *set, uint64_t value)
{
    if (set->print != NULL) {
        set->print(p, value);
        return;
    }
    const char *zero = NULL;
    uint64_t rest = value;
    unsigned shown = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct name *n = &set->names[i];
        if (n->mask == 0)
            zero = n->text;
        else if ((rest & n->mask) == n->value) {
            text_printf(p->out, "%s%s", shown++ > 0 ? "|" : "", n->text);
            rest &= ~n->mask;
        }
    }
    if (value == 0 && shown == 0)
        text_str(p->out, zero != NULL ? zero : "0");
    else if (rest != 0 && shown > 0)
        text_printf(p->out, "|%#llx", (unsigned long long)rest);
    else if (rest != 0)
        print_unknown(p, set, rest);
}

void print_enum(struct printer *p, const struct name_set *set, uint64_t value)
{
    if (set->print != NULL) {
        set->print(p, value);
        return;
    }
    const char *name = name_of(set, value);
    if (name != NULL)
        text_str(p->out, name);
    else
        print_unknown(p, set, value);
}
