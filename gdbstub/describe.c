/* describe.c - the target description: an XML text that names all registers. */
#include "regs.h"
#include "regs_table.h"

#include <stdio.h>
#include <stdlib.h>

#define FIELD(name, bit) "<field name=\"" name "\" start=\"" #bit "\" end=\"" #bit "\"/>"

static const char eflags[] = "<flags id=\"i386_eflags\" size=\"4\">" FIELD("CF", 0) FIELD("", 1)
    FIELD("PF", 2) FIELD("AF", 4) FIELD("ZF", 6) FIELD("SF", 7) FIELD("TF", 8) FIELD("IF", 9)
        FIELD("DF", 10) FIELD("OF", 11) FIELD("NT", 14) FIELD("RF", 16) FIELD("VM", 17)
            FIELD("AC", 18) FIELD("VIF", 19) FIELD("VIP", 20) FIELD("ID", 21) "</flags>";

#define VEC128 \
    "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>" \
    "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>" \
    "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>" \
    "<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>" \
    "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>" \
    "<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>" \
    "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>" \
    "<field name=\"v2_double\" type=\"v2d\"/><field name=\"v16_int8\" type=\"v16i8\"/>" \
    "<field name=\"v8_int16\" type=\"v8i16\"/><field name=\"v4_int32\" type=\"v4i32\"/>" \
    "<field name=\"v2_int64\" type=\"v2i64\"/><field name=\"uint128\" type=\"uint128\"/></union>"

static const char sse[] = VEC128 "<flags id=\"i386_mxcsr\" size=\"4\">" FIELD("IE", 0)
    FIELD("DE", 1) FIELD("ZE", 2) FIELD("OE", 3) FIELD("UE", 4) FIELD("PE", 5) FIELD("DAZ", 6)
        FIELD("IM", 7) FIELD("DM", 8) FIELD("ZM", 9) FIELD("OM", 10) FIELD("UM", 11) FIELD("PM", 12)
            FIELD("FZ", 15) "</flags>";

/* In the order of enum reg_feature: GDB's name, and the types that its registers have. */
static const struct {
    const char *name, *types;
} features[F_COUNT] = {
    {"core", eflags}, {"sse", sse},
    {"linux", ""},    {"segments", ""},
    {"avx", ""},      {"avx512", VEC128 "<vector id=\"v2ui128\" type=\"uint128\" count=\"2\"/>"},
    {"pkeys", ""},
};

static void print_registers(FILE *out, const struct reg_block *b)
{
    for (unsigned i = 0; i < b->count; i++) {
        fputs("<reg name=\"", out);
        for (const char *c = b->name; *c; c++) {
            if (c[0] == '%' && c[1] == 'u') {
                fprintf(out, "%u", b->first + i);
                c++;
            } else {
                putc(*c, out);
            }
        }
        fprintf(out, "\" bitsize=\"%u\" type=\"%s\"", b->size * 8, b->type);
        if (*b->group)
            fprintf(out, " group=\"%s\"", b->group);
        fputs("/>\n", out);
    }
}

static void print_all(FILE *out, const struct target_layout *layout)
{
    const struct reg_block *b;
    enum reg_feature now = F_COUNT;
    fputs("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>"
          "<architecture>i386:x86-64</architecture><osabi>GNU/Linux</osabi>\n",
          out);
    for (unsigned i = 0; (b = regs_block(i, layout)); i++) {
        if (!b->count)
            continue;
        if (b->feature != now) {
            if (now != F_COUNT)
                fputs("</feature>\n", out);
            now = b->feature;
            fprintf(out, "<feature name=\"org.gnu.gdb.i386.%s\">%s\n", features[now].name,
                    features[now].types);
        }
        print_registers(out, b);
    }
    fputs("</feature></target>\n", out);
}

char *regs_description(const struct target_layout *layout)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return NULL;
    print_all(out, layout);
    if (!fclose(out))
        return text;
    free(text);
    return NULL;
}
