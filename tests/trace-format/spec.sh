#!/bin/sh
# spec.sh WRITE_SAMPLE SCRATCH_DIR: the sample trace, as read by a program that was written
# from docs/trace-format.md alone; and the same for the example printed in that document.
set -eu
here=$(dirname "$0")
command -v python3 >/dev/null && command -v zstd >/dev/null || exit 77
mkdir -p "$2"
"$1" "$2/sample.zst"
python3 "$here/spec_reader.py" "$2/sample.zst" 90 'its footer'

# The document's example: the hex digits between the offset and the comment.
sed -n '/^## 10/,/^## 11/s/^[0-9a-f]\{3\}  \(\([0-9a-f][0-9a-f] \{0,1\}\)*\).*/\1/p' "$here/../../docs/trace-format.md" |
    python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >"$2/example.zst"
python3 "$here/spec_reader.py" "$2/example.zst" 1 ''

# A reader that accepts everything would pass as well.
cp "$2/sample.zst" "$2/bent.zst"
printf '\377' | dd of="$2/bent.zst" bs=1 seek=500 conv=notrunc 2>/dev/null
if python3 "$here/spec_reader.py" "$2/bent.zst" 90 'its footer' 2>/dev/null; then
    echo "a changed byte was not noticed" >&2
    exit 1
fi
