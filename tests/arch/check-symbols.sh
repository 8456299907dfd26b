#!/usr/bin/env bash
# check-symbols.sh PLATFORM_H OBJECT... - the rekernel core asks its platform and nobody
# else: what its objects leave undefined must be declared in PLATFORM_H, or be one of
# the four functions that a compiler may call by itself.
set -euo pipefail
header=$1
shift

# Words followed by a parenthesis, with comments taken out.
declared() {
    sed -e 's://.*::' -e 's:/\*[^*]*\*/::g' "$header" | sed -e '\:/\*:,\:\*/:d' |
        grep -oE '[a-z_][a-z0-9_]* *\(' | tr -d ' ('
    printf '%s\n' memcpy memmove memset memcmp
}

symbols() {
    nm -P "$@" | awk -v want="$want" 'NF >= 2 && $2 ~ want { print $1 }' | sort -u
}

[ $# -gt 0 ] || { echo "no objects given" >&2; exit 1; }
want='^[Uw]$' undefined=$(want='^[Uw]$' symbols "$@")
defined=$(want='^[TtDdBbRrVWC]$' symbols "$@")
foreign=$(comm -23 <(echo "$undefined") <(echo "$defined") |
    comm -23 - <(declared | sort -u))
if [ -n "$foreign" ]; then
    echo "the rekernel core needs symbols that $header does not declare:"
    for name in $foreign; do
        echo "  $name, used by: $(nm -A "$@" | awk -v n="$name" '$NF == n { sub(/:.*/, "", $1); print $1 }' | xargs -n1 basename | tr '\n' ' ')"
    done
    echo "The core reaches the outside by platform.h only (docs/ARCHITECTURE.md, rules)."
    exit 1
fi
echo "$# objects, every undefined symbol is the platform's"
