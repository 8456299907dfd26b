/* event_text.h - one event of a trace as a line of text or a JSON object. */
#ifndef RRL_EVENT_TEXT_H
#define RRL_EVENT_TEXT_H

#include "revisor/abi.h"

#include <stddef.h>
#include <stdio.h>

/* "syscall", "tsc" ...; "?" for a kind that is not known. Static. */
const char *event_kind_name(unsigned kind);

/* Prints event `number`: `len` bytes at `event`, which need not make sense. One line. */
void event_print(FILE *out, uint64_t number, const void *event, size_t len);
/* The same as one JSON object on one line; with_payload: its bytes in hexadecimal. */
void event_print_json(FILE *out, uint64_t number, const void *event, size_t len, int with_payload);
/* The payload as lines of a hex dump. */
void event_print_payload(FILE *out, const void *event, size_t len);

/* A JSON string with its quotes; bytes that are no printable ASCII as \u00XX. */
void json_string(FILE *out, const char *text, size_t len);

#endif
