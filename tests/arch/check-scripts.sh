#!/usr/bin/env bash
# check-scripts.sh TOP - every shell script of the tree parses, and shellcheck has no complaint about
# those that users and CI run.
set -euo pipefail
cd "$1"
mapfile -t all < <(grep -rlE --exclude-dir='build*' --exclude-dir=.git '^#!/usr/bin/env bash|^#!/bin/(ba)?sh' . | sort)
[ ${#all[@]} -gt 5 ] || { echo "scripts not found in $PWD"; exit 1; }
for script in "${all[@]}"; do
    bash -n "$script"
done
echo "${#all[@]} scripts parse"
command -v shellcheck >/dev/null || { echo "shellcheck is not installed"; exit 77; }
mapfile -t ours < <(printf '%s\n' "${all[@]}" | grep -E '^\./(scripts|bench|\.ci|tests/arch)/')
shellcheck -x -P SCRIPTDIR -S warning "${ours[@]}"
echo "shellcheck is content with ${#ours[@]} of them"
