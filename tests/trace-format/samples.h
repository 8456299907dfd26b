/*
 * samples.h - traces made for tests: small, known, always the same.
 */
#ifndef RRL_TEST_SAMPLES_H
#define RRL_TEST_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "trace-format/trace.h"

/* A deterministic stream of numbers (splitmix64); *state is any number at first. */
uint64_t sample_random(uint64_t *state);
/* Fills buf with bytes that compress a little. */
void sample_bytes(void *buf, size_t len, uint64_t seed);

#define SAMPLE_EVENTS 90u
#define SAMPLE_HEADER "the header of the sample"
#define SAMPLE_FOOTER "its footer"
#define SAMPLE_BLOB_LEN 1500u

/* Event `number` of the sample, 1 .. SAMPLE_EVENTS: its bytes into buf (which has room
 * for SAMPLE_EVENT_ROOM); returns its length. */
#define SAMPLE_EVENT_ROOM 600u
size_t sample_event(uint64_t number, void *buf);

/* Writes the sample to fd: a header; events in several frames; two blobs and two
 * objects among them; a footer. 0 or an error of the writer. */
int sample_write(int fd);

/* A new empty file in memory. */
int sample_file(void);
/* The same with contents. */
int sample_file_of(const void *data, size_t len);
/* All bytes of fd, from its start; the caller's to free(). */
void *sample_slurp(int fd, size_t *len);
/* The sample's bytes; the caller's to free(). */
unsigned char *sample_trace(size_t *len);

#endif
