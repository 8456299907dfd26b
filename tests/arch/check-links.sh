#!/usr/bin/env bash
# check-links.sh RECORDER_A REPLAYER_A - neither of the two libraries uses a function of the other.
set -euo pipefail

undefined() {
    nm -P "$1" 2>/dev/null | awk 'NF >= 2 && $2 == "U" { print $1 }' | sort -u
}
defined() {
    nm -P "$1" 2>/dev/null | awk 'NF >= 2 && $2 ~ /^[TDBRVW]$/ { print $1 }' | sort -u
}
status=0
# uses A B: complains when A needs what B defines and A does not.
uses() {
    local shared
    shared=$(comm -12 <(comm -23 <(undefined "$1") <(defined "$1")) <(defined "$2"))
    [ -n "$shared" ] || return 0
    echo "$(basename "$1") uses functions of $(basename "$2"):${shared//$'\n'/, }"
    status=1
}
if [ -z "$(defined "$1")" ] || [ -z "$(defined "$2")" ]; then
    echo "no symbols found"
    exit 1
fi
uses "$1" "$2"
uses "$2" "$1"
[ $status -ne 0 ] || echo "recorder and replayer are independent"
exit $status
