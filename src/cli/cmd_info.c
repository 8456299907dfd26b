/* cmd_info.c - rr-like info: what a trace is of, and its statistics */
#include "cli.h"
#include "event_text.h"
#include "revisor/kv.h"
#include "trace-format/header.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: rr-like info [OPTIONS] [TRACE]\n"
    "\n"
    "Prints the recorded command, when and by which version it was recorded, what replaying it\n"
    "needs of a processor, how it ended, and the numbers and sizes of what the trace holds.\n"
    "\n"
    "options:\n"
    "  --json      one JSON object\n"
    "  --verify    read and check every frame of the file\n"
    "  -h, --help  print this\n";

enum { OPT_JSON = 0x100, OPT_VERIFY };

#define VALUE_MAX 65536

/* One line "name: value", or one member of the JSON object. */
struct printer {
    int json, members;
};

static void begin(struct printer *p, const char *key)
{
    if (p->json)
        printf("%s\n  \"%s\": ", p->members++ ? "," : "{", key);
    else
        printf("%-16s ", key);
}

static void add_text(struct printer *p, const char *key, const char *value)
{
    begin(p, key);
    if (p->json)
        json_string(stdout, value, strlen(value));
    else
        printf("%s\n", value);
}

static void add_number(struct printer *p, const char *key, uint64_t value)
{
    begin(p, key);
    printf(p->json ? "%" PRIu64 : "%" PRIu64 "\n", value);
}

/* Every line of a text section, also ones that a later version added. */
static void add_lines(struct printer *p, const char *text, size_t len)
{
    static char key[64], value[VALUE_MAX];
    size_t at = 0;
    while (kv_next(text, len, &at, key, sizeof(key), value, sizeof(value))) {
        if (!strcmp(key, "status"))
            add_text(p, "ended", cli_status_text((int)strtol(value, NULL, 10)));
        else if (strcmp(key, "events"))
            add_text(p, key, value);
    }
}

static void add_statistics(struct printer *p, const struct tf_info *info)
{
    add_text(p, "complete", info->complete ? "yes" : "no, the recording was interrupted");
    add_number(p, "format", info->version);
    add_number(p, "file_bytes", info->file_bytes);
    if (!info->complete)
        add_number(p, "good_bytes", info->good_bytes);
    add_number(p, "frames", info->frames);
    add_number(p, "events", info->events);
    add_number(p, "event_bytes", info->event_bytes);
    add_number(p, "objects", info->objects);
    add_number(p, "blobs", info->blobs);
    add_number(p, "blob_bytes", info->blob_bytes);
}

static int print_info(struct tf_reader *reader, const char *name, int json)
{
    struct printer p = {.json = json};
    struct tf_header header;
    struct tf_info info;
    const void *data;
    size_t len;
    int err = tf_reader_header(reader, &data, &len);
    if (!err)
        err = tf_header_parse(data, len, &header);
    if (err) {
        cli_say("%s: its header cannot be read: %s", name, tf_strerror(err));
        return CLI_BAD_TRACE;
    }
    const struct tf_section *text = tf_header_find(&header, TF_SECTION_TEXT);
    add_text(&p, "trace", name);
    if (text)
        add_lines(&p, text->data, text->len);
    if (!tf_reader_footer(reader, &data, &len))
        add_lines(&p, data, len);
    tf_reader_info(reader, &info);
    add_statistics(&p, &info);
    if (json)
        printf("\n}\n");
    return CLI_OK;
}

static int verify(struct tf_reader *reader, const char *name)
{
    uint64_t offset = 0;
    int err = tf_reader_verify(reader, &offset);
    if (!err)
        return CLI_OK;
    fflush(stdout);
    cli_say("%s: %s, at byte %" PRIu64, name, tf_strerror(err), offset);
    return CLI_BAD_TRACE;
}

int cmd_info(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, OPT_JSON},
                                            {"verify", no_argument, NULL, OPT_VERIFY},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option, code, json = 0, check = 0;
    struct tf_reader *reader;
    const char *name;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
        if (option == 'h') {
            fputs(help, stdout);
            return cli_finish_stdout(CLI_OK);
        }
        if (option == '?')
            return cli_bad_option("info", argv);
        json |= option == OPT_JSON;
        check |= option == OPT_VERIFY;
    }
    code = cli_one_trace("info", argc - optind, argv + optind);
    if (code)
        return code;
    code = cli_open_trace(&reader, argv[optind], &name);
    if (code)
        return code;
    code = print_info(reader, name, json);
    if (!code && check)
        code = verify(reader, name);
    tf_reader_close(reader);
    return cli_finish_stdout(code);
}
