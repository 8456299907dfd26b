# shellcheck shell=bash
# lib.sh - what the scripts of this project share. Sourced, never run; it changes to
# the top of the tree, so that every script works from any directory.

set -euo pipefail

self=$(realpath "$0")
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"

# Everything the scripts say themselves goes to stderr; stdout belongs to what they run.
say() {
    printf '==> %s\n' "$*" >&2
}

warn() {
    printf 'warning: %s\n' "$*" >&2
}

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Prints the comment block at the top of the script that calls it: its help text.
usage() {
    sed -n '2,/^[^#]/{ s/^# \{0,1\}//p; }' "$self"
}

# Runs a command as root: directly, or with sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "'$1' needs root: run this script as root, or install sudo"
    fi
}

# Compiler processes at once: one per processor, but no more than memory allows
# (about 700 MiB each).
jobs() {
    local cpus mem
    cpus=$(nproc)
    mem=$(awk '/^MemAvailable:/ { print int($2 / 716800) }' /proc/meminfo)
    [ "${mem:-1}" -ge 1 ] || mem=1
    echo $((cpus < mem ? cpus : mem))
}

# configure DIR [cmake arguments]: a build directory. The generator of an existing one
# is kept, since cmake refuses to change it.
configure() {
    local dir=$1 generator=()
    shift
    if [ ! -e "$dir/CMakeCache.txt" ] && have ninja; then
        generator=(-G Ninja)
    fi
    cmake -S "$top" -B "$dir" "${generator[@]}" "$@"
}

# compile DIR [targets]: builds in a configured directory.
compile() {
    local dir=$1
    shift
    cmake --build "$dir" -j "$(jobs)" ${1:+--target "$@"}
}

# major COMPILER: its major version, 0 when it is not there.
major() {
    local version
    version=$("$1" -dumpversion 2>/dev/null) || version=0
    echo "${version%%.*}"
}

# replace_section FILE NAME NEW: the contents of NEW come in place of what stands between the lines
# "<!-- NAME: begin -->" and "<!-- NAME: end -->" of FILE; all else stays.
replace_section() {
    local begin="<!-- $2: begin -->" end="<!-- $2: end -->" whole
    if ! grep -qxF -- "$begin" "$1" || ! grep -qxF -- "$end" "$1"; then
        die "$1 lacks the lines '$begin' and '$end', between which this goes"
    fi
    whole=$(awk -v begin="$begin" -v end="$end" -v new="$3" '
        $0 == end { inside = 0 }
        !inside { print }
        $0 == begin { inside = 1; while ((getline line < new) > 0) print line }' "$1")
    printf '%s\n' "$whole" >"$1"
    say "saved to $1"
}
