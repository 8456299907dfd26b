"""mi.py - gives gdb's machine interface one command after another, each when the one before is
through: answered and, if it ran the program, stopped. Commands come on standard input; all that gdb
says goes to standard output."""
import re
import subprocess
import sys

gdb = subprocess.Popen(["gdb", "-nx", "-q", "--interpreter=mi2"], stdin=subprocess.PIPE,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until(pattern):
    for line in gdb.stdout:
        sys.stdout.write(line)
        if re.match(pattern, line):
            return line
    return ""


until(r"\(gdb\)")
for number, command in enumerate(sys.stdin, 1):
    gdb.stdin.write("%d%s" % (number, command))
    gdb.stdin.flush()
    answer = until(r"%d\^" % number)
    if "^running" in answer:
        until(r"\*stopped")
gdb.stdin.close()
sys.stdout.write(gdb.stdout.read())
gdb.wait()
