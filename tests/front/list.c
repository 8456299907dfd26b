/* list.c - a list that somebody spoils. `list` dies of it, `list clean` does not, and `list spin`
 * counts long enough for ^C. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
    int value;
    struct node *next;
};

static struct node nodes[4];
static struct node *head;
static volatile long counter;
static struct node *onheap; /* at an address of more than 32 bits */

static void build(void)
{
    for (int i = 0; i < 4; i++) {
        nodes[i].value = i;
        nodes[i].next = head;
        head = &nodes[i];
    }
}

static void build_more(void)
{
    onheap->value = 7;
}

static void spoil(struct node *node)
{
    node->next = (struct node *)0x18;
}

static int sum(const struct node *node)
{
    int total = 0;
    for (; node; node = node->next)
        total += node->value;
    return total;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    build();
    onheap = calloc(1, sizeof(*onheap));
    build_more();
    printf("before %d\n", sum(head));
    fflush(stdout);
    if (!strcmp(mode, "spin"))
        while (counter < 1000000000)
            counter++;
    if (!*mode)
        spoil(&nodes[2]);
    printf("after %d\n", sum(head));
    return 0;
}
