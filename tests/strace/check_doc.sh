#!/bin/sh
# Fails when the committed page differs from what the generator makes: check_doc.sh GENERATOR PAGE.
"$1" | diff "$2" - || { echo "$2 is stale: run scripts/gen-syscalls-doc and commit it"; exit 1; }
