#!/usr/bin/env bash
# replay.sh RR_LIKE TRACE - a golden trace replays, in an empty directory with an empty
# environment, and prints what stands beside it. Not a word of the tool itself is allowed.
set -euo pipefail
tool=$1 trace=$2 want=${2%.trace.zst}.out
[ -s "$want" ] || { echo "$want is missing; scripts/make-golden makes both"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
status=0
env -i "$tool" replay -a "$trace" </dev/null >out 2>err || status=$?
[ $status -eq 0 ] || { echo "status $status instead of 0 (faithful):"; cat err; exit 1; }
[ ! -s err ] || { echo "standard error is not empty:"; cat err; exit 1; }
cmp out "$want" || { diff -a "$want" out | head -n 20; exit 1; }
"$tool" info "$trace" | grep -qE '^complete +yes$' || { echo "the trace is not complete"; exit 1; }
echo "replayed: $(wc -l <out) lines as they were"
