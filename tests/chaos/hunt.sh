#!/usr/bin/env bash
# hunt.sh [options] PROGRAM - looks for the bug of a program by chaos seeds.
#
#   --first N      first seed (default 1)
#   --seeds N      how many seeds at most (default 100)
#   --again N      how often the seed that found it is recorded again, all at once (default 10):
#                  each of them must end in the same way
#   --limit S      seconds after which a run counts as hung (default 5)
#
# Passes when a seed makes PROGRAM abort or hang, the trace of that replays, and the seed does
# it again each time. Prints the seed. RR_LIKE names the tool.
set -u
first=1 seeds=100 again=10 limit=5
while [ $# -gt 1 ]; do
    case $1 in
    --first) first=$2 ;;
    --seeds) seeds=$2 ;;
    --again) again=$2 ;;
    --limit) limit=$2 ;;
    *) echo "hunt.sh: unknown option $1" >&2; exit 1 ;;
    esac
    shift 2
done
program=$1
ulimit -c 0
work=$(mktemp -d "${TMPDIR:-/tmp}/rrhunt.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    tail -n 5 "$work/err" 2>/dev/null
    exit 1
}

# run SEED: status of the recorded program.
run() {
    timeout -k 1 60 "$RR_LIKE" record --chaos="$1" --timeout="$limit" -o "$work/t" -- "$program" \
        >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ $status != 125 ] && [ $status != 124 ] && [ $status != 77 ] || fail "seed $1: record says $status"
}

for ((seed = first; seed < first + seeds; seed++)); do
    run $seed
    [ $status = 0 ] || break
done
[ $status != 0 ] || fail "not found by seeds $first to $((seed - 1))"
found=$status
grep -q "^rr-like: chaos seed: $seed\$" "$work/err" || fail "the seed is not printed"
"$RR_LIKE" info "$work/t" | grep -qx "chaos  *$seed" || fail "info does not tell the seed"
sed '/^rr-like: /d' "$work/err" >"$work/said"
timeout -k 1 60 "$RR_LIKE" replay -a "$work/t" >"$work/out2" 2>"$work/err" || fail "the replay: status $?"
cmp -s "$work/out" "$work/out2" && cmp -s "$work/said" <(sed '/^rr-like: /d' "$work/err") ||
    fail "the replay prints something else"

once_more() {
    timeout -k 1 60 "$RR_LIKE" record --chaos=$seed --timeout="$limit" -o "$work/t.$1" -- "$program" \
        >/dev/null 2>"$work/err.$1" </dev/null
    echo $? >"$work/status.$1"
}
for ((i = 0; i < again; i++)); do
    once_more $i &
done
wait
for ((i = 0; i < again; i++)); do
    status=$(cat "$work/status.$i")
    [ "$status" = $found ] || fail "seed $seed gave status $found, then $status"
done
echo "${program##*/}: seed $seed (number $((seed - first + 1))), status $found, again $again of $again"
