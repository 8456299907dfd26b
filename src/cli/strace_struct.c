/*
 * strace_struct.c - prints structures from their descriptions.
 */
#include "strace_print.h"

static const struct struct_print *const structs[ST_END] = {
#define STRUCT(name, size) [ST_##name] = &layout_##name,
#include "rekernel/structs.def"
#undef STRUCT
};

static void print_chars(struct printer *p, const struct mem *mem, const struct field *f)
{
    struct mem chars = mem_sub(mem, f->off, f->size);
    size_t len = 0;
    while (len < chars.len && chars.data[len] != 0)
        len++;
    text_quoted(p->out, chars.data, len);
}

static void print_field_value(struct printer *p, const struct mem *mem, const struct field *f)
{
    uint64_t value = mem_uint(mem, f->off, f->size);
    struct mem sub;
    switch ((enum field_format)f->format) {
    case FF_INT:
        text_printf(p->out, "%lld", (long long)mem_int(mem, f->off, f->size));
        break;
    case FF_UINT:
        text_printf(p->out, "%llu", (unsigned long long)value);
        break;
    case FF_HEX:
        text_printf(p->out, "%#llx", (unsigned long long)value);
        break;
    case FF_PTR:
        print_ptr(p, value);
        break;
    case FF_FLAGS:
        print_flags(p, name_set(f->param), value);
        break;
    case FF_ENUM:
        print_enum(p, name_set(f->param), value);
        break;
    case FF_CHARS:
        print_chars(p, mem, f);
        break;
    case FF_STRUCT:
        sub = mem_sub(mem, f->off, f->size);
        print_struct_mem(p, f->param, &sub);
        break;
    case FF_FN:
        f->fn(p, mem, f);
        break;
    }
}

void print_fields(struct printer *p, const struct field *fields, size_t count,
                  const struct mem *mem)
{
    bool hidden = false, first = true;
    text_char(p->out, '{');
    for (size_t i = 0; i < count; i++) {
        const struct field *f = &fields[i];
        if (f->when != NULL && !f->when(mem))
            continue;
        if (f->detail && !p->call->options->verbose) {
            hidden = true;
            continue;
        }
        if ((size_t)f->off + f->size > mem->len)
            break;
        text_printf(p->out, "%s%s=", first ? "" : ", ", f->name);
        print_field_value(p, mem, f);
        first = false;
    }
    text_str(p->out, hidden ? ", ...}" : "}");
}

/* A structure that has no description: its bytes. */
static void print_raw(struct printer *p, const struct mem *mem)
{
    size_t max = p->call->options->max_string;
    size_t len = mem->len < max ? mem->len : max;
    text_quoted_hex(p->out, mem->data, len);
    if (len < mem->full)
        text_str(p->out, "...");
}

/* A member or element: without the brackets around a plain value. */
static void print_inner(struct printer *p, unsigned struct_id, const struct mem *mem)
{
    const struct struct_print *st = struct_id < ST_END ? structs[struct_id] : NULL;
    if (mem->data == NULL)
        print_ptr(p, mem->addr);
    else if (st != NULL && st->print != NULL)
        st->print(p, mem);
    else if (st != NULL && st->count > 0)
        print_fields(p, st->fields, st->count, mem);
    else
        print_raw(p, mem);
}

void print_struct_mem(struct printer *p, unsigned struct_id, const struct mem *mem)
{
    const struct struct_print *st = struct_id < ST_END ? structs[struct_id] : NULL;
    bool bracket = mem->data != NULL && st != NULL && st->scalar;
    text_str(p->out, bracket ? "[" : "");
    print_inner(p, struct_id, mem);
    text_str(p->out, bracket ? "]" : "");
}

bool struct_captured(const struct printer *p, unsigned struct_id, uint64_t addr)
{
    return call_struct(p->call, p->arg, p->phase, addr, struct_size(struct_id)).data != NULL;
}

void print_struct_at(struct printer *p, unsigned struct_id, uint64_t addr)
{
    size_t size = struct_size(struct_id);
    struct mem mem = call_struct(p->call, p->arg, p->phase, addr, size);
    if (mem.data != NULL && mem.len > size)
        mem = mem_sub(&mem, 0, size);
    print_struct_mem(p, struct_id, &mem);
}

void print_array_at(struct printer *p, unsigned struct_id, uint64_t addr, uint64_t count)
{
    size_t size = struct_size(struct_id);
    size_t max = p->call->options->max_string;
    struct mem mem = call_mem(p->call, p->arg, p->phase, addr);
    size_t there = mem.len / size;
    if (addr == 0 || (count > 0 && (mem.data == NULL || there == 0))) {
        print_ptr(p, addr);
        return;
    }
    text_char(p->out, '[');
    for (uint64_t i = 0; i < count && i < there && i < max; i++) {
        struct mem one = mem_sub(&mem, (size_t)i * size, size);
        text_str(p->out, i > 0 ? ", " : "");
        print_inner(p, struct_id, &one);
    }
    text_str(p->out, count > there || count > max ? ", ...]" : "]");
}
