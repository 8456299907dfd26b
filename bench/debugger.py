"""Times commands inside gdb: run by bench/debugger, which says where the debug port is in PORT."""

import os
import sys
import time

import gdb


def run(command):
    return gdb.execute(command, to_string=True)


def timed(label, command, times=1):
    """One row of the table: the time of each of `times` commands."""
    begin = time.time()
    for _ in range(times):
        run(command)
    each = (time.time() - begin) / times * 1000
    print("| %s | %.1f |" % (label, each), flush=True)


def go(where):
    """To a moment, by a command that gdb does not watch: it must forget what it knew."""
    run("monitor seek " + where)
    run("maintenance flush register-cache")
    run("maintenance flush dcache")


def at(function):
    pc = int(gdb.parse_and_eval("$pc"))
    if gdb.block_for_pc(pc) is None or gdb.selected_frame().name() != function:
        sys.exit("bench/debugger: not in %s but in %s" % (function, gdb.selected_frame().name()))


def back_to(label, location, function):
    run("tbreak " + location)
    timed(label, "reverse-continue")
    at(function)


def steps():
    timed("first reverse-stepi", "reverse-stepi")
    timed("reverse-stepi, each of 200", "reverse-stepi", 200)


def breakpoints():
    go("end")
    back_to("reverse-continue to a breakpoint 1 ms back", "last", "last")
    timed("reverse-next, first", "reverse-next")
    timed("reverse-next, over a call of 10 ms", "reverse-next")
    timed("reverse-step", "reverse-step")
    timed("reverse-step, each of 20", "reverse-step", 20)
    timed("reverse-finish", "reverse-finish")
    go("end")
    run("tbreak phase_ends if n % 5 == 4")
    timed("reverse-continue to a breakpoint about 1 s back, with a condition", "reverse-continue")
    at("phase_ends")
    go("end")
    back_to("reverse-continue to a breakpoint at the beginning", "first", "first")
    go("end")
    back_to("the same again", "first", "first")
    run("delete")
    go("end")
    timed("reverse-continue without breakpoints, to the beginning", "reverse-continue")
    timed("seek to the end", "monitor seek end")


def watchpoints():
    for what, word in (("of its own", "alone.word"), ("that is written all the time", "hot.word")):
        go("end")
        address = int(gdb.parse_and_eval("(long) &" + word))
        for again in ("", ", again"):
            go("end")
            timed("last write, at the beginning, of a word on a page " + what + again,
                  "monitor last-write %d" % address)


def misses():
    """A condition that fails a million times, forward."""
    go("begin")
    run("tbreak compute")
    run("continue")
    run("tbreak mixed if i == 1000000")
    timed("continue over 1,000,000 misses of a condition", "continue")
    if int(gdb.parse_and_eval("i")) != 1000000:
        sys.exit("bench/debugger: the condition did not hold")
    run("delete")
    timed("stepi, each of 500", "stepi", 500)


def python():
    """Moments that bench/programs/objects.py marks by calls."""
    for label, function in (("1 ms", "getuid"), ("1 s", "getpgrp"), ("to the beginning", "getppid")):
        go("end")
        run("tbreak " + function)
        timed("reverse-continue to a breakpoint, " + label, "reverse-continue")
        run("delete")
    go("end")
    run("break dlopen")
    timed("reverse-continue to a breakpoint that is not met, to the beginning", "reverse-continue")
    run("delete")
    for again in ("", ", again"):
        go("end")
        timed("last write of a word at the beginning" + again, "monitor last-write " + os.environ["WORD"])


def main():
    run("set pagination off")
    run("set confirm off")
    timed("attach, until gdb's first prompt", "target extended-remote 127.0.0.1:" + os.environ["PORT"])
    timed("backtrace", "backtrace")
    steps()
    if os.environ.get("WORD"):
        python()
    else:
        breakpoints()
        misses()
        watchpoints()
    run("maintenance flush register-cache")
    print("| checkpoints: " + run("monitor statistics").strip() + " | |")


main()
