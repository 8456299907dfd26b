/* nqueens.c - placements of 12 queens by depth-first search: loops and conditional branches. */
#include <stdio.h>
#include <stdlib.h>

#define N 12
static int column_of[N];

static int is_free(int row, int column)
{
    for (int i = 0; i < row; i++) {
        int other = column_of[i];
        if (other == column || abs(other - column) == row - i)
            return 0;
    }
    return 1;
}

static long solve(int row)
{
    long count = 0;
    if (row == N)
        return 1;
    for (int column = 0; column < N; column++) {
        if (!is_free(row, column))
            continue;
        column_of[row] = column;
        count += solve(row + 1);
    }
    return count;
}

int main(void)
{
    printf("%ld\n", solve(0) + 2 * solve(0));
    return 0;
}
