#!/bin/sh
# Runs native_calls under strace and compares our lines with strace's: compare_native.sh PROGRAM.
# Skipped (77) where strace 6.x is not installed or may not trace.
program=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

case $(strace -V 2>/dev/null | head -n 1) in
*"version 6."*) ;;
*) echo "skipped: no strace 6.x"; exit 77 ;;
esac
if ! strace -o /dev/null true 2>/dev/null; then
    echo "skipped: strace cannot trace here"
    exit 77
fi

# The leak sanitizer traces the program itself and so cannot run under another tracer.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS

TZ=UTC strace -o theirs.all "$program" ours || { echo "native_calls failed"; exit 1; }
# Between the markers; returns from handlers are no calls of the program's own.
sed -n '/^write(-1, "begin"/,/^write(-1, "end"/p' theirs.all |
    sed -e '1d;$d' -e '/^rt_sigreturn(/d' >theirs
if diff theirs ours >differences; then
    echo "$(wc -l <ours) lines agree"
else
    cat differences
    exit 1
fi
