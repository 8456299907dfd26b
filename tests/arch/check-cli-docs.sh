#!/usr/bin/env bash
# check-cli-docs.sh TOP RR_LIKE - help texts, man pages and completions name the same options.
set -euo pipefail
top=$1 tool=$2
commands="record replay trace info dump backtrace"
status=0

long_options() {
    grep -oE -- '(^|[^-[:alnum:]])--[a-z][a-z-]+' | grep -oE -- '--[a-z][a-z-]+' | sort -u
}
in_help() {
    "$tool" "$1" --help 2>&1 </dev/null | long_options
}
in_man() {
    sed -e 's/\\-/-/g' -e 's/\\fB\|\\fI\|\\fR//g' "$top/docs/man/rr-like-$1.1" | long_options
}

# missing A B: words of A that B lacks.
missing() {
    comm -23 <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}
complain() {
    [ -z "$2" ] || { echo "$1: ${2//$'\n'/ }"; status=1; }
}

for command in $commands; do
    help=$(in_help "$command")
    man=$(in_man "$command")
    [ -n "$help" ] || { echo "rr-like $command --help names no options"; exit 1; }
    complain "options of '$command --help' that its man page lacks" "$(missing "$help" "$man")"
    complain "options of rr-like-$command(1) that '$command --help' lacks" "$(missing "$man" "$help")"
    for shell in rr-like.bash _rr-like rr-like.fish; do
        for option in $help; do
            # fish spells an option without its dashes.
            grep -qE -- "(--|-l )${option#--}\b" "$top/docs/completions/$shell" ||
                complain "docs/completions/$shell lacks" "$command $option"
        done
    done
done
[ $status -ne 0 ] || echo "help, man pages and completions agree"
exit $status
