#!/usr/bin/env bash
# check-build.sh clang|sanitize TOP DIR [cmake arguments] - builds the tree another way in DIR.
#   clang     the tool compiles, and records and replays a program
#   sanitize  the unit tests, the fuzzing run and damaged traces under the address and undefined-
#             behaviour sanitizers (host-side code only: the rekernel is freestanding)
set -euo pipefail
mode=$1 source=$2 dir=$3
shift 3

if [ "$mode" = clang ] && ! command -v clang >/dev/null; then
    echo "clang is not installed"
    exit 77
fi
cpus=$(nproc)
generator=()
if [ ! -e "$dir/CMakeCache.txt" ] && command -v ninja >/dev/null; then
    generator=(-G Ninja)
fi
cmake -S "$source" -B "$dir" "${generator[@]}" -DRRL_CHECK_BUILDS=OFF "$@"
cmake --build "$dir" -j "$cpus"
if [ "$mode" = clang ]; then
    "$dir/bin/rr-like" record -o "$dir/smoke.zst" -- /bin/ls -l / >"$dir/recorded"
    "$dir/bin/rr-like" replay -a "$dir/smoke.zst" >"$dir/replayed"
    cmp "$dir/recorded" "$dir/replayed"
    exit
fi
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1
cd "$dir"
# Criterion forks for each test and forgets what it allocated, hence no leak check.
ctest --output-on-failure -j "$cpus" -R '^(unit|fuzz|strace|trace)\.|^robust\.(truncated|flipped_bits|noise|not_a_trace)$' --no-tests=error
