/*
 * strace_json.h - the same reports as JSON objects, one on a line; see docs/strace-json.md.
 */
#ifndef RRL_STRACE_JSON_H
#define RRL_STRACE_JSON_H

#include "strace_print.h"

void json_call(struct text *out, const struct rk_report *report, const struct call *call);
void json_signal(struct text *out, const struct rk_report *report, const struct mem *siginfo);
void json_exit(struct text *out, const struct rk_report *report);
/* A report that is a text: kind is "exec" or "notice", key the name of its member. */
void json_message(struct text *out, const struct rk_report *report, const char *kind,
                  const char *key, const uint8_t *data, size_t len);

#endif
