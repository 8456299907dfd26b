#!/usr/bin/env bash
# refused.sh RR_LIKE TRACE - a trace whose rekernel has another debug port is replayed by -a only.
# Whatever needs to stop its replay says so, and speaks of no damage and no other format.
set -euo pipefail
tool=$1 trace=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

refused() {
    local status=0
    timeout 50 "$tool" "$@" "$trace" </dev/null >"$dir/out" 2>"$dir/err" || status=$?
    [ $status -eq 65 ] || { echo "$*: status $status instead of 65:"; cat "$dir/err"; exit 1; }
    grep -q 'recorded by another version of rr-like.*replay -a' "$dir/err" ||
        { echo "$*: does not say what to do:"; cat "$dir/err"; exit 1; }
    ! grep -qE 'format|damaged|diverged' "$dir/err" || { echo "$*: misleads:"; cat "$dir/err"; exit 1; }
    [ "$(wc -l <"$dir/err")" -eq 1 ] || { echo "$*: more than one line:"; cat "$dir/err"; exit 1; }
}

refused replay
refused replay --gdb
refused replay --goto=end
refused backtrace
refused backtrace --at=start
refused dump --points
