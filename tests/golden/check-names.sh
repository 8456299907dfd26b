#!/usr/bin/env bash
# check-names.sh CTEST BUILD DOCS - every test that the pages in DOCS name exists in the build. A
# name may end in *. Tests whose packages or options are missing here are not missed.
set -euo pipefail
ctest=$1 build=$2 docs=$3
optional='^(arch\.(clang-build|sanitizers)|guest\.(cxx|rust|fortran)_.*|golden\.\*)$'
groups='arch|decode|fuzz|golden|guest|lib|real|robust|spec|strace|unit|xlate|docs|debug|gdb'
mapfile -t tests < <("$ctest" -N --test-dir "$build" | sed -nE 's/^ *Test +#[0-9]+: +//p')
[ ${#tests[@]} -gt 10 ] || { echo "no list of tests from $ctest"; exit 1; }

exists() {
    local test
    for test in "${tests[@]}"; do
        # shellcheck disable=SC2053 # the name is a pattern
        [[ $test != $1 ]] || return 0
    done
    return 1
}

status=0 seen=0
while IFS=: read -r page name; do
    seen=$((seen + 1))
    [[ ! $name =~ $optional ]] && ! exists "$name" || continue
    echo "${page##*/} names $name, which is no test"
    status=1
done < <(grep -noHE "\`($groups)\.[a-z0-9_*-]+\`" "$docs"/*.md | sed -E 's/:[0-9]+:`(.*)`$/:\1/' | grep -vE "\.(c|h|sh|S|def|py)$" | sort -u)
[ $seen -gt 0 ] || { echo "no names of tests found in $docs"; exit 1; }
[ $status -ne 0 ] || echo "$seen names of tests, all exist"
exit $status
