#!/usr/bin/env bash
# points.sh RR_LIKE GUEST - what `dump --points` says of a small program's writes.
set -euo pipefail
rr=$1 guest=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
    echo "points.sh: $*" >&2
    exit 1
}
"$rr" record -o "$dir/t" -- "$guest" loops >/dev/null 2>&1
"$rr" dump "$dir/t" >"$dir/plain"
"$rr" dump --points "$dir/t" >"$dir/points"
# The same events, each with a point behind it, and the points in order.
sed 's/  point .*//' "$dir/points" | cmp - "$dir/plain" || fail "other events than without --points"
[ "$(grep -c '  point [0-9]*:[0-9]*:0x' "$dir/points")" = "$(wc -l <"$dir/plain")" ] ||
    fail "not every event has a point"
sed 's/.*  point \([0-9]*\):.*/\1/' "$dir/points" | sort -nc || fail "points are out of order"
[ "$(grep -c 'syscall write .*  point .* write+0x' "$dir/points")" = 10 ] ||
    fail "the 10 writes are not in write()"
"$rr" dump --points --json "$dir/t" | python3 -c '
import json, sys
events = [json.loads(line) for line in sys.stdin]
assert all(e["event"] == i + 1 for i, e in enumerate(events))
assert sum(e["point"].get("function") == "write" for e in events) == 10
' || fail "JSON"
[ "$("$rr" dump --points --events=20-22 "$dir/t" | wc -l)" = 3 ] || fail "--events"
# Source lines, of a program that is gone by now.
cat >"$dir/bare.c" <<'C'
static long call(long nr, long a, const void *b, long c)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return r; /* line 5; the syscall is on line 4 */
}
void _start(void)
{
    call(1, 1, "x\n", 2);
    call(231, 0, 0, 0);
}
C
${CC:-cc} -g -O0 -static -nostdlib -ffreestanding -fno-stack-protector -o "$dir/bare" "$dir/bare.c"
"$rr" record -o "$dir/b" -- "$dir/bare" >/dev/null 2>&1
rm "$dir/bare" "$dir/bare.c"
"$rr" dump --points "$dir/b" | grep -q 'syscall write .*  point 0:[0-9]*:0x[0-9a-f]* call+0x[0-9a-f]* .*/bare.c:4$' ||
    fail "no source line: $("$rr" dump --points "$dir/b" | tail -2)"
