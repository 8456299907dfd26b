/* test_options.c - option values, and how events print. */
#include "cli/cli.h"
#include "cli/event_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void expect_size(const char *text, uint64_t want)
{
    uint64_t got = 0;
    cr_expect_eq(cli_parse_size(text, &got), 0, "%s", text);
    cr_expect_eq(got, want, "%s", text);
}

Test(options, sizes)
{
    static const char *const bad[] = {"", "x", "-1", "1X", "1KK", "1e30", "nan", "1 K"};
    uint64_t v;
    expect_size("0", 0);
    expect_size("512", 512);
    expect_size("64K", 65536);
    expect_size("1.5m", 1536 * 1024);
    expect_size("2GiB", 2ull << 30);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(cli_parse_size(bad[i], &v), -EINVAL, "%s", bad[i]);
}

static void expect_range(const char *text, uint64_t first, uint64_t last)
{
    uint64_t a = 0, b = 0;
    cr_expect_eq(cli_parse_range(text, &a, &b), 0, "%s", text);
    cr_expect(a == first && b == last, "%s", text);
}

Test(options, ranges)
{
    static const char *const bad[] = {"", "x", "0", "9-5", "5-x", "5x", "--5", "0-4"};
    uint64_t a, b;
    expect_range("5", 5, 5);
    expect_range("5-9", 5, 9);
    expect_range("5-", 5, UINT64_MAX);
    expect_range("-9", 1, 9);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(cli_parse_range(bad[i], &a, &b), -EINVAL, "%s", bad[i]);
}

Test(options, modes)
{
    enum rk_vcpu_mode m;
    cr_expect(!cli_parse_vcpu("translated", &m) && m == RK_VCPU_TRANSLATED);
    cr_expect_eq(cli_parse_vcpu("Native", &m), -EINVAL);
}

Test(options, statuses)
{
    cr_expect_eq(cli_program_code(3 << 8), 3);
    cr_expect_eq(cli_program_code(11), 139);
    cr_expect_str_eq(cli_status_text(3 << 8), "exited with 3");
    cr_expect_not_null(strstr(cli_status_text(9), "signal 9"));
}

static char *printed(const void *event, size_t len, int json)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    if (json)
        event_print_json(f, 7, event, len, 1);
    else
        event_print(f, 7, event, len);
    fclose(f);
    return text;
}

Test(options, events_print)
{
    struct {
        struct rk_event e;
        char text[8];
    } ev = {.e = {.kind = RK_EV_NOTICE, .ticks = RK_TICKS_UNKNOWN, .pc = 0x12}, .text = "a\"b\n"};
    char *text = printed(&ev, sizeof(ev), 0);
    cr_expect_not_null(strstr(text, "7 notice"), "%s", text);
    cr_expect_not_null(strstr(text, "\"a\\\"b\\u000a\""), "%s", text);
    free(text);
    text = printed(&ev, sizeof(ev), 1);
    cr_expect_not_null(strstr(text, "\"payload\":\"6122620a00000000\""), "%s", text);
    cr_expect_null(strstr(text, "ticks"));
    free(text);
}

/* Events come from files: any length must print. */
Test(options, events_of_any_length_print)
{
    unsigned char bytes[200];
    for (unsigned kind = 0; kind < 20; kind++) {
        for (size_t len = 0; len < sizeof(bytes); len++) {
            struct rk_event e = {.kind = (uint16_t)kind, .result = -1, .nr = 500};
            unsigned char *copy = malloc(len + 1);
            memset(bytes, 0xff, sizeof(bytes));
            memcpy(bytes, &e, sizeof(e));
            memcpy(copy, bytes, len);
            free(printed(copy, len, 0));
            free(printed(copy, len, 1));
            free(copy);
        }
    }
}

Test(options, decimal)
{
    static const char *const bad[] = {"",     "-1", "+1",    " 1",
                                      "0x10", "1k", "65536", "99999999999999999999999"};
    uint64_t v;
    cr_expect(!cli_parse_decimal("0", 65535, &v) && v == 0);
    cr_expect(!cli_parse_decimal("010", 65535, &v) && v == 10, "not octal");
    cr_expect(!cli_parse_decimal("65535", 65535, &v) && v == 65535);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(cli_parse_decimal(bad[i], 65535, &v), -EINVAL, "%s", bad[i]);
}
