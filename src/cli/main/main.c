/* main.c - the executable; all of it is in cli.c, where tests can reach it. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
