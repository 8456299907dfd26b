# rr-like.py - commands for gdb on a recording that `rr-like replay` serves. `replay --gdb`
# loads it; otherwise: source rr-like.py
"""The commands rest on the stub's `monitor` commands; `monitor help` lists those."""

import re

import gdb

POINT = re.compile(r"^event (\d+), point (\d+:\d+:0x[0-9a-f]+), thread (\d+)$", re.M)


def monitor(command):
    """What the stub answers to a monitor command."""
    try:
        return gdb.execute("monitor " + command, to_string=True)
    except gdb.error as e:
        raise gdb.GdbError("this needs a recording: see `rr-like replay` (%s)" % e)


def select_thread(tid):
    """Makes the thread with that number the current one, if gdb knows it."""
    gdb.execute("info threads", to_string=True)  # asks for the list anew
    for thread in gdb.selected_inferior().threads():
        if thread.ptid[1] == tid and thread.is_valid():
            thread.switch()
            return


def refresh(text):
    """The program stands elsewhere: gdb must forget what it knew, and look again."""
    where = POINT.search(text)
    for cache in ("register-cache", "dcache"):
        try:
            gdb.execute("maint flush " + cache, to_string=True)
        except gdb.error:  # older than 12; these changes make it forget, too
            gdb.execute("set stack-cache off", to_string=True)
            gdb.execute("set stack-cache on", to_string=True)
            gdb.execute("flushregs", to_string=True)
    gdb.execute("sharedlibrary", to_string=True)
    if where:
        select_thread(int(where.group(3)))
    try:
        gdb.execute("frame")
    except gdb.error:
        pass  # memory that is not mapped at this moment


def move(command):
    text = monitor(command)
    gdb.write(re.sub(r"^NOTE: .*\n", "", text, flags=re.M))
    if POINT.search(text):
        refresh(text)


class Command(gdb.Command):
    """A command whose help is its class's text."""

    name = None
    category = gdb.COMMAND_RUNNING
    completes = None  # gdb's own way of completing, instead of a method `complete`

    def __init__(self):
        if self.completes is None:
            super().__init__(self.name, self.category)
        else:
            super().__init__(self.name, self.category, self.completes)

    def complete(self, text, word):
        return []

    def dont_take(self, argument):
        if argument:
            raise gdb.GdbError("%s: takes no argument" % self.name)


class When(Command):
    """Where the program is on the recording: event, point and thread.

A point is ENTRIES:TICKS:PC: kernel entries made, ticks since the last one, and the
next instruction. `seek` goes to events and points."""

    name = "when"
    category = gdb.COMMAND_STATUS

    def invoke(self, argument, from_tty):
        self.dont_take(argument)
        gdb.write(monitor("when"))


class Elapsed(Command):
    """How much of the recording is behind."""

    name = "elapsed-time"
    category = gdb.COMMAND_STATUS

    def invoke(self, argument, from_tty):
        self.dont_take(argument)
        gdb.write(monitor("elapsed"))


class Seek(Command):
    """Go to a moment of the recording, forward or backward.
Usage: seek EVENT|POINT|begin|end

EVENT is a number as `when` and `events` print it, POINT is ENTRIES:TICKS:PC.
Breakpoints are not heeded on the way."""

    name = "seek"

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("seek: where to? The number of an event, a point, begin or end")
        move("seek " + argument)

    def complete(self, text, word):
        return [w for w in ("begin", "end") if w.startswith(word)]


class Events(Command):
    """The events of the recording, from the present one on.
Usage: events [FIRST [COUNT]]"""

    name = "events"
    category = gdb.COMMAND_STATUS

    def invoke(self, argument, from_tty):
        gdb.write(monitor("events " + argument))


def checkpoint_ids():
    return re.findall(r"^(\d+): ", monitor("checkpoints"), re.M)


def complete_checkpoint(word):
    try:
        return [n for n in checkpoint_ids() if n.startswith(word)]
    except gdb.GdbError:
        return []


class Checkpoint(Command):
    """Remember the present moment; `restart N` comes back to it.

`info checkpoints` lists what was remembered, `delete checkpoint N` forgets it.
Checkpoints cost nothing to speak of."""

    name = "checkpoint"

    def invoke(self, argument, from_tty):
        self.dont_take(argument)
        text = monitor("checkpoint")
        gdb.write(re.sub(r": `monitor restart.*", "", text))


class InfoCheckpoints(Command):
    """The moments that `checkpoint` has remembered."""

    name = "info checkpoints"
    category = gdb.COMMAND_STATUS

    def invoke(self, argument, from_tty):
        self.dont_take(argument)
        gdb.write(monitor("checkpoints").replace("`monitor checkpoint`", "`checkpoint`"))


class Restart(Command):
    """Go to a checkpoint, or to the beginning of the recording.
Usage: restart [N]"""

    name = "restart"

    def invoke(self, argument, from_tty):
        move("restart " + argument if argument else "seek begin")

    def complete(self, text, word):
        return complete_checkpoint(word)


class DeleteCheckpoint(Command):
    """Forget a checkpoint.
Usage: delete checkpoint N"""

    name = "delete checkpoint"

    def invoke(self, argument, from_tty):
        gdb.write(monitor("delete " + argument))

    def complete(self, text, word):
        return complete_checkpoint(word)


class LastWrite(Command):
    """Go back to the instruction that last wrote an expression's memory.
Usage: last-write EXPRESSION

The expression must be an lvalue, such as a variable, a field, an element or *pointer;
its address is taken now. The program stops right before the write: `stepi` makes it."""

    name = "last-write"
    completes = gdb.COMPLETE_EXPRESSION

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("last-write: of what? An expression such as list->head")
        try:
            value = gdb.parse_and_eval(argument)
        except gdb.error as e:
            raise gdb.GdbError("last-write: %s" % e)
        if value.address is None:
            raise gdb.GdbError(
                "last-write: `%s` is not in memory; `watch -l` and `reverse-continue` "
                "find changes of registers" % argument
            )
        size = value.dynamic_type.sizeof
        if not size:
            raise gdb.GdbError("last-write: `%s` has no size" % argument)
        move("last-write 0x%x %d" % (int(value.address), size))


for command in (
    When,
    Elapsed,
    Seek,
    Events,
    Checkpoint,
    InfoCheckpoints,
    Restart,
    DeleteCheckpoint,
    LastWrite,
):
    command()
