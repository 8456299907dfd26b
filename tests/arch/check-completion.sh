#!/usr/bin/env bash
# check-completion.sh TOP - the bash completion offers what it should, word by word as a user types.
set -euo pipefail
. "$1/docs/completions/rr-like.bash"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
touch a.trace.zst "with space"

# offered WORD...: completions of the last word, one after another.
offered() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _rr_like
    printf '%s,' "${COMPREPLY[@]}"
}

# expect WANT WORD...: WANT is among what is offered.
expect() {
    local want=$1 got
    shift
    got=$(offered "$@")
    [[ ,$got == *",$want,"* ]] || { echo "'$*' offers '${got:0:200}', not '$want'"; exit 1; }
}

# refuse UNWANTED WORD...
refuse() {
    local unwanted=$1
    shift
    [[ ,$(offered "$@") != *",$unwanted,"* ]] || { echo "'$*' offers '$unwanted'"; exit 1; }
}

expect record rr-like re
expect replay rr-like re
expect --vcpu rr-like record --v
expect translated rr-like record --vcpu = tr
expect native rr-like record --vcpu =
expect x86-64-v3 rr-like record --cpu x86-64-v3
expect a.trace.zst rr-like record -o a.
expect a.trace.zst rr-like replay -a a.
expect a.trace.zst replay a.
expect "with space" rr-like info with
expect --events rr-like dump --e
refuse --events rr-like info --e
refuse --vcpu rr-like record -- prog --v
expect bash rr-like record -o a.trace.zst -- bas
echo "completions as expected"
