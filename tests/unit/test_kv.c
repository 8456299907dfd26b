/* test_kv.c - key=value text. */
#include "revisor/kv.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(kv, any_value_comes_back)
{
    static const char *const values[] = {"",    "plain", "a=b",     "two\nlines", "back\\slash",
                                         "\\n", "\n",    "\xff\x01"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct kv_text t = {0};
        char value[64];
        kv_add(&t, "before", "x");
        kv_add(&t, "key", values[i]);
        kv_add(&t, "keyed", "y");
        cr_expect_eq(kv_get(t.data, t.len, "key", value, sizeof(value)),
                     (int64_t)strlen(values[i]));
        cr_expect_str_eq(value, values[i]);
        free(t.data);
    }
}

Test(kv, numbers)
{
    struct kv_text t = {0};
    kv_add_number(&t, "n", -42);
    kv_add(&t, "word", "12x");
    cr_expect_eq(kv_get_number(t.data, t.len, "n", 1), -42);
    cr_expect_eq(kv_get_number(t.data, t.len, "word", 1), 1);
    cr_expect_eq(kv_get_number(t.data, t.len, "none", 7), 7);
    free(t.data);
}

Test(kv, missing_and_cut)
{
    char value[4];
    cr_expect_eq(kv_get("a=1\nb=23456\n", 12, "c", value, sizeof(value)), -1);
    cr_expect_eq(kv_get("a=1\nb=23456\n", 12, "b", value, sizeof(value)), 5);
    cr_expect_str_eq(value, "234");
}

Test(kv, walks_all_lines_and_skips_others)
{
    static const char text[] = "a=1\nnothing\n\n=x\nb=2";
    char key[8], value[8], seen[64] = "";
    size_t at = 0;
    while (kv_next(text, sizeof(text) - 1, &at, key, sizeof(key), value, sizeof(value))) {
        strcat(seen, key);
        strcat(seen, value);
    }
    cr_expect_str_eq(seen, "a1xb2");
}
