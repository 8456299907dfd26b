#!/usr/bin/env bash
# check-registers.sh ELF - the rekernel keeps its hands off vector and x87 registers: while it
# runs they hold the guest's values. Only the instructions that save and restore them as
# a whole may occur; those name no such register.
set -euo pipefail
elf=$1

code=$(objdump -d --no-show-raw-insn "$elf")
instructions=$(grep -cE '^ +[0-9a-f]+:' <<<"$code") || instructions=0
[ "$instructions" -gt 0 ] || { echo "$elf: no code found"; exit 1; }

registers='%([xyzt]mm[0-9]+|mm[0-7]|st|k[0-7]|bnd[0-3])\b'
# x87 and MMX instructions without such an operand; fxsave, fxrstor, fninit and their
# kind handle the state as a whole.
mnemonics=$'\t(emms|femms|vzeroupper|vzeroall|f(ld|st|add|sub|mul|div|i|com|uc|chs|abs|sqrt|x(tr|am|ch)|sin|cos|pt|pa|yl|2x|r[nd]|sc|tst|free|de|cm|nop|b)[a-z0-9]*)\\b'
bad=$(awk '/^[0-9a-f]+ <.*>:$/ { f = $2 } /^ +[0-9a-f]+:/ { print f " " $0 }' <<<"$code" |
    grep -E "$registers|$mnemonics" || true)
if [ -n "$bad" ]; then
    echo "$elf uses vector or x87 registers, which belong to the guest:"
    head -n 20 <<<"$bad"
    exit 1
fi
echo "$instructions instructions, none touches vector or x87 registers"
