"""walk.py - a random walk of gdb on a recording, in both directions: a moment that is reached again
shows the registers of all threads and the memory that it showed before; what goes forward never
comes to an earlier moment, what goes backward to none that is not earlier.

Environment: WALK_SEED, WALK_MOVES."""
import hashlib
import os
import random
import re
import time

import gdb

FORWARD = ["stepi", "stepi 7", "nexti", "step", "next", "next", "finish", "until", "continue"]
BACKWARD = ["reverse-stepi", "reverse-stepi 7", "reverse-nexti", "reverse-step", "reverse-next",
            "reverse-next", "reverse-finish", "reverse-continue"]
PLACES = ["round_of", "share", "on_signal", "jump"]
REGISTERS = "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 eflags fs_base " \
            "xmm0 ymm1 mxcsr".split()
STACK = 512

chance = random.Random(int(os.environ["WALK_SEED"]))
seen = {}
history = []
moves_told = int(os.environ.get("WALK_TELL", 12))
stopped_by = [""]


def on_stop(event):
    stopped_by[0] = getattr(event, "stop_signal", "")


def tell(count):
    for line in history[-count:]:
        print("  " + line)


def fail(text):
    print("FAILED: %s" % text)
    tell(moves_told)
    os._exit(1)


def moment():
    """((entries, ticks, pc), inside): the second part tells the moments of one kernel entry apart:
    before it, at a signal, at the end of history."""
    text = gdb.execute("monitor when", to_string=True)
    at = re.search(r"point (\d+):(\d+):0x([0-9a-f]+)", text)
    inside = stopped_by[0] if stopped_by[0] not in ("SIGTRAP", "SIGINT", "0") else ""
    if "at the end" in text:
        inside = "end"
    return (int(at.group(1)), int(at.group(2)), int(at.group(3), 16)), inside


def state():
    inferior, own = gdb.selected_inferior(), gdb.selected_thread()
    lines = []
    for thread in sorted(inferior.threads(), key=lambda t: t.ptid[1]):
        thread.switch()
        frame = gdb.newest_frame()
        frame.select()
        values = [str(frame.read_register(name)) for name in REGISTERS]
        values.append(str(frame.pc()))
        stack = inferior.read_memory(frame.read_register("rsp"), STACK).tobytes()
        lines.append("%d %s %s" % (thread.ptid[1], " ".join(values), hashlib.md5(stack).hexdigest()))
    own.switch()
    for name in "*(unsigned long(*)[3])&sums", "*(int*)&handled", "*(int*)&jumped":
        lines.append(str(gdb.parse_and_eval(name)))
    return lines


def go(command):
    began = time.time()
    try:
        said = gdb.execute(command, to_string=True)
    except gdb.error as error: # "finish" in the outermost frame and the like
        said = "error: %s" % error
    took = time.time() - began
    return said, took


def check(here, shows):
    if here in seen and seen[here] != shows:
        for old, new in zip(seen[here], shows):
            if old != new:
                print("was %s\nis  %s" % (old, new))
        fail("the moment %s looks different" % (here,))
    again = here in seen
    seen[here] = shows
    return again


def elsewhere(first):
    point = chance.choice([here for here, _ in sorted(seen) if here >= first])
    where = "end" if chance.random() < 0.1 else "%d:%d:0x%x" % point
    gdb.execute("monitor seek " + where, to_string=True)
    gdb.execute("maintenance flush register-cache")
    gdb.execute("maintenance flush dcache")
    go("reverse-stepi")
    return moment()


def walk(moves):
    again, slowest = 0, (0, "")
    before = moment()
    first = before[0]
    check(before, state())
    for number in range(moves):
        backward = chance.random() < 0.5
        command = chance.choice(BACKWARD if backward else FORWARD)
        said, took = go(command)
        here = moment()
        history.append("%d: %s: %s, thread %d, %.2f s" % (number, command, here,
                                                         gdb.selected_thread().num, took))
        slowest = max(slowest, (took, history[-1]))
        if "error: " not in said and "No more reverse" not in said:
            if backward and here[0] >= before[0] and not before[1]:
                fail("%s did not go backward" % command)
            if not backward and here[0] < before[0]:
                fail("%s did not go forward" % command)
        again += check(here, state())
        before = here
        # Without debug information of the dynamic linker steps through it are very many.
        if number % 15 == 14 or here[0] < first:
            before = elsewhere(first)
    print("%d moves, %d moments, %d seen again" % (moves, len(seen), again))
    print("the slowest: %s" % slowest[1])
    if moves_told > 12:
        tell(moves_told)


gdb.events.stop.connect(on_stop)
for place in PLACES:
    gdb.execute("break %s" % place, to_string=True)
gdb.execute("continue", to_string=True)
walk(int(os.environ["WALK_MOVES"]))
