"""Makes and drops objects for about so many seconds of a fast machine, for the debugger's figures.

Calls that a debugger finds by name mark moments: getppid at the beginning, getpgrp about
a second before the end, and getuid about a millisecond before it. Prints the
address of a word that is written at the beginning only.
"""
import array
import os
import sys


class Node:
    __slots__ = ("number", "items")

    def __init__(self, number, items):
        self.number = number
        self.items = items


def work(rounds, x=12345):
    nodes = {}
    for i in range(rounds):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        nodes[x & 1023] = Node(i, [x] * (x & 7))
    return len(nodes)


PER_SECOND = 2000000
word = array.array("Q", [0])
print(word.buffer_info()[0], flush=True)
word[0] = 42
os.getppid()
work(PER_SECOND * (int(sys.argv[1]) - 1))
os.getpgrp()
work(PER_SECOND)
os.getuid()
work(PER_SECOND // 1000)
os.abort()
