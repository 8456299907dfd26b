#!/usr/bin/env bash
# check-paths.sh TOP - the tree holds nothing of the machine it was made on: no home or working
# directories, not the path it is checked out at, no name of the host.
set -euo pipefail
cd "$1"

files() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard
    else
        find . -type f -not -path './build*' -print0
    fi
}

# Written in pieces, so that this file does not match itself.
patterns=("/"'work/[a-z]' "/"'home/[a-z]+/' "/"'Users/[a-zA-Z]+/' "/"'root/\.')
# A checkout right below the root, such as /src, says nothing.
case $PWD in
/*/*) patterns+=("${PWD//./\\.}") ;;
esac
joined=$(IFS='|'; echo "${patterns[*]}")
found=$(files | xargs -0 -r grep -nIE -- "$joined" 2>/dev/null || true)
if [ -n "$found" ]; then
    echo "paths of one machine in the tree:"
    echo "$found"
    exit 1
fi
[ "$(files | tr -dc '\0' | wc -c)" -gt 0 ] || { echo "no files found in $PWD"; exit 1; }
echo "no paths of one machine"
