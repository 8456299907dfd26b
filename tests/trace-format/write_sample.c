/* Writes the sample trace to a file, for the checks that other programs make. */
#include <fcntl.h>
#include <stdio.h>

#include "samples.h"

int main(int argc, char **argv)
{
    int rc = -1;

    if (argc == 2)
        rc = sample_write(open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0644));
    if (rc == 0)
        return 0;
    fprintf(stderr, "usage: write_sample FILE: %s\n", tf_strerror(rc));
    return 1;
}
