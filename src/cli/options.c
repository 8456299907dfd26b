/* options.c - what the commands' ways of taking options have in common. */
#include "cli.h"
#include "moment.h"

#include <getopt.h>
#include <stdio.h>

int cli_options(const struct cli_options *o, int argc, char **argv, int *code)
{
    int option, help = 0;
    while ((option = getopt_long(argc, argv, o->letters, o->names, NULL)) >= 0) {
        if (option == 'h')
            help = 1;
        else if ((*code = o->take(o->command, option, argv)))
            return 1;
    }
    if (!help)
        return 0;
    fputs(o->help, stdout);
    *code = cli_finish_stdout(CLI_OK);
    return 1;
}

int cli_one_trace(const char *command, int operands, char **operand)
{
    if (operands <= 1)
        return 0;
    return cli_usage(command, "one trace at a time: `%s` is one too many", operand[1]);
}

int cli_take_moment(const char *command, const char *option, const char *text, struct moment *out)
{
    if (!moment_parse(text, out))
        return 0;
    return cli_usage(command,
                     "%s: `%s` is no moment: start, end, an event's number, or a point such as "
                     "40:17:0x10001139",
                     option, text);
}
