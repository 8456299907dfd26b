/*
 * json_check.h - is a line one valid JSON value? For tests.
 */
#ifndef RRL_JSON_CHECK_H
#define RRL_JSON_CHECK_H

#include <stdbool.h>

/* One value, then a newline, then the end; UTF-8 is checked in strings. */
bool json_is_valid(const char *line);

#endif
